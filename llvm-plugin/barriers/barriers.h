// Write barriers, and allocations that need none between them. Each step lives in the file named above it, which
// states its contract.
#ifndef GREYWAVE_BARRIERS_BARRIERS_H
#define GREYWAVE_BARRIERS_BARRIERS_H

#include "facts/llvm_versions.h"

namespace greywave
{

// allocation_folding.cpp
/// Takes room for neighbouring allocations at once.
void foldAllocations(llvm::Function &F);

// barriers.cpp
void insertBarriers(llvm::Function &F);

} // namespace greywave

#endif
