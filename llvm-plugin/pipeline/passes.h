// The passes, and the steps of theirs that concern whole modules. Each step lives in the file named above it, which
// states its contract.
#ifndef GREYWAVE_PIPELINE_PASSES_H
#define GREYWAVE_PIPELINE_PASSES_H

#include "facts/diagnose.h"

namespace greywave
{

// judged_form.cpp
/// Functions that are inlined always become part of their callers.
void castBetweenSpaces(llvm::Function &F);
void inlineWrappers(llvm::Module &M, llvm::ModuleAnalysisManager &MAM);
/// Variables that hold references or addresses become values, and plain addresses of objects references again.
void revealReferences(llvm::Function &F, llvm::FunctionAnalysisManager &FAM);
/// Calls of the C library's copying and filling functions become memory transfers and fills.
void spellOutLibraryCopies(llvm::Function &F, llvm::FunctionAnalysisManager &FAM);
/// All variables become values where numbers are written to objects.
void promoteRawWrites(llvm::Function &F, llvm::FunctionAnalysisManager &FAM);

// link_names.cpp
/// Deletes what keeps a file that includes greywave.h from being linked before it has been here.
void dropWish(llvm::Module &M);
/// Every function of M has been through greywave-prepare.
void markPrepared(llvm::Module &M);
/// Refuses functions that have not been there.
void checkPrepared(llvm::Module &M, Refusals &Errors);
/// Calls of the runtime get the names that it exports.
void useLinkNames(llvm::Module &M);

// plugin.cpp
/// Puts the passes where they belong in the pipelines that Builder makes.
void registerPasses(llvm::PassBuilder &Builder);

// prepare.cpp, lower.cpp
struct PreparePass : llvm::PassInfoMixin<PreparePass> {
    llvm::PreservedAnalyses run(llvm::Module &M, llvm::ModuleAnalysisManager &MAM);
    static bool isRequired() { return true; }
};

/// At the link, before anything else: the data layout's address space is non-integral again.
struct ResumePass : llvm::PassInfoMixin<ResumePass> {
    llvm::PreservedAnalyses run(llvm::Module &M, llvm::ModuleAnalysisManager &MAM);
    static bool isRequired() { return true; }
};

// small_loops.cpp
/// Right before loops are vectorised and unrolled.
struct SmallLoopsPass : llvm::PassInfoMixin<SmallLoopsPass> {
    llvm::PreservedAnalyses run(llvm::Function &F, llvm::FunctionAnalysisManager &FAM);
};

struct LowerPass : llvm::PassInfoMixin<LowerPass> {
    llvm::PreservedAnalyses run(llvm::Module &M, llvm::ModuleAnalysisManager &MAM);
    static bool isRequired() { return true; }
};

} // namespace greywave

#endif
