// References as integers: `(uintptr_t)n`, `end - p`, `p < end`.
//
// To the optimiser the address of a value never changes, so it would hoist the cast of one operand of a difference out
// of a loop in which a collection moves both. Until the last pass such a cast is therefore an opaque call, gw.address,
// that reads memory nobody else sees: it stays where the program computes it, on its side of every call that writes
// any memory. The bits of an immediate's tag do not change, and remain in sight. The order of two addresses is that of two such numbers,
// unless both lead into one object.
#include "constructs/constructs.h"
#include "constructs/handed_addresses.h"
#include "constructs/places_behind.h"
#include "facts/reference_types.h"
#include "facts/safepoints.h"
#include "llvm/Analysis/ValueTracking.h"
#include "llvm/IR/PatternMatch.h"

using namespace llvm;
using namespace llvm::PatternMatch;

namespace greywave
{

static constexpr char AddressName[] = "gw.address", ViewName[] = "gw.view";

// It reads what every safepoint writes.
static void describeOpaque(Function &F)
{
    describeMarker(F, MemoryEffects::inaccessibleMemOnly(ModRefInfo::Ref));
}

bool isHiddenAddress(const Instruction &I)
{
    return isCallOf(I, AddressName);
}

static FunctionCallee opaqueAddress(Module &M)
{
    LLVMContext &C = M.getContext();
    FunctionCallee Callee = M.getOrInsertFunction(AddressName, Type::getInt64Ty(C), PointerType::get(C, ReferenceSpace));
    describeOpaque(*cast<Function>(Callee.getCallee()));
    return Callee;
}

// The reference whose address, or the address of whose contents, is taken.
static Value *referenceBehind(Value *Pointer)
{
    if (isReference(Pointer->getType()->getScalarType())) return Pointer;
    auto *Cast = dyn_cast<AddrSpaceCastInst>(Pointer);
    return Cast && isReference(Cast->getSrcTy()->getScalarType()) ? Cast->getOperand(0) : nullptr;
}

static bool readsTagOnly(const PtrToIntInst &Cast)
{
    return all_of(Cast.users(), [](const User *U) {
        const APInt *Mask;
        return match(U, m_And(m_Value(), m_APInt(Mask))) && Mask->ult(8);
    });
}

static Value *hiddenAddress(Value *Reference, IRBuilderBase &B)
{
    FunctionCallee Callee = opaqueAddress(*B.GetInsertBlock()->getModule());
    auto *T = dyn_cast<FixedVectorType>(Reference->getType());
    if (!T) return B.CreateCall(Callee, Reference);
    Value *Result = PoisonValue::get(FixedVectorType::get(B.getInt64Ty(), T->getNumElements()));
    for (unsigned I = 0; I < T->getNumElements(); I++)
        Result = B.CreateInsertElement(Result, B.CreateCall(Callee, B.CreateExtractElement(Reference, I)), I);
    return Result;
}

// A call declared to write nothing may still collect.
static void admitWrites(Function &F)
{
    for (Instruction &I : instructions(F)) {
        auto *Call = dyn_cast<CallBase>(&I);
        if (!Call || !mayCollect(I)) continue;
        Call->setMemoryEffects(MemoryEffects::unknown());
        if (Function *Callee = Call->getCalledFunction()) Callee->setMemoryEffects(MemoryEffects::unknown());
    }
}

// A function that is declared to read no memory may read addresses all the same: it is opaque, as they are.
static void admitAddresses(Function &F)
{
    auto TakesReference = [](const Value *V) { return isReference(V->getType()->getScalarType()); };
    const MemoryEffects Address = MemoryEffects::inaccessibleMemOnly(ModRefInfo::Ref);
    if (F.doesNotAccessMemory() && any_of(make_pointer_range(F.args()), TakesReference)) F.setMemoryEffects(Address);
    for (Instruction &I : instructions(F)) {
        auto *Call = dyn_cast<CallBase>(&I);
        if (!Call || isa<IntrinsicInst>(Call) || !Call->doesNotAccessMemory() || none_of(Call->args(), TakesReference)) continue;
        Call->setMemoryEffects(Address);
        if (Function *Callee = Call->getCalledFunction()) Callee->setMemoryEffects(Address);
    }
}

static bool leadsIntoOneObject(const Value *A, const Value *B)
{
    SmallVector<const Value *, 4> Objects;
    getUnderlyingObjects(A, Objects);
    getUnderlyingObjects(B, Objects);
    return all_equal(Objects);
}

// Whether an object's move may change what comes out.
static bool comparesPlaces(const ICmpInst &Order)
{
    Value *A = Order.getOperand(0), *B = Order.getOperand(1);
    if (!Order.isRelational() || isa<Constant>(A) || isa<Constant>(B)) return false;
    return (referenceBehind(A) || referenceBehind(B)) && !leadsIntoOneObject(A, B);
}

static Value *numberOf(Value *Pointer, IRBuilderBase &B)
{
    Value *Reference = referenceBehind(Pointer);
    Type *Word = Pointer->getType()->getWithNewType(B.getInt64Ty());
    return Reference ? hiddenAddress(Reference, B) : B.CreatePtrToInt(Pointer, Word);
}

static void hideOrders(Function &F)
{
    for (Instruction &I : instructions(F)) {
        auto *Order = dyn_cast<ICmpInst>(&I);
        if (!Order || !comparesPlaces(*Order)) continue;
        IRBuilder<> B(Order);
        for (Use &U : Order->operands()) U.set(numberOf(U.get(), B));
    }
}

void hideAddresses(Function &F)
{
    admitAddresses(F);
    hideOrders(F);
    SmallVector<PtrToIntInst *, 8> Casts;
    for (Instruction &I : instructions(F))
        if (auto *Cast = dyn_cast<PtrToIntInst>(&I))
            if (referenceBehind(Cast->getOperand(0)) && !readsTagOnly(*Cast)) Casts.push_back(Cast);
    for (PtrToIntInst *Cast : Casts) {
        IRBuilder<> B(Cast);
        Value *Address = hiddenAddress(referenceBehind(Cast->getOperand(0)), B);
        Cast->replaceAllUsesWith(B.CreateZExtOrTrunc(Address, Cast->getType()));
        Cast->eraseFromParent();
    }
    if (hasPassedStructs(F) || any_of(instructions(F), isHiddenAddress)) admitWrites(F);
}

static bool isHiddenView(const Instruction &I)
{
    return isCallOf(I, ViewName);
}

static FunctionCallee opaqueView(Module &M)
{
    Type *Plain = PointerType::get(M.getContext(), 0);
    FunctionCallee Callee = M.getOrInsertFunction(ViewName, Plain, Plain);
    describeOpaque(*cast<Function>(Callee.getCallee()));
    return Callee;
}

// The library's functions read bytes where the program calls them, as loads do that keepReadsInPlace has seen to.
static bool readsReferenceAsNumber(const CallBase &Call, const Value *Pointer, PlacesBehind &Places)
{
    const Function *Callee = Call.getCalledFunction();
    if (!Callee || !Callee->isDeclaration() || mayCollect(Call)) return false;
    if (isa<IntrinsicInst>(Call) && !Call.onlyReadsMemory()) return false; // may want a variable itself
    return Call.mayReadFromMemory() && Places.mayShowReference(Pointer, UINT64_MAX);
}

// Whether what the call answers may change when a collection moves something, though nobody the optimiser knows of writes.
static bool dependsOnPlace(const CallBase &Call, const Value *Argument, PlacesBehind &Places)
{
    if (Argument->getType() != PointerType::get(Call.getContext(), 0) || isa<Constant>(Argument)) return false;
    bool MayBeObject = !isa<AllocaInst>(getUnderlyingObject(Argument));
    return (MayBeObject && Call.hasFnAttr(SeesAddress)) || readsReferenceAsNumber(Call, Argument, Places);
}

// What is made of the plain address of an object: places in the object, and choices between such.
static SmallSetVector<Instruction *, 8> placesMadeOfViews(Function &F)
{
    SmallSetVector<Instruction *, 8> Places;
    auto AddPlaces = [&](Value &V) {
        for (User *U : V.users())
            if (auto *I = cast<Instruction>(U); isAddress(*I)) Places.insert(I);
    };
    for (Instruction &I : instructions(F))
        if (isa<AddrSpaceCastInst>(I) && referenceBehind(&I)) AddPlaces(I);
    for (size_t N = 0; N < Places.size(); N++) AddPlaces(*Places[N]);
    return Places;
}

// Their numbers, and their order; those of the object's own address are hidden already.
static void addNumbersOfPlaces(Function &F, SmallVectorImpl<Use *> &Numbers)
{
    for (Instruction *Place : placesMadeOfViews(F))
        for (Use &U : Place->uses()) {
            auto *Cast = dyn_cast<PtrToIntInst>(U.getUser());
            auto *Order = dyn_cast<ICmpInst>(U.getUser());
            bool IsOrder = Order && Order->isRelational() && !leadsIntoOneObject(Order->getOperand(0), Order->getOperand(1));
            if (IsOrder || (Cast && !readsTagOnly(*Cast))) Numbers.push_back(&U);
        }
}

void hideHandedViews(Function &F, PlacesBehind &Places)
{
    SmallVector<Use *, 8> Handed;
    for (Instruction &I : instructions(F))
        if (auto *Call = dyn_cast<CallBase>(&I); Call && !isHiddenView(I))
            for (Use &U : Call->args())
                if (dependsOnPlace(*Call, U.get(), Places)) Handed.push_back(&U);
    addNumbersOfPlaces(F, Handed);
    for (Use *U : Handed) {
        IRBuilder<> B(cast<Instruction>(U->getUser()));
        U->set(B.CreateCall(opaqueView(*F.getParent()), U->get()));
    }
    if (!Handed.empty()) admitWrites(F);
}

static bool mayLieInObject(const Value *Pointer)
{
    SmallVector<const Value *, 4> Objects;
    getUnderlyingObjects(Pointer, Objects, nullptr, /*MaxLookup=*/0);
    return any_of(Objects, [](const Value *Object) { return isReference(Object->getType()); });
}

// What is made of the address, by a call that reads no memory or by the optimiser, may have been moved over a safepoint: so it is made of
// the number.
void showHandedViews(Function &F)
{
    for (Instruction &I : make_early_inc_range(instructions(F))) {
        if (!isHiddenView(I)) continue;
        IRBuilder<> B(&I);
        Value *Pointer = I.getOperand(0);
        I.replaceAllUsesWith(mayLieInObject(Pointer) ? B.CreateIntToPtr(numberOf(Pointer, B), I.getType()) : Pointer);
        I.eraseFromParent();
    }
}

// ---- Where a poll may stand -----------------------------------------------------------------------------------------

bool hidesAddresses(const Function &F)
{
    return any_of(instructions(F), [](const Instruction &I) { return isHiddenAddress(I) || isHiddenView(I) || isPassedReference(I); });
}

// What was made of a plain address, or of a number, without another one: their difference is no address any more.
static bool isMadeOfAddress(const Instruction &I)
{
    return isa<GetElementPtrInst, PHINode, SelectInst, FreezeInst, CastInst>(I) ||
           (I.isBinaryOp() && count_if(I.operand_values(), [](const Value *V) { return !isa<Constant>(V); }) == 1);
}

bool needsAddressAfter(const Instruction &Place, bool Numbers)
{
    SmallSetVector<const Instruction *, 16> Addresses;
    for (const Instruction &I : instructions(*Place.getFunction())) {
        auto *Call = dyn_cast<CallBase>(&I);
        bool IsHandedBack = Call && Call->hasFnAttr(HandsBack) && I.getType() == PointerType::get(I.getContext(), 0);
        if (IsHandedBack || isHiddenView(I) || (Numbers && isHiddenAddress(I))) Addresses.insert(&I);
    }
    for (size_t N = 0; N < Addresses.size(); N++)
        for (const User *U : Addresses[N]->users())
            if (auto *I = cast<Instruction>(U); isMadeOfAddress(*I)) Addresses.insert(I);
    return any_of(Addresses,
                  [&](const Instruction *I) { return livesAcross(*I, [&](const Instruction &Other) { return &Other == &Place; }); });
}

// ---- The end --------------------------------------------------------------------------------------------------------

void lowerAddresses(Function &F)
{
    for (Instruction &I : make_early_inc_range(instructions(F))) {
        if (!isHiddenAddress(I) && !isPassedReference(I)) continue;
        IRBuilder<> B(&I);
        Value *Reference = I.getOperand(0);
        if (isa<UndefValue>(Reference)) Reference = Constant::getNullValue(Reference->getType()); // the collector may meet what is passed
        I.replaceAllUsesWith(B.CreatePtrToInt(Reference, I.getType()));
        I.eraseFromParent();
    }
}

} // namespace greywave
