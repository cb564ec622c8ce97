// Keeps the optimiser from unrolling and vectorising loops whose turns it cannot weigh: barriers and inline allocation
// come after it, some 25 and 50 bytes at each place, and a vector of references is taken apart again for its barriers
// (docs/decisions/0047-loops-with-barriers-stay-small.md). Loops of few turns are unrolled whole before this. What the
// source asks for by pragma is done.
#include "pipeline/passes.h"
#include "facts/facts.h"
#include "facts/reference_types.h"
#include "facts/safepoints.h"
#include "llvm/Analysis/LoopInfo.h"
#include "llvm/Transforms/Utils/LoopUtils.h"

using namespace llvm;

namespace greywave
{

static bool growsLater(const Instruction &I)
{
    if (auto *Store = dyn_cast<StoreInst>(&I))
        return isReference(Store->getValueOperand()->getType()) && isReference(Store->getPointerOperandType()) &&
               !isa<Constant>(Store->getValueOperand());
    return isCallOf(I, "gw_alloc") || isCallOf(I, "gw_alloc_array");
}

static void keepSmall(Loop &L)
{
    if (none_of(L.blocks(), [](const BasicBlock *B) { return any_of(*B, growsLater); })) return;
    if (hasUnrollTransformation(&L) == TM_Unspecified) addStringMetadataToLoop(&L, "llvm.loop.unroll.disable", 1);
    if (hasVectorizeTransformation(&L) == TM_Unspecified) addStringMetadataToLoop(&L, "llvm.loop.vectorize.enable", 0);
}

PreservedAnalyses SmallLoopsPass::run(Function &F, FunctionAnalysisManager &FAM)
{
    if (!isManaged(F)) return PreservedAnalyses::all();
    for (Loop *L : FAM.getResult<LoopAnalysis>(F).getLoopsInPreorder()) keepSmall(*L);
    return PreservedAnalyses::all();
}

} // namespace greywave
