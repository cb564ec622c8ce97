// Which writes need a barrier: a forward must-analysis whose facts every safepoint clears. See barriers.cpp.
#include "barriers/reference_writes.h"
#include "constructs/constructs.h"
#include "facts/base_pointers.h"
#include "facts/facts.h"
#include "facts/reference_types.h"
#include "facts/safepoints.h"
#include "fast_paths/fast_paths.h"
#include "types/type_constants.h"
#include "greywave/abi.h"

#include "abi/sizes.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/IR/CFG.h"
#include "llvm/Support/CommandLine.h"

using namespace llvm;

namespace greywave
{

// ---- Finding writes ---------------------------------------------------------------------------------------------

// Null, an immediate, or a static object; also by choice. `Seen` is taken to be so: only what else comes in decides.
static bool isNeverYoung(const Value *V, SmallPtrSetImpl<const Value *> &Seen)
{
    if (isa<Constant>(V) || !Seen.insert(V).second) return true;
    if (auto *Call = dyn_cast<CallBase>(V)) {
        const Function *Callee = Call->getCalledFunction();
        return Callee && Callee->isDeclaration() && Callee->getName() == "gw_immediate_word";
    }
    if (auto *Select = dyn_cast<SelectInst>(V))
        return isNeverYoung(Select->getTrueValue(), Seen) && isNeverYoung(Select->getFalseValue(), Seen);
    auto *Phi = dyn_cast<PHINode>(V);
    return Phi && all_of(Phi->incoming_values(), [&](const Use &U) { return isNeverYoung(U.get(), Seen); });
}

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
    if (auto *Call = dyn_cast<CallBase>(&I))
        if (std::optional<RawWrite> Raw = rawWriteOf(*Call)) return Write{&I, Raw->Slot, Raw->Bytes};
    if (!Slot || !isReference(Slot->getType()) || !isReference(Stored->getType())) return std::nullopt;
    Write W{&I, Slot, nullptr};
    SmallPtrSet<const Value *, 8> Seen;
    W.IsNeverYoung = isNeverYoung(Stored, Seen);
    return W;
}

ReferenceWrites::ReferenceWrites(Function &F)
{
    for (Instruction &I : instructions(F))
        if (std::optional<Write> W = writeOf(I)) Writes.push_back(*W);
    if (all_of(Writes, [](const Write &W) { return W.IsNeverYoung; })) return;
    BasePointers Bases;
    for (Write &W : Writes)
        if (!W.IsNeverYoung) Bases.baseOf(W.Slot);
    Bases.simplify();
    for (Write &W : Writes)
        if (!W.IsNeverYoung) W.Object = Bases.baseOf(W.Slot);
    findGroups();
}

// ---- Neighbours -------------------------------------------------------------------------------------------------

// Slots further apart could lie in a card between the first one's and the last one's.
static constexpr int64_t CardBytes = GW_CARD_BYTES;

namespace
{

struct SlotOffset {
    int64_t Offset;
    Write *W;
};

} // namespace

static std::pair<Value *, int64_t> splitSlot(const Write &W)
{
    const DataLayout &DL = W.At->getModule()->getDataLayout();
    APInt Offset(DL.getIndexTypeSizeInBits(W.Slot->getType()), 0);
    Value *Base = W.Slot->stripAndAccumulateConstantOffsets(DL, Offset, true);
    return {Base, Offset.getSExtValue()};
}

void ReferenceWrites::findGroups()
{
    MapVector<std::pair<Value *, Value *>, SmallVector<SlotOffset, 4>> Slots;
    for (Write &W : Writes) {
        if (W.IsNeverYoung || W.Bytes) continue;
        auto [Base, Offset] = splitSlot(W);
        Slots[{W.Object, Base}].push_back({Offset, &W});
    }
    for (auto &[Key, Found] : Slots) {
        stable_sort(Found, [](const SlotOffset &A, const SlotOffset &B) { return A.Offset < B.Offset; });
        Neighbours *Group = nullptr;
        for (const SlotOffset &Slot : Found) {
            if (!Group || Slot.Offset + 8 - Group->Low > CardBytes) {
                Groups.push_back(std::make_unique<Neighbours>(Neighbours{Key.first, Key.second, Slot.Offset, Slot.Offset}));
                Group = Groups.back().get();
            }
            Group->High = Slot.Offset;
            Slot.W->Near = Group;
        }
    }
}

// ---- Facts ------------------------------------------------------------------------------------------------------

namespace
{

/// What holds at a point since the last safepoint: (object, null) for a fresh object, (object, object) for one that is
/// surely small and had its barrier, (object, group) for slots that had theirs.
using Fact = std::pair<const Value *, const void *>;
using Facts = DenseSet<Fact>;

/// Facts at the end of each block, by the usual forward iteration; absent means not reached yet, hence anything.
class BarrierFacts
{
  public:
    BarrierFacts(Function &F, const ReferenceWrites &Found) : F(F)
    {
        for (const Write &W : Found.Writes) ByInstruction[W.At] = &W;
        solve();
    }
    void decide(DenseMap<const Write *, Need> &Needs) const;

  private:
    void solve();
    bool meet(const BasicBlock &B, Facts &In) const;
    void meetPhi(const PHINode &Phi, Facts &In) const;
    void step(const Instruction &I, Facts &State) const;

    Function &F;
    DenseMap<const Instruction *, const Write *> ByInstruction;
    DenseMap<const BasicBlock *, Facts> Out;
};

} // namespace

// For fault injection, as in barriers.cpp: verification catches what the elision of barriers must not do.
static cl::opt<bool> AcrossCards("greywave-elide-across-cards", cl::Hidden, cl::init(false),
                                 cl::desc("let a barrier stand for all slots of a large object too (for tests)"));

// Large objects, and arrays, may be recorded card by card, so that one barrier does not stand for the next slot. Objects of a type that is
// seen to be small are not.
static bool isPlainObject(const Value *Object)
{
    auto *Call = dyn_cast<CallBase>(Object);
    const Function *Callee = Call ? Call->getCalledFunction() : nullptr;
    if (!Callee || Callee->getName() != "gw_alloc" || Call->arg_size() != 1) return false;
    auto *G = dyn_cast<GlobalVariable>(Call->getArgOperand(0)->stripPointerCasts());
    if (!G || !G->isConstant() || !G->hasDefinitiveInitializer()) return false;
    TypeConstant T(*G, 0);
    std::optional<uint32_t> Size = T.isWhole() ? T.number(offsetof(gw_type, size)) : std::nullopt;
    return Size && (AcrossCards || GW_HEADER_SIZE + alignTo(*Size, 8) < GW_CARDS_FROM_BYTES);
}

static Need need(const Facts &State, const Write &W)
{
    if (W.IsNeverYoung) return Need::NeverYoung;
    if (State.contains({W.Object, nullptr})) return Need::Fresh;
    if (State.contains({W.Object, W.Object}) || (W.Near && State.contains({W.Object, W.Near}))) return Need::Repeated;
    return Need::Barrier;
}

void BarrierFacts::step(const Instruction &I, Facts &State) const
{
    if (auto It = ByInstruction.find(&I); It != ByInstruction.end()) {
        const Write &W = *It->second;
        if (W.Near && isPlainObject(W.Object)) State.insert({W.Object, W.Object});
        else if (W.Near) State.insert({W.Object, W.Near});
    }
    if (isSafepoint(I)) State.clear();
    if (isSurelyYoung(I)) State.insert({&I, nullptr});
}

// A choice among fresh objects is fresh.
void BarrierFacts::meetPhi(const PHINode &Phi, Facts &In) const
{
    for (unsigned I = 0; I < Phi.getNumIncomingValues(); I++) {
        auto It = Out.find(Phi.getIncomingBlock(I));
        if (It == Out.end() || isNeverFollowed(Phi.getIncomingValue(I))) continue;
        if (!It->second.contains({Phi.getIncomingValue(I), nullptr})) return;
    }
    In.insert({&Phi, nullptr});
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
    if (First) return B.isEntryBlock();
    for (const PHINode &Phi : B.phis())
        if (isReference(Phi.getType())) meetPhi(Phi, In);
    return true;
}

void BarrierFacts::solve()
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

void BarrierFacts::decide(DenseMap<const Write *, Need> &Needs) const
{
    for (const BasicBlock &B : F) {
        Facts State;
        if (!meet(B, State)) continue; // unreachable
        for (const Instruction &I : B) {
            if (auto It = ByInstruction.find(&I); It != ByInstruction.end()) Needs[It->second] = need(State, *It->second);
            step(I, State);
        }
    }
}

DenseMap<const Write *, Need> solveBarriers(Function &F, const ReferenceWrites &Writes)
{
    DenseMap<const Write *, Need> Needs;
    BarrierFacts(F, Writes).decide(Needs);
    return Needs;
}

} // namespace greywave
