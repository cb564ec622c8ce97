// What is known of a module and its functions: which hold references, and how far they have come. Each step lives in
// the file named above it, which states its contract.
#ifndef GREYWAVE_FACTS_FACTS_H
#define GREYWAVE_FACTS_FACTS_H

#include "facts/llvm_versions.h"

namespace greywave
{

// functions.cpp
bool moduleHoldsReferences(const llvm::Module &M);
bool holdsReferences(const llvm::Function &F);
/// A struct with references among the first `Count` parameters, passed in memory.
bool hasReferenceByValue(const llvm::AttributeList &Attributes, unsigned Count);
/// A declaration of a function that a library of C may have by this name: no reference shows in its type. Others are the program's own.
bool mayBeLibrarys(const llvm::Function &F);
/// Gives every function that holds references the collector's name, and every function unwind tables.
void markManagedFunctions(llvm::Module &M);
inline bool isManaged(const llvm::Function &F)
{
    return !F.isDeclaration() && F.hasGC() && F.getGC() == "greywave"; // imported declarations keep the name
}

// pass_options.cpp
/// How the runtime will find the roots of compiled code (-greywave-roots).
enum class RootFinder { Statepoint, Shadow, None };
RootFinder rootFinder();

// stages.cpp
/// Module flag `greywave-jit`: the code will not be linked; the JIT registers its sections itself.
bool isForJit(const llvm::Module &M);
/// The second pass has been here: neither pass may run again.
bool isLowered(const llvm::Module &M);
void markLowered(llvm::Module &M);
/// Link-time optimisation will go on with this module.
bool isForLinkTime(const llvm::Module &M);
/// The optimiser before the link has ended. Returns false when it had ended before: this is the one of the link.
bool endCompileStage(llvm::Module &M);

} // namespace greywave

#endif
