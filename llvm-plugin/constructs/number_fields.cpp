// The address of the field shows the struct. Of other structs nothing is known: a frontend may list references itself that its IR types do
// not show.
#include "constructs/number_fields.h"
#include "constructs/variables.h"
#include "types/type_constants.h"
#include "llvm/IR/Operator.h"

using namespace llvm;

namespace greywave
{

ObjectStructs findObjectStructs(Module &M)
{
    ObjectStructs Structs;
    for (const TypeConstant &T : typeConstantsIn(M)) {
        const GlobalVariable *Layout = T.isWhole() ? T.layoutVariable() : nullptr;
        auto *Struct = Layout ? dyn_cast<StructType>(Layout->getValueType()) : nullptr;
        if (Struct && !Struct->isLiteral() && !containsUnion(Struct)) Structs.insert(Struct);
    }
    return Structs;
}

static bool isFieldOf(const Value *Address, const ObjectStructs &Structs)
{
    while (auto *Field = dyn_cast<GEPOperator>(Address)) {
        if (Structs.contains(Field->getSourceElementType())) return true;
        Address = Field->getPointerOperand();
    }
    return false;
}

// Where a reference is read or written.
static const Value *referenceAccess(const Instruction &I)
{
    if (auto *Load = dyn_cast<LoadInst>(&I)) return isReference(I.getType()) ? Load->getPointerOperand() : nullptr;
    if (auto *Store = dyn_cast<StoreInst>(&I))
        return isReference(Store->getValueOperand()->getType()) ? Store->getPointerOperand() : nullptr;
    if (!isa<AtomicRMWInst>(I) && !isa<AtomicCmpXchgInst>(I)) return nullptr;
    return isReference(I.getOperand(1)->getType()) ? I.getOperand(0) : nullptr;
}

void checkNumberFields(const Function &F, const ObjectStructs &Structs, Refusals &Errors)
{
    const DataLayout &DL = F.getParent()->getDataLayout();
    for (const Instruction &I : instructions(F)) {
        const Value *Address = referenceAccess(I);
        if (!Address || !isReference(Address->getType()) || !isFieldOf(Address, Structs)) continue;
        if (Shows There = shownAt(Address, 8, DL); There == Shows::Numbers || There == Shows::Addresses)
            Errors.at(I, "a reference is kept in a field of an object that is a number by the object's type, where the collector does not "
                         "look; declare the field as a GW pointer");
    }
}

} // namespace greywave
