// What the runtime finds roots by: the module record, and variables. Each step lives in the file named above it,
// which states its contract.
#ifndef GREYWAVE_MAPS_MAPS_H
#define GREYWAVE_MAPS_MAPS_H

#include "facts/diagnose.h"

namespace greywave
{

// globals.cpp
/// The collector reads every variable that holds references at every safepoint: the optimiser may not take one that the
/// program only writes for nothing.
void keepGlobalRoots(llvm::Module &M);
/// Refuses variables and functions in the collected address space.
void checkGlobalSpaces(llvm::Module &M, Refusals &Errors);
/// Refuses variables whose references cannot be found from their type.
void checkGlobalLayouts(llvm::Module &M, Refusals &Errors);
/// Emits a gw_global_record per variable that holds references. Returns whether there are any.
bool emitGlobalRecords(llvm::Module &M);

// debug_values.cpp
/// What debuggers are told of references is true behind each safepoint too. To be called when statepoints have been made.
void endDebugValues(llvm::Function &F);

// root_places.cpp
/// Where code generation's options allow roots in registers, decides which they are, and gives the others a form that stays on the stack.
/// To be called when statepoints have been made; does nothing the second time.
void placeRoots(llvm::Module &M, llvm::FunctionAnalysisManager &FAM);
/// It has decided.
bool mayHaveRegisterRoots(const llvm::Module &M);

// module_record.cpp
void emitModuleRecord(llvm::Module &M, bool LacksPolls);
/// For a JIT: a record in gw_maps for each function that has no map.
void describeNativeFunctions(llvm::Module &M);
/// Tells the runtime at start-up that a collection would miss this module's roots.
void forbidCollection(llvm::Module &M);

} // namespace greywave

#endif
