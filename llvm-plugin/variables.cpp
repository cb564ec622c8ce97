#include "variables.h"
#include "llvm/Analysis/ValueTracking.h"
#include "llvm/IR/Operator.h"

using namespace llvm;

namespace greywave
{

std::string layoutOfSlot(const AllocaInst &Slot, ReferenceLayout &Layout)
{
    std::string Problem = layoutOf(Slot.getAllocatedType(), Slot.getModule()->getDataLayout(), Layout);
    if (auto *Count = dyn_cast<ConstantInt>(Slot.getArraySize())) Layout.Count *= Count->getZExtValue();
    return Problem;
}

static bool describe(const Value *Variable, const DataLayout &DL, Place &P)
{
    std::string Problem;
    if (auto *Slot = dyn_cast<AllocaInst>(Variable)) {
        P.HasReferences = containsReference(Slot->getAllocatedType());
        Problem = layoutOfSlot(*Slot, P.Layout);
    } else if (auto *Global = dyn_cast<GlobalVariable>(Variable); Global && !Global->isDeclaration()) {
        P.HasReferences = containsReference(Global->getValueType());
        Problem = layoutOf(Global->getValueType(), DL, P.Layout);
    } else {
        return false;
    }
    if (!Problem.empty()) P.Layout = ReferenceLayout();
    return true;
}

Place placeOf(const Value *Pointer, const DataLayout &DL)
{
    Place P;
    if (isReference(Pointer->getType())) return P;
    APInt Offset(DL.getIndexTypeSizeInBits(Pointer->getType()), 0);
    const Value *Variable = Pointer->stripAndAccumulateConstantOffsets(DL, Offset, true);
    if (isa<AllocaInst>(Variable) || isa<GlobalVariable>(Variable)) P.Offset = Offset.getZExtValue();
    else Variable = getUnderlyingObject(Pointer, /*MaxLookup=*/0);
    if (!isReference(Variable->getType()) && describe(Variable, DL, P)) P.Variable = Variable;
    return P;
}

bool Place::showsReferenceIn(uint64_t Bytes) const
{
    uint64_t Size = Layout.Count * Layout.Stride;
    uint64_t End = Bytes > Size - std::min(Size, *Offset) ? Size : *Offset + Bytes;
    for (uint64_t At = *Offset & ~uint64_t(7); At < End; At += 8)
        if (Layout.holdsReferenceAt(At)) return true;
    return false;
}

bool showsReferences(const Value *Pointer, uint64_t Bytes, const DataLayout &DL)
{
    auto *Address = dyn_cast<GEPOperator>(Pointer->stripPointerCasts());
    if (!Address) return false;
    SmallVector<uint64_t, 4> Offsets;
    std::string Problem = collectOffsets(Address->getResultElementType(), DL, 0, Offsets);
    return !Problem.empty() || any_of(Offsets, [&](uint64_t Offset) { return Offset < Bytes; });
}

} // namespace greywave
