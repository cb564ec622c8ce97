// The functions that a call by pointer may lead to, and what calls by name pass, as far as one module shows it.
#ifndef GREYWAVE_CALLEES_H
#define GREYWAVE_CALLEES_H

#include "facts/llvm_versions.h"

namespace greywave
{

/// All that may be called: the function itself, or what comes by choices, variables and tables that are only set and read, constant tables,
/// and the arguments of functions that are called from this module alone. Empty where there may be others. The order is that of the module.
llvm::SmallVector<const llvm::Function *, 4> calleesOf(const llvm::CallBase &Call);

/// What this module's calls by name pass for a parameter.
void eachPassed(const llvm::Argument &A, llvm::function_ref<void(const llvm::Use &)> Visit);

/// May both lead to one function?
bool mayCallTheSame(const llvm::CallBase &A, const llvm::CallBase &B);

/// A module's calls by pointer, by what calleesOf says of them; found when they are first asked for, and kept.
class CallsByPointer
{
  public:
    llvm::ArrayRef<const llvm::CallBase *> to(const llvm::Function &F);

  private:
    void find(const llvm::Module &M);

    llvm::DenseMap<const llvm::Function *, llvm::SmallVector<const llvm::CallBase *, 2>> Known;
    bool AreKnown = false;
};

} // namespace greywave

#endif
