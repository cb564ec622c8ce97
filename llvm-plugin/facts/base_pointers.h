// The object that an address points into.
#ifndef GREYWAVE_BASE_POINTERS_H
#define GREYWAVE_BASE_POINTERS_H

#include "facts/reference_types.h"
#include "llvm/IR/ValueHandle.h"

namespace greywave
{

/// Finds bases by walking addresses back to where they came from, and builds phis and selects of bases where the
/// address itself comes from several objects. What it builds is marked so that RewriteStatepointsForGC takes it for a
/// base as well. Call `simplify` once all bases are found, and only then use `baseOf` again.
class BasePointers
{
  public:
    llvm::Value *baseOf(llvm::Value *V);
    /// Phis whose inputs are all one object are replaced by that object.
    void simplify();

  private:
    llvm::Value *buildBase(llvm::Value *V);
    llvm::Value *buildPhi(llvm::PHINode &Phi);
    llvm::Value *buildSelect(llvm::SelectInst &Select);

    InteriorPointers Interior;
    llvm::DenseMap<llvm::Value *, llvm::WeakTrackingVH> Known;
    llvm::SmallVector<llvm::WeakTrackingVH, 8> Built;
};

/// How many bytes a pointer into an object is behind it.
llvm::Value *distanceFrom(llvm::Value &Object, llvm::Value &Pointer, llvm::IRBuilderBase &B);

} // namespace greywave

#endif
