// References written into objects as something else: bytes, words, vectors, by atomics and masked stores of numbers.
//
// What a store of a number writes is a number where the address says so, by the type of a struct or array in it. Where it
// says nothing, as in `char GW *to, *from; to[i] = from[i]`, what counts is where the number comes from: when that may be
// the memory of a reference, the store is the copy of one. It gets a barrier, as the opaque call gw.store, which nothing
// joins with others and which becomes the store again in the last pass. After a safepoint the bits may be those of an
// object that has moved: refused.
#include "constructs/constructs.h"
#include "facts/diagnose.h"
#include "facts/reference_types.h"
#include "facts/safepoints.h"
#include "constructs/variables.h"
#include "llvm/Analysis/ValueTracking.h"

using namespace llvm;

namespace greywave
{

static constexpr char StorePrefix[] = "gw.store.";
static constexpr char WrittenName[] = "gw.written";

// ---- Where a number comes from --------------------------------------------------------------------------------------

namespace
{

/// What the bits of a number may be: nothing of ours, a reference, one that was read before a safepoint.
enum class Bits { Number, Reference, StaleReference };

class Origin
{
  public:
    Origin(const DataLayout &DL, PlacesBehind &Places) : DL(DL), Places(Places) {}
    Bits of(const Use &Stored);
    Bits ofBuffer(const AllocaInst &Buffer, const Instruction &Reader);

  private:
    void follow(const Use &U, bool Crosses);
    void followArgument(const Argument &A, const Instruction &User, bool Crosses);
    void followResult(const CallBase &Call, bool Crosses);
    void note(bool Crosses) { Found = Crosses || Found == Bits::StaleReference ? Bits::StaleReference : Bits::Reference; }
    void noteRead(const Value *Pointer, const Instruction &Reader, uint64_t Bytes, bool Crosses);
    Bits filledBy(const Instruction &Filling, const SmallPtrSetImpl<const AllocaInst *> &Buffers);
    bool mayBeStale(const AllocaInst &Buffer, const Instruction &Reader, bool Crosses);

    const DataLayout &DL;
    PlacesBehind &Places;
    Bits Found = Bits::Number;
    DenseSet<std::pair<const Value *, unsigned>> Seen;
    SmallPtrSet<const AllocaInst *, 4> Buffers;
};

} // namespace

static uint64_t bytesOf(Type *T, const DataLayout &DL)
{
    return DL.getTypeStoreSize(T).getKnownMinValue();
}

// Every bit of the result is a bit of an operand, or constant.
static bool movesBits(const Instruction &I)
{
    if (auto *Call = dyn_cast<IntrinsicInst>(&I)) {
        Intrinsic::ID ID = Call->getIntrinsicID();
        return ID == Intrinsic::fshl || ID == Intrinsic::fshr || ID == Intrinsic::bswap;
    }
    if (auto *Operation = dyn_cast<BinaryOperator>(&I)) return Operation->isBitwiseLogicOp() || Operation->isShift();
    return isa<ZExtInst>(I) || isa<TruncInst>(I) || isa<SExtInst>(I) || isa<BitCastInst>(I) || isa<PHINode>(I) || isa<SelectInst>(I) ||
           isa<FreezeInst>(I) || isa<InsertElementInst>(I) || isa<ExtractElementInst>(I) || isa<ShuffleVectorInst>(I) ||
           isa<InsertValueInst>(I) || isa<ExtractValueInst>(I);
}

// A union's member is what it is declared as: a word of it may be a reference, but one that is kept is a number.
void Origin::noteRead(const Value *Pointer, const Instruction &Reader, uint64_t Bytes, bool Crosses)
{
    if (isReference(Pointer->getType()->getScalarType())) {
        Shows There = shownAt(Pointer, Bytes, DL);
        if (There != Shows::Numbers) note(Crosses && There != Shows::Choice);
        return;
    }
    Place P = placeOf(Pointer, DL);
    if (P.isKnown() && !P.showsReferenceIn(Bytes)) return;
    if (P.HasReferences) return note(Crosses);
    // A buffer may have been filled with an object's bytes; of other memory the type, or a caller, may tell.
    if (auto *Buffer = dyn_cast_or_null<AllocaInst>(P.Variable)) return note(mayBeStale(*Buffer, Reader, Crosses));
    if (P.Variable) return cast<GlobalVariable>(P.Variable)->isConstant() ? void() : note(false);
    if (Places.mayShowReference(Pointer, Bytes)) return note(Crosses);
    if (shownAt(Pointer, Bytes, DL) != Shows::Numbers) note(false);
}

// Stores and copies into a variable.
static void collectFillings(const Value &Address, SmallVectorImpl<const Instruction *> &Fillings)
{
    for (const User *U : Address.users())
        if (auto *Store = dyn_cast<StoreInst>(U)) {
            if (Store->getPointerOperand() == &Address) Fillings.push_back(Store);
        } else if (auto *Copy = dyn_cast<MemTransferInst>(U)) {
            if (Copy->getRawDest() == &Address) Fillings.push_back(Copy);
        } else if (isa<GetElementPtrInst>(U) || isa<CastInst>(U) || isa<PHINode>(U) || isa<SelectInst>(U)) {
            if (!isa<PHINode>(U) || U->getOperand(0) == &Address) collectFillings(*U, Fillings);
        }
}

// A struct copied from an object has the type of what is there.
Bits Origin::filledBy(const Instruction &Filling, const SmallPtrSetImpl<const AllocaInst *> &Buffers)
{
    this->Buffers.insert(Buffers.begin(), Buffers.end());
    auto *Copy = dyn_cast<MemTransferInst>(&Filling);
    if (!Copy) return of(Filling.getOperandUse(0));
    auto *Length = dyn_cast<ConstantInt>(Copy->getLength());
    if (!isReference(Copy->getRawSource()->getType()))
        noteRead(Copy->getRawSource(), Filling, Length ? Length->getZExtValue() : UINT64_MAX, false);
    return Found;
}

// What a buffer was filled with may have moved when it is read, or used.
bool Origin::mayBeStale(const AllocaInst &Buffer, const Instruction &Reader, bool Crosses)
{
    if (!Buffers.insert(&Buffer).second) return false;
    SmallVector<const Instruction *, 8> Fillings;
    collectFillings(Buffer, Fillings);
    return any_of(Fillings, [&](const Instruction *Filling) {
        Bits Filled = Origin(DL, Places).filledBy(*Filling, Buffers);
        return Filled == Bits::StaleReference || (Filled == Bits::Reference && (Crosses || safepointBetween(*Filling, Reader)));
    });
}

// Functions that can be called from where we see only.
void Origin::followArgument(const Argument &A, const Instruction &User, bool Crosses)
{
    const Function &F = *A.getParent();
    if (containsReference(A.getType()) || !F.hasLocalLinkage() || F.hasAddressTaken()) return;
    Crosses = Crosses || safepointBefore(User);
    if (!Seen.insert({&A, unsigned(Crosses)}).second) return;
    for (const llvm::User *Caller : F.users())
        if (auto *Call = dyn_cast<CallBase>(Caller); Call && A.getArgNo() < Call->arg_size())
            follow(Call->getArgOperandUse(A.getArgNo()), Crosses);
}

void Origin::followResult(const CallBase &Call, bool Crosses)
{
    const Function *Callee = Call.getCalledFunction();
    if (!Callee || !Callee->hasExactDefinition()) return;
    for (const BasicBlock &B : *Callee)
        if (auto *Return = dyn_cast<ReturnInst>(B.getTerminator()); Return && Return->getReturnValue())
            follow(Return->getOperandUse(0), Crosses);
}

void Origin::follow(const Use &U, bool Crosses)
{
    if (auto *A = dyn_cast<Argument>(U.get())) return followArgument(*A, *cast<Instruction>(U.getUser()), Crosses);
    auto *I = dyn_cast<Instruction>(U.get());
    if (!I || containsReference(I->getType())) return;
    Crosses = Crosses || crossesSafepoint(U);
    if (!Seen.insert({I, unsigned(Crosses)}).second) return;
    if (auto *Load = dyn_cast<LoadInst>(I)) return noteRead(Load->getPointerOperand(), *I, bytesOf(I->getType(), DL), Crosses);
    if (isa<AtomicRMWInst>(I) || isa<AtomicCmpXchgInst>(I))
        return noteRead(I->getOperand(0), *I, bytesOf(I->getOperand(1)->getType(), DL), Crosses);
    if (auto *Call = dyn_cast<IntrinsicInst>(I); Call && Call->mayReadFromMemory() && !movesBits(*I)) {
        for (const Use &Argument : Call->args())
            if (Argument->getType()->isPtrOrPtrVectorTy()) noteRead(Argument, *I, bytesOf(I->getType(), DL), Crosses);
        return;
    }
    if (isHiddenAddress(*I)) return note(Crosses);
    if (auto *Call = dyn_cast<CallBase>(I); Call && !isa<IntrinsicInst>(Call)) return followResult(*Call, Crosses);
    if (!movesBits(*I)) return;
    for (const Use &Operand : I->operands()) follow(Operand, Crosses);
}

Bits Origin::of(const Use &Stored)
{
    follow(Stored, false);
    return Found;
}

Bits Origin::ofBuffer(const AllocaInst &Buffer, const Instruction &Reader)
{
    return mayBeStale(Buffer, Reader, false) ? Bits::StaleReference : Bits::Reference;
}

// ---- Stores of numbers ----------------------------------------------------------------------------------------------

static void refuseStale(const Instruction &I, const char *Where, Refusals &Errors)
{
    Errors.at(I, Twine("bits that may be those of a reference are written ") + Where +
                     " after a call that may collect, which may have moved what they refer to; read and write them as a GW pointer, or "
                     "through a struct whose type shows that they are a number");
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

static void announce(Instruction &I, Value *Slot, uint64_t Bytes)
{
    IRBuilder<> B(&I);
    FunctionCallee Callee = I.getModule()->getOrInsertFunction(WrittenName, B.getVoidTy(), Slot->getType(), B.getInt64Ty());
    describeMarker(*cast<Function>(Callee.getCallee()), MemoryEffects::inaccessibleOrArgMemOnly());
    B.CreateCall(Callee, {Slot, B.getInt64(Bytes)});
}

void announceWholeObject(Instruction &I, Value &Reference)
{
    announce(I, &Reference, UINT64_MAX);
}

static void protectStore(StoreInst &Store, PlacesBehind &Places, Refusals &Errors)
{
    const DataLayout &DL = Store.getModule()->getDataLayout();
    if (!writesIntoObject(Store.getPointerOperand(), Store.getValueOperand())) return;
    uint64_t Bytes = bytesOf(Store.getValueOperand()->getType(), DL);
    Shows There = shownAt(Store.getPointerOperand(), Bytes, DL);
    if (There == Shows::Numbers) return;
    Bits Written = Origin(DL, Places).of(Store.getOperandUse(0));
    if (Written == Bits::Number) return;
    if (Written == Bits::StaleReference && There != Shows::Choice) return refuseStale(Store, "into an object", Errors);
    if (Store.isAtomic()) announce(Store, Store.getPointerOperand(), Bytes); // nothing moves an atomic store
    else hideStore(Store);
}

// Additions and the like make numbers; the others leave bits as they are.
static bool exchangesBits(const Instruction &I)
{
    auto *Operation = dyn_cast<AtomicRMWInst>(&I);
    if (!Operation) return true;
    switch (Operation->getOperation()) {
    case AtomicRMWInst::Xchg:
    case AtomicRMWInst::And:
    case AtomicRMWInst::Or:
    case AtomicRMWInst::Xor:
    case AtomicRMWInst::Max:
    case AtomicRMWInst::Min:
    case AtomicRMWInst::UMax:
    case AtomicRMWInst::UMin: return true;
    default: return false;
    }
}

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
    if (!exchangesBits(I)) return;
    Bits Written = Origin(DL, Places).of(I.getOperandUse(Stored));
    if (Written == Bits::Number) return;
    if (Written == Bits::StaleReference && There != Shows::Choice) return refuseStale(I, "into an object", Errors);
    announce(I, Pointer, Bytes);
}

// ---- Masked stores --------------------------------------------------------------------------------------------------

// Other intrinsics that write may not be given an object at all (known_intrinsics.cpp).
static void checkMaskedStore(const IntrinsicInst &Call, PlacesBehind &Places, Refusals &Errors)
{
    Intrinsic::ID ID = Call.getIntrinsicID();
    if (ID != Intrinsic::masked_store && ID != Intrinsic::masked_scatter) return;
    const Value *Stored = Call.getArgOperand(0), *Pointer = Call.getArgOperand(1);
    if (!isReference(Pointer->getType()->getScalarType()) || containsReference(Stored->getType())) return;
    const DataLayout &DL = Call.getModule()->getDataLayout();
    if (shownAt(Pointer, bytesOf(Stored->getType(), DL), DL) == Shows::Numbers) return;
    if (Origin(DL, Places).of(Call.getArgOperandUse(0)) == Bits::Number) return;
    Errors.at(Call, "a masked store of numbers into an object may be that of references, without its barrier; store them as "
                    "GW pointers, or through a struct whose type shows that they are numbers");
}

// ---- Variables that callers show to hold references -----------------------------------------------------------------

// Numbers exchanged between two calls that may collect, as a function does that sorts words of any kind, are none of our business.
static void checkStaleStore(const StoreInst &Store, PlacesBehind &Places, Refusals &Errors)
{
    const Value *Pointer = Store.getPointerOperand(), *Stored = Store.getValueOperand();
    const DataLayout &DL = Store.getModule()->getDataLayout();
    if (isReference(Pointer->getType()) || containsReference(Stored->getType()) || isa<Constant>(Stored)) return;
    if (!Places.mayShowReference(Pointer, bytesOf(Stored->getType(), DL))) return;
    if (Origin(DL, Places).of(Store.getOperandUse(0)) == Bits::StaleReference) refuseStale(Store, "where a reference belongs", Errors);
}

static void checkStaleCopy(const MemTransferInst &Copy, PlacesBehind &Places, Refusals &Errors)
{
    auto *Length = dyn_cast<ConstantInt>(Copy.getLength());
    const DataLayout &DL = Copy.getModule()->getDataLayout();
    Place From = placeOf(Copy.getRawSource(), DL);
    auto *Buffer = dyn_cast_or_null<AllocaInst>(From.Variable);
    if (!Buffer || From.HasReferences || !Places.mayShowReference(Copy.getRawDest(), Length ? Length->getZExtValue() : UINT64_MAX)) return;
    if (Origin(DL, Places).ofBuffer(*Buffer, Copy) == Bits::StaleReference) refuseStale(Copy, "where a reference belongs", Errors);
}

void checkStaleNumbers(Function &F, PlacesBehind &Places, Refusals &Errors)
{
    for (const Instruction &I : instructions(F)) {
        if (auto *Store = dyn_cast<StoreInst>(&I)) checkStaleStore(*Store, Places, Errors);
        else if (auto *Copy = dyn_cast<MemTransferInst>(&I)) checkStaleCopy(*Copy, Places, Errors);
    }
}

// ---- The steps ------------------------------------------------------------------------------------------------------

bool hasRawWrites(const Function &F)
{
    return any_of(instructions(F), [](const Instruction &I) {
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

} // namespace greywave
