#include "constructs/variables.h"
#include "types/type_constants.h"
#include "greywave/abi.h"
#include "llvm/Analysis/ValueTracking.h"
#include "llvm/IR/GetElementPtrTypeIterator.h"
#include "llvm/IR/Operator.h"
#include <numeric>

using namespace llvm;

namespace greywave
{

// ---- Distances ------------------------------------------------------------------------------------------------------

static uint64_t between(const Distance &A, const Distance &B)
{
    return A.Bytes < B.Bytes ? uint64_t(B.Bytes) - uint64_t(A.Bytes) : uint64_t(A.Bytes) - uint64_t(B.Bytes);
}

bool Distance::covers(const Distance &D) const
{
    return Step ? D.Step % Step == 0 && between(*this, D) % Step == 0 : *this == D;
}

Distance Distance::joinedWith(const Distance &D) const
{
    return {Bytes, std::gcd(std::gcd(Step, D.Step), between(*this, D))};
}

void Distance::add(const Distance &D)
{
    Bytes += D.Bytes;
    Step = std::gcd(Step, D.Step);
}

static void addIndices(const GEPOperator &Address, const DataLayout &DL, Distance &D)
{
    for (auto I = gep_type_begin(Address), End = gep_type_end(Address); I != End; ++I) {
        auto *Constant = dyn_cast<ConstantInt>(I.getOperand());
        if (StructType *S = I.getStructTypeOrNull()) {
            D.Bytes += int64_t(DL.getStructLayout(S)->getElementOffset(Constant->getZExtValue()).getFixedValue());
            continue;
        }
        int64_t Stride = int64_t(I.getSequentialElementStride(DL).getKnownMinValue());
        if (Constant) D.Bytes += Constant->getSExtValue() * Stride;
        else D.Step = std::gcd(D.Step, uint64_t(Stride));
    }
}

const Value *goBack(const Value *Pointer, const DataLayout &DL, Distance &D)
{
    while (auto *Address = dyn_cast<GEPOperator>(Pointer)) {
        addIndices(*Address, DL, D);
        Pointer = Address->getPointerOperand();
    }
    return Pointer;
}

// ---- Sizes ----------------------------------------------------------------------------------------------------------

uint64_t bytesOf(Type *T, const DataLayout &DL)
{
    return DL.getTypeStoreSize(T).getKnownMinValue();
}

uint64_t constantLength(const Value *Bytes)
{
    auto *Length = dyn_cast<ConstantInt>(Bytes);
    return Length ? Length->getZExtValue() : UINT64_MAX;
}

uint64_t bytesOf(const MemTransferInst &Copy)
{
    return constantLength(Copy.getLength());
}

// ---- Variables ------------------------------------------------------------------------------------------------------

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
        if (!isa<ConstantInt>(Slot->getArraySize())) P.Layout = ReferenceLayout();
    } else if (auto *Global = dyn_cast<GlobalVariable>(Variable); Global && !Global->isDeclaration()) {
        P.HasReferences = containsReference(Global->getValueType());
        Problem = layoutOf(Global->getValueType(), DL, P.Layout);
    } else {
        return false;
    }
    if (!Problem.empty()) P.Layout = ReferenceLayout();
    return true;
}

// A thread-local variable is named by the call that gives its address.
static const Value *variableBehind(const Value *Object)
{
    auto *Address = dyn_cast<IntrinsicInst>(Object);
    return Address && Address->getIntrinsicID() == Intrinsic::threadlocal_address ? Address->getArgOperand(0) : Object;
}

Place placeOf(const Value *Pointer, const DataLayout &DL)
{
    Place P;
    if (isReference(Pointer->getType())) return P;
    APInt Offset(DL.getIndexTypeSizeInBits(Pointer->getType()), 0);
    const Value *Variable = variableBehind(Pointer->stripAndAccumulateConstantOffsets(DL, Offset, true));
    if (isa<AllocaInst>(Variable) || isa<GlobalVariable>(Variable)) P.Offset = Offset.getZExtValue();
    else Variable = variableBehind(getUnderlyingObject(Pointer, /*MaxLookup=*/0));
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

bool missesReferences(const Place &P, Type *T, const DataLayout &DL)
{
    if (P.HasReferences && P.Layout.Stride == 0) return false; // refused where it is defined
    ReferenceRuns Runs;
    collectRuns(T, DL, 0, Runs);
    return any_of(offsetsOfRuns(Runs),
                  [&](uint64_t At) { return P.Offset ? !P.Layout.holdsReferenceAt(*P.Offset + At) : !P.HasReferences; });
}

bool isPlainVariable(const Value *V)
{
    return isa<AllocaInst>(V) && all_of(V->uses(), [](const Use &U) {
               auto *I = cast<Instruction>(U.getUser());
               auto *Store = dyn_cast<StoreInst>(I);
               return isa<LoadInst>(I) || I->isLifetimeStartOrEnd() || (Store && U.getOperandNo() == Store->getPointerOperandIndex());
           });
}

const Value *valueOf(const Value *V)
{
    auto *Load = dyn_cast<LoadInst>(V);
    if (!Load || !isPlainVariable(Load->getPointerOperand())) return V;
    const Value *Stored = nullptr;
    for (const User *U : Load->getPointerOperand()->users()) {
        auto *Store = dyn_cast<StoreInst>(U);
        if (Store && Stored) return V;
        if (Store) Stored = Store->getValueOperand();
    }
    return Stored ? Stored : V;
}

std::optional<WordWrite> wordWriteOf(const Instruction &I)
{
    auto *Change = dyn_cast<AtomicRMWInst>(&I);
    if (isa<StoreInst>(I)) return WordWrite{I.getOperand(1), &I.getOperandUse(0)};
    if (Change && Change->getOperation() == AtomicRMWInst::Xchg) return WordWrite{I.getOperand(0), &I.getOperandUse(1)};
    if (isa<AtomicCmpXchgInst>(I)) return WordWrite{I.getOperand(0), &I.getOperandUse(2)};
    return std::nullopt;
}

namespace
{

/// Follows a pointer back over address arithmetic until a type tells.
class Evidence
{
  public:
    // Of an unknown number as of more than there can be, and no sum with a distance passes the end.
    Evidence(uint64_t Bytes, const DataLayout &DL) : Bytes(std::min(Bytes, uint64_t(INT64_MAX))), DL(DL) {}
    /// Offset: of the access behind V, when it is constant. Nothing at all where V leads back to where we were.
    std::optional<Shows> at(const Value *V, std::optional<int64_t> Offset);

  private:
    Shows inType(Type *T, std::optional<int64_t> Offset) const;
    Shows inElements(Type *T, int64_t Offset) const;
    bool covers(Type *T, std::optional<int64_t> Offset) const;
    std::optional<Shows> ofChoice(const User &Choice);
    Shows ofAllocation(const Value *Object, std::optional<int64_t> Offset) const;

    uint64_t Bytes;
    const DataLayout &DL;
    SmallPtrSet<const Value *, 8> Seen;
};

} // namespace

static bool containsAddress(const Type *T)
{
    if (auto *A = dyn_cast<ArrayType>(T)) return containsAddress(A->getElementType());
    auto *S = dyn_cast<StructType>(T);
    return S ? any_of(S->elements(), containsAddress) : T->isPtrOrPtrVectorTy() && !isReference(T->getScalarType());
}

// A complex number is made of two others of its kind, of integers as well, and no more than any number says what is there.
static bool isComplex(const Type *T)
{
    auto *S = dyn_cast<StructType>(T);
    if (!S || !S->isLiteral() || S->getNumElements() != 2 || S->getElementType(0) != S->getElementType(1)) return false;
    return S->getElementType(0)->isFloatingPointTy() || S->getElementType(0)->isIntegerTy();
}

// An index that is not constant may lead anywhere in an array, and nowhere else.
bool Evidence::covers(Type *T, std::optional<int64_t> Offset) const
{
    if (!T->isSized() || T->isScalableTy()) return false;
    if (auto *A = dyn_cast<ArrayType>(T); A && (!Offset || A->getNumElements() == 0)) return true;
    return Offset && *Offset >= 0 && uint64_t(*Offset) + Bytes <= DL.getTypeAllocSize(T).getFixedValue();
}

// Of an array whose length its type does not say.
Shows Evidence::inElements(Type *T, int64_t Offset) const
{
    auto Size = int64_t(DL.getTypeAllocSize(T).getFixedValue());
    if (Size == 0 || Offset < 0) return Shows::Nothing;
    bool IsInOne = uint64_t(Offset % Size) + Bytes <= uint64_t(Size);
    return IsInOne ? inType(T, Offset % Size) : isReference(T) ? Shows::References : Shows::Nothing;
}

Shows Evidence::inType(Type *T, std::optional<int64_t> Offset) const
{
    if (containsUnionOfEither(T)) return Shows::Choice;
    if (!containsReference(T)) return containsAddress(T) ? Shows::Addresses : Shows::Numbers;
    if (containsUnion(T)) return Shows::Choice;
    auto *A = dyn_cast<ArrayType>(T);
    if (A && !Offset) return isReference(A->getElementType()) ? Shows::References : Shows::Nothing;
    if (A && A->getNumElements() == 0) return inElements(A->getElementType(), *Offset);
    ReferenceRuns Runs;
    if (!collectRuns(T, DL, 0, Runs).empty()) return Shows::Nothing;
    return touchesAny(Runs, uint64_t(*Offset), uint64_t(*Offset) + Bytes) ? Shows::References : Shows::Numbers;
}

// All that may come in must say the same; what only leads round a loop says nothing.
std::optional<Shows> Evidence::ofChoice(const User &Choice)
{
    std::optional<Shows> All;
    for (const Value *V : Choice.operand_values()) {
        std::optional<Shows> One = V->getType()->isPointerTy() ? at(V, std::nullopt) : std::nullopt;
        if (One && All && *All != *One) return Shows::Nothing;
        if (One) All = One;
    }
    return All;
}

// The object is allocated here: the type that the allocation is handed lists its references. It shows numbers, or nothing.
Shows Evidence::ofAllocation(const Value *Object, std::optional<int64_t> Offset) const
{
    auto *Call = dyn_cast<CallBase>(Object);
    if (!Call || !Offset) return Shows::Nothing;
    std::vector<TypeConstant> Types = typesAllocatedBy(*Call);
    bool IsNumber = !Types.empty() && all_of(Types, [&](const TypeConstant &T) {
        if (*Offset < 0 || T.refersIn(uint64_t(*Offset), uint64_t(*Offset) + Bytes) != false) return false;
        return !T.isArray() && uint64_t(*Offset) + Bytes <= T.numberOr0(offsetof(gw_type, size));
    });
    return IsNumber ? Shows::Numbers : Shows::Nothing;
}

// Of a union in an object one member shows, a number perhaps. Its type may be declared where another file sees it
// (types/declared_unions.h).
static bool isOfEither(const StructType &S, const GEPOperator &Address)
{
    return isUnionOfEither(S) || (isReference(Address.getType()) && isUnion(S) && containsUnion(&S));
}

// The place is part of a member of such a union.
static bool isInUnionOfEither(const GEPOperator *Address)
{
    for (; Address; Address = dyn_cast<GEPOperator>(Address->getPointerOperand())) {
        auto *Result = dyn_cast<StructType>(Address->getResultElementType());
        if (Result && isOfEither(*Result, *Address)) return true;
        for (auto Step = gep_type_begin(Address), End = gep_type_end(Address); Step != End; ++Step)
            if (StructType *Through = Step.getStructTypeOrNull(); Through && isOfEither(*Through, *Address)) return true;
    }
    return false;
}

// A field by itself that is smaller than a word is no part of one.
static bool isSmallField(const GEPOperator &Address)
{
    Type *T = Address.getResultElementType();
    auto Last = gep_type_begin(Address);
    for (auto Next = Last, End = gep_type_end(Address); Next != End; ++Next) Last = Next;
    return Last.isStruct() && T->isSingleValueType() && T->getPrimitiveSizeInBits() > 0 && T->getPrimitiveSizeInBits() < 64;
}

// What the type of a traced object shows as numbers may be references: the outermost struct in the address decides.
static bool isNumberOfTraced(const GEPOperator *Address)
{
    if (isSmallField(*Address)) return false;
    const StructType *Outermost = nullptr;
    for (; Address; Address = dyn_cast<GEPOperator>(withoutCasts(Address->getPointerOperand())))
        if (auto *S = dyn_cast<StructType>(Address->getSourceElementType())) Outermost = S;
    return Outermost && isTracedStruct(*Outermost);
}

static Shows withTraced(Shows There, const GEPOperator &Address)
{
    return There == Shows::Numbers && isNumberOfTraced(&Address) ? Shows::Choice : There;
}

// clang reads a struct of one number as that number, when it is passed by value: the field is named, and nobody has said that the bits are
// a number. In objects the field counts, for most of the numbers there stand alone.
static bool isPassedAsNumber(const GEPOperator &Address)
{
    auto *S = dyn_cast<StructType>(Address.getSourceElementType());
    return S && S->getNumElements() == 1 && S->getElementType(0)->isSingleValueType() && !isReference(Address.getType()) &&
           !containsReference(S);
}

std::optional<Shows> Evidence::at(const Value *V, std::optional<int64_t> Offset)
{
    for (; Seen.insert(V).second;) {
        if (isa<BitCastOperator>(V) || isa<AddrSpaceCastOperator>(V)) {
            V = cast<User>(V)->getOperand(0);
            continue;
        }
        if (isa<PHINode>(V) || isa<SelectInst>(V)) return ofChoice(*cast<User>(V));
        auto *GEP = dyn_cast<GEPOperator>(V);
        if (!GEP) return ofAllocation(V, Offset);
        Type *Result = GEP->getResultElementType(), *Source = GEP->getSourceElementType();
        bool IsEvidence =
            (Source->isStructTy() && !isComplex(Source) && !isPassedAsNumber(*GEP)) || Source->isArrayTy() || containsReference(Result);
        if (IsEvidence && covers(Result, Offset)) return isInUnionOfEither(GEP) ? Shows::Choice : withTraced(inType(Result, Offset), *GEP);
        APInt Distance(DL.getIndexTypeSizeInBits(GEP->getType()), 0);
        if (Offset && GEP->accumulateConstantOffset(DL, Distance)) *Offset += Distance.getSExtValue();
        else Offset = std::nullopt;
        V = GEP->getPointerOperand();
    }
    return std::nullopt;
}

Shows shownAt(const Value *Pointer, uint64_t Bytes, const DataLayout &DL, int64_t Offset)
{
    return Evidence(Bytes, DL).at(Pointer, Offset).value_or(Shows::Nothing);
}

bool showsReferencesFrom(const Value *Pointer, const DataLayout &DL)
{
    Distance Way;
    while (auto *Address = dyn_cast<GEPOperator>(Pointer)) {
        addIndices(*Address, DL, Way);
        ReferenceRuns Runs;
        std::string Problem = collectRuns(Address->getSourceElementType(), DL, 0, Runs);
        if (!Problem.empty() || any_of(Runs, [&](const ReferenceRun &Run) { return int64_t(Run.last()) >= Way.Bytes; })) return true;
        Pointer = Address->getPointerOperand();
    }
    return false;
}

const Value *withoutCasts(const Value *Pointer)
{
    while (isa<BitCastOperator>(Pointer) || isa<AddrSpaceCastOperator>(Pointer)) Pointer = cast<Operator>(Pointer)->getOperand(0);
    return Pointer;
}

// Behind the field, in the structs around it: a copy of more than one begins at a number.
static bool showsReferencesBehind(const GEPOperator *Address, uint64_t Bytes, const DataLayout &DL)
{
    APInt From(DL.getIndexTypeSizeInBits(Address->getType()), 0);
    for (; Address && Bytes != UINT64_MAX; Address = dyn_cast<GEPOperator>(withoutCasts(Address->getPointerOperand()))) {
        ReferenceRuns Runs;
        if (!Address->accumulateConstantOffset(DL, From) || From.isNegative()) return false;
        if (!collectRuns(Address->getSourceElementType(), DL, 0, Runs).empty()) return false;
        if (touchesAny(Runs, From.getZExtValue(), From.getZExtValue() + Bytes)) return true;
    }
    return false;
}

bool showsReferences(const Value *Pointer, uint64_t Bytes, const DataLayout &DL)
{
    auto *Address = dyn_cast<GEPOperator>(withoutCasts(Pointer));
    if (!Address) return false;
    ReferenceRuns Runs;
    std::string Problem = collectRuns(Address->getResultElementType(), DL, 0, Runs);
    return !Problem.empty() || any_of(Runs, [&](const ReferenceRun &Run) { return Run.Start < Bytes; }) ||
           showsReferencesBehind(Address, Bytes, DL);
}

} // namespace greywave
