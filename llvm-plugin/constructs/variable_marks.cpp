// Marks of stack variables, one byte for each word, by which checks know where a reference may be stored (docs/abi.md). A
// variable needs them if its address is known to other functions, or to code here that no longer knows which variable it is.
#include "constructs/constructs.h"
#include "constructs/store_checks.h"
#include "facts/facts.h"
#include "facts/safepoints.h"
#include "constructs/variables.h"
#include "fast_paths/thread_state.h"
#include "greywave/abi.h"
#include "llvm/Transforms/Utils/BasicBlockUtils.h"

using namespace llvm;

namespace greywave
{

struct MarkedVariable {
    AllocaInst *Slot;
    ReferenceLayout Layout;
    uint64_t words() const { return Layout.references(); }
};

static bool isOnlyAccessed(const Value &Address)
{
    return all_of(Address.uses(), [](const Use &U) {
        auto *User = cast<Instruction>(U.getUser());
        if (isa<LoadInst>(User) || isa<ICmpInst>(User)) return true;
        if (auto *Store = dyn_cast<StoreInst>(User)) return U.get() == Store->getPointerOperand();
        if (isa<GetElementPtrInst>(User) || isa<BitCastInst>(User)) return isOnlyAccessed(*User);
        if (auto *Call = dyn_cast<IntrinsicInst>(User)) return Call->isLifetimeStartOrEnd() || isa<MemIntrinsic>(Call);
        auto *Call = dyn_cast<CallBase>(User);
        return Call && Call->isBundleOperand(&U);
    });
}

static SmallVector<MarkedVariable, 4> variablesToMark(Function &F)
{
    SmallVector<MarkedVariable, 4> Variables;
    for (Instruction &I : F.getEntryBlock()) {
        auto *Slot = dyn_cast<AllocaInst>(&I);
        if (!Slot || !isTrackedSlot(*Slot) || isOnlyAccessed(*Slot)) continue;
        MarkedVariable V{Slot, {}};
        layoutOfSlot(*Slot, V.Layout);
        if (V.words()) Variables.push_back(V);
    }
    return Variables;
}

// ---- One variable ---------------------------------------------------------------------------------------------------

// Up to this many words are marked one by one.
static constexpr uint64_t MaxSingleMarks = 8;

static Value *callMarking(const MarkedVariable &V, const ReferenceBlocks &Blocks, IRBuilderBase &B)
{
    Module &M = *V.Slot->getModule();
    SmallVector<uint32_t, 8> Words{uint32_t(Blocks.Count), uint32_t(Blocks.Stride), uint32_t(Blocks.Offsets.size())};
    for (uint64_t Offset : Blocks.Offsets) Words.push_back(uint32_t(Offset));
    Constant *Init = ConstantDataArray::get(M.getContext(), Words);
    auto *Layout = new GlobalVariable(M, Init->getType(), true, GlobalValue::PrivateLinkage, Init, "gw.marks.layout");
    Layout->setAlignment(Align(8));
    FunctionCallee Callee = declareLeaf(M, "gw_mark_variable", B.getPtrTy(), {B.getPtrTy(), B.getPtrTy()});
    if (auto *F = dyn_cast<Function>(Callee.getCallee())) F->addFnAttr(Attribute::Cold);
    return callLeaf(Callee, {V.Slot, Layout}, B);
}

// Gives the mark of the variable's first word.
static Value *callMarking(const MarkedVariable &V, IRBuilderBase &B)
{
    Value *First = nullptr;
    for (const ReferenceBlocks &Blocks : V.Layout.blocks()) First = callMarking(V, Blocks, B);
    return First;
}

static uint64_t endOfReferences(const ReferenceLayout &Layout)
{
    uint64_t End = 0;
    for (const ReferenceRun &Run : Layout.Runs) End = std::max(End, Run.last() + 8);
    return (Layout.Count - 1) * Layout.Stride + End;
}

// First: the mark of the variable's first word.
static void setMarks(const MarkedVariable &V, Value *First, uint8_t Mark, IRBuilderBase &B)
{
    if (V.words() > MaxSingleMarks) {
        if (V.Layout.isDense() || !Mark) B.CreateMemSet(First, B.getInt8(Mark), endOfReferences(V.Layout) / 8, Align(1));
        else callMarking(V, B);
        return;
    }
    for (uint64_t Block = 0; Block < V.Layout.Count; Block++)
        for (uint64_t Offset : offsetsOfRuns(V.Layout.Runs))
            B.CreateStore(B.getInt8(Mark), B.CreateConstGEP1_64(B.getInt8Ty(), First, (Block * V.Layout.Stride + Offset) / 8));
}

// ---- One function ---------------------------------------------------------------------------------------------------

// Variables must stay in the entry block.
static Instruction *behindVariables(Function &F)
{
    BasicBlock &Entry = F.getEntryBlock();
    BasicBlock::iterator Start = Entry.begin();
    for (Instruction &I : make_early_inc_range(Entry)) {
        auto *Slot = dyn_cast<AllocaInst>(&I);
        if (!Slot || !Slot->isStaticAlloca()) continue;
        if (&*Start == Slot) ++Start;
        else Slot->moveBefore(Entry, Start);
    }
    return &*Start;
}

// Where the map has the variables' words they are marked here, else by the runtime. All lie in one frame, so that one may speak
// for the others. Gives where the marks begin, for each variable; what is cleared there at the end is the variable itself on a
// stack that has no map: nobody reads it any more.
static SmallVector<Value *, 4> markAtEntry(Function &F, ArrayRef<MarkedVariable> Variables)
{
    Module &M = *F.getParent();
    Instruction *Before = behindVariables(F);
    IRBuilder<> B(Before);
    B.SetCurrentDebugLocation(DebugLoc());
    auto word = [&](size_t Offset, Type *T) { return B.CreateAlignedLoad(T, threadWord(M, Offset, B), Align(8)); };
    Value *From = word(offsetof(gw_thread, marks_from), B.getInt64Ty());
    Value *Count = word(offsetof(gw_thread, marks_count), B.getInt64Ty());
    auto indexOf = [&](AllocaInst *Slot) { return B.CreateLShr(B.CreateSub(B.CreatePtrToInt(Slot, B.getInt64Ty()), From), 3); };
    Value *Known = B.CreateICmpULT(indexOf(Variables.front().Slot), Count);
    Instruction *Then, *Else;
    SplitBlockAndInsertIfThenElse(Known, Before, &Then, &Else, MDBuilder(M.getContext()).createLikelyBranchWeights());
    IRBuilder<> Unknown(Else), Join(Before);
    B.SetInsertPoint(Then);
    Value *Marks = word(offsetof(gw_thread, marks), B.getPtrTy());
    SmallVector<Value *, 4> Firsts;
    for (const MarkedVariable &V : Variables) {
        PHINode *First = Join.CreatePHI(B.getPtrTy(), 2);
        First->addIncoming(B.CreateGEP(B.getInt8Ty(), Marks, indexOf(V.Slot)), Then->getParent());
        setMarks(V, First->getIncomingValue(0), 1, B);
        First->addIncoming(callMarking(V, Unknown), Else->getParent());
        Firsts.push_back(First);
    }
    return Firsts;
}

static void unmarkAtExits(Function &F, ArrayRef<MarkedVariable> Variables, ArrayRef<Value *> Firsts)
{
    SmallVector<Instruction *, 4> Exits;
    for (BasicBlock &Block : F) {
        Instruction *End = Block.getTerminator();
        if (CallInst *Tail = Block.getTerminatingMustTailCall()) End = Tail;
        if (isa<ReturnInst>(Block.getTerminator()) || isa<ResumeInst>(End)) Exits.push_back(End);
    }
    for (Instruction *Exit : Exits) {
        IRBuilder<> B(Exit);
        B.SetCurrentDebugLocation(DebugLoc());
        for (auto [V, First] : zip(Variables, Firsts)) setMarks(V, First, 0, B);
    }
}

// Whether the call leaves a reference, or a struct with references, in F's frame for a callee that may be native code. That one's
// parameter is there, and it may give others its address.
static bool passesReferencesInMemory(const CallBase &Call)
{
    auto *Callee = dyn_cast<Function>(Call.getCalledOperand()->stripPointerCasts());
    if (Callee && (!Callee->isDeclaration() || Callee->isIntrinsic())) return false;
    unsigned Left = Call.getCallingConv() == CallingConv::Win64 ? 4 : 6; // registers
    for (unsigned I = 0; I < Call.arg_size(); I++) {
        Type *T = Call.getArgOperand(I)->getType();
        if (Type *Passed = Call.getParamByValType(I)) {
            if (containsReference(Passed)) return true;
            continue;
        }
        if (isReference(T) && !Left) return true;
        if (T->isIntOrPtrTy() && Left) Left--;
    }
    return false;
}

static bool passesReferencesInMemory(const Function &F)
{
    return any_of(instructions(F), [](const Instruction &I) {
        auto *Call = dyn_cast<CallBase>(&I);
        return Call && passesReferencesInMemory(*Call);
    });
}

void markVariables(Function &F)
{
    if (!passesReferencesInMemory(F)) F.addFnAttr(MarksAttribute);
    SmallVector<MarkedVariable, 4> Variables = variablesToMark(F);
    if (!Variables.empty()) unmarkAtExits(F, Variables, markAtEntry(F, Variables));
}

// ---- After an exception or longjmp ----------------------------------------------------------------------------------

static void forgetBefore(BasicBlock::iterator Where)
{
    IRBuilder<> B(&*Where);
    callLeaf(declareLeaf(*Where->getModule(), "gw_marks_unwound", B.getVoidTy(), {}), {}, B);
}

void forgetMarksOfUnwound(Function &F)
{
    SmallVector<Instruction *, 4> Places;
    for (Instruction &I : instructions(F)) {
        if (auto *Pad = dyn_cast<LandingPadInst>(&I); Pad && Pad->getNumClauses()) Places.push_back(&*std::next(I.getIterator()));
        if (isa<CallInst>(I) && returnsTwice(I)) Places.push_back(&*std::next(I.getIterator()));
    }
    for (Instruction *Place : Places) forgetBefore(Place->getIterator());
}

} // namespace greywave
