#include "facts/safepoints.h"
#include "llvm/Analysis/CFG.h"
#include "llvm/Analysis/LoopInfo.h"
#include "llvm/IR/Dominators.h"

using namespace llvm;

namespace greywave
{

void describeMarker(Function &F, MemoryEffects Effects)
{
    F.setMemoryEffects(Effects);
    for (Attribute::AttrKind Kind : {Attribute::NoUnwind, Attribute::WillReturn, Attribute::NoCallback, Attribute::NoFree})
        F.addFnAttr(Kind);
    F.addFnAttr(LeafAttribute);
}

FunctionCallee declareLeaf(Module &M, StringRef Name, Type *Result, ArrayRef<Type *> Parameters)
{
    FunctionCallee Callee = M.getOrInsertFunction(Name, FunctionType::get(Result, Parameters, false));
    if (auto *F = dyn_cast<Function>(Callee.getCallee()->stripPointerCasts())) {
        F->addFnAttr(LeafAttribute);
        F->addFnAttr(Attribute::NoUnwind);
    }
    return Callee;
}

CallInst *callLeaf(FunctionCallee Callee, ArrayRef<Value *> Arguments, IRBuilderBase &B)
{
    CallInst *Call = B.CreateCall(Callee, Arguments);
    Call->addFnAttr(Attribute::get(B.getContext(), LeafAttribute));
    Call->addFnAttr(Attribute::NoUnwind);
    return Call;
}

bool isCallOf(const Instruction &I, StringRef Name)
{
    auto *Call = dyn_cast<CallBase>(&I);
    const Function *Callee = Call ? Call->getCalledFunction() : nullptr;
    return Callee && Callee->getName() == Name;
}

bool returnsTwice(const Instruction &I)
{
    auto *Call = dyn_cast<CallBase>(&I);
    return Call && Call->hasFnAttr(Attribute::ReturnsTwice);
}

bool mayCollect(const Instruction &I)
{
    auto *Call = dyn_cast<CallBase>(&I);
    if (!Call || Call->isInlineAsm()) return false;
    if (returnsTwice(I)) return !Call->hasFnAttr(LeafAttribute);
    const Function *Callee = Call->getCalledFunction();
    if (Callee && (Callee->isIntrinsic() || Callee->hasFnAttribute(LeafAttribute))) return false;
    return Call->isMustTailCall() || !Call->hasFnAttr(LeafAttribute);
}

bool isSafepoint(const Instruction &I)
{
    return mayCollect(I) && !cast<CallBase>(I).isMustTailCall();
}

Instruction *placeOfUse(const Use &U)
{
    auto *User = cast<Instruction>(U.getUser());
    auto *Phi = dyn_cast<PHINode>(User);
    return Phi ? Phi->getIncomingBlock(U)->getTerminator() : User;
}

using Stops = function_ref<bool(const Instruction &)>;

// Walks the blocks backwards from one use to the definition; `Seen` is shared between the uses of one value.
static bool crosses(const Instruction &V, const Use &U, SmallPtrSetImpl<const BasicBlock *> &Seen, Stops Stop)
{
    auto AnyStop = [&](BasicBlock::const_iterator From, BasicBlock::const_iterator To) { return std::any_of(From, To, Stop); };
    auto *User = cast<Instruction>(U.getUser());
    const BasicBlock *Home = V.getParent();
    const BasicBlock *Block = User->getParent();
    BasicBlock::const_iterator End = User->getIterator();
    if (auto *Phi = dyn_cast<PHINode>(User)) {
        Block = Phi->getIncomingBlock(U);
        End = Block->end();
    } else if (Block == Home && V.comesBefore(User)) {
        return AnyStop(std::next(V.getIterator()), End);
    }
    if (Block == Home) return AnyStop(std::next(V.getIterator()), Block->end());
    if (AnyStop(Block->begin(), End)) return true;
    SmallVector<const BasicBlock *, 8> Work(pred_begin(Block), pred_end(Block));
    while (!Work.empty()) {
        const BasicBlock *B = Work.pop_back_val();
        if (B == Home) {
            if (AnyStop(std::next(V.getIterator()), B->end())) return true;
            continue;
        }
        if (!Seen.insert(B).second) continue;
        if (AnyStop(B->begin(), B->end())) return true;
        Work.append(pred_begin(B), pred_end(B));
    }
    return false;
}

bool crossesSafepoint(const Use &U)
{
    SmallPtrSet<const BasicBlock *, 16> Seen;
    return crosses(*cast<Instruction>(U.get()), U, Seen, isSafepoint);
}

bool livesAcross(const Instruction &V, Stops Stop)
{
    SmallPtrSet<const BasicBlock *, 16> Seen;
    return any_of(V.uses(), [&](const Use &U) { return crosses(V, U, Seen, Stop); });
}

bool livesAcrossSafepoint(const Instruction &V)
{
    return livesAcross(V, isSafepoint);
}

// The largest loop around From that To is outside of is one step, which is taken anew or not at all.
static SmallPtrSet<BasicBlock *, 8> stepOf(const Instruction &From, const Instruction &To, const LoopInfo &Loops)
{
    SmallPtrSet<BasicBlock *, 8> Step;
    const Loop *Whole = nullptr;
    for (const Loop *L = Loops.getLoopFor(From.getParent()); L && !L->contains(&To); L = L->getParentLoop()) Whole = L;
    if (Whole) Step.insert(Whole->block_begin(), Whole->block_end());
    else if (From.getParent() != To.getParent()) Step.insert(const_cast<BasicBlock *>(From.getParent()));
    return Step;
}

// From a safepoint behind `From`, with no run through the step in between. One in the loop of the step lies behind what was done in that
// round already.
static bool leadsTo(const Instruction &Safepoint, const Instruction &From, const Instruction &To, const SmallPtrSet<BasicBlock *, 8> &Step,
                    const DominatorTree &Tree, const LoopInfo &Loops)
{
    const BasicBlock *Home = Safepoint.getParent();
    if (!Step.contains(Home)) return isPotentiallyReachable(&Safepoint, &To, &Step, &Tree, &Loops);
    if (const Loop *Round = Loops.getLoopFor(Home); Round && !Round->contains(&To))
        return isPotentiallyReachable(&Safepoint, &To, nullptr, &Tree, &Loops);
    return From.comesBefore(&Safepoint) && any_of(successors(Home), [&](const BasicBlock *Next) {
               return isPotentiallyReachable(&Next->front(), &To, &Step, &Tree, &Loops);
           });
}

bool safepointBetween(const Instruction &From, const Instruction &To)
{
    auto &F = const_cast<Function &>(*From.getFunction());
    DominatorTree Tree(F);
    LoopInfo Loops(Tree);
    SmallPtrSet<BasicBlock *, 8> Step = stepOf(From, To, Loops);
    bool InOrder = From.getParent() == To.getParent() && From.comesBefore(&To);
    return any_of(instructions(F), [&](const Instruction &I) {
        if (!isSafepoint(I)) return false;
        if (InOrder) return I.getParent() == From.getParent() && From.comesBefore(&I) && I.comesBefore(&To);
        return isPotentiallyReachable(&From, &I, nullptr, &Tree, &Loops) && leadsTo(I, From, To, Step, Tree, Loops);
    });
}

bool safepointBefore(const Instruction &I)
{
    const Function &F = *I.getFunction();
    return any_of(instructions(F), [&](const Instruction &Other) { return isSafepoint(Other) && isPotentiallyReachable(&Other, &I); });
}

} // namespace greywave
