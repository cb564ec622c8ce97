// --roots=shadow: references are pushed on the thread's shadow stack around calls that may collect (docs/abi.md). The
// baseline that frame maps are measured against, so it is made as tight as it can be: shadow_frame.cpp has the rules.
//
// Statepoints come first: RewriteStatepointsForGC knows the bases, what is live and which values to take again. Here each
// of them becomes the plain call it was, with stores to the frame in front and loads where the references were relocated.
#include "shadow/shadow.h"
#include "facts/base_pointers.h"
#include "facts/reference_types.h"
#include "facts/safepoints.h"
#include "fast_paths/thread_state.h"
#include "shadow/shadow_frame.h"
#include "greywave/abi.h"
#include "llvm/IR/CFG.h"
#include "llvm/Transforms/Scalar/DCE.h"
#include "llvm/Transforms/Utils/BasicBlockUtils.h"
#include "llvm/Transforms/Utils/LoopSimplify.h"
#include "llvm/Transforms/Utils/PromoteMemToReg.h"

using namespace llvm;

namespace greywave
{

// ---- Stack variables --------------------------------------------------------------------------------------------

// Start: where the offsets begin to count.
static GlobalVariable *layoutConstant(Module &M, ArrayRef<Use> Operands, uint64_t Start)
{
    SmallVector<uint32_t, 8> Words;
    for (const Use &Word : Operands) Words.push_back(uint32_t(cast<ConstantInt>(Word.get())->getZExtValue()));
    for (uint32_t &Offset : drop_begin(Words, 3)) Offset -= uint32_t(Start);
    Constant *Init = ConstantDataArray::get(M.getContext(), Words);
    auto *Layout = new GlobalVariable(M, Init->getType(), true, GlobalValue::PrivateLinkage, Init, "gw.shadow.layout");
    Layout->setAlignment(Align(8));
    return Layout;
}

static Instruction *addressIn(AllocaInst &Slot, uint64_t Start)
{
    BasicBlock::iterator Behind = std::next(Slot.getIterator());
    while (isa<AllocaInst>(*Behind)) ++Behind;
    Value *Offset = ConstantInt::get(Type::getInt64Ty(Slot.getContext()), Start);
    auto *Address = GetElementPtrInst::CreateInBounds(Type::getInt8Ty(Slot.getContext()), &Slot, Offset, "run");
    Address->insertBefore(*Slot.getParent(), Behind);
    return Address;
}

// From the deopt operands, which are the same at every statepoint: variable, count, stride, n, n offsets.
static SmallVector<ShadowVariable, 4> takeVariables(Function &F)
{
    SmallVector<ShadowVariable, 4> Variables;
    for (Instruction &I : instructions(F)) {
        auto *Call = dyn_cast<GCStatepointInst>(&I);
        if (!Call) continue;
        auto Bundle = Call->getOperandBundle(LLVMContext::OB_deopt);
        if (!Bundle) break;
        for (ArrayRef<Use> Left = Bundle->Inputs; !Left.empty();) {
            size_t Count = 3 + cast<ConstantInt>(Left[3].get())->getZExtValue();
            auto *Slot = cast<AllocaInst>(Left[0].get());
            bool IsFirst = none_of(Variables, [&](const ShadowVariable &Known) { return Known.Slot == Slot; });
            uint64_t Start = IsFirst ? 0 : cast<ConstantInt>(Left[4].get())->getZExtValue();
            Instruction *Address = IsFirst ? Slot : addressIn(*Slot, Start);
            Variables.push_back({Address, layoutConstant(*F.getParent(), Left.slice(1, Count), Start)});
            Left = Left.drop_front(1 + Count);
        }
        break;
    }
    return Variables;
}

// ---- Calls ------------------------------------------------------------------------------------------------------

static GCResultInst *resultOf(GCStatepointInst &Point)
{
    for (User *U : Point.users())
        if (auto *Result = dyn_cast<GCResultInst>(U)) return Result;
    return nullptr;
}

static CallBase *makeCall(GCStatepointInst &Point, FunctionType *Type, ArrayRef<Value *> Arguments)
{
    IRBuilder<> B(&Point);
    Value *Callee = Point.getActualCalledOperand();
    if (auto *Invoke = dyn_cast<InvokeInst>(&Point))
        return B.CreateInvoke(Type, Callee, Invoke->getNormalDest(), Invoke->getUnwindDest(), Arguments);
    CallInst *Call = B.CreateCall(Type, Callee, Arguments);
    Call->setTailCallKind(cast<CallInst>(Point).getTailCallKind());
    return Call;
}

static CallBase *plainCall(GCStatepointInst &Point, const GCResultInst *Result)
{
    LLVMContext &C = Point.getContext();
    AttributeList Attributes = Point.getAttributes();
    auto *Type = cast<FunctionType>(Attributes.getParamElementType(GCStatepointInst::CalledFunctionPos));
    SmallVector<Value *, 8> Arguments(Point.actual_arg_begin(), Point.actual_arg_end());
    CallBase *Call = makeCall(Point, Type, Arguments);
    SmallVector<AttributeSet, 8> Parameters;
    for (unsigned I = 0; I < Arguments.size(); I++) Parameters.push_back(Attributes.getParamAttrs(GCStatepointInst::CallArgsBeginPos + I));
    AttributeSet Return = Result ? Result->getAttributes().getRetAttrs() : AttributeSet();
    Call->setAttributes(AttributeList::get(C, Attributes.getFnAttrs(), Return, Parameters));
    Call->setCallingConv(Point.getCallingConv());
    Call->setDebugLoc(Point.getDebugLoc());
    return Call;
}

// ---- The frame --------------------------------------------------------------------------------------------------

namespace
{

class FrameEmitter
{
  public:
    FrameEmitter(Function &F, const ShadowFrame &Frame) : F(F), Frame(Frame)
    {
        IRBuilder<> B(&F.getEntryBlock(), F.getEntryBlock().begin());
        Base = B.CreateAlloca(B.getPtrTy(), nullptr, "shadow");
    }
    void emit();

  private:
    Value *word(unsigned Index, IRBuilderBase &B);
    Value *contents(Value *Version, IRBuilderBase &B);
    void open(Instruction *At);
    Value *readTop(IRBuilderBase &B);
    void setTop(unsigned Words, IRBuilderBase &B);
    void emitUnwinding(const ShadowSite &Site);
    void emitPush(const ShadowSite &Site);
    void emitCall(const ShadowSite &Site);
    void emitRelocate(GCRelocateInst &Relocate, Instruction *Call);
    void emitEdges(BasicBlock &B);
    void emitReturns();

    Function &F;
    const ShadowFrame &Frame;
    AllocaInst *Base; // the thread's top before this function's push; promoted in the end
};

} // namespace

Value *FrameEmitter::word(unsigned Index, IRBuilderBase &B)
{
    Value *Frame = B.CreateLoad(B.getPtrTy(), Base);
    return Index ? B.CreateConstInBoundsGEP1_64(B.getPtrTy(), Frame, Index) : Frame;
}

Value *FrameEmitter::contents(Value *Version, IRBuilderBase &B)
{
    if (isReference(Version->getType())) return Version;
    return B.CreateOr(B.CreatePtrToInt(Version, B.getInt64Ty()), B.getInt64(GW_SHADOW_VARIABLE));
}

void FrameEmitter::setTop(unsigned Words, IRBuilderBase &B)
{
    B.CreateAlignedStore(word(Words, B), threadWord(*F.getParent(), offsetof(gw_thread, shadow_top), B), Align(8));
}

static Value *loadTop(IRBuilderBase &B)
{
    Module &M = *B.GetInsertBlock()->getModule();
    return B.CreateAlignedLoad(B.getPtrTy(), threadWord(M, offsetof(gw_thread, shadow_top), B), Align(8));
}

Value *FrameEmitter::readTop(IRBuilderBase &B)
{
    Value *Top = loadTop(B);
    B.CreateStore(Top, Base);
    return Top;
}

// The frame's place is read anew at each push: a call in between may have made the thread's stack.
void FrameEmitter::open(Instruction *At)
{
    Module &M = *F.getParent();
    IRBuilder<> B(At);
    Value *End = B.CreateConstGEP1_64(B.getPtrTy(), readTop(B), Frame.Words);
    Value *Limit = B.CreateAlignedLoad(B.getPtrTy(), threadWord(M, offsetof(gw_thread, shadow_limit), B), Align(8));
    MDNode *Unlikely = MDBuilder(M.getContext()).createUnlikelyBranchWeights();
    Instruction *Then = SplitBlockAndInsertIfThen(B.CreateICmpUGT(End, Limit), At, false, Unlikely);
    IRBuilder<> Slow(Then);
    Slow.SetCurrentDebugLocation(At->getDebugLoc());
    FunctionCallee Reserve = M.getOrInsertFunction("gw_shadow_reserve", Slow.getVoidTy(), Slow.getInt64Ty());
    Slow.CreateCall(Reserve, Slow.getInt64(Frame.Words));
    readTop(Slow);
}

void FrameEmitter::emitRelocate(GCRelocateInst &Relocate, Instruction *Call)
{
    Value *Old = Relocate.getBasePtr(), *Derived = Relocate.getDerivedPtr(), *New = Derived;
    std::optional<unsigned> Word = Frame.wordOf(Relocate);
    if (Word) {
        IRBuilder<> Before(Call), After(&Relocate);
        New = After.CreateAlignedLoad(Old->getType(), word(*Word, After), Align(8));
        if (Derived != Old) New = After.CreateGEP(After.getInt8Ty(), New, distanceFrom(*Old, *Derived, Before));
        New->takeName(&Relocate);
    }
    Relocate.replaceAllUsesWith(New);
    Relocate.eraseFromParent();
}

void FrameEmitter::emitCall(const ShadowSite &Site)
{
    GCStatepointInst &Point = *Site.Call;
    GCResultInst *Result = resultOf(Point);
    CallBase *Call = plainCall(Point, Result);
    for (const GCRelocateInst *Relocate : Point.getGCRelocates()) emitRelocate(const_cast<GCRelocateInst &>(*Relocate), Call);
    if (Result) {
        Result->replaceAllUsesWith(Call);
        Result->eraseFromParent();
    }
    if (Site.IsCold && Site.Before != Site.Top) {
        IRBuilder<> After(Call->getNextNode());
        setTop(Site.Before, After);
    }
    Point.eraseFromParent();
}

void FrameEmitter::emitPush(const ShadowSite &Site)
{
    if (Site.Before == 0 && Site.Top > 0) open(Site.At);
    IRBuilder<> B(Site.At);
    for (auto [Word, Version] : Site.Stores) B.CreateAlignedStore(contents(Version, B), word(Word, B), Align(8));
    if (Site.Top != Site.Before) setTop(Site.Top, B);
    emitUnwinding(Site);
}

static BasicBlock *splitEdge(BasicBlock &From, BasicBlock &To)
{
    Instruction *End = From.getTerminator();
    unsigned Successor = find(successors(&From), &To) - succ_begin(&From);
    return SplitCriticalEdge(End, Successor, CriticalEdgeSplittingOptions().setMergeIdenticalEdges());
}

// `Before` is the top again. If there was no stack yet when that was read, whoever was left has made it.
static void startAgain(Value *Before, IRBuilderBase &B)
{
    Module &M = *B.GetInsertBlock()->getModule();
    Value *First = B.CreateAlignedLoad(B.getPtrTy(), threadWord(M, offsetof(gw_thread, shadow_base), B), Align(8));
    Value *Top = B.CreateSelect(B.CreateIsNull(Before), First, Before);
    B.CreateAlignedStore(Top, threadWord(M, offsetof(gw_thread, shadow_top), B), Align(8));
}

// Frames that an exception skipped have not popped.
void FrameEmitter::emitUnwinding(const ShadowSite &Site)
{
    auto *Invoke = dyn_cast<InvokeInst>(Site.At);
    if (!Invoke) return;
    IRBuilder<> Before(Invoke);
    if (Site.Before == 0 && Site.Top == 0) readTop(Before);
    BasicBlock *Pad = Invoke->getUnwindDest();
    IRBuilder<> B(Pad, Pad->getFirstInsertionPt());
    if (Site.Top == 0) startAgain(word(0, B), B);
    else setTop(Site.Top, B);
}

// Where paths meet, the longer frames are cut to the shortest.
void FrameEmitter::emitEdges(BasicBlock &B)
{
    SmallVector<BasicBlock *, 4> Longer;
    for (BasicBlock *Pred : predecessors(&B))
        if (Frame.topEnd(*Pred) > Frame.topIn(B) && !is_contained(Longer, Pred)) Longer.push_back(Pred);
    for (BasicBlock *Pred : Longer) {
        BasicBlock *Edge = Pred->getUniqueSuccessor() ? Pred : splitEdge(*Pred, B);
        IRBuilder<> Builder(Edge->getTerminator());
        setTop(Frame.topIn(B), Builder);
    }
    if (Frame.topOut(B) > Frame.topEnd(B)) {
        IRBuilder<> Builder(B.getTerminator());
        setTop(Frame.topEnd(B), Builder);
    }
}

void FrameEmitter::emitReturns()
{
    for (BasicBlock &B : F) {
        if (!isa<ReturnInst>(B.getTerminator()) || Frame.topOut(B) == 0) continue;
        Instruction *Last = B.getTerminatingMustTailCall();
        IRBuilder<> Builder(Last ? Last : B.getTerminator());
        setTop(0, Builder);
    }
}

// An exception that leaves a function brings back the registers that the machine's own convention keeps, and no others: what Windows'
// keeps besides, or coldcc, is lost.
static bool mayLoseRegisters(const Function &F)
{
    return any_of(instructions(F), [](const Instruction &I) {
        auto *Invoke = dyn_cast<InvokeInst>(&I);
        return Invoke && !is_contained({CallingConv::C, CallingConv::Fast, CallingConv::X86_64_SysV}, Invoke->getCallingConv());
    });
}

// The top that a handler puts back: in a register, or where that might be lost in the frame.
static void keepTop(Function &F, AllocaInst &Place)
{
    if (!mayLoseRegisters(F)) {
        DominatorTree Dominators(F);
        PromoteMemToReg({&Place}, Dominators);
        return;
    }
    for (User *U : Place.users()) {
        if (auto *Load = dyn_cast<LoadInst>(U)) Load->setVolatile(true);
        if (auto *Store = dyn_cast<StoreInst>(U)) Store->setVolatile(true);
    }
}

void FrameEmitter::emit()
{
    // What the frame says about blocks holds until a push splits one, and what it says about values until calls are
    // replaced.
    SmallVector<BasicBlock *, 32> Blocks;
    for (BasicBlock &B : F) Blocks.push_back(&B);
    emitReturns();
    for (BasicBlock *B : Blocks) emitEdges(*B);
    for (const ShadowSite &Site : Frame.Sites) emitPush(Site);
    for (const ShadowSite &Site : Frame.Sites)
        if (Site.Call) emitCall(Site);
    keepTop(F, *Base);
}

void lowerToShadowStack(Function &F, FunctionAnalysisManager &FAM)
{
    FAM.invalidate(F, LoopSimplifyPass().run(F, FAM));
    SmallVector<ShadowVariable, 4> Variables = takeVariables(F);
    ShadowFrame Frame(F, Variables, FAM.getResult<DominatorTreeAnalysis>(F), FAM.getResult<LoopAnalysis>(F));
    FrameEmitter(F, Frame).emit();
    // Not every reference that comes back from a call is asked for before the next.
    FAM.invalidate(F, PreservedAnalyses::none());
    DCEPass().run(F, FAM);
    F.clearGC();
}

// ---- Functions without a frame ----------------------------------------------------------------------------------

void restoreAfterJumps(Function &F)
{
    SmallVector<CallInst *, 2> Calls;
    for (Instruction &I : instructions(F))
        if (returnsTwice(I)) Calls.push_back(cast<CallInst>(&I));
    for (CallInst *Call : Calls) {
        IRBuilder<> Before(Call), After(Call->getNextNode());
        startAgain(loadTop(Before), After);
    }
}

// The function itself pushes nothing: the top at its entry is the one at every call.
void restoreAtLandingPads(Function &F)
{
    AllocaInst *Top = nullptr;
    for (BasicBlock &Pad : F) {
        if (!Pad.isLandingPad()) continue;
        IRBuilder<> AtEntry(&F.getEntryBlock(), F.getEntryBlock().getFirstInsertionPt()), B(&Pad, Pad.getFirstInsertionPt());
        if (!Top) {
            Top = AtEntry.CreateAlloca(AtEntry.getPtrTy(), nullptr, "shadow");
            AtEntry.CreateStore(loadTop(AtEntry), Top);
        }
        startAgain(B.CreateLoad(B.getPtrTy(), Top), B);
    }
    if (Top) keepTop(F, *Top);
}

} // namespace greywave
