// Refusals: what cannot be made precise ends the compilation with file, line, and what to do instead.
#ifndef GREYWAVE_DIAGNOSE_H
#define GREYWAVE_DIAGNOSE_H

#include "facts/llvm_versions.h"

namespace greywave
{

/// Reports errors for one module and counts them. Every message reads `greywave: what; remedy`, and stands once at each instruction.
///
/// Of a function that another module defines for good (available_externally) nothing is reported: the module that defines it is
/// judged, and its body is here at some levels of optimisation only.
class Refusals
{
  public:
    /// Whose fault an error is: the program's, or, after it has been accepted, ours.
    enum class Blame { Program, Greywave };

    explicit Refusals(llvm::Module &M, Blame Whose = Blame::Program) : M(M), Whose(Whose) {}

    void at(const llvm::Instruction &Where, const llvm::Twine &What);
    void at(const llvm::Function &Where, const llvm::Twine &What);
    void at(const llvm::GlobalVariable &Where, const llvm::Twine &What);
    void module(const llvm::Twine &What);
    /// A warning: counts for nothing, and stands once at each instruction.
    void warn(const llvm::Instruction &Where, const llvm::Twine &What);

    bool any() const { return Count != 0; }
    /// The functions of other modules of which nothing was reported.
    const llvm::SmallSetVector<llvm::Function *, 4> &elsewhere() const { return Elsewhere; }

  private:
    llvm::Module &M;
    Blame Whose;
    unsigned Count = 0;
    llvm::SmallPtrSet<const llvm::Instruction *, 4> Warned, Refused;
    llvm::SmallSetVector<llvm::Function *, 4> Elsewhere;

    bool isElsewhere(const llvm::Function &F);
    std::string text(const llvm::Twine &What, const llvm::Function *Where) const;

    void report(const llvm::Instruction &Where, const llvm::Twine &What, llvm::DiagnosticSeverity Severity);
};

/// A module that was refused is left alone by the later pass; clang goes on running passes after an error.
void markRefused(llvm::Module &M);
bool isRefused(const llvm::Module &M);

} // namespace greywave

#endif
