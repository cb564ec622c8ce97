// Refusals: what cannot be made precise ends the compilation with file, line, and what to do instead.
#ifndef GREYWAVE_DIAGNOSE_H
#define GREYWAVE_DIAGNOSE_H

#include "llvm_versions.h"

namespace greywave {

/// Reports errors for one module and counts them. Every message reads `greywave: what; remedy`.
class Refusals
{
public:
    explicit Refusals(llvm::Module &M) : M(M) {}

    void at(const llvm::Instruction &Where, const llvm::Twine &What);
    void at(const llvm::Function &Where, const llvm::Twine &What);
    void at(const llvm::GlobalVariable &Where, const llvm::Twine &What);
    void module(const llvm::Twine &What);
    /// A warning: counts for nothing, and stands once at each instruction.
    void warn(const llvm::Instruction &Where, const llvm::Twine &What);

    bool any() const { return Count != 0; }

private:
    llvm::Module &M;
    unsigned Count = 0;
    llvm::SmallPtrSet<const llvm::Instruction *, 4> Warned;

    void report(const llvm::Instruction &Where, const llvm::Twine &What, llvm::DiagnosticSeverity Severity);
};

/// A module that was refused is left alone by the later pass; clang goes on running passes after an error.
void markRefused(llvm::Module &M);
bool isRefused(const llvm::Module &M);

} // namespace greywave

#endif
