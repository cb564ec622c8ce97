// Memory that is known to be native: from an allocation function of C, C++ or the system. The collector does not look there.
#ifndef GREYWAVE_NATIVE_MEMORY_H
#define GREYWAVE_NATIVE_MEMORY_H

#include "facts/llvm_versions.h"

namespace greywave
{

/// A call of a function that makes native memory, by its name or its attributes.
bool isNativeAllocation(const llvm::Value *V);

/// What the function that made the memory is to whoever wrote the program: "malloc", "operator new", "throw".
llvm::StringRef nameOfAllocation(const llvm::CallBase &Allocation);

/// A function of the runtime that is given memory in which the collector then looks.
bool registersRoots(llvm::StringRef Function);

/// What one module does with native memory, as the frontend wrote it: which variables only ever hold such memory, which
/// functions only ever return it, which arguments only ever are it. Memory that is registered is none, nor is any
/// that is passed to a function of which nothing is known.
class NativeMemory
{
  public:
    /// Where the memory comes from, one call of several, if the pointer leads into native memory whatever path the program takes. Null if
    /// not.
    const llvm::CallBase *behind(const llvm::Value *Pointer) const;

  private:
    struct Search {
        llvm::SmallPtrSet<const llvm::Value *, 16> Seen;
        const llvm::CallBase *Allocation = nullptr;
    };
    static void noteAllocation(const llvm::CallBase &Call, Search &S);
    bool follow(const llvm::Value *Pointer, Search &S) const;
    bool followOrigin(const llvm::Value *Origin, Search &S) const;
    bool followVariable(const llvm::Value *Variable, Search &S) const;
    bool followResults(const llvm::Function &F, Search &S) const;
    bool followArguments(const llvm::Argument &A, Search &S) const;
    bool mayBeRegistered(const Search &S) const;
};

} // namespace greywave

#endif
