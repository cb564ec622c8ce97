// Calls that return twice: setjmp, sigsetjmp, __builtin_setjmp, getcontext.
//
// The second return brings registers back as they were at the first, and a collection may lie between. So no reference is in a
// register then: what is live is stored in tracked variables (stack_slots.cpp) in front of the call, which the collector updates, and
// loaded behind it. Each call has variables of its own, which nothing else writes: behind both returns a reference is the one of the
// moment of the call, wherever the object is by then. That is what C says of variables that were not changed in between; of those that
// were, it says nothing. Pointers into objects are kept as their object and a distance.
#include "constructs/constructs.h"
#include "facts/base_pointers.h"
#include "facts/live_references.h"
#include "facts/reference_types.h"
#include "facts/safepoints.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/Transforms/Utils/BasicBlockUtils.h"
#include "llvm/Transforms/Utils/SSAUpdater.h"

using namespace llvm;

namespace greywave
{

namespace
{

/// One such call: the end of the block before it, the beginning of the one behind.
class SecondReturn
{
  public:
    explicit SecondReturn(CallInst &Call) : Call(Call), Behind(*SplitBlock(Call.getParent(), Call.getNextNode())) {}
    void keepWhatIsLive();

  private:
    Value *keep(Value &Object);
    Value *keepDistance(Value &V, Value &Object, Value &Kept);
    void replaceBehind(Value &V, Value &Kept);

    CallInst &Call;
    BasicBlock &Behind;
};

} // namespace

Value *SecondReturn::keep(Value &Object)
{
    BasicBlock &Entry = Call.getFunction()->getEntryBlock();
    AllocaInst *Slot = IRBuilder<>(&Entry, Entry.begin()).CreateAlloca(Object.getType(), nullptr, Object.getName() + ".kept");
    IRBuilder<>(&Call).CreateStore(&Object, Slot);
    return IRBuilder<>(&Behind, Behind.getFirstInsertionPt()).CreateLoad(Object.getType(), Slot);
}

Value *SecondReturn::keepDistance(Value &V, Value &Object, Value &Kept)
{
    IRBuilder<> Before(&Call), After(cast<Instruction>(Kept).getNextNode());
    return After.CreateGEP(After.getInt8Ty(), &Kept, distanceFrom(Object, V, Before));
}

// Of the uses in the block that defines V none comes behind the call: that block would be the one behind, and V not live across it.
void SecondReturn::replaceBehind(Value &V, Value &Kept)
{
    auto *Definition = dyn_cast<Instruction>(&V);
    BasicBlock *Home = Definition ? Definition->getParent() : &Call.getFunction()->getEntryBlock();
    SSAUpdater Updater;
    Updater.Initialize(V.getType(), V.getName());
    Updater.AddAvailableValue(Home, &V);
    Updater.AddAvailableValue(&Behind, &Kept);
    for (Use &U : make_early_inc_range(V.uses())) {
        auto *User = cast<Instruction>(U.getUser());
        if (isa<PHINode>(User)) Updater.RewriteUse(U);
        else if (User->getParent() == &Behind) U.set(&Kept);
        else if (User->getParent() != Home) Updater.RewriteUse(U);
    }
}

void SecondReturn::keepWhatIsLive()
{
    LiveReferences Live(*Call.getFunction());
    BasePointers Bases;
    MapVector<Value *, WeakTrackingVH> ObjectOf;
    for (Value *V : Live.atEnd(*Call.getParent())) ObjectOf[V] = Bases.baseOf(V);
    Bases.simplify();
    // In a loop what is stored may be what was loaded in the turn before, and objects are, of which only a pointer into them is live:
    // so all uses are there before any is replaced, and objects are replaced as well.
    MapVector<Value *, Value *> Replaced;
    for (auto &[V, Object] : ObjectOf)
        if (Value *&Kept = Replaced[Object]; !Kept) Kept = keep(*Object);
    for (auto &[V, Object] : ObjectOf)
        if (V != Object) Replaced[V] = keepDistance(*V, *Object, *Replaced[Object]);
    for (auto [V, Kept] : Replaced)
        if (!isa<Constant>(V)) replaceBehind(*V, *Kept);
}

void keepAcrossSecondReturns(Function &F)
{
    SmallVector<CallInst *, 2> Calls;
    for (Instruction &I : instructions(F))
        if (returnsTwice(I)) Calls.push_back(cast<CallInst>(&I));
    if (Calls.empty()) return;
    moveComparisonsToBranches(F);
    for (CallInst *Call : Calls) {
        SecondReturn(*Call).keepWhatIsLive();
        Call->addFnAttr(Attribute::get(F.getContext(), LeafAttribute)); // nothing is left for statepoints to relocate
    }
}

} // namespace greywave
