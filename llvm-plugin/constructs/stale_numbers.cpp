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

static void insertWordCheck(const WordWrite &Write)
{
    Instruction &I = *cast<Instruction>(Write.Stored->getUser());
    IRBuilder<> B(&I);
    FunctionCallee Check = declareLeaf(*I.getModule(), "gw_check_word", B.getVoidTy(), {B.getPtrTy(), B.getInt64Ty()});
    uint64_t At = 0;
    for (Value *Word : wordsOf(Write.Stored->get(), I.getModule()->getDataLayout(), B)) {
        callLeaf(Check, {B.CreateConstGEP1_64(B.getInt8Ty(), Write.Pointer, At), Word}, B);
        At += 8;
    }
}

// Where a pointer may lead to a reference, for all that the file shows.
static bool mayLeadToReference(const Value *Pointer, PlacesBehind &Places, uint64_t Bytes)
{
    return Bytes >= 8 && !Places.areAllKnown(Pointer) && shownAt(Pointer, Bytes, Places.layout()) != Shows::Numbers;
}

// Numbers exchanged between two calls that may collect, as a function does that sorts words of any kind, are none of our business.
static void checkStaleWrite(const WordWrite &Write, PlacesBehind &Places, Refusals &Errors)
{
    const Value *Pointer = Write.Pointer, *Stored = Write.Stored->get();
    auto &I = *cast<Instruction>(Write.Stored->getUser());
    if (isReference(Pointer->getType()) || containsReference(Stored->getType()) || isa<Constant>(Stored)) return;
    uint64_t Bytes = bytesOf(Stored->getType(), Places.layout());
    bool IsShown = Places.mayShowReference(Pointer, Bytes);
    if (!IsShown && !mayLeadToReference(Pointer, Places, Bytes)) return;
    Bits Written = bitsOf(*Write.Stored, Places);
    if (IsShown && Written == Bits::StaleReference) return refuseStale(I, "where a reference belongs", Errors);
    if (Written >= Bits::StaleIfReference && isChecked(*I.getFunction())) insertWordCheck(Write);
}

static void checkStaleCopy(const MemTransferInst &Copy, PlacesBehind &Places, Refusals &Errors)
{
    Place From = placeOf(Copy.getRawSource(), Places.layout());
    auto *Buffer = dyn_cast_or_null<AllocaInst>(From.Variable);
    if (!Buffer || From.HasReferences || !Places.mayShowReference(Copy.getRawDest(), bytesOf(Copy))) return;
    if (bitsInBuffer(*Buffer, Copy, Places) == Bits::StaleReference) refuseStale(Copy, "where a reference belongs", Errors);
}

void checkStaleNumbers(Function &F, PlacesBehind &Places, Refusals &Errors)
{
    for (Instruction &I : make_early_inc_range(instructions(F))) {
        if (std::optional<WordWrite> Write = wordWriteOf(I)) checkStaleWrite(*Write, Places, Errors);
        else if (auto *Copy = dyn_cast<MemTransferInst>(&I)) checkStaleCopy(*Copy, Places, Errors);
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
