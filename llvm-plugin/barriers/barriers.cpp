// Write barriers: `if (header of the object & GW_HEADER_TRACK) slow path` before a reference is stored into an object.
//
// They are inserted after the optimiser, right before statepoints, because a store that was moved away from its barrier
// across a safepoint would be a missed barrier (docs/decisions/0002-barriers-late.md). A barrier is left out when
//   - the value is null, an immediate or a static object,
//   - the object was allocated here, in the nursery for sure, with no safepoint since,
//   - the same slot, one of its neighbours, or an object known to be small, had its barrier with no safepoint since:
//     the slow path records the first and the last of neighbouring slots.
// In a loop without safepoints a barrier whose slot does not change stands before the loop, and where only the object
// stays the same its flags are read there (barrier_places.cpp). Without optimisation a barrier is a call, as allocation is:
// who compiles so waits for the compiler.
#include "barriers/barriers.h"
#include "barriers/barrier_places.h"
#include "barriers/barrier_slow_path.h"
#include "barriers/reference_writes.h"
#include "facts/diagnose.h"
#include "facts/reference_types.h"
#include "facts/remarks.h"
#include "facts/safepoints.h"
#include "greywave/abi.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Transforms/Utils/BasicBlockUtils.h"

using namespace llvm;

namespace greywave
{

// Fault injection, so that tests can show that the runtime's verification catches a missed barrier.
static cl::opt<unsigned> OmitBarrier("greywave-omit-barrier", cl::Hidden, cl::init(0),
                                     cl::desc("drop the N-th write barrier of the module (for tests)"));
static cl::opt<bool> NoBarriers("greywave-no-barriers", cl::Hidden, cl::init(false),
                                cl::desc("no write barriers, to measure them: the program must never collect"));
static constexpr char BarrierCounter[] = "greywave.barriers";

// ---- Emitting ---------------------------------------------------------------------------------------------------

static Value *isTracked(Value *Object, IRBuilderBase &B)
{
    Value *Header = B.CreateConstGEP1_64(B.getInt8Ty(), Object, uint64_t(-int64_t(GW_HEADER_SIZE)), "header");
    Value *Flags = B.CreateAlignedLoad(B.getInt8Ty(), Header, Align(8), "flags");
    return B.CreateICmpNE(B.CreateAnd(Flags, GW_HEADER_TRACK), B.getInt8(0), "tracked");
}

static Instruction *whenTracked(Value *Tracked, Instruction *At)
{
    if (At->getFunction()->hasOptNone()) return At; // the call looks by itself
    return SplitBlockAndInsertIfThen(Tracked, At, false, MDBuilder(At->getContext()).createUnlikelyBranchWeights());
}

static Value *slotAt(const Neighbours &Near, int64_t Offset, IRBuilderBase &B)
{
    return Offset ? B.CreateConstGEP1_64(B.getInt8Ty(), Near.Base, uint64_t(Offset)) : Near.Base;
}

static bool isFront(const Neighbours &Near)
{
    return Near.Base == Near.Object && Near.Low >= 0 && Near.High + 8 <= FrontBytes;
}

// Two calls for neighbours that may lie in two cards; the second finds most objects recorded.
static void recordNeighbours(const Neighbours &Near, Value *First, IRBuilderBase &B)
{
    if (isFront(Near)) return recordFront(Near.Object, B);
    recordSlot(Near.Object, First ? First : slotAt(Near, Near.Low, B), B);
    if (Near.Low != Near.High) recordSlot(Near.Object, slotAt(Near, Near.High, B), B);
}

static bool writesWhole(const Write &W)
{
    auto *Bytes = dyn_cast<ConstantInt>(W.Bytes);
    return Bytes && Bytes->isMinusOne();
}

static void record(const Write &W, Instruction *At, bool MovedOut)
{
    IRBuilder<> B(At);
    B.SetCurrentDebugLocation(W.At->getDebugLoc());
    if (W.Bytes) return recordRange(W.Object, writesWhole(W) ? W.Object : W.Slot, W.Bytes, B);
    // Before a loop the slot's own address is not there yet.
    bool HasAddress = W.Near->Low == W.Near->High && !MovedOut;
    recordNeighbours(*W.Near, HasAddress ? W.Slot : nullptr, B);
}

void recordUnlessNull(Value &Object, Instruction *At)
{
    if (NoBarriers) return;
    IRBuilder<> B(At);
    Instruction *NotNull = SplitBlockAndInsertIfThen(B.CreateIsNotNull(&Object), At, false);
    IRBuilder<> Test(NotNull);
    IRBuilder<> Slow(whenTracked(isTracked(&Object, Test), NotNull));
    Slow.SetCurrentDebugLocation(At->getDebugLoc());
    recordFront(&Object, Slow);
}

namespace
{

class BarrierEmitter
{
  public:
    void emit(const Write &W, const BarrierPlace &Place);

  private:
    Value *flagBefore(const Write &W, Instruction *LoopEntry);

    DenseMap<std::pair<Value *, Instruction *>, Value *> Flags;
};

} // namespace

Value *BarrierEmitter::flagBefore(const Write &W, Instruction *LoopEntry)
{
    Value *&Flag = Flags[{W.Object, LoopEntry}];
    if (Flag) return Flag;
    IRBuilder<> B(LoopEntry);
    return Flag = isTracked(W.Object, B);
}

// Of a store, where that address is computed in its block.
static GetElementPtrInst *addressBeside(Instruction &I)
{
    auto *Store = dyn_cast<StoreInst>(&I);
    auto *Address = Store ? dyn_cast<GetElementPtrInst>(Store->getPointerOperand()) : nullptr;
    return Address && Address->getParent() == Store->getParent() ? Address : nullptr;
}

void BarrierEmitter::emit(const Write &W, const BarrierPlace &Place)
{
    IRBuilder<> B(Place.At);
    bool MovedOut = Place.At != W.At;
    if (!Place.FlagsAt) return record(W, whenTracked(isTracked(W.Object, B), Place.At), MovedOut);
    // The first time round may have recorded the object.
    Instruction *Slow = whenTracked(flagBefore(W, Place.FlagsAt), Place.At);
    IRBuilder<> Again(Slow);
    record(W, whenTracked(isTracked(W.Object, Again), Slow), MovedOut);
}

// The counter spans the functions of one module, so it lives in the module until the pass ends.
static bool isOmitted(Module &M)
{
    if (!OmitBarrier) return false;
    NamedMDNode *Counter = M.getOrInsertNamedMetadata(BarrierCounter);
    Counter->addOperand(MDNode::get(M.getContext(), {}));
    return Counter->getNumOperands() == OmitBarrier;
}

// ---- Telling ----------------------------------------------------------------------------------------------------

static void tell(const Write &W, Need N, const BarrierPlace *Place)
{
    switch (N) {
    case Need::NeverYoung: return remark(*W.At, "BarrierElided", "no barrier: what is stored is a constant or an immediate");
    case Need::Fresh: return remark(*W.At, "BarrierElided", "no barrier: the object was allocated since the last safepoint");
    case Need::Repeated: return remark(*W.At, "BarrierElided", "no barrier: the object had one for this slot since the last safepoint");
    case Need::Barrier: break;
    }
    if (Place->At != W.At) return remark(*W.At, "BarrierHoisted", "barrier stands before the loop");
    if (Place->FlagsAt) return remark(*W.At, "BarrierHoisted", "barrier's flags are read before the loop");
    const char *Why = isa<CallBase>(W.Object) ? "a call that may collect, or the object's size, lies between its allocation "
                                                "and this store"
                                              : "the object was not allocated here";
    remarkMissed(*W.At, "Barrier", Twine("barrier: ") + Why);
}

void insertBarriers(Function &F)
{
    if (NoBarriers) return;
    ReferenceWrites Found(F);
    auto Needs = solveBarriers(F, Found);
    BarrierPlaces Places(F);
    SmallVector<std::pair<const Write *, BarrierPlace>, 16> Barriers;
    for (const Write &W : Found.Writes) {
        auto It = Needs.find(&W);
        if (It == Needs.end()) continue; // unreachable
        BarrierPlace Place{W.At, nullptr};
        if (It->second == Need::Barrier) Barriers.push_back({&W, Place = Places.placeFor(W)});
        tell(W, It->second, &Place);
    }
    // One stands for neighbours.
    DenseSet<std::pair<const Neighbours *, Instruction *>> Done;
    erase_if(Barriers,
             [&](auto &B) { return isOmitted(*F.getParent()) || (B.first->Near && !Done.insert({B.first->Near, B.second.At}).second); });
    BarrierEmitter Emitter;
    for (auto &[W, Place] : reverse(Barriers)) { // from the end, see inlineAllocation
        GetElementPtrInst *Address = addressBeside(*W->At);
        Emitter.emit(*W, Place);
        // What one block computes and another one uses takes a word of the frame at -O0.
        if (Address && Address->hasOneUse()) Address->moveBefore(*W->At->getParent(), W->At->getIterator());
    }
}

} // namespace greywave
