// What statepoints cannot make precise is refused here, with file, line and what to write instead.
#include "constructs/callees.h"
#include "constructs/constant_references.h"
#include "constructs/constructs.h"
#include "facts/diagnose.h"
#include "facts/facts.h"
#include "facts/reference_types.h"
#include "facts/safepoints.h"
#include "known/known_constructs.h"
#include "llvm/Analysis/ValueTracking.h"
#include "llvm/Support/KnownBits.h"
#include "llvm/Transforms/Utils/BasicBlockUtils.h"
#include "llvm/Transforms/Utils/Local.h"

using namespace llvm;

namespace greywave
{

static constexpr char ImmediateWord[] = "gw_immediate_word";

// ---- Casts ------------------------------------------------------------------------------------------------------

static void checkToReference(const Instruction &I, Refusals &Errors)
{
    bool IsOurs = I.hasMetadata("is_base_value"); // dropHints leaves no other
    if (isa<IntToPtrInst>(I) && isReference(I.getType()->getScalarType()) && !IsOurs) {
        auto *Word = dyn_cast<Constant>(I.getOperand(0));
        if (!Word || !isConstantImmediate(*Word, I.getModule()->getDataLayout()))
            Errors.at(I, "an integer becomes a reference, which the collector would follow; use gw_immediate_word for words, "
                         "and keep references in GW pointers");
    }
    auto *Cast = dyn_cast<AddrSpaceCastInst>(&I);
    if (Cast && isReference(I.getType()->getScalarType()) && !isReference(Cast->getSrcTy()->getScalarType()) &&
        !isa<Constant>(Cast->getOperand(0)))
        Errors.at(I, "a plain pointer becomes a reference, which has no header for the collector to read; allocate the "
                     "object with gw_new, or use a handle");
}

// ---- Calls ------------------------------------------------------------------------------------------------------

static void checkVariadic(const CallBase &Call, Refusals &Errors)
{
    if (!Call.getFunctionType()->isVarArg() || !mayCollect(Call)) return;
    for (unsigned I = Call.getFunctionType()->getNumParams(); I < Call.arg_size(); I++)
        if (containsReference(Call.getArgOperand(I)->getType()))
            return Errors.at(Call, "a reference is passed as a variadic argument to a function that may collect; declare "
                                   "the parameter, or pass a handle");
}

// "=m" and the like: the operand is the address of what the assembler writes.
static bool writesReferenceInMemory(const CallBase &Call)
{
    unsigned Argument = 0;
    for (const InlineAsm::ConstraintInfo &C : cast<InlineAsm>(Call.getCalledOperand())->ParseConstraints()) {
        if (C.Type == InlineAsm::isClobber || C.Type == InlineAsm::isLabel) continue;
        if (C.Type == InlineAsm::isOutput && !C.isIndirect) continue;
        Type *T = C.isIndirect ? Call.getParamElementType(Argument) : nullptr;
        if (C.Type == InlineAsm::isOutput && T && containsReference(T)) return true;
        Argument++;
    }
    return false;
}

static void checkAssembler(const CallBase &Call, Refusals &Errors)
{
    if (Call.isInlineAsm() && (containsReference(Call.getType()) || writesReferenceInMemory(Call)))
        Errors.at(Call, "inline assembler produces a reference, which may point anywhere into an object; produce an "
                        "index or an integer instead");
}

static bool agreeOnReferences(const FunctionType &A, const FunctionType &B)
{
    if (containsReference(A.getReturnType()) != containsReference(B.getReturnType())) return false;
    for (unsigned I = 0; I < std::min(A.getNumParams(), B.getNumParams()); I++)
        if (containsReference(A.getParamType(I)) != containsReference(B.getParamType(I))) return false;
    return true;
}

// clang declares a library function by the types of the call that it meets first, GW pointers among them. Calls by the function's
// own type are right, and what never collects may be given plain addresses.
static bool isRedeclared(const Function &Callee, const CallBase &Call)
{
    return Callee.isDeclaration() && Callee.hasFnAttribute(LeafAttribute) &&
           containsReference(Callee.getReturnType()) == containsReference(Call.getType());
}

// A reference would pass for a plain pointer.
static bool hidesReferences(const Function &Callee, const CallBase &Call)
{
    return !Callee.isIntrinsic() && !isRedeclared(Callee, Call) && !agreeOnReferences(*Callee.getFunctionType(), *Call.getFunctionType());
}

// Through a pointer that may lead to several functions the program may call each by its own type: all must be wrong.
void checkCalledType(Function &F, Refusals &Errors)
{
    for (Instruction &I : instructions(F)) {
        auto *Call = dyn_cast<CallBase>(&I);
        if (!Call || Call->isInlineAsm()) continue;
        SmallVector<const Function *, 4> Callees = calleesOf(*Call);
        if (Callees.empty() || !all_of(Callees, [&](const Function *Callee) { return hidesReferences(*Callee, *Call); })) continue;
        Errors.at(I, "'" + Callees.front()->getName() +
                         "' is called by a type that does not show its references; call it by "
                         "the type it is defined with");
    }
}

// LLVM makes no thunks of statepoints. The options that ask for one; empty: none does.
static StringRef wantsThunk(const CallBase &Call)
{
    if (rootFinder() != RootFinder::Statepoint || !isSafepoint(Call) || isa<Function>(Call.getCalledOperand()->stripPointerCasts()))
        return "";
    StringRef Features = Call.getFunction()->getFnAttribute("target-features").getValueAsString();
    if (Features.contains("+harden-sls-blr")) return "-mharden-sls=blr";
    bool OnX86 = Features.contains("+retpoline-indirect-calls") || Features.contains("+lvi-cfi");
    return OnX86 ? "-mretpoline, -mlvi-hardening, -mseses" : "";
}

static void checkCall(const CallBase &Call, Refusals &Errors)
{
    if (StringRef Options = wantsThunk(Call); !Options.empty())
        return Errors.at(Call, "a call by pointer that may collect cannot go through a thunk (" + Options +
                                   "); compile functions that hold references and make such calls without");
    if (isSafepoint(Call) && returnsInX87(Call.getType()) && containsReference(Call.getType()))
        return Errors.at(Call, "a function that may collect returns references together with a long double; return it "
                               "through a pointer");
    checkAssembler(Call, Errors);
    checkVariadic(Call, Errors);
    if (isa<CallBrInst>(Call)) return Errors.at(Call, "`asm goto` in a function that holds references; move it out");
    checkTailCall(Call, Errors);
    if (Problem P = problemWithCall(Call); !P.empty()) Errors.at(Call, P);
}

// ---- Memory -----------------------------------------------------------------------------------------------------

static void refuseNative(const Instruction &I, StringRef Allocation, Refusals &Errors)
{
    if (isa<LoadInst>(I))
        return Errors.at(
            I, "a reference is read from memory from " + Allocation +
                   ", where the collector does not look, so that none can be kept there; allocate it with gw_new, or keep a handle");
    if (Allocation == "throw")
        return Errors.at(I, "a reference is thrown, or part of what is thrown, and the collector does not look where exceptions lie; "
                            "throw a struct with a handle in it");
    Errors.at(I, "a reference is stored in memory from " + Allocation +
                     ", where the collector does not look; allocate it with gw_new, or store a handle");
}

void refuseOtherSpace(const Instruction &I, const char *What, Refusals &Errors)
{
    Errors.at(I, Twine(What) + " by a pointer of another address space (__seg_fs, __seg_gs, __ptr32), of which nobody can tell whether the "
                               "collector looks there; name the variable, or take a plain pointer to it");
}

// Before the optimiser alone: what it finds out later is checked at run time.
void checkNativeMemory(Function &F, const NativeMemory &Native, Refusals &Errors)
{
    for (const Instruction &I : instructions(F)) {
        auto *Load = dyn_cast<LoadInst>(&I);
        std::optional<WordWrite> Write = wordWriteOf(I);
        if (!Load && !Write) continue;
        const Value *Place = Load ? Load->getPointerOperand() : Write->Pointer, *Reference = Load ? Load : Write->Stored->get();
        if (!containsReference(Reference->getType()) || isa<Constant>(Reference)) continue;
        if (Write && isInOtherSpace(Place)) refuseOtherSpace(I, "a reference is stored", Errors);
        if (const CallBase *Allocation = Native.behind(Place)) refuseNative(I, nameOfAllocation(*Allocation), Errors);
    }
}

static void checkInstruction(const Instruction &I, Refusals &Errors)
{
    checkToReference(I, Errors);
    if (isa<ScalableVectorType>(I.getType()) && containsReference(I.getType()))
        Errors.at(I, "scalable vectors cannot hold references; compile without scalable vector extensions");
    if (isa<CleanupPadInst>(I) || isa<CatchPadInst>(I))
        Errors.at(I, "exception handling by funclets in a function that holds references; use landing pads");
    if (auto *Call = dyn_cast<CallBase>(&I)) checkCall(*Call, Errors);
    if (isa<VAArgInst>(I) && containsReference(I.getType()))
        Errors.at(I, "a reference is read from variadic arguments; declare the parameter");
}

void checkPrecision(Function &F, Refusals &Errors)
{
    if (F.hasGC() && !isManaged(F)) Errors.at(F, "holds references but names another collector");
    if (Problem P = problemWithAttributes(F); !P.empty()) Errors.at(F, P);
    if (Problem P = problemWithConvention(F.getCallingConv(), *F.getFunctionType(), machineOf(*F.getParent())); !P.empty()) Errors.at(F, P);
    if (F.isPresplitCoroutine()) return; // its intrinsics say nothing new
    for (const Instruction &I : instructions(F)) checkInstruction(I, Errors);
}

// ---- Interior pointers ------------------------------------------------------------------------------------------

static bool acceptsInterior(const CallBase &Call)
{
    const Function *Callee = Call.getCalledFunction();
    if (Call.isInlineAsm() || (Callee && Callee->isIntrinsic())) return true;
    if (!Callee) return false;
    // The call is gone before the last pass looks again; gw.copy knows its operands' bases.
    return Callee->hasFnAttribute(Attribute::AlwaysInline) || Callee->getName().starts_with("gw.") ||
           Callee->getName() == "gw_barrier_slow" || Callee->getName() == "gw_barrier_range";
}

static const char *interiorMisuse(const Instruction &I, const Use &U)
{
    if (auto *Store = dyn_cast<StoreInst>(&I)) return U.get() == Store->getValueOperand() ? "stored" : nullptr;
    if (isa<AtomicRMWInst>(I) || isa<AtomicCmpXchgInst>(I)) return U.getOperandNo() ? "stored" : nullptr;
    if (isa<ReturnInst>(I)) return "returned";
    if (isa<InsertValueInst>(I)) return "put into a struct";
    auto *Call = dyn_cast<CallBase>(&I);
    return Call && Call->isArgOperand(&U) && !acceptsInterior(*Call) ? "passed to a function" : nullptr;
}

// C++ binds a reference of its own to a field, as std::pair's constructor does: the parameter can be read, which no pointer in C says.
static const char *interiorRemedy(const Instruction &I, const Use &U)
{
    auto *Call = dyn_cast<CallBase>(&I);
    if (Call && Call->getParamDereferenceableBytes(Call->getArgOperandNo(&U)))
        return "copy the field to a variable, and pass that by C++ reference";
    if (isa<CallBase>(I) && !isSafepoint(I))
        return "pass a plain address, (char *)pointer, which is good until the next call that may collect";
    return "keep the object and the field or index";
}

void checkInteriorPointers(Function &F, Refusals &Errors)
{
    InteriorPointers Interior;
    for (Instruction &I : instructions(F))
        for (const Use &U : I.operands()) {
            if (!isReference(U->getType())) continue;
            const char *How = interiorMisuse(I, U);
            if (How && Interior.mayBe(U))
                Errors.at(I, Twine("a pointer into an object is ") + How + ", where only a reference to a whole object can be followed; " +
                                 interiorRemedy(I, U));
        }
}

// ---- Small lowerings --------------------------------------------------------------------------------------------

static void lowerImmediateWord(CallInst &Call)
{
    IRBuilder<> B(&Call);
    Value *Word = Call.getArgOperand(0);
    Value *Result = B.CreateIntToPtr(Word, Call.getType());
    KnownBits Known = computeKnownBits(Word, Call.getModule()->getDataLayout());
    if ((Known.One & 7) == 0) {
        Value *Bad = B.CreateIsNull(B.CreateAnd(Word, B.getInt64(7)));
        Instruction *End =
            SplitBlockAndInsertIfThen(Bad, &Call, /*Unreachable=*/true, MDBuilder(Call.getContext()).createUnlikelyBranchWeights());
        IRBuilder<> AtEnd(End);
        FunctionCallee Refuse = declareLeaf(*Call.getModule(), "gw_refuse_immediate", B.getVoidTy(), {B.getInt64Ty()});
        callLeaf(Refuse, {Word}, AtEnd)->setDoesNotReturn();
    }
    Call.replaceAllUsesWith(Result);
    Call.eraseFromParent();
}

void lowerImmediateWords(Function &F)
{
    SmallVector<CallBase *, 8> Calls;
    for (Instruction &I : instructions(F)) {
        if (isCallOf(I, ImmediateWord)) Calls.push_back(cast<CallBase>(&I));
    }
    bool LeavesPads = false;
    for (CallBase *Call : Calls) {
        auto *Invoke = dyn_cast<InvokeInst>(Call); // in a try block, though it throws nothing
        LeavesPads |= Invoke != nullptr;
        lowerImmediateWord(Invoke ? *changeToCall(Invoke) : *cast<CallInst>(Call));
    }
    if (LeavesPads) removeUnreachableBlocks(F);
}

// The same constant with null for every undefined reference in it.
static Constant *defined(Constant *C)
{
    if (!containsReference(C->getType())) return C;
    if (isa<UndefValue>(C)) return Constant::getNullValue(C->getType());
    auto *Composite = dyn_cast<ConstantAggregate>(C);
    if (!Composite) return C;
    SmallVector<Constant *, 4> Elements;
    for (Use &U : Composite->operands()) Elements.push_back(defined(cast<Constant>(U.get())));
    if (auto *T = dyn_cast<StructType>(C->getType())) return ConstantStruct::get(T, Elements);
    if (auto *T = dyn_cast<ArrayType>(C->getType())) return ConstantArray::get(T, Elements);
    return ConstantVector::get(Elements);
}

// A member or variable that is set on some paths only is undefined on the others, which code generation takes for
// leave to use whatever a register holds. C may copy such a member, pass it and return it with its struct, and where
// it arrives the collector reads it: null instead.
void defineReferences(Function &F)
{
    for (Instruction &I : instructions(F))
        for (Use &U : I.operands())
            if (auto *C = dyn_cast<Constant>(U.get())) U.set(defined(C));
}

void freezeExtractedCallees(Function &F)
{
    for (Instruction &I : instructions(F)) {
        auto *Call = dyn_cast<CallBase>(&I);
        if (!Call || !isa<ExtractValueInst>(Call->getCalledOperand())) continue;
        IRBuilder<> B(Call);
        Call->setCalledOperand(B.CreateFreeze(Call->getCalledOperand(), "callee"));
    }
}

} // namespace greywave
