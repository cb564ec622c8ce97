// Moving barriers out of loops. A loop without safepoints lets one barrier before it stand for one in each turn, and an object's
// tracking bit, once clear, stays clear in it. Recording a slot that is then not written costs a little time and nothing else,
// but the object's header must be readable: its reference may be null while the loop does not store through it.
#include "barriers/barrier_places.h"
#include "facts/safepoints.h"

using namespace llvm;

namespace greywave
{

bool BarrierPlaces::hasSafepoint(const Loop &L)
{
    auto [It, New] = Safepoints.try_emplace(&L, false);
    if (New)
        It->second =
            any_of(L.blocks(), [](const BasicBlock *B) { return any_of(*B, [](const Instruction &I) { return isSafepoint(I); }); });
    return It->second;
}

// Is the object read or written through its reference, or an address in it, on every way to `End`?
static bool isReadBefore(const Value &Address, const Instruction &End, const DominatorTree &Dominators)
{
    return any_of(Address.users(), [&](const User *U) {
        auto *I = dyn_cast<Instruction>(U);
        if (!I) return false;
        if (isa<GetElementPtrInst>(I)) return I->getOperand(0) == &Address && isReadBefore(*I, End, Dominators);
        return getLoadStorePointerOperand(I) == &Address && Dominators.dominates(I, &End);
    });
}

bool BarrierPlaces::isReadable(const Write &W, const Loop &L) const
{
    if (isReadBefore(*W.Object, *L.getLoopPreheader()->getTerminator(), Dominators)) return true;
    SimpleLoopSafetyInfo Safety;
    Safety.computeLoopSafetyInfo(&L);
    return Safety.isGuaranteedToExecute(*W.At, &Dominators, &L);
}

// A copy of no bytes may be one to null.
static bool isWrittenSurely(const Write &W)
{
    auto *Bytes = dyn_cast_or_null<ConstantInt>(W.Bytes);
    return W.Near || (Bytes && !Bytes->isZero());
}

BarrierPlace BarrierPlaces::placeFor(const Write &W)
{
    BarrierPlace Place{W.At, nullptr};
    if (!isWrittenSurely(W)) return Place;
    for (const Loop *L = Loops.getLoopFor(W.At->getParent()); L; L = L->getParentLoop()) {
        BasicBlock *Entry = L->getLoopPreheader();
        if (!Entry || hasSafepoint(*L) || !L->isLoopInvariant(W.Object) || !isReadable(W, *L)) break;
        if (!Place.FlagsAt && W.Near && L->isLoopInvariant(W.Near->Base)) Place.At = Entry->getTerminator();
        else Place.FlagsAt = Entry->getTerminator();
    }
    return Place;
}

} // namespace greywave
