// Variables with references that are read and written as numbers, through pointers of which the type says nothing.
//
// What is written behind a call that may collect must not have been read in front of it: the collector puts the new address into the
// variable, and into no number. Where the callers show that references lie at both ends it is refused. Where they do not, as with a
// pointer out of memory, the runtime looks at the word and at where it goes. And what is read as a number is read where the program says:
// the optimiser does not know that a collection writes to variables.
#include "constructs/constructs.h"
#include "constructs/intrinsic_writes.h"
#include "constructs/origins.h"
#include "constructs/store_checks.h"
#include "constructs/variables.h"
#include "facts/diagnose.h"
#include "facts/reference_types.h"
#include "facts/safepoints.h"
#include "llvm/Analysis/ValueTracking.h"

using namespace llvm;

namespace greywave
{

// ---- Writes ---------------------------------------------------------------------------------------------------------

// Where a pointer may lead to a reference, for all that the file shows.
static bool mayLeadToReference(const Value *Pointer, PlacesBehind &Places, uint64_t Bytes)
{
    return Bytes >= 8 && !Places.areAllKnown(Pointer) && shownAt(Pointer, Bytes, Places.layout()) != Shows::Numbers;
}

// An exchange, and what makes of the word that is there one with the bits of another.
static std::optional<WordWrite> bitWriteOf(const Instruction &I)
{
    auto *Operation = dyn_cast<AtomicRMWInst>(&I);
    bool Mixes = Operation && is_contained({AtomicRMWInst::And, AtomicRMWInst::Or, AtomicRMWInst::Xor, AtomicRMWInst::Max,
                                            AtomicRMWInst::Min, AtomicRMWInst::UMax, AtomicRMWInst::UMin},
                                           Operation->getOperation());
    return Mixes ? WordWrite{I.getOperand(0), &I.getOperandUse(1)} : wordWriteOf(I);
}

static bool isStaleInObject(const Value *Pointer, const Use &Stored, uint64_t Bytes, PlacesBehind &Places)
{
    return any_of(Places.placesInObjects(Pointer), [&](const PlacesBehind::InObject &Object) {
        return Object.mayHoldReference(Bytes, Places.layout()) && bitsOf(Stored, Places, Object.Through) == Bits::StaleReference;
    });
}

namespace
{

enum class Verdict {
    Fine,
    Unknown, ///< the runtime is to look whether a reference of before is written where the collector looks
    Stale    ///< the file shows it
};

} // namespace

// Numbers exchanged between two calls that may collect, as a function does that sorts words of any kind, are none of our business.
static Verdict judgeWrite(const Value *Pointer, const Use &Stored, uint64_t Bytes, PlacesBehind &Places)
{
    if (isReference(Pointer->getType()->getScalarType()) || containsReference(Stored->getType()) || isa<Constant>(Stored))
        return Verdict::Fine;
    auto ShowingCalls = Places.showingCalls(Pointer, Bytes);
    auto IsStaleBy = [&](const Instruction *Call) { return bitsOf(Stored, Places, Call) == Bits::StaleReference; };
    if (any_of(ShowingCalls, IsStaleBy) || isStaleInObject(Pointer, Stored, Bytes, Places)) return Verdict::Stale;
    if (ShowingCalls.empty() && !mayLeadToReference(Pointer, Places, Bytes)) return Verdict::Fine;
    bool MayBeStale = bitsOf(Stored, Places) >= Bits::StaleIfReference;
    return MayBeStale && isChecked(*cast<Instruction>(Stored.getUser())->getFunction()) ? Verdict::Unknown : Verdict::Fine;
}

static constexpr char WordOfBefore[] = "a word that may be a reference of before a call that may collect is written";

static void checkStaleWrite(const WordWrite &Write, PlacesBehind &Places, Refusals &Errors)
{
    auto &I = *cast<Instruction>(Write.Stored->getUser());
    switch (judgeWrite(Write.Pointer, *Write.Stored, bytesOf(Write.Stored->get()->getType(), Places.layout()), Places)) {
    case Verdict::Fine: return;
    case Verdict::Unknown:
        if (isInOtherSpace(Write.Pointer)) return refuseOtherSpace(I, WordOfBefore, Errors);
        return insertWordChecks(I, Write.Pointer, Write.Stored->get());
    case Verdict::Stale: return refuseStale(I, "where a reference belongs", Errors);
    }
}

// ---- Writes by intrinsics -------------------------------------------------------------------------------------------

// Of an intrinsic that the runtime cannot check no place is known, and so what may be stale may not come there.
static void checkIntrinsicWrite(IntrinsicInst &I, const IntrinsicWrite &Write, PlacesBehind &Places, Refusals &Errors)
{
    Distance Way;
    const Value *Base = goBack(Write.To, Places.layout(), Way); // of a vector of pointers, where it has one
    bool HasOne = Write.To->getType()->isVectorTy() && !Base->getType()->isVectorTy();
    for (const Use *Stored : Write.Stored) {
        Verdict V = judgeWrite(HasOne ? Base : Write.To, *Stored, Write.Bytes, Places);
        if (V == Verdict::Fine) continue;
        if (V == Verdict::Stale) return refuseStale(I, "where a reference belongs", Errors);
        if (isInOtherSpace(Write.To)) return refuseOtherSpace(I, WordOfBefore, Errors);
        IRBuilder<> B(&I);
        if (eachWordWritten(I, B, [&](Value *Place, Value *Word) { callWordCheck(Place, Word, B); })) return;
        return refuseStale(I, "by an intrinsic that is not checked", Errors);
    }
}

// ---- Copies ---------------------------------------------------------------------------------------------------------

namespace
{

/// A copy out of variables of numbers, of this function or of its callers.
class NumberCopy
{
  public:
    NumberCopy(Instruction &I, const MemoryCopy &Copy, PlacesBehind &Places);
    const char *whereStale();
    void check(Refusals &Errors);

  private:
    bool isStale(const Instruction *Through);
    uint64_t bytesToCheck() const;
    bool needsCheck(uint64_t At);
    Value *wordAt(uint64_t At, IRBuilderBase &B) const;

    Instruction &I;
    MemoryCopy Copy;
    PlacesBehind &Places;
    Place Local;           ///< where the variable is one of this function
    bool IsPassed = false; ///< a parameter of numbers that is a copy, filled by the call
    SmallVector<std::pair<Reading, const Instruction *>, 2> Sources;
};

} // namespace

NumberCopy::NumberCopy(Instruction &I, const MemoryCopy &Copy, PlacesBehind &Places) : I(I), Copy(Copy), Places(Places)
{
    if (isReference(Copy.From->getType())) return;
    Local = placeOf(Copy.From, Places.layout());
    auto *A = dyn_cast<Argument>(getUnderlyingObject(Copy.From));
    IsPassed = A && A->hasPassPointeeByValueCopyAttr() && !containsReference(A->getPointeeInMemoryValueType());
    if (Local.isBlind() && isa<AllocaInst>(Local.Variable)) Sources.push_back({readingOf(Local, I, Copy.Bytes), nullptr});
    if (Local.Variable) return;
    for (const PlacesBehind::BlindVariable &V : Places.blindVariables(Copy.From))
        if (std::optional<Reading> R = readingOf(V, I)) Sources.push_back({*R, V.second});
}

// Handed on by one call, where both ends are.
bool NumberCopy::isStale(const Instruction *Through)
{
    if (IsPassed) return bitsRead(Copy.From, I, Copy.Bytes, Places, Through) == Bits::StaleReference;
    return any_of(Sources, [&](const std::pair<Reading, const Instruction *> &Source) {
        return !isOtherCall(Source.second, Through) && bitsInBuffer(Source.first, Places, Through) == Bits::StaleReference;
    });
}

// Null: nothing stale comes to where a reference may lie, as far as the file shows it.
const char *NumberCopy::whereStale()
{
    if ((Sources.empty() && !IsPassed) || Copy.Bytes < 8) return nullptr;
    if (isReference(Copy.To->getType())) {
        if (Local.Variable) return nullptr; // raw_writes.cpp's
        PlacesBehind::InObject Object{Copy.To, Distance(), nullptr};
        return Object.mayHoldReference(Copy.Bytes, Places.layout()) && isStale(nullptr) ? "into an object" : nullptr;
    }
    bool IsStale = any_of(Places.showingCalls(Copy.To, Copy.Bytes), [&](const Instruction *Call) { return isStale(Call); });
    for (const PlacesBehind::InObject &Object : Places.placesInObjects(Copy.To))
        IsStale |= Object.mayHoldReference(Copy.Bytes, Places.layout()) && isStale(Object.Through);
    return IsStale ? "where a reference belongs" : nullptr;
}

bool NumberCopy::needsCheck(uint64_t At)
{
    if (IsPassed) return bitsRead(Copy.From, I, 8, Places) >= Bits::StaleIfReference;
    if (!Local.Variable || !Local.Offset)
        return any_of(Sources, [&](const std::pair<Reading, const Instruction *> &Source) {
            return bitsInBuffer(Source.first, Places) >= Bits::StaleIfReference;
        });
    Place Word = Local;
    *Word.Offset += At;
    return bitsInBuffer(readingOf(Word, I, 8), Places) >= Bits::StaleIfReference;
}

// A check takes code; words of longer copies are not looked at.
static constexpr uint64_t MostChecked = 16;

// As many as the variable has, where the program computes how many.
uint64_t NumberCopy::bytesToCheck() const
{
    uint64_t Bytes = Copy.Bytes;
    if (Bytes == UINT64_MAX && Local.Variable && Local.Offset)
        Bytes = Places.layout().getTypeAllocSize(cast<AllocaInst>(Local.Variable)->getAllocatedType()).getFixedValue() - *Local.Offset;
    return Bytes > 8 * MostChecked ? 0 : Bytes;
}

// As swab leaves it: each two neighbours exchanged.
static Value *withSwappedBytes(Value *Word, IRBuilderBase &B)
{
    constexpr uint64_t Low = 0x00ff00ff00ff00ff;
    return B.CreateOr(B.CreateAnd(B.CreateLShr(Word, 8), Low), B.CreateShl(B.CreateAnd(Word, Low), 8));
}

// Null where so much is not copied.
Value *NumberCopy::wordAt(uint64_t At, IRBuilderBase &B) const
{
    Value *Address = B.CreateConstGEP1_64(B.getInt8Ty(), const_cast<Value *>(Copy.From), At);
    Value *Word = B.CreateAlignedLoad(B.getInt64Ty(), Address, Align(1));
    if (Copy.SwapsBytes) Word = withSwappedBytes(Word, B);
    if (Copy.Bytes != UINT64_MAX) return Word;
    Value *Length = B.CreateZExtOrTrunc(const_cast<Value *>(Copy.Length), B.getInt64Ty());
    return B.CreateSelect(B.CreateICmpUGE(Length, B.getInt64(At + 8)), Word, B.getInt64(0));
}

// Each word by itself: a struct may have a number of before beside a reference of the moment.
void NumberCopy::check(Refusals &Errors)
{
    if ((Sources.empty() && !IsPassed) || isReference(Copy.To->getType()) || !isChecked(*I.getFunction())) return;
    if (!Places.mayShowReference(Copy.To, Copy.Bytes) && !mayLeadToReference(Copy.To, Places, Copy.Bytes)) return;
    IRBuilder<> B(&I);
    for (uint64_t At = 0, Bytes = bytesToCheck(); At + 8 <= Bytes; At += 8)
        if (needsCheck(At) && isInOtherSpace(Copy.To)) return refuseOtherSpace(I, WordOfBefore, Errors);
        else if (needsCheck(At)) callWordCheck(B.CreateConstGEP1_64(B.getInt8Ty(), const_cast<Value *>(Copy.To), At), wordAt(At, B), B);
}

static void checkStaleCopy(Instruction &I, const MemoryCopy &Copy, PlacesBehind &Places, Refusals &Errors)
{
    NumberCopy Numbers(I, Copy, Places);
    if (const char *Where = Numbers.whereStale()) return refuseStale(I, Where, Errors);
    Numbers.check(Errors);
}

void checkStaleNumbers(Function &F, PlacesBehind &Places, Refusals &Errors)
{
    for (Instruction &I : make_early_inc_range(instructions(F))) {
        if (std::optional<WordWrite> Write = bitWriteOf(I)) checkStaleWrite(*Write, Places, Errors);
        else if (std::optional<IntrinsicWrite> Write = intrinsicWriteOf(I))
            checkIntrinsicWrite(cast<IntrinsicInst>(I), *Write, Places, Errors);
        for (const MemoryCopy &Copy : memoryCopiesOf(I)) checkStaleCopy(I, Copy, Places, Errors);
    }
}

bool movesWords(const Function &F)
{
    const DataLayout &DL = F.getParent()->getDataLayout();
    auto Writes = [&](const Instruction &I) {
        if (intrinsicWriteOf(I)) return true;
        std::optional<WordWrite> Write = wordWriteOf(I);
        if (!Write || isa<Constant>(Write->Stored->get()) || bytesOf(Write->Stored->get()->getType(), DL) < 8) return false;
        const Value *Pointer = Write->Pointer, *Object = getUnderlyingObject(Pointer, /*MaxLookup=*/0);
        return !isReference(Pointer->getType()) && !isa<AllocaInst>(Object) && !isa<GlobalVariable>(Object);
    };
    return any_of(instructions(F), mayCollect) && any_of(instructions(F), Writes);
}

// ---- Reads ----------------------------------------------------------------------------------------------------------

static bool isNumberInPlace(const Value *Pointer, Type *T, PlacesBehind &Places)
{
    if (containsReference(T) || isReference(Pointer->getType())) return false;
    uint64_t Bytes = bytesOf(T, Places.layout());
    return Places.mayShowReference(Pointer, Bytes) && shownAt(Pointer, Bytes, Places.layout()) != Shows::Numbers;
}

// As one load of several words it would make one variable of them, of a type that shows no references.
static void readWordByWord(LoadInst &Load)
{
    const DataLayout &DL = Load.getModule()->getDataLayout();
    Type *T = Load.getType();
    uint64_t Bytes = bytesOf(T, DL);
    if (Bytes <= 8 || Bytes % 8 || T->isAggregateType() || isa<ScalableVectorType>(T) || T->getPrimitiveSizeInBits() != Bytes * 8) return;
    IRBuilder<> B(&Load);
    Value *Words = PoisonValue::get(FixedVectorType::get(B.getInt64Ty(), unsigned(Bytes / 8)));
    for (uint64_t At = 0; At < Bytes; At += 8) {
        Value *Place = B.CreateConstInBoundsGEP1_64(B.getInt8Ty(), Load.getPointerOperand(), At);
        Value *Word = B.CreateAlignedLoad(B.getInt64Ty(), Place, commonAlignment(Load.getAlign(), At), /*isVolatile=*/true);
        Words = B.CreateInsertElement(Words, Word, At / 8);
    }
    Load.replaceAllUsesWith(B.CreateBitCast(Words, T));
    Load.eraseFromParent();
}

// Nor that numbers and references are told apart by C's rule of types: a reference that is read as a number was stored for it.
void keepReadsInPlace(Function &F, PlacesBehind &Places)
{
    for (Instruction &I : make_early_inc_range(instructions(F))) {
        auto *Load = dyn_cast<LoadInst>(&I);
        auto *Store = dyn_cast<StoreInst>(&I);
        if (!Load && !Store) continue;
        if (!isNumberInPlace(getLoadStorePointerOperand(&I), getLoadStoreType(&I), Places)) continue;
        I.setMetadata(LLVMContext::MD_tbaa, nullptr);
        if (!Load) continue;
        Load->setVolatile(true);
        if (!Load->isAtomic()) readWordByWord(*Load);
    }
}

} // namespace greywave
