// Variables with references that are read and written as numbers, through pointers of which the type says nothing.
//
// What is written behind a call that may collect must not have been read in front of it: the collector puts the new address into the
// variable, and into no number. Where the callers show that references lie at both ends it is refused. Where they do not, as with a
// pointer out of memory, the runtime looks at the word and at where it goes. And what is read as a number is read where the program says:
// the optimiser does not know that a collection writes to variables.
#include "constructs/constructs.h"
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

// Each word of the value; none of a smaller one, nor of what is not made of words.
static SmallVector<Value *, 2> wordsOf(Value *Stored, const DataLayout &DL, IRBuilderBase &B)
{
    Type *T = Stored->getType();
    uint64_t Words = bytesOf(T, DL) / 8;
    if (T->isPointerTy()) return {B.CreatePtrToInt(Stored, B.getInt64Ty())};
    if (T->isAggregateType() || isa<ScalableVectorType>(T) || T->getPrimitiveSizeInBits() != Words * 64) return {};
    if (Words == 1) return {B.CreateBitCast(Stored, B.getInt64Ty())};
    Value *All = B.CreateBitCast(Stored, FixedVectorType::get(B.getInt64Ty(), unsigned(Words)));
    SmallVector<Value *, 2> Found;
    for (uint64_t I = 0; I < Words; I++) Found.push_back(B.CreateExtractElement(All, I));
    return Found;
}

static void callWordCheck(Value *Place, Value *Word, IRBuilderBase &B)
{
    Module &M = *B.GetInsertBlock()->getModule();
    callLeaf(declareLeaf(M, "gw_check_word", B.getVoidTy(), {B.getPtrTy(), B.getInt64Ty()}), {Place, Word}, B);
}

static void insertWordCheck(const WordWrite &Write)
{
    Instruction &I = *cast<Instruction>(Write.Stored->getUser());
    IRBuilder<> B(&I);
    uint64_t At = 0;
    for (Value *Word : wordsOf(Write.Stored->get(), I.getModule()->getDataLayout(), B)) {
        callWordCheck(B.CreateConstGEP1_64(B.getInt8Ty(), Write.Pointer, At), Word, B);
        At += 8;
    }
}

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

// A place in an object whose plain address a caller hands on, where the same written there would be refused.
static bool mayHoldReference(const PlacesBehind::InObject &Object, uint64_t Bytes, PlacesBehind &Places)
{
    Shows There = Object.shown(Bytes, Places.layout());
    return There == Shows::References || There == Shows::Nothing;
}

static bool isStaleInObject(const WordWrite &Write, uint64_t Bytes, PlacesBehind &Places)
{
    return any_of(Places.placesInObjects(Write.Pointer), [&](const PlacesBehind::InObject &Object) {
        return mayHoldReference(Object, Bytes, Places) && bitsOf(*Write.Stored, Places, Object.Through) == Bits::StaleReference;
    });
}

// Numbers exchanged between two calls that may collect, as a function does that sorts words of any kind, are none of our business.
static void checkStaleWrite(const WordWrite &Write, PlacesBehind &Places, Refusals &Errors)
{
    const Value *Pointer = Write.Pointer, *Stored = Write.Stored->get();
    auto &I = *cast<Instruction>(Write.Stored->getUser());
    if (isReference(Pointer->getType()) || containsReference(Stored->getType()) || isa<Constant>(Stored)) return;
    uint64_t Bytes = bytesOf(Stored->getType(), Places.layout());
    auto ShowingCalls = Places.showingCalls(Pointer, Bytes);
    auto IsStaleBy = [&](const Instruction *Call) { return bitsOf(*Write.Stored, Places, Call) == Bits::StaleReference; };
    if (any_of(ShowingCalls, IsStaleBy) || isStaleInObject(Write, Bytes, Places))
        return refuseStale(I, "where a reference belongs", Errors);
    if (ShowingCalls.empty() && !mayLeadToReference(Pointer, Places, Bytes)) return;
    if (bitsOf(*Write.Stored, Places) >= Bits::StaleIfReference && isChecked(*I.getFunction())) insertWordCheck(Write);
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
    void insertChecks();

  private:
    bool isStale(const Instruction *Through);
    uint64_t bytesToCheck() const;
    bool needsCheck(uint64_t At);
    Value *wordAt(uint64_t At, IRBuilderBase &B) const;

    Instruction &I;
    MemoryCopy Copy;
    PlacesBehind &Places;
    Place Local; ///< where the variable is one of this function
    SmallVector<std::pair<Reading, const Instruction *>, 2> Sources;
};

} // namespace

NumberCopy::NumberCopy(Instruction &I, const MemoryCopy &Copy, PlacesBehind &Places) : I(I), Copy(Copy), Places(Places)
{
    if (isReference(Copy.From->getType())) return;
    Local = placeOf(Copy.From, Places.layout());
    if (Local.isBlind() && isa<AllocaInst>(Local.Variable)) Sources.push_back({readingOf(Local, I, Copy.Bytes), nullptr});
    if (Local.Variable) return;
    for (const PlacesBehind::BlindVariable &V : Places.blindVariables(Copy.From))
        if (std::optional<Reading> R = readingOf(V, I)) Sources.push_back({*R, V.second});
}

// Handed on by one call, where both ends are.
bool NumberCopy::isStale(const Instruction *Through)
{
    return any_of(Sources, [&](const std::pair<Reading, const Instruction *> &Source) {
        return !isOtherCall(Source.second, Through) && bitsInBuffer(Source.first, Places, Through) == Bits::StaleReference;
    });
}

// Null: nothing stale comes to where a reference may lie, as far as the file shows it.
const char *NumberCopy::whereStale()
{
    if (Sources.empty() || Copy.Bytes < 8) return nullptr;
    if (isReference(Copy.To->getType())) {
        if (Local.Variable) return nullptr; // raw_writes.cpp's
        PlacesBehind::InObject Object{Copy.To, Distance(), nullptr};
        return mayHoldReference(Object, Copy.Bytes, Places) && isStale(nullptr) ? "into an object" : nullptr;
    }
    bool IsStale = any_of(Places.showingCalls(Copy.To, Copy.Bytes), [&](const Instruction *Call) { return isStale(Call); });
    for (const PlacesBehind::InObject &Object : Places.placesInObjects(Copy.To))
        IsStale |= mayHoldReference(Object, Copy.Bytes, Places) && isStale(Object.Through);
    return IsStale ? "where a reference belongs" : nullptr;
}

bool NumberCopy::needsCheck(uint64_t At)
{
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

// Null where so much is not copied.
Value *NumberCopy::wordAt(uint64_t At, IRBuilderBase &B) const
{
    Value *Address = B.CreateConstGEP1_64(B.getInt8Ty(), const_cast<Value *>(Copy.From), At);
    Value *Word = B.CreateAlignedLoad(B.getInt64Ty(), Address, Align(1));
    if (Copy.Bytes != UINT64_MAX) return Word;
    Value *Length = B.CreateZExtOrTrunc(cast<CallBase>(I).getArgOperand(2), B.getInt64Ty());
    return B.CreateSelect(B.CreateICmpUGE(Length, B.getInt64(At + 8)), Word, B.getInt64(0));
}

// Each word by itself: a struct may have a number of before beside a reference of the moment.
void NumberCopy::insertChecks()
{
    if (Sources.empty() || isReference(Copy.To->getType()) || !isChecked(*I.getFunction())) return;
    if (!Places.mayShowReference(Copy.To, Copy.Bytes) && !mayLeadToReference(Copy.To, Places, Copy.Bytes)) return;
    IRBuilder<> B(&I);
    for (uint64_t At = 0, Bytes = bytesToCheck(); At + 8 <= Bytes; At += 8)
        if (needsCheck(At)) callWordCheck(B.CreateConstGEP1_64(B.getInt8Ty(), const_cast<Value *>(Copy.To), At), wordAt(At, B), B);
}

static void checkStaleCopy(Instruction &I, const MemoryCopy &Copy, PlacesBehind &Places, Refusals &Errors)
{
    NumberCopy Numbers(I, Copy, Places);
    if (const char *Where = Numbers.whereStale()) return refuseStale(I, Where, Errors);
    Numbers.insertChecks();
}

void checkStaleNumbers(Function &F, PlacesBehind &Places, Refusals &Errors)
{
    for (Instruction &I : make_early_inc_range(instructions(F))) {
        if (std::optional<WordWrite> Write = bitWriteOf(I)) checkStaleWrite(*Write, Places, Errors);
        else if (std::optional<MemoryCopy> Copy = memoryCopyOf(I)) checkStaleCopy(I, *Copy, Places, Errors);
    }
}

bool movesWords(const Function &F)
{
    const DataLayout &DL = F.getParent()->getDataLayout();
    auto Writes = [&](const Instruction &I) {
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
