// Allocations of known size: what inline code is made from.
#ifndef GREYWAVE_ALLOCATION_H
#define GREYWAVE_ALLOCATION_H

#include "abi/sizes.h"
#include "facts/llvm_versions.h"

namespace greywave
{

/// Larger objects take the slow path: zeroing dominates, and they may belong outside the nursery.
constexpr uint64_t MaxInlineSize = GW_YOUNG_BYTES;

/// So many allocations, or groups of them, in one function that each is executed once, more likely than not, and inline code is not worth
/// the compiler's time. The others are calls.
constexpr size_t MostInline = 512;

/// Marks references to objects that inline code has put into the nursery, or recorded.
constexpr char FreshObject[] = "greywave.fresh";
/// Marks allocations that stay calls: they stand on a slow path already.
constexpr char OutOfLine[] = "greywave.out_of_line";

/// A call of gw_alloc or gw_alloc_array whose size is known.
struct AllocationRequest {
    llvm::CallInst *Call;
    llvm::Constant *Type;
    uint64_t Size;                  // payload bytes, rounded up
    std::optional<uint64_t> Length; // element count to write, at
    uint64_t LengthOffset = 0;
};

/// Nothing when the call takes the slow path always; `Why` then says why, if I allocates at all.
std::optional<AllocationRequest> requestOf(const llvm::Instruction &I, const char **Why = nullptr);

/// A call of gw_alloc_array for a number of elements that the program computes. Up to `Most` of them fit into MaxInlineSize.
struct UnsizedArray {
    llvm::CallInst *Call;
    llvm::Constant *Type;
    uint64_t Base, ElementSize, LengthOffset, Most;
};
std::optional<UnsizedArray> unsizedArrayOf(const llvm::Instruction &I);

/// By word of the payload: is it overwritten by the code from `First` on before anything could see it?
llvm::SmallVector<bool, 64> wordsWritten(const AllocationRequest &R, const llvm::Instruction *First);

/// Inline code that takes `Size` bytes of the nursery, unless there are not so many or `TooMany` holds.
struct Bump {
    llvm::Value *Start, *End;       // of the room, integers
    llvm::Instruction *Slow, *Fast; // ends of two blocks before `At`: there is no room; the room has been taken
};
Bump takeRoom(llvm::Instruction *At, llvm::Value *Size, llvm::Value *TooMany = nullptr);

/// Writes header, zeroes and length of an object whose header is at `Start`, an integer. Returns the reference, made by
/// `inttoptr`, which RewriteStatepointsForGC takes for a base.
llvm::Value *emitObject(const AllocationRequest &R, llvm::ArrayRef<bool> Written, llvm::Value *Start, llvm::IRBuilderBase &B);

/// Takes the room in front of the call, and makes the array there.
struct InlineArray {
    Bump Room;
    llvm::Value *Fresh;
};
InlineArray emitArray(const UnsizedArray &A);

/// `Join` merges `Fast`, where the new object is not null, with other paths. When it does nothing but test for null,
/// Fast is led past the test.
void skipNullCheck(llvm::BasicBlock &Join, llvm::BasicBlock &Fast, llvm::PHINode &Object);

} // namespace greywave

#endif
