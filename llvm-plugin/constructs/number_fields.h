// Number fields of collected objects, where the collector does not look.
#ifndef GREYWAVE_NUMBER_FIELDS_H
#define GREYWAVE_NUMBER_FIELDS_H

#include "facts/diagnose.h"

namespace greywave
{

/// Structs of which an object's type has its list of references: all other fields are numbers.
using ObjectStructs = llvm::SmallPtrSet<const llvm::Type *, 16>;

/// Before layouts are derived, for that takes the structs away.
ObjectStructs findObjectStructs(llvm::Module &M);

/// Refuses references that are stored to, or read from, a number field of such a struct.
void checkNumberFields(const llvm::Function &F, const ObjectStructs &Structs, Refusals &Errors);

} // namespace greywave

#endif
