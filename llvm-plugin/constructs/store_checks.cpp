// A reference stored through a plain pointer lands in a variable that the collector knows, or in memory that it does not, and
// the type of a pointer no longer says which. The runtime can tell by the address: variables on the stack are marked
// (variable_marks.cpp), all other roots are in its index. So what the compiler cannot decide is checked when it happens.
// A check is no safepoint, and leaves all general registers as they are.
#include "constructs/store_checks.h"
#include "constructs/constructs.h"
#include "facts/diagnose.h"
#include "facts/facts.h"
#include "facts/pass_options.h"
#include "facts/safepoints.h"
#include "constructs/variables.h"
#include "fast_paths/thread_state.h"
#include "greywave/abi.h"
#include "machines/machines.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/Analysis/ValueTracking.h"
#include "llvm/IR/InlineAsm.h"
#include "llvm/IR/Operator.h"
#include "llvm/Transforms/Utils/BasicBlockUtils.h"

using namespace llvm;

namespace greywave
{

static constexpr char UncheckedAttribute[] = "greywave-unchecked";

void leaveUnchecked(Module &M)
{
    if (!passOptions().NoCheck) return;
    for (Function &F : M)
        if (!F.isDeclaration()) F.addFnAttr(UncheckedAttribute);
}

bool isChecked(const Function &F)
{
    return !F.isDeclaration() && !passOptions().NoCheck && !F.hasFnAttribute(UncheckedAttribute) && rootFinder() != RootFinder::None;
}

// ---- What the compiler knows ----------------------------------------------------------------------------------------

/// Of a store; nothing for a copy, which fills many places, as the type of its target has them.
using Filled = std::optional<Distance>;

// A variable whose type shows a reference there.
static bool holdsReferenceAt(const Value *Variable, const Filled &D, const DataLayout &DL)
{
    Place P = placeOf(Variable, DL);
    if (!P.HasReferences || !P.Layout.Stride) return false;
    uint64_t Stride = P.Layout.Stride;
    if (P.Layout.isDense() || !D) return true; // there is nothing else
    if (D->Bytes < 0 || D->Step % Stride) return false;
    return P.Layout.holdsReferenceAt(D->Step ? uint64_t(D->Bytes) % Stride : uint64_t(D->Bytes));
}

// Searches this far; what takes longer is checked.
static constexpr unsigned MostValues = 64;

/// The arguments that a search has come by, and for which distance.
using SeenArguments = SmallMapVector<const Argument *, Filled, 8>;

static bool isKnown(const Value *Pointer, Filled D, const DataLayout &DL, SeenArguments &Seen);

// An argument of a function that is called from here alone, and always with a known place.
static bool isKnownArgument(const Argument &A, const Filled &D, const DataLayout &DL, SeenArguments &Seen)
{
    const Function &F = *A.getParent();
    if (!F.hasLocalLinkage() || Seen.size() > MostValues) return false;
    if (auto [Known, IsNew] = Seen.insert({&A, D}); !IsNew) return Known->second == D;
    return all_of(F.uses(), [&](const Use &U) {
        auto *Call = dyn_cast<CallBase>(U.getUser());
        return Call && Call->isCallee(&U) && Call->arg_size() > A.getArgNo() && isKnown(Call->getArgOperand(A.getArgNo()), D, DL, Seen);
    });
}

static bool isKnown(const Value *Pointer, Filled D, const DataLayout &DL, SeenArguments &Seen)
{
    Distance Way = D.value_or(Distance());
    SmallVector<const Value *, 4> Objects{goBack(Pointer, DL, Way)};
    if (D) D = Way;
    if (!isa<Argument>(Objects.front()) && !placeOf(Objects.front(), DL).Variable) {
        Objects.clear();
        getUnderlyingObjects(Pointer, Objects, nullptr, /*MaxLookup=*/0);
        if (D) D = Distance{0, 1}; // behind a choice, or a loop
    }
    return all_of(Objects, [&](const Value *Object) {
        if (isReference(Object->getType()) || holdsReferenceAt(Object, D, DL)) return true;
        auto *A = dyn_cast<Argument>(Object);
        return A && isKnownArgument(*A, D, DL, Seen);
    });
}

// Inlining may have shown that a callee stores a reference to a variable where its type has none.
static bool missesReferences(const Value *Pointer, const DataLayout &DL)
{
    Place P = placeOf(Pointer, DL);
    return P.isKnown() && !P.Layout.holdsReferenceAt(*P.Offset);
}

static bool isKnown(const Value *Pointer, const Filled &D, const DataLayout &DL)
{
    SeenArguments Seen;
    return isReference(Pointer->getType()) || (isKnown(Pointer, D, DL, Seen) && !missesReferences(Pointer, DL));
}

// ---- Stores ---------------------------------------------------------------------------------------------------------

struct CheckedStore {
    Instruction *At;
    Value *Slot, *Reference;
    Align Alignment;
};

static std::optional<CheckedStore> checkedStore(Instruction &I)
{
    CheckedStore S{&I, nullptr, nullptr, Align(8)};
    if (auto *Store = dyn_cast<StoreInst>(&I)) S = {&I, Store->getPointerOperand(), Store->getValueOperand(), Store->getAlign()};
    else if (auto *Exchange = dyn_cast<AtomicRMWInst>(&I)) S = {&I, Exchange->getPointerOperand(), Exchange->getValOperand(), Align(8)};
    else if (auto *Exchange = dyn_cast<AtomicCmpXchgInst>(&I))
        S = {&I, Exchange->getPointerOperand(), Exchange->getNewValOperand(), Align(8)};
    if (!S.Slot || !isReference(S.Reference->getType()) || isa<Constant>(S.Reference) ||
        isKnown(S.Slot, Distance(), I.getModule()->getDataLayout()))
        return std::nullopt;
    return S;
}

// All general registers are preserved. Code generation is not told that this is a call: it would align the stack for it on the
// path that needs no call. Through the global offset table, for the dynamic linker's lazy binding does not preserve registers.
static InlineAsm *checkingCode(FunctionType *Signature, const Machine &For)
{
    const AssemblerCall &Call = For.StoreCheck;
    return InlineAsm::get(Signature, Call.Text, (Twine(Call.Operands) + "," + Call.Clobbers).str(), /*hasSideEffects=*/true);
}

static void callCheck(const CheckedStore &S, IRBuilderBase &B)
{
    auto *Signature = FunctionType::get(B.getVoidTy(), {B.getPtrTy(), S.Reference->getType()}, false);
    const Machine &For = machineOf(*S.At->getModule());
    B.SetCurrentDebugLocation(S.At->getDebugLoc());
    callLeaf(FunctionCallee(Signature, checkingCode(Signature, For)), {S.Slot, S.Reference}, B);
    if (For.CallsPush) S.At->getFunction()->addFnAttr(Attribute::NoRedZone); // the return address goes there
}

// if (index >= marks_count || !marks[index]) gw_check_store(slot, reference)
static void insertCheck(const CheckedStore &S)
{
    IRBuilder<> B(S.At);
    if (S.Alignment < 8) return callCheck(S, B);
    Module &M = *S.At->getModule();
    MDNode *Unlikely = MDBuilder(M.getContext()).createUnlikelyBranchWeights();
    auto word = [&](size_t Offset, Type *T) { return B.CreateAlignedLoad(T, threadWord(M, Offset, B), Align(8)); };
    Value *From = word(offsetof(gw_thread, marks_from), B.getInt64Ty());
    Value *Count = word(offsetof(gw_thread, marks_count), B.getInt64Ty());
    Value *Marks = word(offsetof(gw_thread, marks), B.getPtrTy());
    Value *Index = B.CreateLShr(B.CreateSub(B.CreatePtrToInt(S.Slot, B.getInt64Ty()), From), 3);
    Instruction *Slow = SplitBlockAndInsertIfThen(B.CreateICmpUGE(Index, Count), S.At, false, Unlikely);
    BasicBlock *Look = S.At->getParent(), *Then = Slow->getParent();
    B.SetInsertPoint(S.At);
    Value *Mark = B.CreateLoad(B.getInt8Ty(), B.CreateGEP(B.getInt8Ty(), Marks, Index));
    BasicBlock *Rest = SplitBlock(Look, S.At);
    Look->getTerminator()->eraseFromParent();
    B.SetInsertPoint(Look);
    B.CreateCondBr(B.CreateIsNull(Mark), Then, Rest, Unlikely);
    Slow->setSuccessor(0, Rest);
    B.SetInsertPoint(Slow);
    callCheck(S, B);
}

void insertStoreChecks(Function &F)
{
    SmallVector<CheckedStore, 16> Stores;
    for (Instruction &I : instructions(F))
        if (auto S = checkedStore(I)) Stores.push_back(*S);
    for (const CheckedStore &S : Stores) insertCheck(S);
}

// ---- Copies ---------------------------------------------------------------------------------------------------------

// A variable without references that is filled and read again before anything may collect, as by a function that exchanges words of any
// kind.
static bool isReadBeforeSafepoint(const Value &Address, const CallBase &Filling)
{
    return all_of(Address.users(), [&](const User *U) {
        auto *I = cast<Instruction>(U);
        if (I == &Filling || I->isLifetimeStartOrEnd() || isa<ICmpInst>(I)) return true; // compared with null under sanitizers
        if (isa<GetElementPtrInst>(I) || isa<CastInst>(I)) return isReadBeforeSafepoint(*I, Filling);
        bool IsAccess = isa<LoadInst>(I) || isa<MemIntrinsic>(I) || (isa<StoreInst>(I) && I->getOperand(0) != &Address);
        return (IsAccess || (isa<CallBase>(I) && !mayCollect(*I))) && !safepointBetween(Filling, *I);
    });
}

// From a variable without references nothing can go astray; to one it can, when nothing is known of the source.
static bool mayGoAstray(const CallBase &Copy)
{
    const DataLayout &DL = Copy.getModule()->getDataLayout();
    Place To = placeOf(Copy.getArgOperand(0), DL), From = placeOf(Copy.getArgOperand(1), DL);
    if (To.HasReferences || From.isBlind() || isKnown(Copy.getArgOperand(0), std::nullopt, DL)) return false;
    auto *Length = dyn_cast<ConstantInt>(Copy.getArgOperand(2));
    if (Length && Length->getZExtValue() < 8) return false;
    if (To.isBlind() && isa<AllocaInst>(To.Variable) && isReadBeforeSafepoint(*To.Variable, Copy)) return false;
    return !(To.isBlind() && From.isKnown());
}

// The check reads what is copied, and keeps no address.
static void checkCopy(CallBase &Copy, Refusals &Errors)
{
    if (!mayGoAstray(Copy)) return;
    if (isInOtherSpace(Copy.getArgOperand(0)) || isInOtherSpace(Copy.getArgOperand(1)))
        return refuseOtherSpace(Copy, "what may be a reference is copied", Errors);
    IRBuilder<> B(&Copy);
    FunctionCallee Check = declareLeaf(*Copy.getModule(), "gw_check_copy", B.getVoidTy(), {B.getPtrTy(), B.getPtrTy(), B.getInt64Ty()});
    Value *From = Copy.getArgOperand(1)->stripPointerCasts();
    if (isReference(From->getType())) From = B.CreateAddrSpaceCast(From, B.getPtrTy());
    callLeaf(Check, {Copy.getArgOperand(0), From, B.CreateZExt(Copy.getArgOperand(2), B.getInt64Ty())}, B);
}

void insertCopyChecks(Module &M, Refusals &Errors)
{
    for (Function &F : M) {
        if (!isChecked(F)) continue;
        SmallVector<CallBase *, 16> Copies;
        for (Instruction &I : instructions(F))
            if (auto *Call = dyn_cast<CallBase>(&I); Call && mayCopyReferences(*Call)) Copies.push_back(Call);
        for (CallBase *Copy : Copies) checkCopy(*Copy, Errors);
    }
}

} // namespace greywave
