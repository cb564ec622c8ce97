// Write barriers: `if (header of the object & GW_HEADER_TRACK) gw_barrier_slow(object, slot)` before a reference is
// stored into an object.
//
// They are inserted after the optimiser, right before statepoints, because a store that was moved away from its barrier
// across a safepoint would be a missed barrier (docs/decisions/0002-barriers-late.md). A barrier is left out when
//   - the value is a constant: null, an immediate, a static object,
//   - the object was allocated here, in the nursery for sure, with no safepoint since,
//   - the same slot, or an object known to be no array, already had its barrier with no safepoint since.
#include "base_pointers.h"
#include "passes.h"
#include "reference_types.h"
#include "safepoints.h"
#include "greywave/abi.h"
#include "llvm/Analysis/ValueTracking.h"
#include "llvm/IR/CFG.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Transforms/Utils/BasicBlockUtils.h"

using namespace llvm;

namespace greywave {

// Fault injection, so that tests can show that the runtime's verification catches a missed barrier.
static cl::opt<unsigned> OmitBarrier("greywave-omit-barrier", cl::Hidden, cl::init(0),
                                     cl::desc("drop the N-th write barrier of the module (for tests)"));
static constexpr char BarrierCounter[] = "greywave.barriers";

namespace {

/// A place where references are written into an object. `Bytes` is null for a single slot.
struct Write {
    Instruction *At;
    Value *Slot;
    Value *Bytes;
    Value *Object = nullptr;
};

/// What holds at a point since the last safepoint: (object, null) for an object that needs no barrier, (object, slot)
/// for a slot that had one. Every safepoint empties the set.
using Fact = std::pair<const Value *, const Value *>;
using Facts = DenseSet<Fact>;

/// Facts at the start of each block, by the usual forward iteration; absent means not reached yet, hence anything.
class BarrierFacts
{
public:
    BarrierFacts(Function &F, const DenseMap<const Instruction *, const Write *> &Writes) : Writes(Writes) { solve(F); }
    SmallVector<const Write *, 16> needed(Function &F) const;

private:
    void solve(Function &F);
    bool meet(const BasicBlock &B, Facts &In) const;
    void step(const Instruction &I, Facts &State) const;

    const DenseMap<const Instruction *, const Write *> &Writes;
    DenseMap<const BasicBlock *, Facts> Out;
};

} // namespace

// ---- Which writes need one --------------------------------------------------------------------------------------

static const Function *allocator(const Instruction &I)
{
    auto *Call = dyn_cast<CallBase>(&I);
    const Function *Callee = Call ? Call->getCalledFunction() : nullptr;
    bool Allocates = Callee && (Callee->getName() == "gw_alloc" || Callee->getName() == "gw_alloc_array");
    return Allocates ? Callee : nullptr;
}

// Arrays may be recorded card by card, so that one barrier does not stand for the next slot. Objects from gw_alloc
// are no arrays of that kind.
static bool isPlainObject(const Value *Object)
{
    auto *I = dyn_cast<Instruction>(Object);
    const Function *Allocator = I ? allocator(*I) : nullptr;
    return Allocator && Allocator->getName() == "gw_alloc";
}

static bool covers(const Facts &State, const Write &W)
{
    return State.contains({W.Object, nullptr}) || (!W.Bytes && State.contains({W.Object, W.Slot}));
}

void BarrierFacts::step(const Instruction &I, Facts &State) const
{
    if (auto It = Writes.find(&I); It != Writes.end()) {
        const Write &W = *It->second;
        if (!W.Bytes) State.insert({W.Object, isPlainObject(W.Object) ? nullptr : W.Slot});
    }
    if (isSafepoint(I)) State.clear();
    if (isSurelyYoung(I)) State.insert({&I, nullptr});
}

bool BarrierFacts::meet(const BasicBlock &B, Facts &In) const
{
    bool First = true;
    for (const BasicBlock *Pred : predecessors(&B)) {
        auto It = Out.find(Pred);
        if (It == Out.end()) continue;
        if (First) In = It->second;
        else
            for (const Fact &Known : SmallVector<Fact, 8>(In.begin(), In.end()))
                if (!It->second.contains(Known)) In.erase(Known);
        First = false;
    }
    return !First || B.isEntryBlock();
}

void BarrierFacts::solve(Function &F)
{
    for (bool Changed = true; Changed;) {
        Changed = false;
        for (const BasicBlock &B : F) {
            Facts State;
            if (!meet(B, State)) continue;
            for (const Instruction &I : B) step(I, State);
            auto [It, New] = Out.try_emplace(&B, State);
            if (!New && It->second.size() == State.size()) continue; // facts only ever shrink
            It->second = std::move(State);
            Changed = true;
        }
    }
}

SmallVector<const Write *, 16> BarrierFacts::needed(Function &F) const
{
    SmallVector<const Write *, 16> Result;
    for (const BasicBlock &B : F) {
        Facts State;
        if (!meet(B, State)) continue; // unreachable
        for (const Instruction &I : B) {
            auto It = Writes.find(&I);
            if (It != Writes.end() && !covers(State, *It->second)) Result.push_back(It->second);
            step(I, State);
        }
    }
    return Result;
}

// ---- Finding writes ---------------------------------------------------------------------------------------------

static std::optional<Write> writeOf(Instruction &I)
{
    Value *Slot = nullptr, *Stored = nullptr;
    if (auto *Store = dyn_cast<StoreInst>(&I)) {
        Slot = Store->getPointerOperand();
        Stored = Store->getValueOperand();
    } else if (auto *Exchange = dyn_cast<AtomicRMWInst>(&I)) {
        Slot = Exchange->getPointerOperand();
        Stored = Exchange->getValOperand();
    } else if (auto *Exchange = dyn_cast<AtomicCmpXchgInst>(&I)) {
        Slot = Exchange->getPointerOperand();
        Stored = Exchange->getNewValOperand();
    } else if (auto *Call = dyn_cast<CallBase>(&I); Call && mayCopyReferences(*Call)) {
        if (!isReference(Call->getArgOperand(0)->getType())) return std::nullopt;
        return Write{&I, Call->getArgOperand(0), Call->getArgOperand(2)};
    }
    if (!Slot || !isReference(Slot->getType()) || !isReference(Stored->getType()) || isa<Constant>(Stored))
        return std::nullopt;
    return Write{&I, Slot, nullptr};
}

// ---- Emitting ---------------------------------------------------------------------------------------------------

static FunctionCallee slowPath(Module &M, bool IsRange)
{
    LLVMContext &C = M.getContext();
    Type *Reference = PointerType::get(C, ReferenceSpace);
    SmallVector<Type *, 3> Parameters{Reference, Reference};
    if (IsRange) Parameters.push_back(Type::getInt64Ty(C));
    auto *Signature = FunctionType::get(Type::getVoidTy(C), Parameters, false);
    FunctionCallee Callee = M.getOrInsertFunction(IsRange ? "gw_barrier_range" : "gw_barrier_slow", Signature);
    auto *F = cast<Function>(Callee.getCallee()->stripPointerCasts());
    F->addFnAttr(LeafAttribute);
    F->addFnAttr(Attribute::NoUnwind);
    if (!IsRange) F->setCallingConv(CallingConv::PreserveAll);
    // The dynamic linker's lazy binding does not preserve r10, so the call must not go through it.
    F->addFnAttr(Attribute::NonLazyBind);
    return {Signature, F};
}

static void emitBarrier(const Write &W)
{
    IRBuilder<> B(W.At);
    LLVMContext &C = B.getContext();
    Value *Header = B.CreateConstGEP1_64(B.getInt8Ty(), W.Object, uint64_t(-int64_t(GW_HEADER_SIZE)), "header");
    Value *Flags = B.CreateAlignedLoad(B.getInt8Ty(), Header, Align(8), "flags");
    Value *Tracked = B.CreateICmpNE(B.CreateAnd(Flags, GW_HEADER_TRACK), B.getInt8(0), "tracked");
    Instruction *Then = SplitBlockAndInsertIfThen(Tracked, W.At, false, MDBuilder(C).createUnlikelyBranchWeights());
    IRBuilder<> Slow(Then);
    Slow.SetCurrentDebugLocation(W.At->getDebugLoc());
    SmallVector<Value *, 3> Arguments{W.Object, W.Slot};
    if (W.Bytes) Arguments.push_back(Slow.CreateZExt(W.Bytes, Slow.getInt64Ty()));
    CallInst *Call = Slow.CreateCall(slowPath(*W.At->getModule(), W.Bytes), Arguments);
    if (!W.Bytes) Call->setCallingConv(CallingConv::PreserveAll);
    Call->addFnAttr(Attribute::get(C, LeafAttribute));
}

// The counter spans the functions of one module, so it lives in the module until the pass ends.
static bool isOmitted(Module &M)
{
    if (!OmitBarrier) return false;
    NamedMDNode *Counter = M.getOrInsertNamedMetadata(BarrierCounter);
    Counter->addOperand(MDNode::get(M.getContext(), {}));
    return Counter->getNumOperands() == OmitBarrier;
}

void insertBarriers(Function &F)
{
    SmallVector<Write, 16> Writes;
    for (Instruction &I : instructions(F))
        if (std::optional<Write> W = writeOf(I)) Writes.push_back(*W);
    if (Writes.empty()) return;
    BasePointers Bases;
    for (Write &W : Writes) Bases.baseOf(W.Slot);
    Bases.simplify();
    DenseMap<const Instruction *, const Write *> ByInstruction;
    for (Write &W : Writes) {
        W.Object = Bases.baseOf(W.Slot);
        ByInstruction[W.At] = &W;
    }
    for (const Write *W : BarrierFacts(F, ByInstruction).needed(F))
        if (!isOmitted(*F.getParent())) emitBarrier(*W);
}

} // namespace greywave
