// What intrinsics store through the pointers that they are given: masked, compressing and scattering stores, those of one target.
#ifndef GREYWAVE_INTRINSIC_WRITES_H
#define GREYWAVE_INTRINSIC_WRITES_H

#include "facts/llvm_versions.h"

namespace greywave
{

/// LLVM's own copies and fillings of memory are none.
struct IntrinsicWrite {
    llvm::Value *To;                                ///< a pointer, or a vector of them
    llvm::SmallVector<const llvm::Use *, 2> Stored; ///< what may come there, whole or in part; of an unknown intrinsic all it is given
    uint64_t Bytes;                                 ///< behind To; UINT64_MAX where it may be any place
};
std::optional<IntrinsicWrite> intrinsicWriteOf(const llvm::Instruction &I);

/// Calls Visit for each word that is written whole, with its place; the word is null where the mask leaves it out. False, and nothing is
/// visited, for an intrinsic of which no more is known than that it writes.
bool eachWordWritten(llvm::IntrinsicInst &Call, llvm::IRBuilderBase &B,
                     llvm::function_ref<void(llvm::Value *Place, llvm::Value *Word)> Visit);

/// The words of a value; none of one that is smaller, or not made of words.
llvm::SmallVector<llvm::Value *, 2> wordsOf(llvm::Value *Stored, llvm::IRBuilderBase &B);

/// The runtime looks whether a word of before a safepoint is a reference, and goes where the collector looks.
void callWordCheck(llvm::Value *Place, llvm::Value *Word, llvm::IRBuilderBase &B);
/// In front of I, which writes Stored there, at each word of it. Place may be in an object.
void insertWordChecks(llvm::Instruction &I, llvm::Value *Place, llvm::Value *Stored);

/// Whether it reads at more places than the one that its pointer leads to.
bool gathers(const llvm::IntrinsicInst &Call);

} // namespace greywave

#endif
