// Which words of a new object need no zero: the code behind the allocation is followed until something could see it.
#include "facts/safepoints.h"
#include "fast_paths/allocation.h"

using namespace llvm;

namespace greywave
{
namespace
{

class Initialisation
{
  public:
    Initialisation(const AllocationRequest &R, const Instruction *First) : R(R), Written(R.Size / 8) { scan(First); }

    SmallVector<bool, 64> take() { return std::move(Written); }

  private:
    void scan(const Instruction *I);
    bool step(const Instruction &I);
    void noteStore(const StoreInst &Store);
    const BasicBlock *next(const BasicBlock &B) const;
    void noteDerived(const Instruction &I);
    bool isOfObject(const Value *V) const { return V == R.Call || Derived.contains(V); }

    const AllocationRequest &R;
    SmallVector<bool, 64> Written;
    SmallPtrSet<const Value *, 8> Derived;
};

} // namespace

void Initialisation::noteStore(const StoreInst &Store)
{
    const DataLayout &DL = Store.getModule()->getDataLayout();
    APInt Offset(DL.getIndexTypeSizeInBits(Store.getPointerOperandType()), 0);
    if (Store.getPointerOperand()->stripAndAccumulateConstantOffsets(DL, Offset, true) != R.Call) return;
    uint64_t Size = DL.getTypeStoreSize(Store.getValueOperand()->getType()).getFixedValue();
    uint64_t Start = Offset.getZExtValue();
    if (Start % 8 != 0 || Start >= R.Size) return;
    for (uint64_t At = Start; At + 8 <= Start + Size && At < R.Size; At += 8) Written[At / 8] = true;
}

// Whatever was computed from the reference, by arithmetic or choice, may lead back to the object.
void Initialisation::noteDerived(const Instruction &I)
{
    if (any_of(I.operands(), [&](const Use &U) { return isOfObject(U.get()); })) Derived.insert(&I);
}

// False when the object may be seen from here on.
bool Initialisation::step(const Instruction &I)
{
    if (mayCollect(I)) return false;
    if (auto *Store = dyn_cast<StoreInst>(&I)) {
        if (!Store->isSimple() || isOfObject(Store->getValueOperand())) return false;
        noteStore(*Store);
        return true;
    }
    if (auto *Load = dyn_cast<LoadInst>(&I)) return Load->isSimple() && !isOfObject(Load->getPointerOperand());
    noteDerived(I);
    return !I.mayReadOrWriteMemory();
}

// Straight on, or to the side of a null check where the allocation succeeded.
const BasicBlock *Initialisation::next(const BasicBlock &B) const
{
    const BasicBlock *Next = B.getSingleSuccessor();
    auto *Branch = dyn_cast<BranchInst>(B.getTerminator());
    if (!Next && Branch && Branch->isConditional()) {
        auto *Test = dyn_cast<ICmpInst>(Branch->getCondition());
        if (!Test || !Test->isEquality() || Test->getOperand(0) != R.Call || !isa<ConstantPointerNull>(Test->getOperand(1))) return nullptr;
        Next = Branch->getSuccessor(Test->getPredicate() == ICmpInst::ICMP_EQ ? 1 : 0);
    }
    return Next && Next->getSinglePredecessor() ? Next : nullptr;
}

void Initialisation::scan(const Instruction *I)
{
    SmallPtrSet<const BasicBlock *, 4> Seen;
    while (I) {
        if (!I->isTerminator()) {
            if (!step(*I)) return;
            I = I->getNextNode();
            continue;
        }
        const BasicBlock *Next = next(*I->getParent());
        if (!Next || !Seen.insert(Next).second || isa<PHINode>(Next->front())) return;
        I = &Next->front();
    }
}

SmallVector<bool, 64> wordsWritten(const AllocationRequest &R, const Instruction *First)
{
    return Initialisation(R, First).take();
}

} // namespace greywave
