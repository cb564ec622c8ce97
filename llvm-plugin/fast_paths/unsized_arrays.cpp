// Inline allocation of arrays whose length the program computes, where they are small:
//
//     if (count > most) slow; p = alloc; e = p + (base + count * element + 15 & ~7); if (e > limit) slow; alloc = e;
//     clear from p to e, 16 bytes at a time, the last two words maybe twice; *p = type; write the length; reference = p + 8
#include "fast_paths/allocation.h"
#include "greywave/abi.h"
#include "llvm/Transforms/Utils/BasicBlockUtils.h"

using namespace llvm;

namespace greywave
{

// What lies between is at least 16 bytes.
static void clear(Value *Start, Value *End, Instruction *Before)
{
    constexpr uint64_t Step = 16;
    IRBuilder<> B(Before);
    auto *Pair = FixedVectorType::get(B.getInt64Ty(), 2);
    auto ClearAt = [&](Value *Place) {
        B.CreateAlignedStore(Constant::getNullValue(Pair), B.CreateIntToPtr(Place, B.getPtrTy()), Align(8));
    };
    Value *Last = B.CreateSub(End, B.getInt64(Step), "last");
    BasicBlock *Entry = Before->getParent(), *Behind = SplitBlock(Entry, Before);
    BasicBlock *Loop = BasicBlock::Create(B.getContext(), "clear", Entry->getParent(), Behind);
    Entry->getTerminator()->setSuccessor(0, Loop);
    B.SetInsertPoint(Loop);
    PHINode *At = B.CreatePHI(B.getInt64Ty(), 2, "at");
    ClearAt(At);
    Value *Next = B.CreateAdd(At, B.getInt64(Step));
    B.CreateCondBr(B.CreateICmpULT(Next, Last), Loop, Behind);
    At->addIncoming(Start, Entry);
    At->addIncoming(Next, Loop);
    B.SetInsertPoint(Before);
    ClearAt(Last);
}

InlineArray emitArray(const UnsizedArray &A)
{
    IRBuilder<> B(A.Call);
    Value *Count = A.Call->getArgOperand(1);
    Value *Bytes = B.CreateAdd(B.CreateMul(Count, B.getInt64(A.ElementSize)), B.getInt64(GW_HEADER_SIZE + A.Base + 7));
    Bytes = B.CreateAnd(Bytes, B.getInt64(~uint64_t(7)), "bytes");
    Value *TooMany = B.CreateICmpUGT(Count, B.getInt64(A.Most), "too.many");
    Bump Room = takeRoom(A.Call, Bytes, TooMany);
    clear(Room.Start, Room.End, Room.Fast);
    B.SetInsertPoint(Room.Fast);
    Value *Header = B.CreateIntToPtr(Room.Start, B.getPtrTy());
    B.CreateAlignedStore(A.Type, Header, Align(8));
    B.CreateAlignedStore(Count, B.CreateConstInBoundsGEP1_64(B.getInt8Ty(), Header, GW_HEADER_SIZE + A.LengthOffset), Align(8));
    return {Room, B.CreateIntToPtr(B.CreateAdd(Room.Start, B.getInt64(GW_HEADER_SIZE)), A.Call->getType(), "fresh")};
}

} // namespace greywave
