// The variables that a plain pointer may lead to, as far as one module shows it.
#ifndef GREYWAVE_PLACES_BEHIND_H
#define GREYWAVE_PLACES_BEHIND_H

#include "constructs/variables.h"

namespace greywave
{

/// Looks back from pointers over address arithmetic, choices, variables that hold them, and the arguments and results
/// of the calls in this module.
/// Nothing here depends on what the optimiser has done. The answers are kept: no variable may go while the object is used.
class PlacesBehind
{
  public:
    explicit PlacesBehind(const llvm::DataLayout &DL) : DL(DL) {}
    const llvm::DataLayout &layout() const { return DL; }

    /// May the pointer lead to a variable whose type shows a reference in the `Bytes` bytes there?
    bool mayShowReference(const llvm::Value *Pointer, uint64_t Bytes);
    /// May it lead to a variable whose type holds no references at all?
    bool mayBeBlind(const llvm::Value *Pointer);
    /// Does it lead to variables on every path, whoever calls, none of which shows a reference where one of type T holds one?
    bool missesReferences(const llvm::Value *Pointer, llvm::Type *T);

  private:
    /// A variable, and the distance from its start where that is constant.
    using Target = std::pair<const llvm::Value *, std::optional<int64_t>>;
    struct Targets {
        llvm::SmallVector<Target, 2> Variables;
        bool AreAll = true;
        llvm::DenseSet<std::pair<const llvm::Value *, int64_t>> Seen;
    };

    const Targets &behind(const llvm::Value *Pointer, std::optional<int64_t> &Distance);
    void follow(const llvm::Value *Pointer, std::optional<int64_t> Distance, Targets &Found) const;
    void followArgument(const llvm::Argument &A, std::optional<int64_t> Distance, Targets &Found) const;
    void followResult(const llvm::CallBase &Call, std::optional<int64_t> Distance, Targets &Found) const;
    const llvm::Value *goBack(const llvm::Value *Pointer, std::optional<int64_t> &Distance) const;
    bool anyPlace(const llvm::Value *Pointer, llvm::function_ref<bool(const Place &)> Holds);

    const llvm::DataLayout &DL;
    llvm::DenseMap<const llvm::Value *, Targets> Known;
};

} // namespace greywave

#endif
