// A program was accepted because no plain address of an object is used after a safepoint. The optimiser may choose earlier
// than the program did, `p = long ? (char *)object->bytes : "none"` in front of a loop instead of in it, and a poll is a safepoint
// of which the program knew nothing.
//
// So each address that may lie in an object is taken apart: whether it does, the reference in that case, and the plain
// address in the other. They are chosen and moved as the address was, and put together where it is used.
#include "constructs/mixed_addresses.h"
#include "facts/reference_types.h"
#include "facts/safepoints.h"
#include "llvm/Transforms/Utils/BasicBlockUtils.h"

using namespace llvm;

namespace greywave
{
namespace
{

struct Parts {
    Value *InObject;  // i1
    Value *Reference; // null when not in an object
    Value *Plain;     // null when in one
};

class Splitter
{
  public:
    explicit Splitter(Function &F);
    void run();

  private:
    void collect(Instruction &Address);
    bool isNeeded() const;
    void makePhis();
    Parts partsOf(Value *Address);
    Parts partsOfDerived(Instruction &Address);
    void fillPhis();
    void replaceUses(Instruction &Address);
    void splitStores();
    void eraseOld();

    SmallSetVector<Instruction *, 8> Views, Derived; // casts of references, and what is made of them
    DenseMap<Value *, Parts> Known;
    SmallVector<StoreInst *, 4> Stores; // of references
    Type *Bool, *Reference, *Plain;
};

} // namespace

static bool derivesAddress(const Instruction &I, const Value &From)
{
    if (!I.getType()->isPointerTy()) return false;
    if (auto *GEP = dyn_cast<GetElementPtrInst>(&I)) return GEP->getPointerOperand() == &From;
    return isa<PHINode>(I) || isa<SelectInst>(I) || isa<FreezeInst>(I);
}

Splitter::Splitter(Function &F)
{
    LLVMContext &C = F.getContext();
    Bool = Type::getInt1Ty(C);
    Reference = PointerType::get(C, ReferenceSpace);
    Plain = PointerType::get(C, 0);
    for (Instruction &I : instructions(F)) {
        auto *Cast = dyn_cast<AddrSpaceCastInst>(&I);
        if (Cast && isReference(Cast->getSrcTy()) && Cast->getDestTy() == Plain) Views.insert(Cast);
    }
    for (Instruction *View : Views) collect(*View);
}

void Splitter::collect(Instruction &Address)
{
    for (User *U : Address.users()) {
        auto *I = cast<Instruction>(U);
        if (derivesAddress(*I, Address) && Derived.insert(I)) collect(*I);
    }
}

static bool storesReferenceTo(const Instruction &User, const Value &Address)
{
    auto *Store = dyn_cast<StoreInst>(&User);
    return Store && Store->getPointerOperand() == &Address && isReference(Store->getValueOperand()->getType());
}

bool Splitter::isNeeded() const
{
    auto IsStale = [](const Instruction *I) { return livesAcrossSafepoint(*I); };
    auto IsWritten = [](const Instruction *I) {
        return any_of(I->users(), [&](const User *U) { return storesReferenceTo(*cast<Instruction>(U), *I); });
    };
    return any_of(Views, IsStale) || any_of(Derived, IsStale) || any_of(Views, IsWritten) || any_of(Derived, IsWritten);
}

void Splitter::makePhis()
{
    for (Instruction *I : Derived) {
        auto *Phi = dyn_cast<PHINode>(I);
        if (!Phi) continue;
        IRBuilder<> B(Phi);
        unsigned Count = Phi->getNumIncomingValues();
        Known[Phi] = {B.CreatePHI(Bool, Count), B.CreatePHI(Reference, Count), B.CreatePHI(Plain, Count)};
    }
}

Parts Splitter::partsOfDerived(Instruction &Address)
{
    IRBuilder<> B(&Address);
    if (auto *GEP = dyn_cast<GetElementPtrInst>(&Address)) {
        Parts Base = partsOf(GEP->getPointerOperand());
        SmallVector<Value *, 4> Indices(GEP->indices());
        auto moved = [&](Value *From) { return B.CreateGEP(GEP->getSourceElementType(), From, Indices); };
        return {Base.InObject, moved(Base.Reference), moved(Base.Plain)};
    }
    if (auto *Select = dyn_cast<SelectInst>(&Address)) {
        Parts True = partsOf(Select->getTrueValue()), False = partsOf(Select->getFalseValue());
        auto chosen = [&](Value *T, Value *E) { return B.CreateSelect(Select->getCondition(), T, E); };
        return {chosen(True.InObject, False.InObject), chosen(True.Reference, False.Reference), chosen(True.Plain, False.Plain)};
    }
    Parts Frozen = partsOf(cast<FreezeInst>(Address).getOperand(0));
    return {B.CreateFreeze(Frozen.InObject), B.CreateFreeze(Frozen.Reference), B.CreateFreeze(Frozen.Plain)};
}

Parts Splitter::partsOf(Value *Address)
{
    if (auto It = Known.find(Address); It != Known.end()) return It->second;
    auto *I = dyn_cast<Instruction>(Address);
    Known[Address] = {ConstantInt::getFalse(Bool), Constant::getNullValue(Reference),
                      Constant::getNullValue(Plain)}; // unreachable code may go round
    Parts Result;
    if (I && Views.contains(I)) Result = {ConstantInt::getTrue(Bool), I->getOperand(0), Constant::getNullValue(Plain)};
    else if (I && Derived.contains(I)) Result = partsOfDerived(*I);
    else Result = {ConstantInt::getFalse(Bool), Constant::getNullValue(Reference), Address};
    return Known[Address] = Result;
}

void Splitter::fillPhis()
{
    for (Instruction *I : Derived) {
        auto *Phi = dyn_cast<PHINode>(I);
        if (!Phi) continue;
        Parts Result = Known[Phi];
        for (unsigned N = 0; N < Phi->getNumIncomingValues(); N++) {
            Parts One = partsOf(Phi->getIncomingValue(N));
            BasicBlock *From = Phi->getIncomingBlock(N);
            cast<PHINode>(Result.InObject)->addIncoming(One.InObject, From);
            cast<PHINode>(Result.Reference)->addIncoming(One.Reference, From);
            cast<PHINode>(Result.Plain)->addIncoming(One.Plain, From);
        }
    }
}

// Where one edge is listed twice in a phi of addresses, the phi is one of the derived addresses itself.
void Splitter::replaceUses(Instruction &Address)
{
    Parts P = partsOf(&Address);
    for (Use &U : make_early_inc_range(Address.uses())) {
        auto *User = cast<Instruction>(U.getUser());
        if (Derived.contains(User)) continue;
        if (storesReferenceTo(*User, Address)) {
            Stores.push_back(cast<StoreInst>(User));
            continue;
        }
        IRBuilder<> B(User);
        U.set(B.CreateSelect(P.InObject, B.CreateAddrSpaceCast(P.Reference, Plain), P.Plain));
    }
}

// The store into an object gets its barrier later.
void Splitter::splitStores()
{
    for (StoreInst *Store : Stores) {
        Parts P = partsOf(Store->getPointerOperand());
        Instruction *Then, *Else;
        SplitBlockAndInsertIfThenElse(P.InObject, Store, &Then, &Else);
        for (auto &[Where, Place] : {std::pair(Then, P.Reference), std::pair(Else, P.Plain)}) {
            Instruction *Copy = Store->clone();
            Copy->insertInto(Where->getParent(), Where->getIterator());
            Copy->setOperand(StoreInst::getPointerOperandIndex(), Place);
        }
        Store->eraseFromParent();
    }
}

void Splitter::eraseOld()
{
    for (Instruction *I : Derived) I->replaceAllUsesWith(PoisonValue::get(I->getType()));
    for (Instruction *I : Derived) I->eraseFromParent();
    for (Instruction *I : Views)
        if (I->use_empty()) I->eraseFromParent();
}

void Splitter::run()
{
    if (!isNeeded()) return;
    makePhis();
    fillPhis();
    for (Instruction *I : Views) replaceUses(*I);
    for (Instruction *I : Derived) replaceUses(*I);
    splitStores();
    eraseOld();
}

void splitMixedAddresses(Function &F)
{
    Splitter(F).run();
}

} // namespace greywave
