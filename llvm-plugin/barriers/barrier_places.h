// Where a barrier stands: at its store, or before a loop.
#ifndef GREYWAVE_BARRIER_PLACES_H
#define GREYWAVE_BARRIER_PLACES_H

#include "barriers/reference_writes.h"
#include "llvm/Analysis/LoopInfo.h"
#include "llvm/Analysis/MustExecute.h"

namespace greywave
{

struct BarrierPlace {
    llvm::Instruction *At; // the barrier comes right before it
    // The object's flags are read before it: a loop entry's last instruction, which stays behind what else the entry
    // holds when blocks are split; or null: at the barrier.
    llvm::Instruction *FlagsAt;
};

class BarrierPlaces
{
  public:
    explicit BarrierPlaces(llvm::Function &F) : Dominators(F), Loops(Dominators) {}
    BarrierPlace placeFor(const Write &W);

  private:
    bool hasSafepoint(const llvm::Loop &L);
    bool isReadable(const Write &W, const llvm::Loop &L) const;

    llvm::DominatorTree Dominators;
    llvm::LoopInfo Loops;
    llvm::DenseMap<const llvm::Loop *, bool> Safepoints;
};

} // namespace greywave

#endif
