// C++ exceptions: calls that may collect and may also unwind to a landing pad.
//
// RewriteStatepointsForGC hands relocated references to an unwind edge only through a landing pad of type token, which
// has no room for the exception itself. So no reference is live across an invoke at all when it runs: each lies in a
// word of the frame (frame_words.cpp). Here the edges are made ready for that.
#include "constructs/constructs.h"
#include "facts/safepoints.h"
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

} // namespace greywave
