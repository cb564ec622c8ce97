// The plan of one function's frame on the shadow stack: which word each reference goes to, how many words are in use
// during each call that may collect, and which of them must be stored first.
#ifndef GREYWAVE_SHADOW_FRAME_H
#define GREYWAVE_SHADOW_FRAME_H

#include "facts/llvm_versions.h"
#include "llvm/Analysis/LoopInfo.h"
#include "llvm/IR/Statepoint.h"

namespace greywave
{

/// All versions of one reference: what statepoints relocate and the phis that merge nothing but versions of it. Every
/// version's origin is the value that was there before statepoints.
class Origins
{
  public:
    explicit Origins(llvm::Function &F);
    llvm::Value *of(llvm::Value *V) const;

  private:
    llvm::Value *recompute(llvm::Instruction &I) const;
    llvm::Value *known(llvm::Value *V) const; // null: no input is known yet

    llvm::DenseMap<const llvm::Value *, llvm::Value *> Known;
};

/// A stack variable that holds references, and the constant that says where (struct gw_shadow_layout). One of many references is several,
/// each at an address of its own, for words of the frame are told apart by what they hold.
struct ShadowVariable {
    llvm::Instruction *Slot;
    llvm::GlobalVariable *Layout;
};

/// A call that may collect, or the entry of a loop with such calls, where what the loop does not change is stored once.
struct ShadowSite {
    llvm::Instruction *At;                                                   // the statepoint, or a block's terminator
    llvm::GCStatepointInst *Call;                                            // null at a loop's entry
    bool IsCold;                                                             // leaves the frame as it was
    llvm::SmallVector<std::pair<llvm::Value *, llvm::Value *>, 8> Live = {}; // origin, version
    unsigned Before = 0, Top = 0;                                            // words in use before, and during
    llvm::SmallVector<std::pair<unsigned, llvm::Value *>, 8> Stores = {};    // word, version or null
};

class ShadowFrame
{
  public:
    ShadowFrame(llvm::Function &F, llvm::ArrayRef<ShadowVariable> Variables, const llvm::DominatorTree &Dominators,
                const llvm::LoopInfo &Loops);

    std::vector<ShadowSite> Sites;
    unsigned Words = 0;

    /// Where a relocation finds its base after the call; nothing when the base cannot move or nobody asks.
    std::optional<unsigned> wordOf(const llvm::GCRelocateInst &Relocate) const;
    /// Words in use at the start and the end of a block; a block starts with the least of its predecessors' ends.
    unsigned topIn(const llvm::BasicBlock &B) const { return In.lookup(&B); }
    unsigned topOut(const llvm::BasicBlock &B) const;
    /// What it must be by the end of the block, for successors that cannot see to it themselves.
    unsigned topEnd(const llvm::BasicBlock &B) const;

  private:
    using Contents = llvm::SmallVector<const llvm::Value *, 16>; // by word: an origin, null, or unknown (nullptr)

    ShadowSite newSite(llvm::Instruction *At, llvm::GCStatepointInst *Call, bool IsCold) const;
    void findSites();
    void addLoopEntry(const llvm::Loop &L);
    llvm::Value *versionAt(const llvm::Loop &L, llvm::Value *Origin, llvm::Value *Version) const;
    void assignWords();
    void noteRelocates();
    unsigned wordsOf(const ShadowSite &Site) const;
    void chooseTops();
    void solveTops();
    void solveContents();
    Contents contentsIn(const llvm::BasicBlock &B, bool &Reached) const;
    void step(llvm::Instruction &I, Contents &State, bool Decide);
    void visit(ShadowSite &Site, Contents &State, bool Decide);
    const llvm::Loop *outermost(const llvm::BasicBlock &B) const;

    llvm::Function &F;
    llvm::ArrayRef<ShadowVariable> Variables;
    const llvm::DominatorTree &Dominators;
    const llvm::LoopInfo &Loops;
    Origins Versions;
    llvm::DenseMap<const llvm::Value *, unsigned> WordOf;
    llvm::DenseMap<const llvm::GCRelocateInst *, unsigned> RelocatedFrom;
    llvm::DenseMap<const llvm::Instruction *, size_t> SiteAt;
    llvm::DenseMap<const llvm::BasicBlock *, unsigned> In;
    llvm::DenseMap<const llvm::BasicBlock *, Contents> OutContents;
};

} // namespace greywave

#endif
