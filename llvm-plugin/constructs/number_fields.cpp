// The address of the field shows the struct, or the object's allocation its type. Of other structs nothing is known: a frontend may list
// references itself that its IR types do not show.
#include "constructs/number_fields.h"
#include "constructs/constructs.h"
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
        if (Struct && !Struct->isLiteral() && !containsUnion(Struct) && !isTracedStruct(*Struct)) Structs.insert(Struct);
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

// What the allocation of an object says of a word in it, where it is in sight: whatever struct the address shows.
static Shows allocatedAt(const Value *Address, int64_t Distance, const DataLayout &DL)
{
    APInt Offset(64, uint64_t(Distance), true);
    auto *Call = dyn_cast<CallBase>(Address->stripAndAccumulateConstantOffsets(DL, Offset, /*AllowNonInbounds=*/true));
    std::vector<TypeConstant> Types = Call && !Offset.isNegative() ? typesAllocatedBy(*Call) : std::vector<TypeConstant>();
    Shows There = Types.empty() ? Shows::Nothing : Shows::Numbers;
    for (const TypeConstant &T : Types) {
        uint64_t At = Offset.getZExtValue();
        std::optional<bool> Refers = T.refersIn(At, At + 8);
        if (!Refers || T.hasTags()) return Shows::Nothing;
        if (*Refers) There = Shows::References;
    }
    return There;
}

// Where a reference is read or written.
static const Value *referenceAccess(const Instruction &I)
{
    if (auto *Load = dyn_cast<LoadInst>(&I)) return isReference(I.getType()) ? Load->getPointerOperand() : nullptr;
    std::optional<WordWrite> Write = wordWriteOf(I);
    return Write && isReference(Write->Stored->get()->getType()) ? Write->Pointer : nullptr;
}

// What lies `Distance` bytes behind an address, also in another field of the same struct.
static Shows shownBehind(const Value *Address, int64_t Distance, const ObjectStructs &Structs, const DataLayout &DL)
{
    APInt Offset(64, uint64_t(Distance), true);
    for (const Value *V = Address; auto *Field = dyn_cast<GEPOperator>(V); V = Field->getPointerOperand()) {
        if (!Field->accumulateConstantOffset(DL, Offset)) break;
        Type *Struct = Field->getSourceElementType();
        if (!Structs.contains(Struct)) continue;
        ReferenceRuns Runs;
        uint64_t At = Offset.getZExtValue(), Size = DL.getTypeAllocSize(Struct).getFixedValue();
        if (At >= Size || At + 8 > Size || !collectRuns(Struct, DL, 0, Runs).empty()) break;
        return touchesAny(Runs, At, At + 8) ? Shows::References : Shows::Numbers;
    }
    return shownAt(Address, 8, DL, Distance);
}

namespace
{

/// One end of a copy: what its allocation says, and otherwise the address.
struct CopyEnd {
    const Value *Address;
    bool IsField; // of an object whose type is known
    CopyEnd(const Value *Address, const ObjectStructs &Structs, const DataLayout &DL)
        : Address(Address), IsField(isFieldOf(Address, Structs) || allocatedAt(Address, 0, DL) != Shows::Nothing)
    {
    }
    Shows at(int64_t Distance, const ObjectStructs &Structs, const DataLayout &DL) const
    {
        Shows There = allocatedAt(Address, Distance, DL);
        return There == Shows::Nothing ? shownBehind(Address, Distance, Structs, DL) : There;
    }
};

} // namespace

// Words of a copy that are looked at, one by one: the first.
static constexpr uint64_t MostWords = 1024;

// A copy from object to object, of which one has a number where the other has a reference.
static bool mixesFields(const MemoryCopy &Copy, const ObjectStructs &Structs, const DataLayout &DL)
{
    if (!isReference(Copy.To->getType()) || !isReference(Copy.From->getType())) return false;
    CopyEnd To(Copy.To, Structs, DL), From(Copy.From, Structs, DL);
    if (!To.IsField && !From.IsField) return false;
    uint64_t Words = Copy.Bytes == UINT64_MAX ? 1 : std::min(Copy.Bytes / 8, MostWords);
    for (int64_t At = 0; At < int64_t(8 * Words); At += 8) {
        Shows There = To.at(At, Structs, DL), Here = From.at(At, Structs, DL);
        if (There == Shows::Numbers && Here == Shows::References && To.IsField) return true;
        if (There == Shows::References && Here == Shows::Numbers && From.IsField) return true;
    }
    return false;
}

void checkNumberFields(const Function &F, const ObjectStructs &Structs, Refusals &Errors)
{
    const DataLayout &DL = F.getParent()->getDataLayout();
    for (const Instruction &I : instructions(F)) {
        const Value *Address = referenceAccess(I);
        Shows There = Address && isReference(Address->getType()) ? allocatedAt(Address, 0, DL) : Shows::Nothing;
        if (Address && There == Shows::Nothing && isFieldOf(Address, Structs)) There = shownAt(Address, 8, DL);
        bool Mixes = any_of(memoryCopiesOf(I), [&](const MemoryCopy &Copy) { return mixesFields(Copy, Structs, DL); });
        if (There == Shows::Numbers || There == Shows::Addresses || Mixes)
            Errors.at(I, "a reference is kept in a field of an object that is a number by the object's type, where the collector does not "
                         "look; declare the field as a GW pointer");
    }
}

} // namespace greywave
