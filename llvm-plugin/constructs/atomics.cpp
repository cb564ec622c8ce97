// clang emits atomic operations on references as operations on i64, through temporaries: the value is stored into a
// reference variable, loaded as i64, exchanged, and the result takes the way back. A raw integer would be neither root
// nor barrier, so the operations are put back on `ptr addrspace(1)` before anything else looks at the function. One operand
// that is a reference says that all are, and the result: std::atomic hands the expected value over by its address.
#include "constructs/constructs.h"
#include "facts/reference_types.h"

using namespace llvm;

namespace greywave
{

static bool isWord(const Type *T)
{
    return T->isIntegerTy(64);
}

static bool isReferenceVariable(const Value *Pointer)
{
    auto *Slot = dyn_cast<AllocaInst>(Pointer);
    return Slot && isReference(Slot->getAllocatedType());
}

static Type *referenceType(Instruction &I)
{
    return PointerType::get(I.getContext(), ReferenceSpace);
}

static Value *loadReference(LoadInst &Load)
{
    IRBuilder<> AtLoad(&Load);
    return AtLoad.CreateAlignedLoad(referenceType(Load), Load.getPointerOperand(), Load.getAlign(), Load.isVolatile());
}

// The reference whose bits `Word` holds, or null when it is just an integer.
static Value *asReference(Value *Word)
{
    Type *Reference = PointerType::get(Word->getContext(), ReferenceSpace);
    if (auto *C = dyn_cast<ConstantInt>(Word)) {
        if (C->isZero()) return Constant::getNullValue(Reference);
        return (C->getZExtValue() & 7) != 0 ? ConstantExpr::getIntToPtr(C, Reference) : nullptr;
    }
    if (auto *Cast = dyn_cast<PtrToIntInst>(Word)) return isReference(Cast->getOperand(0)->getType()) ? Cast->getOperand(0) : nullptr;
    auto *Load = dyn_cast<LoadInst>(Word);
    if (!Load || Load->isAtomic() || !isReferenceVariable(Load->getPointerOperand())) return nullptr;
    return loadReference(*Load);
}

// The other operand says that this one is a reference.
static Value *takenAsReference(Value *Word)
{
    if (Value *Reference = asReference(Word)) return Reference;
    auto *Load = dyn_cast<LoadInst>(Word);
    return Load && !Load->isAtomic() ? loadReference(*Load) : nullptr;
}

static bool becomesReference(const Value &Word)
{
    return any_of(Word.users(), [](const User *U) {
        if (auto *Cast = dyn_cast<IntToPtrInst>(U)) return isReference(Cast->getType());
        auto *Store = dyn_cast<StoreInst>(U);
        return Store && isWord(Store->getValueOperand()->getType()) && isReferenceVariable(Store->getPointerOperand());
    });
}

// A reference variable, or where a pointer leads: std::atomic writes the value that it found to what was expected.
static bool mayTakeReference(const StoreInst &Store)
{
    return isReferenceVariable(Store.getPointerOperand()) || !isa<AllocaInst>(Store.getPointerOperand());
}

// Users of the integer result get the reference where they want one, and its bits otherwise.
static void replaceWord(Instruction &Word, Value *Reference, IRBuilderBase &B)
{
    Value *Bits = nullptr;
    for (Use &U : make_early_inc_range(Word.uses())) {
        auto *User = cast<Instruction>(U.getUser());
        if (isa<IntToPtrInst>(User) && isReference(User->getType())) {
            User->replaceAllUsesWith(Reference);
            User->eraseFromParent();
        } else if (auto *Store = dyn_cast<StoreInst>(User); Store && U.getOperandNo() == 0 && mayTakeReference(*Store)) {
            U.set(Reference);
        } else {
            if (!Bits) Bits = B.CreatePtrToInt(Reference, Word.getType());
            U.set(Bits);
        }
    }
    Word.eraseFromParent();
}

static void restoreLoad(LoadInst &Load)
{
    if (!Load.isAtomic() || !isWord(Load.getType()) || !becomesReference(Load)) return;
    IRBuilder<> B(&Load);
    auto *New = B.CreateAlignedLoad(referenceType(Load), Load.getPointerOperand(), Load.getAlign(), Load.isVolatile());
    New->setAtomic(Load.getOrdering(), Load.getSyncScopeID());
    replaceWord(Load, New, B);
}

static void restoreStore(StoreInst &Store)
{
    if (!Store.isAtomic() || !isWord(Store.getValueOperand()->getType()) || isa<ConstantInt>(Store.getValueOperand())) return;
    IRBuilder<> B(&Store);
    if (Value *Reference = asReference(Store.getValueOperand())) Store.setOperand(0, Reference);
}

static void restoreExchange(AtomicRMWInst &Exchange)
{
    if (Exchange.getOperation() != AtomicRMWInst::Xchg || !isWord(Exchange.getType())) return;
    bool FromConstant = isa<ConstantInt>(Exchange.getValOperand());
    if (FromConstant && !becomesReference(Exchange)) return;
    IRBuilder<> B(&Exchange);
    Value *Reference = asReference(Exchange.getValOperand());
    if (!Reference) return;
    auto *New = B.CreateAtomicRMW(AtomicRMWInst::Xchg, Exchange.getPointerOperand(), Reference, Exchange.getAlign(), Exchange.getOrdering(),
                                  Exchange.getSyncScopeID());
    New->setVolatile(Exchange.isVolatile());
    replaceWord(Exchange, New, B);
}

// A constant may be any integer.
static bool isReferenceOperand(const Value *Reference)
{
    return Reference && !isa<Constant>(Reference);
}

static void restoreCompareExchange(AtomicCmpXchgInst &Exchange)
{
    if (!isWord(Exchange.getNewValOperand()->getType())) return;
    if (isa<ConstantInt>(Exchange.getNewValOperand()) && isa<ConstantInt>(Exchange.getCompareOperand())) return;
    IRBuilder<> B(&Exchange);
    Value *Expected = asReference(Exchange.getCompareOperand()), *Desired = asReference(Exchange.getNewValOperand());
    if (!isReferenceOperand(Expected) && !isReferenceOperand(Desired)) return;
    if (!Expected) Expected = takenAsReference(Exchange.getCompareOperand());
    if (!Desired) Desired = takenAsReference(Exchange.getNewValOperand());
    if (!Expected || !Desired) return;
    auto *New = B.CreateAtomicCmpXchg(Exchange.getPointerOperand(), Expected, Desired, Exchange.getAlign(), Exchange.getSuccessOrdering(),
                                      Exchange.getFailureOrdering(), Exchange.getSyncScopeID());
    New->setVolatile(Exchange.isVolatile());
    New->setWeak(Exchange.isWeak());
    for (User *U : make_early_inc_range(Exchange.users())) {
        auto *Part = dyn_cast<ExtractValueInst>(U);
        if (!Part) continue;
        IRBuilder<> AtPart(Part);
        Value *Value = AtPart.CreateExtractValue(New, Part->getIndices());
        if (Part->getIndices()[0] == 0) {
            replaceWord(*Part, Value, AtPart);
        } else {
            Part->replaceAllUsesWith(Value);
            Part->eraseFromParent();
        }
    }
    if (Exchange.use_empty()) Exchange.eraseFromParent();
}

// What is left of the temporaries: whole-word accesses to a reference variable.
static void retypeVariableAccess(Instruction &I)
{
    IRBuilder<> B(&I);
    if (auto *Load = dyn_cast<LoadInst>(&I)) {
        if (Load->isAtomic() || !isWord(Load->getType()) || !isReferenceVariable(Load->getPointerOperand())) return;
        Value *New = B.CreateAlignedLoad(referenceType(I), Load->getPointerOperand(), Load->getAlign());
        Load->replaceAllUsesWith(B.CreatePtrToInt(New, Load->getType()));
        Load->eraseFromParent();
    } else if (auto *Store = dyn_cast<StoreInst>(&I)) {
        if (!isWord(Store->getValueOperand()->getType()) || !isReferenceVariable(Store->getPointerOperand())) return;
        if (Value *Reference = asReference(Store->getValueOperand())) Store->setOperand(0, Reference);
    }
}

void restoreAtomicReferences(Function &F)
{
    SmallVector<Instruction *, 64> Work;
    for (Instruction &I : instructions(F))
        if (I.isAtomic()) Work.push_back(&I);
    for (Instruction *I : Work) {
        if (auto *Load = dyn_cast<LoadInst>(I)) restoreLoad(*Load);
        else if (auto *Store = dyn_cast<StoreInst>(I)) restoreStore(*Store);
        else if (auto *Exchange = dyn_cast<AtomicRMWInst>(I)) restoreExchange(*Exchange);
        else if (auto *Exchange = dyn_cast<AtomicCmpXchgInst>(I)) restoreCompareExchange(*Exchange);
    }
    Work.clear();
    for (Instruction &I : instructions(F)) Work.push_back(&I);
    for (Instruction *I : Work) retypeVariableAccess(*I);
}

// RewriteStatepointsForGC of LLVM 19 takes an exchange for something whose base it must compute, and computes it by
// repeating the exchange. As an exchange of integers with the cast right beside it, its result is a base of its own.
void lowerAtomicExchanges(Function &F)
{
    SmallVector<AtomicRMWInst *, 4> Exchanges;
    for (Instruction &I : instructions(F))
        if (auto *Exchange = dyn_cast<AtomicRMWInst>(&I); Exchange && isReference(I.getType())) Exchanges.push_back(Exchange);
    for (AtomicRMWInst *Exchange : Exchanges) {
        IRBuilder<> B(Exchange);
        Value *Word = B.CreatePtrToInt(Exchange->getValOperand(), B.getInt64Ty());
        auto *New = B.CreateAtomicRMW(AtomicRMWInst::Xchg, Exchange->getPointerOperand(), Word, Exchange->getAlign(),
                                      Exchange->getOrdering(), Exchange->getSyncScopeID());
        New->setVolatile(Exchange->isVolatile());
        Exchange->replaceAllUsesWith(B.CreateIntToPtr(New, Exchange->getType()));
        Exchange->eraseFromParent();
    }
}

} // namespace greywave
