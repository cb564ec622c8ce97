// Constants of struct gw_type: completed, checked, and one for each type. Each step lives in the file named above
// it, which states its contract.
#ifndef GREYWAVE_TYPES_TYPES_H
#define GREYWAVE_TYPES_TYPES_H

#include "facts/diagnose.h"

namespace greywave
{

// type_layouts.cpp
/// Completes gw_type constants from their layout variables, checks explicit ones, deletes the layout variables.
void deriveTypeLayouts(llvm::Module &M, Refusals &Errors);

// static_objects.cpp
/// Makes tracked objects (GW_HEADER_TRACK) of static ones that are no constants and whose references no variable's type shows.
void trackStaticObjects(llvm::Module &M);

// type_identity.cpp
/// Makes one type in the whole program of the static gw_type constants that say the same.
void shareTypes(llvm::Module &M);

// imported_types.cpp
/// Keeps what this module says of types that another one defines (available_externally) for the last pass, which calls the other two at its
/// beginning and its end.
void keepImportedTypes(llvm::Module &M);
void restoreImportedTypes(llvm::Module &M);
void dropImportedTypes(llvm::Module &M);

} // namespace greywave

#endif
