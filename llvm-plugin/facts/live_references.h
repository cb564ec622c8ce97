// Where references are live.
#ifndef GREYWAVE_LIVE_REFERENCES_H
#define GREYWAVE_LIVE_REFERENCES_H

#include "facts/llvm_versions.h"
#include "llvm/ADT/SetVector.h"

namespace greywave
{

using ValueSet = llvm::SetVector<llvm::Value *, llvm::SmallVector<llvm::Value *, 16>, llvm::DenseSet<llvm::Value *>>;

/// References live at the end of each block, by the usual backward iteration.
class LiveReferences
{
  public:
    explicit LiveReferences(llvm::Function &F) { solve(F); }
    const ValueSet &atEnd(const llvm::BasicBlock &B) { return Out[&B]; }

  private:
    void solve(llvm::Function &F);
    bool step(llvm::BasicBlock &B);

    llvm::DenseMap<const llvm::BasicBlock *, ValueSet> In, Out;
};

/// RewriteStatepointsForGC moves a comparison to the branch that it decides, maybe out of a loop's preheader into the loop. What is
/// compared would then live across the calls between them; whoever asks what lives across a call does that first.
void moveComparisonsToBranches(llvm::Function &F);

} // namespace greywave

#endif
