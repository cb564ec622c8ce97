// The length field of collected arrays: written by the allocator, read by the collector, and by nobody else changed.
#ifndef GREYWAVE_ARRAY_LENGTHS_H
#define GREYWAVE_ARRAY_LENGTHS_H

#include "facts/diagnose.h"

namespace greywave
{

/// Refuses stores to the length field where the address shows the object's type: it is a field of a struct that a type is
/// derived from, or the object is allocated in the same function. Before layouts are derived, for that takes the structs away.
void checkArrayLengths(llvm::Module &M, Refusals &Errors);

} // namespace greywave

#endif
