// Functions of the C library that copy memory.
#ifndef GREYWAVE_LIBRARY_COPIES_H
#define GREYWAVE_LIBRARY_COPIES_H

#include "facts/llvm_versions.h"

namespace greywave
{

/// A call of one of them, by its operands.
struct LibraryCopy {
    llvm::Value *To, *From, *Count;
    unsigned Unit; // bytes of one element
    bool MayOverlap;
    bool ReturnsEnd;    // or the destination, or nothing
    llvm::Value *Limit; // how many bytes there are at To, or null where nobody checks
};

std::optional<LibraryCopy> libraryCopyOf(const llvm::CallBase &Call);

/// The same as a memory transfer, behind a check of its limit.
void makeIntrinsic(llvm::CallBase &Call, const LibraryCopy &Copy);

} // namespace greywave

#endif
