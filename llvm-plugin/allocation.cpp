// Inline allocation: the nursery's bump allocation in front of gw_alloc and gw_alloc_array (docs/abi.md).
//
//     p = alloc; e = p + 8 + size; if (e > limit) slow; alloc = e; *p = type; zero the payload; reference = p + 8
//
// The reference comes from `inttoptr`, which RewriteStatepointsForGC takes for a base; a GEP from the loaded pointer
// would be a derived pointer of an address that is no object. Words that the code behind the allocation overwrites
// before anything can read them are not zeroed.
#include "passes.h"
#include "reference_types.h"
#include "safepoints.h"
#include "thread_state.h"
#include "greywave/abi.h"
#include "llvm/IR/PatternMatch.h"
#include "llvm/Transforms/Utils/BasicBlockUtils.h"

using namespace llvm;
using namespace llvm::PatternMatch;

namespace greywave
{
namespace
{

struct Request {
    CallInst *Call;
    Constant *Type;
    uint64_t Size;                  // payload bytes, rounded up
    std::optional<uint64_t> Length; // element count to write, at
    uint64_t LengthOffset = 0;
};

} // namespace

// Larger objects take the slow path: zeroing dominates, and they may belong outside the nursery.
static constexpr uint64_t MaxInlineSize = 512;

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
    bool Fits = Init && Type->getParent()->getDataLayout().getTypeAllocSize(Init->getType()) == sizeof(gw_type) &&
                Init->getNumOperands() >= 11;
    if (!Fits || typeNumber(*Type, offsetof(gw_type, flags)) != 0u) return nullptr;
    return typeField(*Type, offsetof(gw_type, destroy))->isNullValue() ? Type : nullptr;
}

static std::optional<Request> requestOf(Instruction &I)
{
    auto *Call = dyn_cast<CallInst>(&I);
    Function *Callee = Call ? Call->getCalledFunction() : nullptr;
    if (!Callee || !isReference(Call->getType()) || !Callee->isDeclaration()) return std::nullopt;
    bool IsArray = Callee->getName() == "gw_alloc_array" && Call->arg_size() == 2;
    if (!IsArray && !(Callee->getName() == "gw_alloc" && Call->arg_size() == 1)) return std::nullopt;
    GlobalVariable *Type = visibleType(Call->getArgOperand(0));
    if (!Type) return std::nullopt;
    uint64_t ElementSize = typeNumber(*Type, offsetof(gw_type, element_size)).value_or(1);
    Request R{Call, Type, typeNumber(*Type, offsetof(gw_type, size)).value_or(~0ull), std::nullopt};
    if (IsArray) {
        auto *Count = dyn_cast<ConstantInt>(Call->getArgOperand(1));
        if (!Count || ElementSize == 0 || Count->getZExtValue() > MaxInlineSize) return std::nullopt;
        R.Length = Count->getZExtValue();
        R.LengthOffset = typeNumber(*Type, offsetof(gw_type, length_offset)).value_or(0);
        R.Size += *R.Length * ElementSize;
    } else if (ElementSize != 0) {
        return std::nullopt;
    }
    if (R.Size > MaxInlineSize) return std::nullopt;
    R.Size = std::max<uint64_t>(8, alignTo(R.Size, 8));
    return R;
}

// An object that is not known to be small may have been allocated in the old generation, where a store of a young
// reference must be recorded however fresh the object is.
bool isSurelyYoung(const Instruction &I)
{
    return requestOf(const_cast<Instruction &>(I)).has_value();
}

// ---- Which words need no zero -----------------------------------------------------------------------------------

namespace
{

/// Follows the code behind an allocation until something could see the object.
class Initialisation
{
  public:
    explicit Initialisation(const Request &R) : R(R), Written(R.Size / 8) { scan(); }
    ArrayRef<bool> writtenWords() const { return Written; }

  private:
    void scan();
    bool step(const Instruction &I);
    void noteStore(const StoreInst &Store);
    const BasicBlock *next(const BasicBlock &B) const;
    void noteDerived(const Instruction &I);
    bool isOfObject(const Value *V) const { return V == R.Call || Derived.contains(V); }

    const Request &R;
    SmallVector<bool, 64> Written;
    SmallPtrSet<const Value *, 8> Derived;
};

} // namespace

void Initialisation::noteStore(const StoreInst &Store)
{
    const DataLayout &DL = Store.getModule()->getDataLayout();
    APInt Offset(DL.getIndexTypeSizeInBits(Store.getPointerOperandType()), 0);
    if (Store.getPointerOperand()->stripAndAccumulateConstantOffsets(DL, Offset, true) != R.Call) return;
    uint64_t Size = DL.getTypeStoreSize(Store.getValueOperand()->getType()).getFixedValue();
    uint64_t Start = Offset.getZExtValue();
    if (Start % 8 != 0 || Start >= R.Size) return;
    for (uint64_t At = Start; At + 8 <= Start + Size && At < R.Size; At += 8) Written[At / 8] = true;
}

// Whatever was computed from the reference, by arithmetic or choice, may lead back to the object.
void Initialisation::noteDerived(const Instruction &I)
{
    if (any_of(I.operands(), [&](const Use &U) { return isOfObject(U.get()); })) Derived.insert(&I);
}

// False when the object may be seen from here on.
bool Initialisation::step(const Instruction &I)
{
    if (isSafepoint(I)) return false;
    if (auto *Store = dyn_cast<StoreInst>(&I)) {
        if (!Store->isSimple() || isOfObject(Store->getValueOperand())) return false;
        noteStore(*Store);
        return true;
    }
    if (auto *Load = dyn_cast<LoadInst>(&I)) return Load->isSimple() && !isOfObject(Load->getPointerOperand());
    noteDerived(I);
    return !I.mayReadOrWriteMemory();
}

// Straight on, or to the side of a null check where the allocation succeeded.
const BasicBlock *Initialisation::next(const BasicBlock &B) const
{
    const BasicBlock *Next = B.getSingleSuccessor();
    auto *Branch = dyn_cast<BranchInst>(B.getTerminator());
    if (!Next && Branch && Branch->isConditional()) {
        auto *Test = dyn_cast<ICmpInst>(Branch->getCondition());
        if (!Test || !Test->isEquality() || Test->getOperand(0) != R.Call ||
            !isa<ConstantPointerNull>(Test->getOperand(1)))
            return nullptr;
        Next = Branch->getSuccessor(Test->getPredicate() == ICmpInst::ICMP_EQ ? 1 : 0);
    }
    return Next && Next->getSinglePredecessor() ? Next : nullptr;
}

void Initialisation::scan()
{
    const Instruction *I = R.Call->getNextNode();
    SmallPtrSet<const BasicBlock *, 4> Seen;
    while (I) {
        if (!I->isTerminator()) {
            if (!step(*I)) return;
            I = I->getNextNode();
            continue;
        }
        const BasicBlock *Next = next(*I->getParent());
        if (!Next || !Seen.insert(Next).second || isa<PHINode>(Next->front())) return;
        I = &Next->front();
    }
}

// ---- Emitting ---------------------------------------------------------------------------------------------------

static void zeroWords(const Request &R, ArrayRef<bool> Written, Value *Payload, IRBuilderBase &B)
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
        B.CreateAlignedStore(B.getInt64(*R.Length),
                             B.CreateConstInBoundsGEP1_64(B.getInt8Ty(), Payload, R.LengthOffset), Align(8));
}

static Value *emitFastPath(const Request &R, ArrayRef<bool> Written, Value *Old, Value *New, IRBuilderBase &B)
{
    Module &M = *R.Call->getModule();
    B.CreateAlignedStore(New, threadWord(M, offsetof(gw_thread, alloc), B), Align(8));
    Value *Header = B.CreateIntToPtr(Old, B.getPtrTy());
    B.CreateAlignedStore(R.Type, Header, Align(8));
    Value *Payload = B.CreateConstInBoundsGEP1_64(B.getInt8Ty(), Header, GW_HEADER_SIZE);
    zeroWords(R, Written, Payload, B);
    return B.CreateIntToPtr(B.CreateAdd(Old, B.getInt64(GW_HEADER_SIZE)), R.Call->getType(), "fresh");
}

static void inlineOne(const Request &R)
{
    SmallVector<bool, 64> Written(Initialisation(R).writtenWords());
    Module &M = *R.Call->getModule();
    IRBuilder<> B(R.Call);
    Value *Old = B.CreateAlignedLoad(B.getInt64Ty(), threadWord(M, offsetof(gw_thread, alloc), B), Align(8), "alloc");
    Value *Limit = B.CreateAlignedLoad(B.getInt64Ty(), threadWord(M, offsetof(gw_thread, limit), B), Align(8), "limit");
    Value *New = B.CreateAdd(Old, B.getInt64(GW_HEADER_SIZE + R.Size), "end");
    Value *Full = B.CreateICmpUGT(New, Limit, "full");
    Instruction *Slow, *Fast;
    SplitBlockAndInsertIfThenElse(Full, R.Call, &Slow, &Fast, MDBuilder(M.getContext()).createUnlikelyBranchWeights());
    BasicBlock *Join = R.Call->getParent();
    B.SetInsertPoint(Fast);
    Value *Fresh = emitFastPath(R, Written, Old, New, B);
    PHINode *Result = PHINode::Create(R.Call->getType(), 2, "object");
    Result->insertBefore(Join->begin());
    Result->setDebugLoc(R.Call->getDebugLoc());
    R.Call->replaceAllUsesWith(Result);
    R.Call->moveBefore(*Slow->getParent(), Slow->getIterator());
    Result->addIncoming(Fresh, Fast->getParent());
    Result->addIncoming(R.Call, Slow->getParent());
}

void inlineAllocation(Function &F)
{
    SmallVector<Request, 8> Requests;
    for (Instruction &I : instructions(F))
        if (std::optional<Request> R = requestOf(I)) Requests.push_back(*R);
    for (const Request &R : Requests) inlineOne(R);
}

} // namespace greywave
