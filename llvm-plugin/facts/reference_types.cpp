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

// Whether clang may have taken a union's member of this type for one that is a reference: of several it takes the one that is aligned
// most, and of those the largest.
static bool mayHideReference(const Type *T)
{
    if (auto *A = dyn_cast<ArrayType>(T)) return mayHideReference(A->getElementType());
    if (auto *S = dyn_cast<StructType>(T)) return any_of(S->elements(), mayHideReference);
    return T->isPointerTy() || T->getPrimitiveSizeInBits().getKnownMinValue() > 32;
}

bool containsUnion(const Type *T)
{
    if (auto *A = dyn_cast<ArrayType>(T)) return containsUnion(A->getElementType());
    auto *S = dyn_cast<StructType>(T);
    if (!S) return false;
    if (isUnion(*S)) return mayHideReference(S);
    return any_of(S->elements(), containsUnion);
}

bool containsUnionOfEither(const Type *T)
{
    if (auto *A = dyn_cast<ArrayType>(T)) return containsUnionOfEither(A->getElementType());
    auto *S = dyn_cast<StructType>(T);
    return S && (isUnionOfEither(*S) || any_of(S->elements(), containsUnionOfEither));
}

// ---- Runs -------------------------------------------------------------------------------------------------------

bool ReferenceRun::holdsReferenceAt(uint64_t Offset) const
{
    return Offset >= Start && Offset <= last() && (Offset - Start) % Stride == 0;
}

bool ReferenceRun::touches(uint64_t From, uint64_t End) const
{
    uint64_t Low = From > 7 ? From - 7 : 0; // a reference that begins here still reaches From
    uint64_t First = Low > Start ? Start + alignTo(Low - Start, Stride) : Start;
    return First <= last() && First < End;
}

bool touchesAny(ArrayRef<ReferenceRun> Runs, uint64_t From, uint64_t End)
{
    return any_of(Runs, [&](const ReferenceRun &Run) { return Run.touches(From, End); });
}

uint64_t countReferences(ArrayRef<ReferenceRun> Runs)
{
    uint64_t Count = 0;
    for (const ReferenceRun &Run : Runs) Count += Run.Count;
    return Count;
}

void eachReference(ArrayRef<ReferenceRun> Runs, function_ref<void(uint64_t)> Visit)
{
    for (const ReferenceRun &Run : Runs)
        for (uint64_t I = 0; I < Run.Count; I++) Visit(Run.Start + I * Run.Stride);
}

SmallVector<uint64_t, 8> offsetsOfRuns(ArrayRef<ReferenceRun> Runs)
{
    SmallVector<uint64_t, 8> Offsets;
    eachReference(Runs, [&](uint64_t Offset) { Offsets.push_back(Offset); });
    sort(Offsets);
    return Offsets;
}

// What goes on where the last run ends, in its stride, makes it longer.
static void appendRun(SmallVectorImpl<ReferenceRun> &Runs, ReferenceRun Run)
{
    ReferenceRun *Last = Runs.empty() ? nullptr : &Runs.back();
    uint64_t Distance = Last ? Run.Start - Last->last() : 0;
    bool Fits =
        Last && Run.Start > Last->last() && (Last->Count == 1 || Last->Stride == Distance) && (Run.Count == 1 || Run.Stride == Distance);
    if (!Fits) return Runs.push_back(Run);
    Last->Stride = Distance;
    Last->Count += Run.Count;
}

// `Count` elements of `Size` bytes, each with references at `Element`.
static void repeatRuns(ArrayRef<ReferenceRun> Element, uint64_t Count, uint64_t Size, uint64_t Start, SmallVectorImpl<ReferenceRun> &Runs)
{
    for (const ReferenceRun &Run : Element) {
        uint64_t First = Start + Run.Start;
        if (Count == 1) appendRun(Runs, {First, Run.Count, Run.Stride});
        else if (Run.Count == 1) appendRun(Runs, {First, Count, Size});
        else if (Run.Count * Run.Stride == Size) appendRun(Runs, {First, Run.Count * Count, Run.Stride});
        else if (Count <= Run.Count)
            for (uint64_t I = 0; I < Count; I++) appendRun(Runs, {First + I * Size, Run.Count, Run.Stride});
        else
            for (uint64_t I = 0; I < Run.Count; I++) appendRun(Runs, {First + I * Run.Stride, Count, Size});
    }
}

static std::string addRuns(Type *T, const DataLayout &DL, uint64_t Start, SmallVectorImpl<ReferenceRun> &Runs)
{
    if (isReference(T)) {
        if (Start % 8 != 0) return "a reference field is not aligned to 8 bytes (packed struct?)";
        appendRun(Runs, {Start, 1, 8});
        return "";
    }
    if (!containsReference(T)) return "";
    std::string Problem;
    if (auto *S = dyn_cast<StructType>(T)) {
        const StructLayout *Layout = DL.getStructLayout(S);
        for (unsigned I = 0; I < S->getNumElements() && Problem.empty(); I++)
            Problem = addRuns(S->getElementType(I), DL, Start + Layout->getElementOffset(I), Runs);
        return Problem;
    }
    if (isa<ScalableVectorType>(T)) return "it holds a scalable vector of references";
    Type *Element = isa<ArrayType>(T) ? T->getArrayElementType() : cast<FixedVectorType>(T)->getElementType();
    uint64_t Count = isa<ArrayType>(T) ? T->getArrayNumElements() : cast<FixedVectorType>(T)->getNumElements();
    uint64_t Size = DL.getTypeAllocSize(Element).getFixedValue();
    ReferenceRuns OfElement;
    if (Count == 0) return "";
    Problem = addRuns(Element, DL, 0, OfElement);
    if (Problem.empty() && (Start % 8 != 0 || (Count > 1 && Size % 8 != 0)))
        Problem = "a reference field is not aligned to 8 bytes (packed struct?)";
    if (Problem.empty()) repeatRuns(OfElement, Count, Size, Start, Runs);
    return Problem;
}

std::string withRemedy(const std::string &Problem)
{
    StringRef Text = Problem;
    if (Text.contains("union"))
        return Problem +
               "; declare it with GW_UNION_OF_REFERENCES if all members are references, else use a struct in place of the union, or "
               "words (gw_immediate_word)";
    return Problem + (Text.contains("larger") ? "; keep them in a collected array" : "; use a plain struct");
}

std::string collectRuns(Type *T, const DataLayout &DL, uint64_t Start, SmallVectorImpl<ReferenceRun> &Runs)
{
    std::string Problem = addRuns(T, DL, Start, Runs);
    stable_sort(Runs, [](const ReferenceRun &A, const ReferenceRun &B) { return A.Start < B.Start; });
    return Problem;
}

// ---- Layouts of variables ---------------------------------------------------------------------------------------

bool ReferenceLayout::holdsReferenceAt(uint64_t Offset) const
{
    if (Stride == 0 || Offset >= Count * Stride) return false;
    return any_of(Runs, [&](const ReferenceRun &Run) { return Run.holdsReferenceAt(Offset % Stride); });
}

// Records and maps are made of words. What is there once may have any size: a packed struct, one whose flexible array is initialised.
static uint64_t wholeWords(uint64_t Bytes)
{
    return alignTo(Bytes, 8);
}

std::vector<ReferenceBlocks> ReferenceLayout::blocks() const
{
    if (countReferences(Runs) <= MostListed) return {{Count, wholeWords(Stride), SmallVector<uint64_t, 4>(offsetsOfRuns(Runs))}};
    std::vector<ReferenceBlocks> Blocks;
    SmallVector<ReferenceRun, 8> All;
    repeatRuns(Runs, Count, Stride, 0, All);
    ReferenceBlocks Single{1, wholeWords(Count * Stride), {}};
    for (const ReferenceRun &Run : All)
        if (Run.Count == 1) Single.Offsets.push_back(Run.Start);
        else Blocks.push_back({Run.Count, Run.Stride, {Run.Start}});
    if (!Single.Offsets.empty()) Blocks.push_back(Single);
    return Blocks;
}

std::string layoutOf(Type *T, const DataLayout &DL, ReferenceLayout &Layout)
{
    Layout.Count = 1;
    while (auto *A = dyn_cast<ArrayType>(T)) {
        Layout.Count *= A->getNumElements();
        T = A->getElementType();
    }
    if (containsUnion(T) && containsReference(T))
        return "its type contains a union with a member as large as a reference, of which the compiler's code shows one member alone";
    Layout.Stride = DL.getTypeAllocSize(T).getFixedValue();
    if (Layout.Count > 1 && Layout.Stride % 8 != 0 && containsReference(T))
        return "it is an array of elements that are not aligned to 8 bytes (packed struct?)";
    return collectRuns(T, DL, 0, Layout.Runs);
}

bool isNeverFollowed(const Value *V)
{
    if (isa<ConstantPointerNull>(V) || isa<UndefValue>(V)) return true;
    auto *Cast = dyn_cast<ConstantExpr>(V);
    if (!Cast || Cast->getOpcode() != Instruction::IntToPtr) return false;
    auto *Word = dyn_cast<ConstantInt>(Cast->getOperand(0));
    return Word && (Word->isZero() || (Word->getZExtValue() & 7) != 0);
}

bool InteriorPointers::find(const Value *V, SmallPtrSetImpl<const Value *> &Seen)
{
    if (auto It = Known.find(V); It != Known.end()) return It->second;
    if (!Seen.insert(V).second) return false;
    auto *GEP = dyn_cast<GEPOperator>(V);
    if (GEP && !GEP->hasAllZeroIndices()) return true;
    if (GEP || isa<BitCastOperator>(V) || isa<FreezeInst>(V)) return find(cast<User>(V)->getOperand(0), Seen);
    if (auto *Select = dyn_cast<SelectInst>(V)) return find(Select->getTrueValue(), Seen) || find(Select->getFalseValue(), Seen);
    auto *Phi = dyn_cast<PHINode>(V);
    return Phi && any_of(Phi->incoming_values(), [&](const Use &U) { return find(U.get(), Seen); });
}

bool InteriorPointers::mayBe(const Value *V)
{
    // An offset into a constant static object moves nothing and needs no base.
    if (isa<Constant>(V)) return false;
    SmallPtrSet<const Value *, 8> Seen;
    bool Is = find(V, Seen);
    if (Is) Known[V] = true;
    else
        for (const Value *Behind : Seen) Known[Behind] = false; // whatever cycles they lie in
    return Is;
}

} // namespace greywave
