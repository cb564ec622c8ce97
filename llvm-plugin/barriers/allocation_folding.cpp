// Neighbouring allocations become one: room for all of them is taken at once, and then each gets its header.
//
//     p = alloc; e = p + total; if (e > limit) p = gw_alloc_room(total) else alloc = e; the objects
//
// All are in the nursery afterwards, on the slow path too, so none needs a barrier until the next safepoint. Where there is no
// room they are allocated one by one; the second may promote the first, so each has its barrier right there. Later ones
// are moved up to the first: code between two allocations without a safepoint cannot tell.
#include "barriers/barriers.h"
#include "barriers/reference_writes.h"
#include "facts/diagnose.h"
#include "facts/reference_types.h"
#include "facts/remarks.h"
#include "facts/safepoints.h"
#include "fast_paths/allocation.h"
#include "fast_paths/thread_state.h"
#include "greywave/abi.h"
#include "llvm/Transforms/Utils/BasicBlockUtils.h"

using namespace llvm;

namespace greywave
{

using Group = SmallVector<AllocationRequest, 4>;

static uint64_t totalSize(const Group &G)
{
    uint64_t Total = 0;
    for (const AllocationRequest &R : G) Total += R.Size + GW_HEADER_SIZE;
    return Total;
}

static void findGroups(BasicBlock &B, std::vector<Group> &Groups)
{
    Group Open;
    auto Close = [&] {
        if (Open.size() > 1) Groups.push_back(Open);
        Open.clear();
    };
    for (Instruction &I : B) {
        std::optional<AllocationRequest> R = requestOf(I);
        if (R) {
            if (totalSize(Open) + R->Size + GW_HEADER_SIZE > MaxInlineSize) Close();
            Open.push_back(*R);
        } else if (isSafepoint(I)) {
            Close();
        }
    }
    Close();
}

namespace
{

/// The blocks of one folded allocation.
struct FoldedBlocks {
    BasicBlock *Make, *Join; // where the objects are made; behind
    BasicBlock *None;        // there was no room: one by one
    Value *Start;            // in Make: of the room, an integer
};

} // namespace

static FoldedBlocks takeRoomForAll(Instruction *At, uint64_t Total)
{
    Module &M = *At->getModule();
    auto [Old, End, Slow, Fast] = takeRoom(At, ConstantInt::get(Type::getInt64Ty(M.getContext()), Total));
    IRBuilder<> B(Slow);
    FunctionCallee Callee = M.getOrInsertFunction("gw_alloc_room", B.getInt64Ty(), B.getInt64Ty());
    Value *Room = B.CreateCall(Callee, B.getInt64(Total), "room");
    BasicBlock *Make = At->getParent();
    BasicBlock *Join = SplitBlock(Make, At);
    BasicBlock *None = BasicBlock::Create(M.getContext(), "no.room", Make->getParent(), Join);
    B.CreateCondBr(B.CreateIsNull(Room), None, Make, MDBuilder(M.getContext()).createUnlikelyBranchWeights());
    Slow->eraseFromParent();
    BranchInst::Create(Join, None);
    PHINode *Start = PHINode::Create(B.getInt64Ty(), 2, "start", Make->begin());
    Start->addIncoming(Old, Fast->getParent());
    Start->addIncoming(Room, B.GetInsertBlock());
    return {Make, Join, None, Start};
}

// The original calls. A small object is recorded as a whole, so that a barrier for any slot stands for all.
static void allocateSingly(const Group &G, Instruction *End)
{
    for (const AllocationRequest &R : G) {
        R.Call->moveBefore(*End->getParent(), End->getIterator());
        R.Call->setMetadata(OutOfLine, MDNode::get(R.Call->getContext(), {}));
    }
    for (const AllocationRequest &R : ArrayRef(G).drop_back()) recordUnlessNull(*R.Call, End);
}

static void fold(const Group &G)
{
    Instruction *First = G.front().Call, *At = First;
    for (const AllocationRequest &R : ArrayRef(G).drop_front()) {
        R.Call->moveAfter(At);
        At = R.Call;
    }
    SmallVector<SmallVector<bool, 64>, 4> Written;
    for (const AllocationRequest &R : G) Written.push_back(wordsWritten(R, At->getNextNode()));
    FoldedBlocks Blocks = takeRoomForAll(First, totalSize(G));
    IRBuilder<> B(Blocks.Make->getTerminator());
    SmallVector<PHINode *, 4> Objects;
    uint64_t Offset = 0;
    for (auto [R, Words] : zip(G, Written)) {
        Value *Fresh = emitObject(R, Words, Offset ? B.CreateAdd(Blocks.Start, B.getInt64(Offset)) : Blocks.Start, B);
        Offset += R.Size + GW_HEADER_SIZE;
        PHINode *Object = PHINode::Create(R.Call->getType(), 2, "object");
        Object->insertBefore(Blocks.Join->begin());
        Object->setDebugLoc(R.Call->getDebugLoc());
        Object->setMetadata(FreshObject, MDNode::get(B.getContext(), {}));
        R.Call->replaceAllUsesWith(Object);
        Object->addIncoming(Fresh, Blocks.Make);
        Objects.push_back(Object);
    }
    Instruction *End = Blocks.None->getTerminator();
    allocateSingly(G, End);
    for (auto [R, Object] : zip(G, Objects)) Object->addIncoming(R.Call, End->getParent());
}

void foldAllocations(Function &F)
{
    if (F.hasOptNone()) return;
    std::vector<Group> Groups;
    for (BasicBlock &B : F) findGroups(B, Groups);
    Groups.resize(std::min(Groups.size(), MostInline));
    for (const Group &G : reverse(Groups)) { // from the end, see inlineAllocation
        remark(*G.front().Call, "AllocationsFolded", Twine(G.size()) + " allocations take their " + Twine(totalSize(G)) + " bytes at once");
        fold(G);
    }
}

} // namespace greywave
