// Where the four tables of known constructs are asked, and what is done about constructs that are known by being taken away.
#include "known/known_constructs.h"
#include "facts/facts.h"
#include "facts/reference_types.h"
#include "facts/safepoints.h"

using namespace llvm;

namespace greywave
{

// A struct with references in memory among the variadic arguments: the caller's copy is no variable of any frame.
static bool hasVariadicStruct(const CallBase &Call)
{
    for (unsigned I = Call.getFunctionType()->getNumParams(); I < Call.arg_size(); I++)
        if (Type *T = Call.getParamByValType(I); T && containsReference(T)) return true;
    return false;
}

Problem problemWithCall(const CallBase &Call)
{
    if (Problem P = problemWithBundles(Call); !P.empty()) return P;
    if (auto *Intrinsic = dyn_cast<IntrinsicInst>(&Call)) return problemWithIntrinsic(*Intrinsic);
    if (Call.isInlineAsm()) return "";
    if (Problem P = problemWithConvention(Call.getCallingConv(), *Call.getFunctionType(), machineOf(*Call.getModule())); !P.empty())
        return P;
    if (isSafepoint(Call) && hasVariadicStruct(Call))
        return "a struct with references is passed as a variadic argument to a function that may collect; declare the parameter, or pass a "
               "pointer to it";
    return problemWithAttributes(Call);
}

// ---- Functions that are kept apart ----------------------------------------------------------------------------------

static bool isRefusedBesideReferences(const Instruction &I)
{
    auto *Call = dyn_cast<CallBase>(&I);
    if (!Call) return false;
    if (isa<CallBrInst>(Call)) return true;
    if (auto *Intrinsic = dyn_cast<IntrinsicInst>(Call))
        return !problemWithBundles(*Call).empty() || !problemWithAnyUse(*Intrinsic).empty();
    return !problemWithCall(*Call).empty();
}

static bool isRefusedBesideViews(const Instruction &I)
{
    auto *Call = dyn_cast<IntrinsicInst>(&I);
    return Call && wouldRefuseArgument(*Call);
}

// Declared GW_NOCOLLECT, it may be called with plain addresses of objects whatever its own calls are. (What it is for is to end with
// a message when it does collect.)
static bool contradictsItself(const Function &F)
{
    return F.hasFnAttribute(LeafAttribute) && any_of(instructions(F), mayCollect);
}

static void keepFromCallers(Function &F)
{
    if (!F.hasFnAttribute(Attribute::AlwaysInline)) F.addFnAttr(Attribute::NoInline);
}

void keepRefusedApart(Function &F)
{
    if (contradictsItself(F) || any_of(instructions(F), isRefusedBesideViews)) keepFromCallers(F);
    if (isManaged(F)) return;
    bool Refused =
        F.callsFunctionThatReturnsTwice() || !problemWithAttributes(F).empty() || any_of(instructions(F), isRefusedBesideReferences);
    if (!Refused) return;
    for (Instruction &I : instructions(F))
        if (auto *Call = dyn_cast<CallBase>(&I)) Call->setIsNoInline();
    keepFromCallers(F);
}

// ---- Hints ----------------------------------------------------------------------------------------------------------

// An annotation of a field stands between the object and the field's address.
static void dropAnnotation(IntrinsicInst &Call)
{
    Call.replaceAllUsesWith(Call.getArgOperand(0));
    Call.eraseFromParent();
}

// RewriteStatepointsForGC believes the mark that it and base_pointers.cpp leave on bases.
static void dropBaseMark(Instruction &I)
{
    I.setMetadata("is_base_value", nullptr);
}

// With -Og clang says at the end of each scope that its variables are used: a plain address would seem to outlive every call.
static bool prolongsAddress(const IntrinsicInst &Call)
{
    return Intrinsic::getBaseName(Call.getIntrinsicID()) == "llvm.fake.use" && Call.getArgOperand(0)->getType()->isPointerTy() &&
           !isReference(Call.getArgOperand(0)->getType());
}

void dropHints(Function &F)
{
    bool HoldsReferences = holdsReferences(F);
    for (Instruction &I : make_early_inc_range(instructions(F))) {
        dropBaseMark(I);
        if (auto *Call = dyn_cast<IntrinsicInst>(&I); Call && HoldsReferences && prolongsAddress(*Call)) {
            Call->eraseFromParent();
            continue;
        }
        if (auto *Call = dyn_cast<IntrinsicInst>(&I); Call && Call->getIntrinsicID() == Intrinsic::ptr_annotation) dropAnnotation(*Call);
        else lowerPointerToAddress(I);
    }
}

} // namespace greywave
