// Where references are written into objects, and which of these writes need a barrier.
#ifndef GREYWAVE_REFERENCE_WRITES_H
#define GREYWAVE_REFERENCE_WRITES_H

#include "facts/llvm_versions.h"
#include <memory>

namespace greywave
{

/// Slots of one object that one barrier can stand for: `Base` plus at least Low and at most High bytes, so near each
/// other that they lie in two cards at most, the first and the last one's.
struct Neighbours {
    llvm::Value *Object, *Base;
    int64_t Low, High;
};

/// Why a write needs no barrier, or that it does.
enum class Need { Barrier, NeverYoung, Fresh, Repeated };

struct Write {
    llvm::Instruction *At;
    llvm::Value *Slot;
    llvm::Value *Bytes;               // of a copy; null for a single slot
    llvm::Value *Object = nullptr;    // whose slot it is
    const Neighbours *Near = nullptr; // of a single slot
    bool IsNeverYoung = false;        // what is written: a constant or an immediate
};

/// All writes of references into objects in one function.
class ReferenceWrites
{
  public:
    explicit ReferenceWrites(llvm::Function &F);

    std::vector<Write> Writes;
    std::vector<std::unique_ptr<Neighbours>> Groups;

  private:
    void findGroups();
};

/// What needs a barrier, write by write.
llvm::DenseMap<const Write *, Need> solveBarriers(llvm::Function &F, const ReferenceWrites &Writes);

// barriers.cpp
/// A barrier, before At, for all slots of a new object that is no array by cards, and may be null.
void recordUnlessNull(llvm::Value &Object, llvm::Instruction *At);

} // namespace greywave

#endif
