// A walk forwards from a store to whoever reads, which ends where another store covers the same bytes. A way without a safepoint, and one
// with, are two.
#include "constructs/fillings.h"
#include "facts/safepoints.h"
#include "llvm/ADT/SmallSet.h"

using namespace llvm;

namespace greywave
{

Reading readingOf(const Place &P, const Instruction &By, uint64_t Bytes)
{
    uint64_t From = P.Offset.value_or(0), End = P.Offset && Bytes < UINT64_MAX - From ? From + Bytes : UINT64_MAX;
    return {cast<AllocaInst>(P.Variable), &By, From, End};
}

// From the beginning of the function that is called. What functions between the two do is not followed.
static bool collectsBefore(const Instruction &Reader, const Instruction &Through)
{
    const Function *Callee = cast<CallBase>(Through).getCalledFunction();
    return Callee == Reader.getFunction() ? safepointBefore(Reader) : mayCollect(Through);
}

std::optional<Reading> readingOf(const PlacesBehind::BlindVariable &V, const Instruction &By)
{
    auto [Buffer, Through] = V;
    const Instruction *ReadBy = Through ? Through : &By;
    if (ReadBy->getFunction() != Buffer->getFunction()) return std::nullopt;
    return Reading{Buffer, ReadBy, 0, UINT64_MAX, Through && collectsBefore(By, *Through)};
}

namespace
{

struct Range {
    uint64_t From, End;
    bool covers(const Range &R) const { return From <= R.From && R.End <= End; }
    bool meets(const Range &R) const { return From < R.End && R.From < End; }
};

class Walk
{
  public:
    Walk(const Reading &R, Range Written) : R(R), Written(Written) {}
    Arrival from(const Instruction &Filling);

  private:
    bool isOverwrittenBy(const Instruction &I) const;
    void alongBlock(BasicBlock::const_iterator At, BasicBlock::const_iterator End, bool Crossed);

    const Reading &R;
    Range Written;
    SmallSet<std::pair<const BasicBlock *, bool>, 16> Seen;
    SmallVector<std::pair<const BasicBlock *, bool>, 16> Work;
    Arrival Found = Arrival::Never;
};

} // namespace

static std::optional<Range> writtenBy(const Instruction &I, const Reading &R)
{
    auto *Store = dyn_cast<StoreInst>(&I);
    if (!Store) return std::nullopt;
    const DataLayout &DL = I.getModule()->getDataLayout();
    Place P = placeOf(Store->getPointerOperand(), DL);
    if (P.Variable != R.Buffer || !P.Offset) return std::nullopt;
    return Range{*P.Offset, *P.Offset + bytesOf(Store->getValueOperand()->getType(), DL)};
}

bool Walk::isOverwrittenBy(const Instruction &I) const
{
    std::optional<Range> Other = writtenBy(I, R);
    return Other && Other->covers(Written);
}

void Walk::alongBlock(BasicBlock::const_iterator At, BasicBlock::const_iterator End, bool Crossed)
{
    for (; At != End; ++At) {
        if (&*At == R.By) return void(Found = std::max(Found, Crossed ? Arrival::AcrossSafepoint : Arrival::Directly));
        if (isOverwrittenBy(*At)) return;
        Crossed |= isSafepoint(*At);
    }
    for (const BasicBlock *Next : successors(std::prev(End)->getParent()))
        if (Seen.insert({Next, Crossed}).second) Work.push_back({Next, Crossed});
}

Arrival Walk::from(const Instruction &Filling)
{
    alongBlock(std::next(Filling.getIterator()), Filling.getParent()->end(), false);
    while (!Work.empty() && Found != Arrival::AcrossSafepoint) {
        auto [Block, Crossed] = Work.pop_back_val();
        alongBlock(Block->begin(), Block->end(), Crossed);
    }
    return Found;
}

Arrival arrivalOf(const Instruction &Filling, const Reading &R)
{
    std::optional<Range> Written = R.Buffer && R.By ? writtenBy(Filling, R) : std::nullopt;
    if (Written && !Written->meets({R.From, R.End})) return Arrival::Never;
    if (Written) return Walk(R, *Written).from(Filling);
    return safepointBetween(Filling, *R.By) ? Arrival::AcrossSafepoint : Arrival::Directly;
}

} // namespace greywave
