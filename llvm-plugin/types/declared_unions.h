// What programs declare of their unions (greywave/unions.h), kept in the unions' names: a type has no other mark.
#ifndef GREYWAVE_DECLARED_UNIONS_H
#define GREYWAVE_DECLARED_UNIONS_H

#include "facts/diagnose.h"

namespace greywave
{

/// Before anything asks for unions: those of GW_UNION_OF_REFERENCES are structs from here on, and those in objects whose references a tag
/// or a trace function tells are known to hold either.
void readDeclaredUnions(llvm::Module &M, Refusals &Errors);

} // namespace greywave

#endif
