// Local variables that hold references.
//
// What can be promoted is promoted, at every optimisation level; RewriteStatepointsForGC then sees plain values. What
// stays in memory (structs, arrays, variables whose address escapes) is a tracked slot: cleared on entry, never shared
// with another variable, and listed at every safepoint in a "deopt" bundle, which statepoint lowering records as a
// Direct location. Per slot, or run of references in a slot of many: the address, then count, stride, number of offsets, and the
// offsets, as constants. Behind
// the slots come the words of the frame that are live there (frame_words.cpp): the array, bits in a mask, zero for a stride, number of
// masks, and the masks; and the frame mark, where there is one: its address and zero for a count.
#include "constructs/callees.h"
#include "constructs/constructs.h"
#include "facts/diagnose.h"
#include "facts/safepoints.h"
#include "greywave/abi.h"
#include "constructs/places_behind.h"
#include "constructs/variables.h"
#include "llvm/Analysis/AssumptionCache.h"
#include "llvm/Analysis/ValueTracking.h"
#include "llvm/IR/Operator.h"
#include "llvm/Transforms/Utils/PromoteMemToReg.h"

using namespace llvm;

namespace greywave
{

// ---- Promotion ------------------------------------------------------------------------------------------------------

// Does the address come, by arithmetic and choices, from a collected object, another variable or malloc, or a variable in
// `Views`?
static bool isWatchedAddress(const Value *V, const SmallPtrSetImpl<const Value *> &Views, SmallPtrSetImpl<const Value *> &Seen)
{
    if (!Seen.insert(V).second) return false;
    if (auto *Cast = dyn_cast<AddrSpaceCastInst>(V)) return isReference(Cast->getSrcTy());
    if (auto *Load = dyn_cast<LoadInst>(V)) return Views.contains(Load->getPointerOperand());
    if (auto *Call = dyn_cast<CallBase>(V); Call && !isNativeAllocation(V)) // it may return what it is given
        return any_of(Call->args(), [&](const Use &U) { return U->getType()->isPointerTy() && isWatchedAddress(U.get(), Views, Seen); });
    if (isNativeAllocation(V) || isa<AllocaInst>(V) || isa<GlobalVariable>(V)) return true;
    if (!isa<GEPOperator>(V) && !isa<PHINode>(V) && !isa<SelectInst>(V)) return false;
    return any_of(cast<User>(V)->operands(),
                  [&](const Use &U) { return U->getType()->isPointerTy() && isWatchedAddress(U.get(), Views, Seen); });
}

// A plain pointer variable that is given the address of an object's contents must become a value, or the address would
// look as if it outlived every safepoint of the function; one that is given memory from malloc, or the address of a
// variable, or what is stored and copied through it would go unnoticed.
static bool holdsWatchedAddress(const AllocaInst &Slot, const SmallPtrSetImpl<const Value *> &Views)
{
    return any_of(Slot.users(), [&](const User *U) {
        auto *Store = dyn_cast<StoreInst>(U);
        SmallPtrSet<const Value *, 8> Seen;
        return Store && Store->getPointerOperand() == &Slot && isWatchedAddress(Store->getValueOperand(), Views, Seen);
    });
}

// The entry block ends early wherever something is put into it that branches, a barrier or what was inlined, and a variable behind that
// would be one of a dynamic frame.
void gatherVariables(Function &F)
{
    BasicBlock &Entry = F.getEntryBlock();
    BasicBlock::iterator Front = Entry.getFirstNonPHIOrDbg()->getIterator();
    while (isa<AllocaInst>(*Front)) ++Front;
    for (Instruction &I : make_early_inc_range(make_range(Front, Entry.end())))
        if (auto *Slot = dyn_cast<AllocaInst>(&I); Slot && Slot->isStaticAlloca()) Slot->moveBefore(Entry, Entry.begin());
}

static void collectWatchedVariables(Function &F, SmallPtrSetImpl<const Value *> &Views)
{
    for (bool Changed = true; Changed;) {
        Changed = false;
        for (Instruction &I : F.getEntryBlock()) {
            auto *Slot = dyn_cast<AllocaInst>(&I);
            if (Slot && !Views.contains(Slot) && holdsWatchedAddress(*Slot, Views)) Changed |= Views.insert(Slot).second;
        }
    }
}

void promoteLocals(Function &F, FunctionAnalysisManager &FAM)
{
    SmallPtrSet<const Value *, 8> Views;
    collectWatchedVariables(F, Views);
    std::vector<AllocaInst *> Promotable;
    for (Instruction &I : F.getEntryBlock()) {
        auto *Slot = dyn_cast<AllocaInst>(&I);
        if (!Slot || !isAllocaPromotable(Slot)) continue;
        if (containsReference(Slot->getAllocatedType()) || Views.contains(Slot)) Promotable.push_back(Slot);
    }
    if (Promotable.empty()) return;
    PromoteMemToReg(Promotable, FAM.getResult<DominatorTreeAnalysis>(F), &FAM.getResult<AssumptionAnalysis>(F));
}

// ---- What the type does not show --------------------------------------------------------------------------------

bool isTrackedSlot(const AllocaInst &Slot)
{
    return Slot.isStaticAlloca() && containsReference(Slot.getAllocatedType());
}

static const char OfUnknownSize[] =
    "a variable-length array or alloca holds references; use an array of constant size or a collected array";

static void checkVariable(const AllocaInst &Slot, Refusals &Errors)
{
    if (isReference(Slot.getType()))
        return Errors.at(Slot, "a local variable cannot itself live in the collected address space; declare the pointer "
                               "GW, not the variable");
    if (!containsReference(Slot.getAllocatedType())) return;
    if (!Slot.isStaticAlloca()) return Errors.at(Slot, OfUnknownSize);
    ReferenceLayout Layout;
    std::string Problem = layoutOfSlot(Slot, Layout);
    if (!Problem.empty()) Errors.at(Slot, "local variable holds references that cannot be found: " + withRemedy(Problem));
}

static const char InAnotherVariable[] =
    "a reference is kept in a variable whose type does not show one there; declare the variable with the type of what it "
    "holds (no union but one of GW_UNION_OF_REFERENCES, no byte buffer)";

// What a function reads first it reads for every caller, whatever others pass. A store is checked when it happens.
static void checkPassedVariables(const Instruction &I, const Value *Pointer, Type *Accessed, Refusals &Errors)
{
    const DataLayout &DL = I.getModule()->getDataLayout();
    Distance Way;
    auto *A = dyn_cast<Argument>(valueOf(goBack(Pointer, DL, Way)));
    if (!A || !isa<LoadInst>(I) || Way.Step || !I.getParent()->isEntryBlock() || A->hasPassPointeeByValueCopyAttr()) return;
    eachPassed(*A, [&](const Use &Passed) {
        Place P = placeOf(Passed.get(), DL);
        if (P.Offset) *P.Offset += uint64_t(Way.Bytes);
        if (P.Variable && P.Offset && !isRegistered(*P.Variable) && missesReferences(P, Accessed, DL))
            Errors.at(*cast<Instruction>(Passed.getUser()), InAnotherVariable);
    });
}

// A reference written to, or read from, a variable must be where the variable's type shows one; through a parameter as well, when all
// calls pass such variables. What shows only after optimisation is found at run time (store_checks.cpp), as without it.
static void checkReferenceAccess(const Instruction &I, const Value *Pointer, Type *Accessed, PlacesBehind &Places, Refusals &Errors)
{
    if (!containsReference(Accessed) || isReference(Pointer->getType())) return;
    if (!Places.missesReferences(Pointer, Accessed)) return checkPassedVariables(I, Pointer, Accessed, Errors);
    auto *Slot = dyn_cast<AllocaInst>(getUnderlyingObject(Pointer, /*MaxLookup=*/0));
    if (Slot && !Slot->isStaticAlloca()) return Errors.at(I, OfUnknownSize);
    Errors.at(I, InAnotherVariable);
}

// The type of a union shows its largest member, and another may be meant, or a field of another.
static bool leadsToUnion(const Value *Pointer)
{
    for (auto *Address = dyn_cast<GEPOperator>(Pointer); Address; Address = dyn_cast<GEPOperator>(Address->getPointerOperand()))
        if (containsUnion(Address->getResultElementType())) return true;
    return false;
}

static bool belongsToReference(const Value *Pointer, uint64_t Bytes, const DataLayout &DL)
{
    Place P = placeOf(Pointer, DL);
    if (P.Variable) return P.isKnown() && P.showsReferenceIn(Bytes);
    return !leadsToUnion(Pointer) && showsReferences(Pointer, Bytes, DL);
}

// Null and immediates are words that may stand where a reference belongs; of other constants only whole words can be told.
static bool mayStandForReference(const Value *Stored)
{
    auto *Word = dyn_cast<ConstantInt>(Stored);
    if (!Word || Word->getBitWidth() != 64) return isa<Constant>(Stored);
    return Word->isZero() || (Word->getZExtValue() & GW_IMMEDIATE_MASK);
}

// Where references lie, the collector would follow an integer, and a write barrier would not know of it.
bool writesIntegerOverReference(const StoreInst &Store)
{
    const DataLayout &DL = Store.getModule()->getDataLayout();
    const Value *Stored = Store.getValueOperand();
    if (mayStandForReference(Stored) || containsReference(Stored->getType())) return false;
    return belongsToReference(Store.getPointerOperand(), bytesOf(Stored->getType(), DL), DL);
}

// Objects are raw_writes.cpp's: their type may show less.
static bool isReferenceInVariable(const Value *Pointer, Type *Written, const DataLayout &DL)
{
    Place P = placeOf(Pointer, DL);
    return !containsReference(Written) && P.Variable && P.isKnown() && P.showsReferenceIn(bytesOf(Written, DL));
}

static bool changesReferenceInVariable(const Instruction &I)
{
    const DataLayout &DL = I.getModule()->getDataLayout();
    std::optional<WordWrite> Write = wordWriteOf(I);
    if (Write)
        return !mayStandForReference(Write->Stored->get()) && isReferenceInVariable(Write->Pointer, Write->Stored->get()->getType(), DL);
    return isa<AtomicRMWInst>(I) && isReferenceInVariable(I.getOperand(0), I.getType(), DL);
}

// Where the words that come of it are neither null nor immediates, as those of -ftrivial-auto-var-init=pattern are.
static bool fillsReferences(const MemSetInst &Fill)
{
    auto *Byte = dyn_cast<ConstantInt>(Fill.getValue());
    return Byte && !Byte->isZero() && (Byte->getZExtValue() & GW_IMMEDIATE_MASK) == 0 &&
           belongsToReference(Fill.getRawDest(), constantLength(Fill.getLength()), Fill.getModule()->getDataLayout());
}

static void checkInteger(const Instruction &I, Refusals &Errors)
{
    auto *Store = dyn_cast<StoreInst>(&I);
    auto *Fill = dyn_cast<MemSetInst>(&I);
    bool Writes = Store ? writesIntegerOverReference(*Store) : Fill ? fillsReferences(*Fill) : changesReferenceInVariable(I);
    if (Writes)
        Errors.at(I, "an integer is stored where a reference belongs, which the collector would follow; store "
                     "references as GW pointers, and words by gw_immediate_word");
}

void checkVariables(Function &F, Refusals &Errors)
{
    for (Instruction &I : instructions(F))
        if (auto *Slot = dyn_cast<AllocaInst>(&I)) checkVariable(*Slot, Errors);
}

void checkStackSlots(Function &F, PlacesBehind &Places, Refusals &Errors)
{
    for (Instruction &I : instructions(F)) {
        if (auto *Slot = dyn_cast<AllocaInst>(&I)) checkVariable(*Slot, Errors);
        if (auto *Load = dyn_cast<LoadInst>(&I)) checkReferenceAccess(I, Load->getPointerOperand(), I.getType(), Places, Errors);
        if (auto *Store = dyn_cast<StoreInst>(&I))
            checkReferenceAccess(I, Store->getPointerOperand(), Store->getValueOperand()->getType(), Places, Errors);
        checkInteger(I, Errors);
    }
}

// ---- Reporting --------------------------------------------------------------------------------------------------

// Up to this many references are cleared one by one, more with one memset over the whole variable.
static constexpr uint64_t MaxSingleClears = 8;

static void clearSlot(AllocaInst &Slot, const ReferenceLayout &Layout, IRBuilderBase &B)
{
    if (Layout.references() > MaxSingleClears) {
        B.CreateMemSet(&Slot, B.getInt8(0), Layout.Count * Layout.Stride, Slot.getAlign());
        return;
    }
    Value *Null = ConstantPointerNull::get(PointerType::get(Slot.getContext(), ReferenceSpace));
    for (uint64_t Block = 0; Block < Layout.Count; Block++)
        for (uint64_t Offset : offsetsOfRuns(Layout.Runs))
            B.CreateAlignedStore(Null, B.CreateConstInBoundsGEP1_64(B.getInt8Ty(), &Slot, Block * Layout.Stride + Offset),
                                 commonAlignment(Slot.getAlign(), Block * Layout.Stride + Offset));
}

// Stack colouring lets variables with disjoint lifetimes share memory; a tracked slot is read by the collector always.
// Where the variable's life ends it is cleared instead, so that it keeps nothing alive: after inlining, the function
// may run on for long.
static void keepAliveEverywhere(AllocaInst &Slot, const ReferenceLayout &Layout)
{
    SmallVector<Instruction *, 4> Markers;
    SmallVector<Value *, 4> Work{&Slot};
    while (!Work.empty())
        for (User *U : Work.pop_back_val()->users()) {
            if (auto *Marker = dyn_cast<IntrinsicInst>(U); Marker && Marker->isLifetimeStartOrEnd()) Markers.push_back(Marker);
            else if (isa<BitCastInst>(U) || isa<AddrSpaceCastInst>(U)) Work.push_back(U);
        }
    for (Instruction *Marker : Markers) {
        IRBuilder<> B(Marker);
        if (cast<IntrinsicInst>(Marker)->getIntrinsicID() == Intrinsic::lifetime_end) clearSlot(Slot, Layout, B);
        Marker->eraseFromParent();
    }
}

static void describeSlot(AllocaInst &Slot, const ReferenceLayout &Layout, SmallVectorImpl<Value *> &Operands)
{
    if (Layout.Count == 0) return;
    IRBuilder<> B(Slot.getContext());
    for (const ReferenceBlocks &Blocks : Layout.blocks()) {
        Operands.push_back(&Slot);
        Operands.push_back(B.getInt64(Blocks.Count));
        Operands.push_back(B.getInt64(Blocks.Stride));
        Operands.push_back(B.getInt64(Blocks.Offsets.size()));
        for (uint64_t Offset : Blocks.Offsets) Operands.push_back(B.getInt64(Offset));
    }
}

// Bits in a constant that fits the field of LLVM's records.
static constexpr unsigned MaskBits = 31;

static void describeWords(const FrameWords &Kept, const CallBase &Call, SmallVectorImpl<Value *> &Operands)
{
    auto It = Kept.LiveAt.find(&Call);
    if (It == Kept.LiveAt.end() || It->second.none()) return;
    IRBuilder<> B(Call.getContext());
    SmallVector<uint64_t, 4> Masks(unsigned(It->second.find_last()) / MaskBits + 1);
    for (unsigned Word : It->second.set_bits()) Masks[Word / MaskBits] |= uint64_t(1) << Word % MaskBits;
    Operands.append({Kept.Array, B.getInt64(MaskBits), B.getInt64(0), B.getInt64(Masks.size())});
    for (uint64_t Mask : Masks) Operands.push_back(B.getInt64(Mask));
}

static void attachToSafepoints(Function &F, ArrayRef<Value *> Operands, const FrameWords &Kept, AllocaInst *Mark,
                               ArrayRef<CallBase *> Marked)
{
    SmallVector<CallBase *, 16> Calls;
    for (Instruction &I : instructions(F))
        if (isSafepoint(I)) Calls.push_back(cast<CallBase>(&I));
    for (CallBase *Call : Calls) {
        SmallVector<Value *, 32> All(Operands);
        describeWords(Kept, *Call, All);
        if (!Marked.empty() && Marked.front() == Call) { // both in the order of the function
            All.append({Mark, ConstantInt::get(Mark->getAllocatedType(), 0)});
            Marked = Marked.drop_front();
        }
        if (All.empty()) continue;
        CallBase *New = addDeoptBundle(Call, All);
        New->takeName(Call);
        Call->replaceAllUsesWith(New);
        Call->eraseFromParent();
    }
}

void reportStackSlots(Function &F, const FunctionSet &Shallow, const FrameWords &Kept)
{
    SmallVector<AllocaInst *, 4> Slots;
    SmallVector<CallBase *, 16> Marked;
    for (Instruction &I : F.getEntryBlock())
        if (auto *Slot = dyn_cast<AllocaInst>(&I); Slot && isTrackedSlot(*Slot) && Slot != Kept.Array) Slots.push_back(Slot);
    AllocaInst *Mark = makeFrameMark(F, Shallow, Slots, Marked);
    if (Slots.empty() && !Mark && !Kept.Array) return;
    // It would move variables to a frame of its own, from which the maps cannot tell where they are.
    F.removeFnAttr(Attribute::SanitizeAddress);
    for (AllocaInst *Slot : Slots) {
        ReferenceLayout Layout;
        layoutOfSlot(*Slot, Layout);
        Slot->setAlignment(std::max(Slot->getAlign(), Align(8))); // a packed struct's is 1
        keepAliveEverywhere(*Slot, Layout);
    }
    SmallVector<Value *, 32> Operands;
    BasicBlock::iterator Start = F.getEntryBlock().getFirstInsertionPt();
    for (AllocaInst *Slot : Slots) {
        if (&*Start == Slot) ++Start;
        else Slot->moveBefore(F.getEntryBlock(), Start);
    }
    IRBuilder<> B(&F.getEntryBlock(), Start);
    B.SetCurrentDebugLocation(DebugLoc());
    for (AllocaInst *Slot : Slots) {
        ReferenceLayout Layout;
        layoutOfSlot(*Slot, Layout);
        clearSlot(*Slot, Layout, B);
        describeSlot(*Slot, Layout, Operands);
    }
    attachToSafepoints(F, Operands, Kept, Mark, Marked);
}

} // namespace greywave
