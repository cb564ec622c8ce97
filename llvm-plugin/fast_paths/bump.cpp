// Room in the nursery: the words of the running thread that say where it begins and ends.
#include "fast_paths/allocation.h"
#include "fast_paths/thread_state.h"
#include "greywave/abi.h"
#include "llvm/Transforms/Utils/BasicBlockUtils.h"

using namespace llvm;

namespace greywave
{

Bump takeRoom(Instruction *At, Value *Size, Value *TooMany)
{
    Module &M = *At->getModule();
    IRBuilder<> B(At);
    Value *Old = B.CreateAlignedLoad(B.getInt64Ty(), threadWord(M, offsetof(gw_thread, alloc), B), Align(8), "alloc");
    Value *Limit = B.CreateAlignedLoad(B.getInt64Ty(), threadWord(M, offsetof(gw_thread, limit), B), Align(8), "limit");
    Value *New = B.CreateAdd(Old, Size, "end");
    Value *Full = B.CreateICmpUGT(New, Limit, "full");
    if (TooMany) Full = B.CreateOr(TooMany, Full);
    Instruction *Slow, *Fast;
    SplitBlockAndInsertIfThenElse(Full, At, &Slow, &Fast, MDBuilder(M.getContext()).createUnlikelyBranchWeights());
    B.SetInsertPoint(Fast);
    B.CreateAlignedStore(New, threadWord(M, offsetof(gw_thread, alloc), B), Align(8));
    return {Old, New, Slow, Fast};
}

} // namespace greywave
