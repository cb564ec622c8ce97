// Tail calls. A `musttail` call is a jump: the caller's frame is gone when the callee begins, so nothing of it is alive but
// the arguments, and the call is no safepoint of the caller, though it may collect (safepoints.h). It needs no map.
//
// A call that LLVM would only perhaps make a jump of cannot be left to it: code generation decides, after the maps are made,
// and a statepoint is never a tail call. So those are made `musttail` here, wherever LLVM's verifier allows it, with the
// caller's own convention and prototype, and code generation can do it, with a result in registers.
#include "constructs/constructs.h"
#include "facts/diagnose.h"
#include "facts/reference_types.h"
#include "facts/safepoints.h"
#include "fast_paths/allocation.h"
#include "llvm/Analysis/ValueTracking.h"
#include "llvm/Transforms/Utils/BasicBlockUtils.h"

using namespace llvm;

namespace greywave
{

// ---- Refusals -------------------------------------------------------------------------------------------------------

static bool liesInFrame(const Value *Argument)
{
    return Argument->getType()->isPointerTy() && isa<AllocaInst>(getUnderlyingObject(Argument, /*MaxLookup=*/0));
}

// Registers that the C convention of x86-64 and its likes pass arguments in.
static constexpr unsigned NumberRegisters = 6, FloatRegisters = 8;

static void countRegisters(const Type *T, const DataLayout &DL, unsigned &Numbers, unsigned &Floats)
{
    if (T->isAggregateType())
        for (const Type *Part : T->subtypes()) countRegisters(Part, DL, Numbers, Floats);
    else if (T->isFPOrFPVectorTy() || T->isVectorTy()) Floats++;
    else Numbers += divideCeil(DL.getTypeSizeInBits(const_cast<Type *>(T)).getFixedValue(), 64);
}

// With these conventions some releases of LLVM lose what a musttail call passes on the stack (llvm #199224).
static bool losesStackArguments(const CallBase &Call)
{
    CallingConv::ID C = Call.getCallingConv();
    if (!LosesStackArgumentsOfTailCalls || (C != CallingConv::Tail && C != CallingConv::SwiftTail)) return false;
    unsigned Numbers = 0, Floats = 0;
    for (const Type *T : Call.getFunctionType()->params()) countRegisters(T, Call.getModule()->getDataLayout(), Numbers, Floats);
    return Numbers > NumberRegisters || Floats > FloatRegisters;
}

// A callee that keeps the registers in which it is given arguments restores them at its end, and in front of a jump, too: LLVM puts the
// jump's arguments there, and restores over them (seen with 19.1.7 and 22.1.8). Its own tail calls look out for that, musttail does not.
static bool keepsAllRegisters(CallingConv::ID Convention)
{
    return Convention == CallingConv::Cold || Convention == CallingConv::PreserveMost || Convention == CallingConv::PreserveAll;
}

static bool keepsRegisterOf(const CallBase &Call, unsigned Argument)
{
    bool IsSwiftSelf = Call.getCallingConv() == CallingConv::Swift && Call.paramHasAttr(Argument, Attribute::SwiftSelf);
    return IsSwiftSelf || keepsAllRegisters(Call.getCallingConv());
}

// What the caller was given and hands on is right when restored; but a reference may have moved meanwhile. The callee's address is in a
// register like any.
static bool losesArguments(const CallBase &Call)
{
    if (Call.isIndirectCall() && keepsAllRegisters(Call.getCallingConv())) return true;
    for (unsigned I = 0; I < Call.arg_size(); I++) {
        auto *Given = dyn_cast<Argument>(Call.getArgOperand(I));
        bool IsHandedOn = Given && Given->getArgNo() == I && !containsReference(Given->getType());
        if (keepsRegisterOf(Call, I) && !IsHandedOn) return true;
    }
    return false;
}

void checkTailCall(const CallBase &Call, Refusals &Errors)
{
    if (!Call.isMustTailCall()) return;
    if (losesArguments(Call))
        return Errors.at(Call, "a musttail call passes arguments in registers that its calling convention keeps, over which LLVM restores "
                               "what was there; use another convention for functions that end in jumps, such as tailcc");
    if (losesStackArguments(Call))
        return Errors.at(Call, "a musttail call passes arguments on the stack, which this release of LLVM loses (llvm #199224); "
                               "pass at most 6 integers and references, or use another calling convention");
    for (const Use &Argument : Call.args()) {
        unsigned I = Call.getArgOperandNo(&Argument);
        Type *InMemory = Call.getParamByValType(I);
        if (InMemory && containsReference(InMemory))
            return Errors.at(Call, "a struct with references is passed by value, in memory, to a musttail call; pass its members, "
                                   "or a collected object that holds them");
        if (InMemory && SpoilsStructsOfTailCalls)
            return Errors.at(Call, "a struct is passed by value, in memory, to a musttail call, for which this release of LLVM writes over "
                                   "the return address (llvm #56891); pass its members");
        if (!InMemory && liesInFrame(Argument))
            return Errors.at(Call, "the address of a local variable is passed to a musttail call, and the variable is gone when "
                                   "the callee begins; pass its value, or make it an ordinary call");
    }
}

// ---- Jumps that LLVM would make --------------------------------------------------------------------------------------

// Attributes that say how an argument is passed, rather than what is known of it: caller and callee must agree on them.
static bool agreesOn(const AttributeList &Caller, const AttributeList &Callee, unsigned Argument)
{
    for (Attribute::AttrKind Kind : {Attribute::StructRet, Attribute::InReg, Attribute::StackAlignment, Attribute::SwiftSelf,
                                     Attribute::SwiftAsync, Attribute::SwiftError, Attribute::Nest, Attribute::ZExt, Attribute::SExt})
        if (Caller.getParamAttr(Argument, Kind) != Callee.getParamAttr(Argument, Kind)) return false;
    for (Attribute::AttrKind Kind : {Attribute::ByVal, Attribute::ByRef, Attribute::InAlloca, Attribute::Preallocated})
        if (Caller.hasParamAttr(Argument, Kind) || Callee.hasParamAttr(Argument, Kind)) return false;
    return true;
}

static bool hasCallersPrototype(const CallInst &Call)
{
    const Function &F = *Call.getFunction();
    if (Call.getFunctionType() != F.getFunctionType() || F.isVarArg()) return false;
    if (Call.getCallingConv() != F.getCallingConv()) return false;
    for (unsigned I = 0; I < Call.arg_size(); I++)
        if (!agreesOn(F.getAttributes(), Call.getAttributes(), I)) return false;
    return true;
}

static bool mayBecomeJump(const CallInst &Call)
{
    const Function *Callee = Call.getCalledFunction();
    return Call.isTailCall() && !Call.isMustTailCall() && !Call.isInlineAsm() && !Call.hasOperandBundles() &&
           !(Callee && Callee->isIntrinsic()) && mayCollect(Call) && !requestOf(Call) && hasCallersPrototype(Call) &&
           !losesArguments(Call) && !returnsInFrame(Call);
}

// What may stand between the call and the return, and may as well stand in front: the callee does not touch the caller's
// variables.
static bool onlyEndsLifetimes(const Instruction &I)
{
    return I.isLifetimeStartOrEnd() || isa<DbgInfoIntrinsic>(I) || isa<PseudoProbeInst>(I);
}

/// The call in front of `End`, behind which nothing happens.
static CallInst *lastCall(Instruction &End)
{
    for (Instruction *I = End.getPrevNode(); I; I = I->getPrevNode()) {
        if (auto *Call = dyn_cast<CallInst>(I); Call && !onlyEndsLifetimes(*I)) return Call;
        if (!onlyEndsLifetimes(*I)) return nullptr;
    }
    return nullptr;
}

// A block that only returns what its predecessors bring: each of them may return by itself.
static bool onlyReturns(BasicBlock &B)
{
    auto *Return = dyn_cast<ReturnInst>(B.getTerminator());
    return Return && &*B.getFirstNonPHIOrDbg() == Return;
}

static void returnByThemselves(BasicBlock &Returning)
{
    for (BasicBlock *Pred : SmallVector<BasicBlock *, 8>(predecessors(&Returning))) {
        auto *Branch = dyn_cast<BranchInst>(Pred->getTerminator());
        if (!Branch || Branch->isConditional()) continue;
        CallInst *Call = lastCall(*Branch);
        Value *Result = cast<ReturnInst>(Returning.getTerminator())->getReturnValue();
        if (!Call || !mayBecomeJump(*Call) || (Result && Result->DoPHITranslation(&Returning, Pred) != Call)) continue;
        FoldReturnIntoUncondBranch(cast<ReturnInst>(Returning.getTerminator()), &Returning, Pred);
    }
    if (pred_empty(&Returning) && !Returning.isEntryBlock()) DeleteDeadBlock(&Returning);
}

static void makeJump(CallInst &Call, ReturnInst &Return)
{
    while (Call.getNextNode() != &Return) Call.getNextNode()->moveBefore(*Call.getParent(), Call.getIterator());
    Call.setTailCallKind(CallInst::TCK_MustTail);
}

void makeTailCalls(Function &F)
{
    if (F.getFnAttribute("disable-tail-calls").getValueAsBool() || F.callsFunctionThatReturnsTwice()) return;
    for (BasicBlock &B : make_early_inc_range(F))
        if (onlyReturns(B)) returnByThemselves(B);
    for (BasicBlock &B : F) {
        auto *Return = dyn_cast<ReturnInst>(B.getTerminator());
        CallInst *Call = Return ? lastCall(*Return) : nullptr;
        if (!Call || !mayBecomeJump(*Call)) continue;
        if (Return->getReturnValue() ? Return->getReturnValue() == Call : Call->getType()->isVoidTy()) makeJump(*Call, *Return);
    }
}

// RewriteStatepointsForGC takes a leaf's word for it that there is nothing to relocate.
void releaseTailCalls(Function &F)
{
    for (BasicBlock &B : F)
        if (CallInst *Call = B.getTerminatingMustTailCall()) Call->addFnAttr(Attribute::get(F.getContext(), LeafAttribute));
}

} // namespace greywave
