// Functions of the C library that copy or fill memory.
#ifndef GREYWAVE_LIBRARY_COPIES_H
#define GREYWAVE_LIBRARY_COPIES_H

#include "facts/llvm_versions.h"

namespace greywave
{

/// Calls of them become memory transfers and fills, as which the rest of the plug-in knows them; false where there are none.
bool spellOutLibraryCopies(llvm::Function &F);

} // namespace greywave

#endif
