// Blocks of clang (-fblocks).
#ifndef GREYWAVE_CONSTRUCTS_BLOCKS_H
#define GREYWAVE_CONSTRUCTS_BLOCKS_H

#include "constructs/places_behind.h"
#include "facts/diagnose.h"

namespace greywave
{

/// Refuses calls that may copy a block with references to native memory.
void checkBlocks(llvm::Function &F, PlacesBehind &Places, Refusals &Errors);

} // namespace greywave

#endif
