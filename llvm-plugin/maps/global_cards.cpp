// Cards of global arrays, so that a minor collection reads of them what was written since the last.
//
// A large array that only code in sight can write to gets a byte for each 512 bytes behind its end: array and cards become one
// variable, so that one address leads to both, on every thread its own. Each write to the array sets the card of what it writes, after
// it, and with no safepoint between. Whoever else could write would not: an array whose address leaves what is understood here
// is read whole.
#include "maps/global_cards.h"
#include "constructs/variables.h"
#include "facts/reference_types.h"
#include "abi/sizes.h"
#include "llvm/Analysis/Utils/Local.h"
#include "llvm/Transforms/Utils/BasicBlockUtils.h"

using namespace llvm;

namespace greywave
{

static constexpr uint64_t SmallestBytes = 1024;
static constexpr char ListedAttribute[] = "greywave-listed";

void noteListedByPlugin(GlobalVariable &G)
{
    G.addAttribute(ListedAttribute);
}

// ---- Who writes -------------------------------------------------------------------------------------------------

namespace
{

/// All that is done with the addresses of one variable.
class AddressUses
{
  public:
    explicit AddressUses(GlobalVariable &G) : G(G) {}
    /// False when somebody may write who is not among `Writes`.
    bool collect();

    struct Write {
        Instruction *At;
        Value *Address;
    };
    SmallVector<Write, 16> Writes;

  private:
    bool follow(const Use &U);
    bool followCall(const Use &U, CallBase &Call);
    bool followConstant(const Constant &C);
    bool derive(Value &V);
    void note(const Use &U) { Writes.push_back({cast<Instruction>(U.getUser()), U.get()}); }
    bool mayLeadElsewhere(const Value &V) const;
    void findAmbiguous();

    GlobalVariable &G;
    SetVector<Value *> Derived;
    SmallPtrSet<const Value *, 8> Ambiguous; // of those: may lead to other memory
};

} // namespace

bool AddressUses::derive(Value &V)
{
    if (!V.getType()->isPointerTy()) return false; // a vector of addresses
    Derived.insert(&V);
    return true;
}

bool AddressUses::followConstant(const Constant &C)
{
    if (isa<ConstantExpr>(C)) return isa<GEPOperator>(C) && derive(const_cast<Constant &>(C));
    // The plug-in lists what nobody reads. Who lists a variable by hand may write to it in assembler.
    return isa<ConstantArray>(C) && G.hasAttribute(ListedAttribute) &&
           all_of(C.users(), [](const User *List) { return isa<GlobalVariable>(List) && List->getName() == "llvm.compiler.used"; });
}

bool AddressUses::followCall(const Use &U, CallBase &Call)
{
    const Function *Callee = Call.getCalledFunction();
    if (isa<AssumeInst>(Call)) return true;
    if (!Callee || !Call.isArgOperand(&U)) return false;
    if (isa<MemTransferInst>(Call)) {
        if (Call.getArgOperandNo(&U) == 0) note(U);
        return true;
    }
    switch (Callee->getIntrinsicID()) {
    case Intrinsic::threadlocal_address: return derive(Call);
    case Intrinsic::masked_store: note(U); return true;
    case Intrinsic::memset: // bytes of one value are no reference
    case Intrinsic::masked_load:
    case Intrinsic::prefetch: return true;
    default: return is_contained({"gw_check_store", "gw_check_copy", "gw_check_word"}, Callee->getName());
    }
}

bool AddressUses::follow(const Use &U)
{
    User *By = U.getUser();
    if (auto *C = dyn_cast<Constant>(By)) return followConstant(*C);
    if (isa<LoadInst, ICmpInst>(By)) return true;
    if (isa<StoreInst>(By)) {
        note(U);
        return U.getOperandNo() == StoreInst::getPointerOperandIndex();
    }
    if (isa<AtomicRMWInst, AtomicCmpXchgInst>(By)) {
        note(U);
        return U.getOperandNo() == 0;
    }
    if (isa<GetElementPtrInst, PHINode, SelectInst, FreezeInst>(By)) return derive(*By);
    auto *Call = dyn_cast<CallBase>(By);
    return Call && followCall(U, *Call);
}

bool AddressUses::mayLeadElsewhere(const Value &V) const
{
    return any_of(cast<User>(V).operands(), [&](const Use &U) {
        if (!U->getType()->isPointerTy() || isa<ConstantPointerNull, UndefValue>(U)) return false;
        return Ambiguous.contains(U.get()) || (isa<PHINode, SelectInst>(V) && !Derived.contains(U.get()));
    });
}

// What a choice between this variable and another leads to may be read. A write through it would have to set either's card.
void AddressUses::findAmbiguous()
{
    for (bool Changed = true; Changed;) {
        Changed = false;
        for (const Value *V : Derived)
            if (!isa<GlobalVariable>(V) && mayLeadElsewhere(*V)) Changed |= Ambiguous.insert(V).second;
    }
}

bool AddressUses::collect()
{
    G.removeDeadConstantUsers();
    Derived.insert(&G);
    for (size_t I = 0; I < Derived.size(); I++)
        for (const Use &U : Derived[I]->uses())
            if (!follow(U)) return false;
    findAmbiguous();
    return none_of(Writes, [&](const Write &W) { return Ambiguous.contains(W.Address); });
}

// ---- Setting cards ----------------------------------------------------------------------------------------------

namespace
{

/// Sets the cards that stand for a part of one variable. `Bytes`: of the variable, without its cards.
class CardSetter
{
  public:
    CardSetter(GlobalVariable &G, uint64_t Bytes) : G(G), Bytes(Bytes), DL(G.getParent()->getDataLayout()) {}
    void setFor(Instruction &Write) const;

  private:
    /// The place in the variable that an address leads to.
    struct Place {
        Value *Variable, *Offset;
    };

    Place placeOf(Value *Address, IRBuilder<> &B) const;
    Value *cardAt(const Place &At, IRBuilder<> &B) const;
    void setCard(const Place &At, IRBuilder<> &B) const;
    void setCards(const Place &At, uint64_t Written, bool Straddles, IRBuilder<> &B) const;
    void setRange(const Place &At, Value *Written, Instruction *Next) const;

    GlobalVariable &G;
    uint64_t Bytes;
    const DataLayout &DL;
};

} // namespace

static bool isVariable(const Value *V)
{
    auto *Call = dyn_cast<IntrinsicInst>(V);
    return isa<GlobalVariable>(V) || (Call && Call->getIntrinsicID() == Intrinsic::threadlocal_address);
}

// Where the address was calculated from the variable's, the offset costs nothing; where a loop carries it, a subtraction.
CardSetter::Place CardSetter::placeOf(Value *Address, IRBuilder<> &B) const
{
    Value *Base = Address, *Offset = nullptr;
    for (; !isVariable(Base) && isa<GEPOperator>(Base); Base = cast<GEPOperator>(Base)->getPointerOperand()) {
        Value *Step = emitGEPOffset(&B, DL, cast<User>(Base), true);
        Offset = Offset ? B.CreateAdd(Offset, Step) : Step;
    }
    if (isVariable(Base)) return {Base, Offset ? Offset : B.getInt64(0)};
    Value *Variable = G.isThreadLocal() ? B.CreateThreadLocalAddress(&G) : static_cast<Value *>(&G);
    return {Variable, B.CreateSub(B.CreatePtrToInt(Address, B.getInt64Ty()), B.CreatePtrToInt(Variable, B.getInt64Ty()))};
}

static Value *cardNumber(Value *Offset, IRBuilder<> &B)
{
    return B.CreateLShr(Offset, uint64_t(GW_CARD_SHIFT));
}

Value *CardSetter::cardAt(const Place &At, IRBuilder<> &B) const
{
    return B.CreateInBoundsPtrAdd(At.Variable, B.CreateAdd(cardNumber(At.Offset, B), B.getInt64(Bytes)));
}

// Whoever reads the card after it was set reads what was written before: another heap's collection clears it, then reads.
void CardSetter::setCard(const Place &At, IRBuilder<> &B) const
{
    B.CreateAlignedStore(B.getInt8(1), cardAt(At, B), Align(1))->setAtomic(AtomicOrdering::Release);
}

// Of a card's size at most.
void CardSetter::setCards(const Place &At, uint64_t Written, bool Straddles, IRBuilder<> &B) const
{
    setCard(At, B);
    if (Straddles) setCard({At.Variable, B.CreateAdd(At.Offset, B.getInt64(Written - 1))}, B);
}

void CardSetter::setRange(const Place &At, Value *Written, Instruction *Next) const
{
    IRBuilder<> Test(Next);
    Value *Any = Test.CreateICmpNE(Written, ConstantInt::get(Written->getType(), 0));
    IRBuilder<> B(SplitBlockAndInsertIfThen(Any, Next, false));
    Value *Count = B.CreateZExtOrTrunc(Written, B.getInt64Ty());
    Value *Last = cardNumber(B.CreateAdd(At.Offset, B.CreateSub(Count, B.getInt64(1))), B);
    Value *Cards = B.CreateAdd(B.CreateSub(Last, cardNumber(At.Offset, B)), B.getInt64(1));
    B.CreateFence(AtomicOrdering::Release);
    B.CreateMemSet(cardAt(At, B), B.getInt8(1), Cards, Align(1));
}

namespace
{

/// What one instruction writes, and where.
struct Written {
    Value *What, *Address;
    Align Alignment;
};

} // namespace

static Written writtenBy(Instruction &Write)
{
    if (auto *Store = dyn_cast<StoreInst>(&Write)) return {Store->getValueOperand(), Store->getPointerOperand(), Store->getAlign()};
    if (auto *Exchange = dyn_cast<AtomicRMWInst>(&Write))
        return {Exchange->getValOperand(), Exchange->getPointerOperand(), Exchange->getAlign()};
    if (auto *Exchange = dyn_cast<AtomicCmpXchgInst>(&Write))
        return {Exchange->getNewValOperand(), Exchange->getPointerOperand(), Exchange->getAlign()};
    return {cast<CallBase>(Write).getArgOperand(0), cast<CallBase>(Write).getArgOperand(1), Align(1)};
}

// Constants are null, immediates or static objects. What is smaller than a reference may be a part of one.
void CardSetter::setFor(Instruction &Write) const
{
    Instruction *Next = Write.getNextNode();
    IRBuilder<> B(Next);
    if (auto *Copy = dyn_cast<MemTransferInst>(&Write)) return setRange(placeOf(Copy->getRawDest(), B), Copy->getLength(), Next);
    auto [What, Address, Alignment] = writtenBy(Write);
    uint64_t Size = DL.getTypeStoreSize(What->getType()).getFixedValue();
    if (isa<Constant>(What) || shownAt(Address, Size, DL) == Shows::Numbers) return;
    Place At = placeOf(Address, B);
    if (Size <= GW_CARD_BYTES) setCards(At, Size, Alignment.value() < Size, B);
    else setRange(At, B.getInt64(Size), Next);
}

// ---- The variable -----------------------------------------------------------------------------------------------

static bool mayHaveCards(const GlobalVariable &G, const ReferenceLayout &Layout)
{
    uint64_t Bytes = G.getParent()->getDataLayout().getTypeAllocSize(G.getValueType()).getFixedValue();
    return G.hasLocalLinkage() && !G.isConstant() && !G.hasSection() && !G.hasComdat() && !G.isExternallyInitialized() &&
           Bytes >= SmallestBytes && Layout.Count * Layout.Stride == Bytes;
}

static GlobalVariable &appendCards(GlobalVariable &G, uint64_t Bytes)
{
    auto *Cards = ArrayType::get(Type::getInt8Ty(G.getContext()), divideCeil(Bytes, GW_CARD_BYTES));
    auto *T = StructType::get(G.getContext(), {G.getValueType(), Cards});
    Constant *Start = ConstantStruct::get(T, {G.getInitializer(), ConstantAggregateZero::get(Cards)});
    auto *Made = new GlobalVariable(*G.getParent(), T, false, G.getLinkage(), Start, "", &G, G.getThreadLocalMode());
    Made->takeName(&G);
    Made->copyAttributesFrom(&G);
    Made->setAlignment(G.getParent()->getDataLayout().getPreferredAlign(&G));
    Made->copyMetadata(&G, 0);
    G.replaceAllUsesWith(Made);
    G.eraseFromParent();
    return *Made;
}

GlobalVariable *giveCards(GlobalVariable &G, const ReferenceLayout &Layout)
{
    AddressUses Uses(G);
    if (!mayHaveCards(G, Layout) || !Uses.collect()) return nullptr;
    uint64_t Bytes = Layout.Count * Layout.Stride;
    GlobalVariable &WithCards = appendCards(G, Bytes);
    CardSetter Cards(WithCards, Bytes);
    for (const AddressUses::Write &W : Uses.Writes) Cards.setFor(*W.At);
    return &WithCards;
}

} // namespace greywave
