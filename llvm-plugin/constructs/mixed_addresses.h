// Plain addresses of objects, and of native memory by choice, that live across a safepoint.
#ifndef GREYWAVE_MIXED_ADDRESSES_H
#define GREYWAVE_MIXED_ADDRESSES_H

#include "facts/llvm_versions.h"

namespace greywave
{

/// Makes the addresses of F's objects anew, after every safepoint, from references that are relocated there.
void splitMixedAddresses(llvm::Function &F);

} // namespace greywave

#endif
