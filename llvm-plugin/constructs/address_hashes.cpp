// Warns where the address of an object becomes a hash: the number is right, the address of that moment, but the object moves.
//
// What shows a hash is a remainder, a product, an exclusive or, or a mask that only run time knows, of an address alone or shifted.
// Comparisons, differences, alignment tests, and what takes immediates apart (low bits, arithmetic shifts) are none.
// `(uintptr_t)(void *)reference` is an address that is meant as such.
#include "constructs/constructs.h"
#include "facts/diagnose.h"
#include "facts/facts.h"
#include "facts/reference_types.h"

using namespace llvm;

namespace greywave
{

static bool isLowBitTest(const User *U)
{
    auto *And = dyn_cast<BinaryOperator>(U);
    auto *Mask = And && And->getOpcode() == Instruction::And ? dyn_cast<ConstantInt>(And->getOperand(1)) : nullptr;
    return Mask && Mask->getValue().ult(16);
}

// `(a & b) & 1` asks whether both are immediates.
static bool isHashing(const Instruction &I)
{
    auto *Constant = I.getNumOperands() == 2 ? dyn_cast<ConstantInt>(I.getOperand(1)) : nullptr;
    switch (I.getOpcode()) {
    case Instruction::URem:
    case Instruction::SRem: return !Constant || !Constant->getValue().isPowerOf2(); // otherwise an alignment test
    case Instruction::Mul: return true;
    case Instruction::Xor:
    case Instruction::And: return !Constant && !(I.hasNUsesOrMore(1) && all_of(I.users(), isLowBitTest));
    default: return false;
    }
}

static bool keepsAddress(const Instruction &I)
{
    switch (I.getOpcode()) {
    case Instruction::LShr:
    case Instruction::Shl:
    case Instruction::UDiv: return isa<ConstantInt>(I.getOperand(1));
    case Instruction::PHI:
    case Instruction::Select: return true;
    default: return isa<CastInst>(I) && !I.getType()->isPtrOrPtrVectorTy();
    }
}

namespace
{

/// Follows an address as a number: through variables, into functions of this module and out of them.
class Follower
{
  public:
    explicit Follower(const PtrToIntInst &Address) : Reached{&Address} {}

    /// The instruction that makes a hash of it, or null.
    const Instruction *findHash()
    {
        for (size_t At = 0; At < Reached.size() && At < 256; At++)
            for (const Use &U : Reached[At]->uses()) {
                auto *I = dyn_cast<Instruction>(U.getUser());
                if (I && isHashing(*I)) return I;
                if (I) follow(*I, U);
            }
        return nullptr;
    }

  private:
    void reach(const Value *V)
    {
        if (!is_contained(Reached, V)) Reached.push_back(V);
    }

    void follow(const Instruction &I, const Use &U)
    {
        if (keepsAddress(I)) return reach(&I);
        if (auto *Store = dyn_cast<StoreInst>(&I))
            for (const User *Load : Store->getPointerOperand()->users())
                if (isa<AllocaInst>(Store->getPointerOperand()) && isa<LoadInst>(Load)) reach(Load);
        if (isa<ReturnInst>(I))
            for (const User *Call : I.getFunction()->users())
                if (auto *C = dyn_cast<CallBase>(Call); C && C->getCalledFunction() == I.getFunction()) reach(Call);
        auto *Call = dyn_cast<CallBase>(&I);
        const Function *Callee = Call ? Call->getCalledFunction() : nullptr;
        if (!Callee || Callee->isDeclaration() || !Call->isArgOperand(&U)) return;
        if (Call->getArgOperandNo(&U) < Callee->arg_size()) reach(Callee->getArg(Call->getArgOperandNo(&U)));
    }

    SmallVector<const Value *, 8> Reached;
};

} // namespace

static bool hasLowBitTest(const Value *Reference)
{
    return any_of(Reference->users(), [](const User *U) { return isa<PtrToIntInst>(U) && any_of(U->users(), isLowBitTest); });
}

// A word that may be an immediate: its low bits are looked at, here or where the same variable is read.
static bool isTakenApart(const Value *Reference)
{
    auto *Load = dyn_cast<LoadInst>(Reference);
    if (!Load || !isa<AllocaInst>(Load->getPointerOperand())) return hasLowBitTest(Reference);
    return any_of(Load->getPointerOperand()->users(), hasLowBitTest);
}

void warnOfHashedAddresses(Function &F, Refusals &Errors)
{
    for (const Instruction &I : instructions(F)) {
        auto *Address = dyn_cast<PtrToIntInst>(&I);
        if (!Address || !isReference(Address->getSrcTy()) || isTakenApart(Address->getPointerOperand())) continue;
        if (const Instruction *Hash = Follower(*Address).findHash())
            Errors.warn(*Hash, "the address of a collected object is hashed, and objects move; use gw_identity_hash, or write "
                               "(uintptr_t)(void *)reference where the address of this moment is meant");
    }
}

} // namespace greywave
