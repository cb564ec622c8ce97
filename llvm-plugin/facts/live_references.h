// Where references are live.
#ifndef GREYWAVE_LIVE_REFERENCES_H
#define GREYWAVE_LIVE_REFERENCES_H

#include "facts/llvm_versions.h"
#include "llvm/ADT/BitVector.h"
#include "llvm/ADT/SparseBitVector.h"

namespace greywave
{

using ValueSet = llvm::SetVector<llvm::Value *, llvm::SmallVector<llvm::Value *, 16>, llvm::DenseSet<llvm::Value *>>;

/// Which references of a function are live where, by the usual backward iteration over sets of their numbers.
class LiveReferences
{
  public:
    explicit LiveReferences(llvm::Function &F);

    /// The references that somebody uses, in the order of the function, those that are needed in one block alone behind the others.
    llvm::ArrayRef<llvm::Value *> values() const { return Values; }
    std::optional<unsigned> numberOf(const llvm::Value *V) const;

    /// Numbers of those live where a block begins; and where it ends, maybe more than once.
    const llvm::SparseBitVector<> &startOf(const llvm::BasicBlock &B) const { return Lives.find(&B)->second.Start; }
    void eachAtEnd(const llvm::BasicBlock &B, llvm::function_ref<void(unsigned)> Visit) const;
    ValueSet atEnd(const llvm::BasicBlock &B) const;

    /// Visits each safepoint with the numbers of what is needed behind it, its own result apart.
    void eachSafepoint(llvm::function_ref<void(llvm::CallBase &, const llvm::BitVector &)> Visit) const;

  private:
    struct Block {
        llvm::SparseBitVector<> Start, End;
        llvm::SmallVector<unsigned, 4> Defined, Needed; // Needed: of other blocks' definitions
        llvm::SmallVector<unsigned, 1> Taken;           // of its own definitions, by phis behind it
    };

    void number();
    void append(bool LeavesItsBlock);
    void noteBlock(llvm::BasicBlock &B);
    void notePhis(llvm::BasicBlock &B);
    bool step(llvm::BasicBlock &B);

    llvm::Function &F;
    llvm::SmallVector<llvm::Value *, 0> Values;
    size_t Leaving = 0; // so many of them leave the blocks that define them
    llvm::DenseMap<const llvm::Value *, unsigned> Numbers;
    llvm::DenseMap<const llvm::BasicBlock *, Block> Lives;
};

/// RewriteStatepointsForGC moves a comparison to the branch that it decides, maybe out of a loop's preheader into the loop. What is
/// compared would then live across the calls between them; whoever asks what lives across a call does that first.
void moveComparisonsToBranches(llvm::Function &F);

} // namespace greywave

#endif
