// References written into objects as something else: bytes, words, vectors, by atomics and masked stores of numbers.
//
// What a store of a number writes is a number where the address says so, by the type of a struct or array in it. Where it
// says nothing, as in `char GW *to, *from; to[i] = from[i]`, what counts is where the number comes from: when that may be
// the memory of a reference, the store is the copy of one. It gets a barrier, as the opaque call gw.store, which nothing
// joins with others and which becomes the store again in the last pass. After a safepoint the bits may be those of an
// object that has moved: refused.
#include "constructs/constructs.h"
#include "constructs/intrinsic_writes.h"
#include "constructs/origins.h"
#include "constructs/store_checks.h"
#include "facts/diagnose.h"
#include "facts/reference_types.h"
#include "facts/safepoints.h"
#include "constructs/variables.h"

using namespace llvm;

namespace greywave
{

static constexpr char StorePrefix[] = "gw.store.";
static constexpr char WrittenName[] = "gw.written";

// Of a union, or of a field that is a plain pointer, the program decides what it keeps there.
static bool mayHoldNumber(Shows There)
{
    return There == Shows::Choice || There == Shows::Addresses;
}

// ---- Stores of numbers ----------------------------------------------------------------------------------------------

void refuseStale(const Instruction &I, const char *Where, Refusals &Errors)
{
    Errors.at(I, Twine("bits that may be those of a reference are written ") + Where +
                     " after a call that may collect, which may have moved what they refer to; read and write them as a GW pointer, or "
                     "through a struct whose type shows that they are a number");
}

// Whether what is written into an object may be a reference; false, too, when it is refused.
static bool needsBarrier(const Instruction &I, Bits Written, Shows There, Refusals &Errors)
{
    if (Written == Bits::Number) return false;
    if (Written != Bits::StaleReference || mayHoldNumber(There)) return true;
    refuseStale(I, "into an object", Errors);
    return false;
}

// What was read before a safepoint where nobody shows what lies: the runtime looks whether it was a reference.
static void checkIfUnknown(Instruction &I, Value *Slot, const Use &Stored, Bits Written, Shows There)
{
    if (Written == Bits::StaleIfReference && !mayHoldNumber(There) && isChecked(*I.getFunction())) insertWordChecks(I, Slot, Stored.get());
}

static void hideStore(StoreInst &Store)
{
    Type *T = Store.getValueOperand()->getType();
    std::string Name = StorePrefix;
    raw_string_ostream Text(Name);
    Text << *T;
    Text.flush();
    IRBuilder<> B(&Store);
    FunctionCallee Callee = Store.getModule()->getOrInsertFunction(Name, B.getVoidTy(), T, Store.getPointerOperandType(), B.getInt1Ty());
    describeMarker(*cast<Function>(Callee.getCallee()), MemoryEffects::argMemOnly(ModRefInfo::Mod));
    CallInst *Call = B.CreateCall(Callee, {Store.getValueOperand(), Store.getPointerOperand(), B.getInt1(Store.isVolatile())});
    Call->addParamAttr(1, Attribute::getWithAlignment(Store.getContext(), Store.getAlign()));
    Store.eraseFromParent();
}

static bool writesIntoObject(const Value *Pointer, const Value *Stored)
{
    return isReference(Pointer->getType()) && !containsReference(Stored->getType()) && !isa<Constant>(Stored);
}

static void announce(Instruction &I, Value *Slot, Value *Bytes)
{
    IRBuilder<> B(&I);
    FunctionCallee Callee = I.getModule()->getOrInsertFunction(WrittenName, B.getVoidTy(), Slot->getType(), B.getInt64Ty());
    describeMarker(*cast<Function>(Callee.getCallee()), MemoryEffects::inaccessibleOrArgMemOnly());
    B.CreateCall(Callee, {Slot, Bytes});
}

static void announce(Instruction &I, Value *Slot, uint64_t Bytes)
{
    announce(I, Slot, ConstantInt::get(Type::getInt64Ty(I.getContext()), Bytes));
}

void announceWholeObject(Instruction &I, Value &Reference)
{
    announce(I, &Reference, UINT64_MAX);
}

// A struct of numbers, or an array, that is filled with words and then assigned.
static void protectAssignment(MemTransferInst &Copy, PlacesBehind &Places, Refusals &Errors)
{
    const DataLayout &DL = Copy.getModule()->getDataLayout();
    Place From = placeOf(Copy.getRawSource(), DL);
    if (!From.isBlind() || !isa<AllocaInst>(From.Variable) || !isReference(Copy.getRawDest()->getType())) return;
    Shows There = shownAt(Copy.getRawDest(), bytesOf(Copy), DL);
    if (There == Shows::Numbers) return;
    if (!needsBarrier(Copy, bitsInBuffer(readingOf(From, Copy, bytesOf(Copy)), Places), There, Errors)) return;
    IRBuilder<> B(&Copy);
    announce(Copy, Copy.getRawDest(), B.CreateZExt(Copy.getLength(), B.getInt64Ty()));
}

static void protectStore(StoreInst &Store, PlacesBehind &Places, Refusals &Errors)
{
    const DataLayout &DL = Store.getModule()->getDataLayout();
    if (!writesIntoObject(Store.getPointerOperand(), Store.getValueOperand())) return;
    uint64_t Bytes = bytesOf(Store.getValueOperand()->getType(), DL);
    Shows There = shownAt(Store.getPointerOperand(), Bytes, DL);
    if (There == Shows::Numbers) return;
    Bits Written = bitsOf(Store.getOperandUse(0), Places);
    if (!needsBarrier(Store, Written, There, Errors)) return;
    checkIfUnknown(Store, Store.getPointerOperand(), Store.getOperandUse(0), Written, There);
    if (Store.isAtomic()) announce(Store, Store.getPointerOperand(), Bytes); // nothing moves an atomic store
    else hideStore(Store);
}

// Of what is there and what is handed comes a word that may have the bits of either: an addition to nothing, too.
static void protectExchange(Instruction &I, unsigned Stored, PlacesBehind &Places, Refusals &Errors)
{
    const DataLayout &DL = I.getModule()->getDataLayout();
    Value *Pointer = I.getOperand(0);
    if (!writesIntoObject(Pointer, I.getOperand(Stored))) return;
    uint64_t Bytes = bytesOf(I.getOperand(Stored)->getType(), DL);
    Shows There = shownAt(Pointer, Bytes, DL);
    if (There == Shows::Numbers) return;
    if (There == Shows::References)
        return Errors.at(I, "an integer is exchanged where a reference belongs, without its barrier; exchange references as GW "
                            "pointers");
    Bits Written = bitsOf(I.getOperandUse(Stored), Places);
    if (!needsBarrier(I, Written, There, Errors)) return;
    checkIfUnknown(I, Pointer, I.getOperandUse(Stored), Written, There);
    announce(I, Pointer, Bytes);
}

// ---- Masked stores --------------------------------------------------------------------------------------------------

// Other intrinsics that write may not be given an object at all (known_intrinsics.cpp).
static void checkMaskedStore(IntrinsicInst &Call, PlacesBehind &Places, Refusals &Errors)
{
    Intrinsic::ID ID = Call.getIntrinsicID();
    if (ID != Intrinsic::masked_store && ID != Intrinsic::masked_scatter) return;
    Value *Stored = Call.getArgOperand(0), *Pointer = Call.getArgOperand(1);
    if (!isReference(Pointer->getType()->getScalarType()) || containsReference(Stored->getType())) return;
    const DataLayout &DL = Call.getModule()->getDataLayout();
    if (shownAt(Pointer, bytesOf(Stored->getType(), DL), DL) == Shows::Numbers) return;
    Bits Written = bitsOf(Call.getArgOperandUse(0), Places);
    if (Written == Bits::Number) return;
    if (Written == Bits::Unknown && ID == Intrinsic::masked_store) return announceWholeObject(Call, *Pointer);
    Errors.at(Call, "a masked store of numbers into an object may be that of references, without its barrier; store them as "
                    "GW pointers, or through a struct whose type shows that they are numbers");
}

// ---- The steps ------------------------------------------------------------------------------------------------------

bool hasRawWrites(const Function &F)
{
    return any_of(instructions(F), [](const Instruction &I) {
        if (auto *Copy = dyn_cast<MemTransferInst>(&I)) return isReference(Copy->getRawDest()->getType());
        if (isa<AtomicRMWInst>(I) || isa<AtomicCmpXchgInst>(I)) return isReference(I.getOperand(0)->getType());
        auto *Store = dyn_cast<StoreInst>(&I);
        if (!Store || !writesIntoObject(Store->getPointerOperand(), Store->getValueOperand())) return false;
        const DataLayout &DL = I.getModule()->getDataLayout();
        return shownAt(Store->getPointerOperand(), bytesOf(Store->getValueOperand()->getType(), DL), DL) != Shows::Numbers;
    });
}

void protectRawWrites(Function &F, PlacesBehind &Places, Refusals &Errors)
{
    for (Instruction &I : make_early_inc_range(instructions(F))) {
        if (auto *Store = dyn_cast<StoreInst>(&I)) protectStore(*Store, Places, Errors);
        else if (auto *Copy = dyn_cast<MemTransferInst>(&I)) protectAssignment(*Copy, Places, Errors);
        else if (isa<AtomicRMWInst>(I)) protectExchange(I, 1, Places, Errors);
        else if (isa<AtomicCmpXchgInst>(I)) protectExchange(I, 2, Places, Errors);
        else if (auto *Call = dyn_cast<IntrinsicInst>(&I)) checkMaskedStore(*Call, Places, Errors);
    }
}

void announceLateWrites(Function &F)
{
    const DataLayout &DL = F.getParent()->getDataLayout();
    for (Instruction &I : make_early_inc_range(instructions(F))) {
        auto *Store = dyn_cast<StoreInst>(&I);
        if (Store && isReference(Store->getPointerOperandType()) && writesIntegerOverReference(*Store))
            announce(*Store, Store->getPointerOperand(), bytesOf(Store->getValueOperand()->getType(), DL));
    }
}

std::optional<RawWrite> rawWriteOf(const CallBase &Call)
{
    const Function *Callee = Call.getCalledFunction();
    if (!Callee) return std::nullopt;
    if (Callee->getName() == WrittenName) return RawWrite{Call.getArgOperand(0), Call.getArgOperand(1)};
    if (!Callee->getName().starts_with(StorePrefix)) return std::nullopt;
    uint64_t Bytes = bytesOf(Call.getArgOperand(0)->getType(), Call.getModule()->getDataLayout());
    return RawWrite{Call.getArgOperand(1), ConstantInt::get(Type::getInt64Ty(Call.getContext()), Bytes)};
}

void lowerRawWrites(Function &F)
{
    for (Instruction &I : make_early_inc_range(instructions(F))) {
        auto *Call = dyn_cast<CallBase>(&I);
        if (!Call || !rawWriteOf(*Call)) continue;
        IRBuilder<> B(Call);
        if (Call->arg_size() == 3)
            B.CreateAlignedStore(Call->getArgOperand(0), Call->getArgOperand(1), Call->getParamAlign(1),
                                 !cast<ConstantInt>(Call->getArgOperand(2))->isZero());
        Call->eraseFromParent();
    }
}

Value *slotOfPiece(const Instruction &I)
{
    auto *Call = dyn_cast<CallBase>(&I);
    std::optional<RawWrite> Write = Call ? rawWriteOf(*Call) : std::nullopt;
    auto *Bytes = Write ? dyn_cast<ConstantInt>(Write->Bytes) : nullptr;
    return Bytes && Bytes->getZExtValue() % 8 && !Bytes->isMinusOne() ? Write->Slot : nullptr;
}

} // namespace greywave
