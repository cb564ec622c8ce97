#include "facts/reference_types.h"
#include "llvm/IR/GlobalVariable.h"
#include "llvm/IR/Operator.h"

using namespace llvm;

namespace greywave
{

bool containsReference(const Type *T)
{
    if (isReference(T)) return true;
    if (auto *V = dyn_cast<VectorType>(T)) return containsReference(V->getElementType());
    if (auto *A = dyn_cast<ArrayType>(T)) return containsReference(A->getElementType());
    auto *S = dyn_cast<StructType>(T);
    return S && any_of(S->elements(), [](const Type *E) { return containsReference(E); });
}

bool containsUnion(const Type *T)
{
    if (auto *A = dyn_cast<ArrayType>(T)) return containsUnion(A->getElementType());
    auto *S = dyn_cast<StructType>(T);
    if (!S) return false;
    if (S->hasName() && S->getName().starts_with("union.")) return true;
    return any_of(S->elements(), [](const Type *E) { return containsUnion(E); });
}

bool ReferenceLayout::holdsReferenceAt(uint64_t Offset) const
{
    if (Stride == 0 || Offset >= Count * Stride) return false;
    return is_contained(Offsets, Offset % Stride);
}

// Nested arrays are spelled out; a variable that would need more offsets than this should be an array of blocks.
static constexpr size_t MaxOffsets = 65536;

std::string collectOffsets(Type *T, const DataLayout &DL, uint64_t Start, SmallVectorImpl<uint64_t> &Offsets)
{
    if (isReference(T)) {
        if (Start % 8 != 0) return "a reference field is not aligned to 8 bytes (packed struct?)";
        if (Offsets.size() == MaxOffsets) return "it holds too many references in one block";
        Offsets.push_back(Start);
        return "";
    }
    if (!containsReference(T)) return "";
    std::string Problem;
    if (auto *S = dyn_cast<StructType>(T)) {
        const StructLayout *Layout = DL.getStructLayout(S);
        for (unsigned I = 0; I < S->getNumElements() && Problem.empty(); I++)
            Problem = collectOffsets(S->getElementType(I), DL, Start + Layout->getElementOffset(I), Offsets);
        return Problem;
    }
    if (isa<ScalableVectorType>(T)) return "it holds a scalable vector of references";
    Type *Element = isa<ArrayType>(T) ? T->getArrayElementType() : cast<FixedVectorType>(T)->getElementType();
    uint64_t Count = isa<ArrayType>(T) ? T->getArrayNumElements() : cast<FixedVectorType>(T)->getNumElements();
    for (uint64_t I = 0; I < Count && Problem.empty(); I++)
        Problem = collectOffsets(Element, DL, Start + I * DL.getTypeAllocSize(Element).getFixedValue(), Offsets);
    return Problem;
}

std::string withRemedy(const std::string &Problem)
{
    bool IsSize = StringRef(Problem).contains("too many") || StringRef(Problem).contains("larger");
    return Problem + (IsSize ? "; keep them in a collected array" : "; use a plain struct");
}

std::string layoutOf(Type *T, const DataLayout &DL, ReferenceLayout &Layout)
{
    Layout.Count = 1;
    while (auto *A = dyn_cast<ArrayType>(T)) {
        Layout.Count *= A->getNumElements();
        T = A->getElementType();
    }
    if (containsUnion(T) && containsReference(T)) return "its type contains a union, which hides references";
    Layout.Stride = DL.getTypeAllocSize(T).getFixedValue();
    if (Layout.Count > 1 && Layout.Stride % 8 != 0 && containsReference(T))
        return "it is an array of elements that are not aligned to 8 bytes (packed struct?)";
    return collectOffsets(T, DL, 0, Layout.Offsets);
}

bool isNeverFollowed(const Value *V)
{
    if (isa<ConstantPointerNull>(V) || isa<UndefValue>(V)) return true;
    auto *Cast = dyn_cast<ConstantExpr>(V);
    if (!Cast || Cast->getOpcode() != Instruction::IntToPtr) return false;
    auto *Word = dyn_cast<ConstantInt>(Cast->getOperand(0));
    return Word && (Word->isZero() || (Word->getZExtValue() & 7) != 0);
}

static bool mayBeInterior(const Value *V, SmallPtrSetImpl<const Value *> &Seen)
{
    if (!Seen.insert(V).second) return false;
    if (auto *GEP = dyn_cast<GEPOperator>(V)) return !GEP->hasAllZeroIndices() || mayBeInterior(GEP->getPointerOperand(), Seen);
    if (auto *Phi = dyn_cast<PHINode>(V)) return any_of(Phi->incoming_values(), [&](const Use &U) { return mayBeInterior(U.get(), Seen); });
    if (auto *Select = dyn_cast<SelectInst>(V))
        return mayBeInterior(Select->getTrueValue(), Seen) || mayBeInterior(Select->getFalseValue(), Seen);
    if (isa<BitCastOperator>(V) || isa<FreezeInst>(V)) return mayBeInterior(cast<User>(V)->getOperand(0), Seen);
    return false;
}

bool mayBeInterior(const Value *V)
{
    // An offset into a constant static object moves nothing and needs no base.
    if (isa<Constant>(V)) return false;
    SmallPtrSet<const Value *, 8> Seen;
    return mayBeInterior(V, Seen);
}

} // namespace greywave
