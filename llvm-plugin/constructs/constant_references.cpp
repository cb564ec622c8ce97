// Numbers that become references without an instruction: an IRBuilder makes constants of them. An immediate is right, whether its bits are
// known as a number or only as those of an aligned address and a tag; any other number may be where an object lies.
#include "constructs/constant_references.h"
#include "facts/reference_types.h"
#include "llvm/Analysis/ValueTracking.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Operator.h"
#include "llvm/Support/KnownBits.h"

using namespace llvm;

namespace greywave
{

static constexpr char Complaint[] = "a constant number becomes a reference, which the collector would follow; give an immediate one of its "
                                    "low three bits, and refer to a static object by addrspacecast";

bool isConstantImmediate(const Constant &Word, const DataLayout &DL)
{
    if (!Word.getType()->isIntegerTy()) return false;
    KnownBits Known = computeKnownBits(&Word, DL);
    return Word.isNullValue() || (Known.One.extractBitsAsZExtValue(std::min(3u, Known.getBitWidth()), 0) != 0);
}

namespace
{

class Constants
{
  public:
    explicit Constants(const DataLayout &DL) : DL(DL) {}

    /// Whether one of them becomes a reference that could be followed, in V or in what it is made of.
    bool areWrong(const Value *V)
    {
        auto *C = dyn_cast<Constant>(V);
        if (!C || isa<GlobalValue>(C) || isa<ConstantData>(C)) return false;
        auto [Known, IsNew] = Wrong.try_emplace(C, false);
        if (!IsNew) return Known->second;
        auto *Cast = dyn_cast<ConstantExpr>(C);
        bool IsWrong = Cast && Cast->getOpcode() == Instruction::IntToPtr && isReference(Cast->getType()->getScalarType()) &&
                       !isConstantImmediate(*Cast->getOperand(0), DL);
        IsWrong = IsWrong || any_of(C->operands(), [&](const Use &U) { return areWrong(U.get()); });
        return Wrong[C] = IsWrong;
    }

  private:
    const DataLayout &DL;
    DenseMap<const Constant *, bool> Wrong;
};

} // namespace

void checkConstants(Module &M, Refusals &Errors)
{
    Constants Known(M.getDataLayout());
    for (GlobalVariable &G : M.globals())
        if (G.hasInitializer() && Known.areWrong(G.getInitializer())) Errors.at(G, Complaint);
    for (Function &F : M)
        for (Instruction &I : instructions(F))
            if (any_of(I.operands(), [&](const Use &U) { return Known.areWrong(U.get()); })) Errors.at(I, Complaint);
}

} // namespace greywave
