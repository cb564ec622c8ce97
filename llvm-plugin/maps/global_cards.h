// Cards of global arrays: see global_cards.cpp.
#ifndef GREYWAVE_GLOBAL_CARDS_H
#define GREYWAVE_GLOBAL_CARDS_H

#include "facts/reference_types.h"

namespace greywave
{

/// The plug-in puts G into llvm.compiler.used, and nobody else has: it is not written to by what cannot be seen.
void noteListedByPlugin(llvm::GlobalVariable &G);

/// Puts a variable with cards in G's place, and lets all writes set them; or returns null, and G is as it was. To be called when
/// nothing adds writes any more.
llvm::GlobalVariable *giveCards(llvm::GlobalVariable &G, const ReferenceLayout &Layout);

} // namespace greywave

#endif
