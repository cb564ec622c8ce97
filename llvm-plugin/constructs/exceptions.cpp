// C++ exceptions: calls that may collect and may also unwind to a landing pad.
//
// RewriteStatepointsForGC hands relocated references to an unwind edge only through a landing pad of type token, which
// has no room for the exception itself. So no reference is live across an invoke at all when it runs: each lies in a
// tracked variable (stack_slots.cpp), which the collector updates, and is loaded again where it is used. Pointers into
// objects are kept as their object and a distance.
#include "constructs/constructs.h"
#include "facts/base_pointers.h"
#include "facts/live_references.h"
#include "facts/reference_types.h"
#include "facts/safepoints.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/Transforms/Utils/BasicBlockUtils.h"
#include "llvm/Transforms/Utils/Local.h"

using namespace llvm;

namespace greywave
{

// ---- Edges ----------------------------------------------------------------------------------------------------------

static SmallVector<InvokeInst *, 8> invokesIn(Function &F)
{
    SmallVector<InvokeInst *, 8> Invokes;
    for (BasicBlock &B : F)
        if (auto *Invoke = dyn_cast<InvokeInst>(B.getTerminator())) Invokes.push_back(Invoke);
    return Invokes;
}

static void splitUnwindEdge(InvokeInst &Invoke)
{
    BasicBlock *Pad = Invoke.getUnwindDest();
    if (Pad->getUniquePredecessor() || !Pad->getLandingPadInst()) return;
    SmallVector<BasicBlock *, 2> Split;
    SplitLandingPadPredecessors(Pad, {Invoke.getParent()}, ".unwind", ".others", Split);
}

// Allocation throws what a finalizer or an out-of-memory handler throws.
static bool neverThrows(const InvokeInst &Invoke)
{
    const Function *Callee = Invoke.getCalledFunction();
    return Invoke.doesNotThrow() || returnsTwice(Invoke) || (Callee && Callee->isDeclaration() && Callee->getName() == "gw_immediate_word");
}

// Code can then be put on either edge, and no phi merges values right there.
void separateInvokeEdges(Function &F)
{
    for (InvokeInst *Invoke : invokesIn(F)) {
        if (neverThrows(*Invoke)) {
            changeToCall(Invoke);
            continue;
        }
        if (!Invoke->getNormalDest()->getUniquePredecessor())
            SplitBlockPredecessors(Invoke->getNormalDest(), {Invoke->getParent()}, ".returned");
        splitUnwindEdge(*Invoke);
        FoldSingleEntryPHINodes(Invoke->getNormalDest());
        FoldSingleEntryPHINodes(Invoke->getUnwindDest());
    }
}

// ---- Which references live across an invoke -------------------------------------------------------------------------

static ValueSet liveAcrossInvokes(Function &F)
{
    ValueSet Result;
    LiveReferences Live(F);
    for (InvokeInst *Invoke : invokesIn(F)) {
        if (!isSafepoint(*Invoke)) continue;
        for (Value *V : Live.atEnd(*Invoke->getParent()))
            if (V != Invoke) Result.insert(V);
    }
    return Result;
}

// ---- Keeping them in variables --------------------------------------------------------------------------------------

static BasicBlock::iterator behindDefinition(Value &V, Function &F)
{
    auto *I = dyn_cast<Instruction>(&V);
    return I ? *I->getInsertionPointAfterDef() : F.getEntryBlock().getFirstNonPHIOrDbgOrAlloca();
}

static Instruction *placeOfUse(const Use &U)
{
    auto *User = cast<Instruction>(U.getUser());
    auto *Phi = dyn_cast<PHINode>(User);
    return Phi ? Phi->getIncomingBlock(U)->getTerminator() : User;
}

// Replaces every use of V, but those by instructions in `Spared`, by what `Make` builds in front of it.
template <typename Maker> static void replaceUses(Value &V, const SmallPtrSetImpl<const User *> &Spared, Maker Make)
{
    // One edge may be listed twice in a phi, and both entries must stay equal.
    DenseMap<std::pair<const User *, const BasicBlock *>, Value *> OnEdge;
    for (Use &U : make_early_inc_range(V.uses())) {
        if (Spared.contains(U.getUser())) continue;
        IRBuilder<> B(placeOfUse(U));
        auto *Phi = dyn_cast<PHINode>(U.getUser());
        if (!Phi) {
            U.set(Make(B));
            continue;
        }
        Value *&Known = OnEdge[{Phi, Phi->getIncomingBlock(U)}];
        if (!Known) Known = Make(B);
        U.set(Known);
    }
}

static AllocaInst *makeSlot(Value &V, Function &F)
{
    IRBuilder<> B(&F.getEntryBlock(), F.getEntryBlock().begin());
    return B.CreateAlloca(V.getType(), nullptr, V.getName() + ".across");
}

static void keepInSlot(Value &V, Function &F)
{
    AllocaInst *Slot = makeSlot(V, F);
    BasicBlock::iterator Where = behindDefinition(V, F);
    IRBuilder<> B(Where->getParent(), Where);
    SmallPtrSet<const User *, 1> Spared;
    Spared.insert(B.CreateStore(&V, Slot));
    replaceUses(V, Spared, [&](IRBuilderBase &At) { return At.CreateLoad(V.getType(), Slot); });
}

// V points into `Base`: at its definition both are up to date.
static void keepAsDistance(Value &V, Value &Base, Function &F)
{
    BasicBlock::iterator Where = behindDefinition(V, F);
    IRBuilder<> B(Where->getParent(), Where);
    Value *Address = B.CreatePtrToInt(&V, B.getInt64Ty());
    Value *Distance = B.CreateSub(Address, B.CreatePtrToInt(&Base, B.getInt64Ty()), "distance");
    SmallPtrSet<const User *, 1> Spared;
    Spared.insert(cast<User>(Address));
    replaceUses(V, Spared, [&](IRBuilderBase &At) { return At.CreateGEP(At.getInt8Ty(), &Base, Distance); });
}

// Bases that are made on the way may live across an invoke themselves: again, until nothing does.
void keepAcrossInvokes(Function &F)
{
    if (!invokesIn(F).empty()) moveComparisonsToBranches(F);
    for (ValueSet Live = liveAcrossInvokes(F); !Live.empty(); Live = liveAcrossInvokes(F)) {
        BasePointers Bases;
        MapVector<Value *, WeakTrackingVH> BaseOf;
        for (Value *V : Live) BaseOf[V] = Bases.baseOf(V);
        Bases.simplify();
        for (auto &[V, Base] : BaseOf)
            if (Base != V) keepAsDistance(*V, *Base, F);
        for (auto &[V, Base] : BaseOf)
            if (Base == V) keepInSlot(*V, F);
    }
}

} // namespace greywave
