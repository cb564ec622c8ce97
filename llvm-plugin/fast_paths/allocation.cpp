// Inline allocation: the nursery's bump allocation in front of gw_alloc and gw_alloc_array (docs/abi.md).
//
//     p = alloc; e = p + 8 + size; if (e > limit) slow; alloc = e; *p = type; zero the payload; reference = p + 8
//
// The reference comes from `inttoptr`, which RewriteStatepointsForGC takes for a base; a GEP from the loaded pointer
// would be a derived pointer of an address that is no object. Words that the code behind the allocation overwrites
// before anything can read them are not zeroed (initialisation.cpp). A test for null right behind it is left to the slow
// path.
#include "fast_paths/allocation.h"
#include "facts/facts.h"
#include "facts/reference_types.h"
#include "facts/remarks.h"
#include "facts/safepoints.h"
#include "fast_paths/fast_paths.h"
#include "greywave/abi.h"
#include "llvm/Analysis/LoopInfo.h"
#include "llvm/Transforms/Utils/BasicBlockUtils.h"
#include "llvm/Transforms/Utils/SSAUpdater.h"

using namespace llvm;

namespace greywave
{

// ---- What is requested ------------------------------------------------------------------------------------------

static Constant *typeField(const GlobalVariable &Type, size_t Offset)
{
    auto *Init = cast<ConstantStruct>(Type.getInitializer());
    const StructLayout *Layout = Type.getParent()->getDataLayout().getStructLayout(Init->getType());
    return Init->getOperand(Layout->getElementContainingOffset(Offset));
}

static std::optional<uint64_t> typeNumber(const GlobalVariable &Type, size_t Offset)
{
    auto *Number = dyn_cast<ConstantInt>(typeField(Type, Offset));
    return Number ? std::optional<uint64_t>(Number->getZExtValue()) : std::nullopt;
}

static GlobalVariable *visibleType(Value *Operand)
{
    auto *Type = dyn_cast<GlobalVariable>(Operand->stripPointerCasts());
    if (!Type || !Type->isConstant() || !Type->hasDefinitiveInitializer()) return nullptr;
    auto *Init = dyn_cast<ConstantStruct>(Type->getInitializer());
    bool Fits =
        Init && Type->getParent()->getDataLayout().getTypeAllocSize(Init->getType()) == sizeof(gw_type) && Init->getNumOperands() >= 11;
    std::optional<uint64_t> Flags = Fits ? typeNumber(*Type, offsetof(gw_type, flags)) : std::nullopt;
    if (!Flags || (*Flags & ~uint64_t(GW_TYPE_RUNS | GW_TYPE_TAGS))) return nullptr;
    return typeField(*Type, offsetof(gw_type, destroy))->isNullValue() ? Type : nullptr;
}

// In words, or null when it is an allocation that can be inlined.
static const char *takeSize(AllocationRequest &R, const GlobalVariable &Type, bool IsArray)
{
    uint64_t ElementSize = typeNumber(Type, offsetof(gw_type, element_size)).value_or(1);
    R.Size = typeNumber(Type, offsetof(gw_type, size)).value_or(~0ull);
    if (!IsArray && ElementSize != 0) return "the type is an array's";
    if (IsArray) {
        auto *Count = dyn_cast<ConstantInt>(R.Call->getArgOperand(1));
        if (!Count) return "the number of elements is not constant";
        if (ElementSize == 0 || Count->getZExtValue() > MaxInlineSize) return "the array is large";
        R.Length = Count->getZExtValue();
        R.LengthOffset = typeNumber(Type, offsetof(gw_type, length_offset)).value_or(0);
        R.Size += *R.Length * ElementSize;
    }
    if (R.Size > MaxInlineSize) return "the object is large";
    R.Size = std::max<uint64_t>(8, alignTo(R.Size, 8));
    return nullptr;
}

// A call of such a function of the runtime, with so many arguments.
static const CallInst *callOf(const Instruction &I, StringRef Name, unsigned Arguments)
{
    auto *Call = dyn_cast<CallInst>(&I);
    Function *Callee = Call ? Call->getCalledFunction() : nullptr;
    if (!Callee || !isReference(Call->getType()) || !Callee->isDeclaration() || I.hasMetadata(OutOfLine) || Call->isMustTailCall())
        return nullptr;
    return Callee->getName() == Name && Call->arg_size() == Arguments ? Call : nullptr;
}

std::optional<AllocationRequest> requestOf(const Instruction &I, const char **Why)
{
    const CallInst *Array = callOf(I, "gw_alloc_array", 2), *Call = Array ? Array : callOf(I, "gw_alloc", 1);
    if (!Call) return std::nullopt;
    GlobalVariable *Type = visibleType(Call->getArgOperand(0));
    AllocationRequest R{const_cast<CallInst *>(Call), Type, 0, std::nullopt};
    const char *Problem =
        Type ? takeSize(R, *Type, Array) : "the type is not a visible constant, has a destructor, or asks for 16-byte alignment";
    if (Why) *Why = Problem;
    return Problem ? std::nullopt : std::optional(R);
}

std::optional<UnsizedArray> unsizedArrayOf(const Instruction &I)
{
    const CallInst *Call = callOf(I, "gw_alloc_array", 2);
    GlobalVariable *Type = Call && !isa<ConstantInt>(Call->getArgOperand(1)) ? visibleType(Call->getArgOperand(0)) : nullptr;
    if (!Type) return std::nullopt;
    UnsizedArray A{const_cast<CallInst *>(Call),
                   Type,
                   typeNumber(*Type, offsetof(gw_type, size)).value_or(0),
                   typeNumber(*Type, offsetof(gw_type, element_size)).value_or(0),
                   typeNumber(*Type, offsetof(gw_type, length_offset)).value_or(0),
                   0};
    if (A.Base < 8 || A.Base >= MaxInlineSize - GW_HEADER_SIZE || !A.ElementSize) return std::nullopt;
    A.Most = (MaxInlineSize - GW_HEADER_SIZE - A.Base) / A.ElementSize;
    return A.Most ? std::optional(A) : std::nullopt;
}

// An object that is not known to be small may have been allocated in the old generation, where a store of a young
// reference must be recorded however fresh the object is.
bool isSurelyYoung(const Instruction &I)
{
    return I.hasMetadata(FreshObject) || requestOf(I).has_value();
}

// ---- Weighing ---------------------------------------------------------------------------------------------------

// As LLVM's inliner counts: five for each of a dozen instructions, or of two dozen, and a call on the slow path.
static constexpr char InlineAllocationCost[] = "90", InlineArrayCost[] = "150";

void weighAllocations(Function &F)
{
    for (Instruction &I : instructions(F)) {
        const char *Cost = requestOf(I) ? InlineAllocationCost : unsizedArrayOf(I) ? InlineArrayCost : nullptr;
        if (Cost) cast<CallInst>(I).addFnAttr(Attribute::get(F.getContext(), "call-inline-cost", Cost));
    }
}

// ---- Emitting ---------------------------------------------------------------------------------------------------

static void zeroWords(const AllocationRequest &R, ArrayRef<bool> Written, Value *Payload, IRBuilderBase &B)
{
    for (uint64_t First = 0; First < Written.size();) {
        if (Written[First]) {
            First++;
            continue;
        }
        uint64_t End = First;
        while (End < Written.size() && !Written[End]) End++;
        Value *Start = B.CreateConstInBoundsGEP1_64(B.getInt8Ty(), Payload, First * 8);
        if (End - First == 1) B.CreateAlignedStore(B.getInt64(0), Start, Align(8));
        else B.CreateMemSet(Start, B.getInt8(0), (End - First) * 8, MaybeAlign(8));
        First = End;
    }
    if (R.Length)
        B.CreateAlignedStore(B.getInt64(*R.Length), B.CreateConstInBoundsGEP1_64(B.getInt8Ty(), Payload, R.LengthOffset), Align(8));
}

Value *emitObject(const AllocationRequest &R, ArrayRef<bool> Written, Value *Start, IRBuilderBase &B)
{
    Value *Header = B.CreateIntToPtr(Start, B.getPtrTy());
    B.CreateAlignedStore(R.Type, Header, Align(8));
    Value *Payload = B.CreateConstInBoundsGEP1_64(B.getInt8Ty(), Header, GW_HEADER_SIZE);
    zeroWords(R, Written, Payload, B);
    return B.CreateIntToPtr(B.CreateAdd(Start, B.getInt64(GW_HEADER_SIZE)), R.Call->getType(), "fresh");
}

// A choice of object or null in Join, as it is on the edge from Fast.
static Value *valueFromFast(Value *V, BasicBlock &Join, BasicBlock &Fast, Value *Test, Value *TestOnFast)
{
    if (V == Test) return TestOnFast;
    auto *Phi = dyn_cast<PHINode>(V);
    return Phi && Phi->getParent() == &Join ? Phi->getIncomingValueForBlock(&Fast) : V;
}

// What Join defines now comes from two blocks, and its uses behind are told so.
static void repairUses(Instruction &I, BasicBlock &Join, BasicBlock &Fast, Value *OnFast)
{
    SSAUpdater Updater;
    Updater.Initialize(I.getType(), I.getName());
    Updater.AddAvailableValue(&Join, &I);
    Updater.AddAvailableValue(&Fast, OnFast);
    for (Use &U : make_early_inc_range(I.uses())) {
        BasicBlock *Where = placeOfUse(U)->getParent();
        if (Where != &Join && Where != &Fast) Updater.RewriteUse(U);
    }
}

void skipNullCheck(BasicBlock &Join, BasicBlock &Fast, PHINode &Object)
{
    auto *Branch = dyn_cast<BranchInst>(Join.getTerminator());
    auto *Test = Branch && Branch->isConditional() ? dyn_cast<ICmpInst>(Branch->getCondition()) : nullptr;
    if (!Test || Test->getParent() != &Join || !Test->isEquality() || Test->getOperand(0) != &Object ||
        !isa<ConstantPointerNull>(Test->getOperand(1)) || &*Join.getFirstNonPHIOrDbg() != Test || Test->getNextNode() != Branch)
        return;
    bool Holds = Test->getPredicate() == ICmpInst::ICMP_NE;
    BasicBlock *NotNull = Branch->getSuccessor(Holds ? 0 : 1);
    if (NotNull == &Join || NotNull == Branch->getSuccessor(Holds ? 1 : 0)) return;
    Value *OnFast = ConstantInt::getBool(Test->getContext(), Holds);
    for (PHINode &Phi : NotNull->phis())
        Phi.addIncoming(valueFromFast(Phi.getIncomingValueForBlock(&Join), Join, Fast, Test, OnFast), &Fast);
    Fast.getTerminator()->replaceSuccessorWith(&Join, NotNull);
    repairUses(*Test, Join, Fast, OnFast);
    for (PHINode &Phi : Join.phis()) repairUses(Phi, Join, Fast, Phi.getIncomingValueForBlock(&Fast));
    Join.removePredecessor(&Fast, /*KeepOneInputPHIs=*/true);
}

// The call goes to the slow path, and both paths meet where it was.
static void replaceCall(CallInst &Call, Value &Fresh, const Bump &Room)
{
    BasicBlock *Join = Call.getParent();
    PHINode *Result = PHINode::Create(Call.getType(), 2, "object");
    Result->insertBefore(Join->begin());
    Result->setDebugLoc(Call.getDebugLoc());
    Call.replaceAllUsesWith(Result);
    Call.moveBefore(*Room.Slow->getParent(), Room.Slow->getIterator());
    Result->addIncoming(&Fresh, Room.Fast->getParent());
    Result->addIncoming(&Call, Room.Slow->getParent());
    skipNullCheck(*Join, *Room.Fast->getParent(), *Result);
}

static void inlineObject(const AllocationRequest &R)
{
    remark(*R.Call, "AllocationInlined", "allocation inlined, " + Twine(R.Size + GW_HEADER_SIZE) + " bytes");
    SmallVector<bool, 64> Written = wordsWritten(R, R.Call->getNextNode());
    Bump Room = takeRoom(R.Call, ConstantInt::get(Type::getInt64Ty(R.Call->getContext()), GW_HEADER_SIZE + R.Size));
    IRBuilder<> B(Room.Fast);
    replaceCall(*R.Call, *emitObject(R, Written, Room.Start, B), Room);
}

static void inlineArray(const UnsizedArray &A)
{
    remark(*A.Call, "AllocationInlined", "allocation inlined, up to " + Twine(A.Most) + " elements");
    InlineArray Array = emitArray(A);
    replaceCall(*A.Call, *Array.Fresh, Array.Room);
}

// Those of the deepest loops stay in front.
static ArrayRef<Instruction *> chooseInline(Function &F, SmallVectorImpl<Instruction *> &Calls)
{
    if (Calls.size() <= MostInline) return Calls;
    DominatorTree Tree(F);
    LoopInfo Loops(Tree);
    auto DepthOf = [&](const Instruction *Call) { return Loops.getLoopDepth(Call->getParent()); };
    stable_sort(Calls, [&](const Instruction *A, const Instruction *B) { return DepthOf(A) > DepthOf(B); });
    for (const Instruction *Call : ArrayRef(Calls).drop_front(MostInline))
        remarkMissed(*Call, "AllocationOutOfLine", "allocation is a call: the function has " + Twine(Calls.size()) + " of them");
    return ArrayRef(Calls).take_front(MostInline);
}

void inlineAllocation(Function &F)
{
    if (F.hasOptNone()) return; // who compiles without optimisation waits for the compiler
    SmallVector<Instruction *, 8> Calls;
    for (Instruction &I : instructions(F)) {
        const char *Why = nullptr;
        if (requestOf(I, &Why) || unsizedArrayOf(I)) Calls.push_back(&I);
        else if (Why) remarkMissed(I, "AllocationOutOfLine", Twine("allocation is a call: ") + Why);
    }
    // From the end: what a split leaves behind is moved to another block, instruction by instruction.
    for (Instruction *Call : reverse(chooseInline(F, Calls))) {
        if (std::optional<AllocationRequest> R = requestOf(*Call)) inlineObject(*R);
        else inlineArray(*unsizedArrayOf(*Call));
    }
}

} // namespace greywave
