// A wrong length is not seen where it is stored: the next collection copies too little, or walks off the object. What writes to
// an object is looked at here with the types that the frontend gave it.
#include "constructs/array_lengths.h"
#include "constructs/variables.h"
#include "facts/reference_types.h"
#include "greywave/abi.h"
#include "llvm/Analysis/ConstantFolding.h"
#include "llvm/IR/Operator.h"

using namespace llvm;

namespace greywave
{

namespace
{

/// The offset of the length field, of named structs that array types are derived from.
using LengthOffsets = DenseMap<const Type *, uint64_t>;

/// What an instruction writes.
struct Write {
    const Value *Address = nullptr;
    const Value *Stored = nullptr; // null: bytes, or the result of an exchange
    uint64_t Bytes = 0;
};

} // namespace

static std::optional<uint64_t> numberAt(const GlobalVariable &Constant, uint64_t Offset)
{
    const DataLayout &DL = Constant.getParent()->getDataLayout();
    auto *Number = dyn_cast_or_null<ConstantInt>(ConstantFoldLoadFromConst(const_cast<llvm::Constant *>(Constant.getInitializer()),
                                                                           Type::getInt32Ty(Constant.getContext()), APInt(64, Offset), DL));
    return Number ? std::optional<uint64_t>(Number->getZExtValue()) : std::nullopt;
}

// Nothing where `Described` describes no arrays.
static std::optional<uint64_t> lengthOffset(const Value *Described)
{
    auto *Constant = dyn_cast<GlobalVariable>(Described->stripPointerCasts());
    if (!Constant || !Constant->hasInitializer()) return std::nullopt;
    const DataLayout &DL = Constant->getParent()->getDataLayout();
    if (DL.getTypeAllocSize(Constant->getValueType()) < sizeof(gw_type)) return std::nullopt;
    std::optional<uint64_t> Elements = numberAt(*Constant, offsetof(gw_type, element_size));
    return Elements && *Elements ? numberAt(*Constant, offsetof(gw_type, length_offset)) : std::nullopt;
}

static LengthOffsets findStructs(const Module &M)
{
    LengthOffsets Found;
    for (const GlobalVariable &G : M.globals()) {
        if (!G.getName().contains("gw_type_") || !G.hasInitializer()) continue;
        const Constant *Layout = G.getInitializer()->getAggregateElement(10u);
        auto *Variable = Layout ? dyn_cast<GlobalVariable>(Layout->stripPointerCasts()) : nullptr;
        std::optional<uint64_t> Offset = lengthOffset(&G);
        auto *Struct = Variable ? dyn_cast<StructType>(Variable->getValueType()) : nullptr;
        if (Struct && Offset && !Struct->isLiteral()) Found[Struct] = *Offset; // a literal one may be others' too
    }
    return Found;
}

static Write writeOf(const Instruction &I)
{
    const DataLayout &DL = I.getModule()->getDataLayout();
    auto sizeOf = [&](const Value *V) { return DL.getTypeStoreSize(V->getType()).getKnownMinValue(); };
    if (auto *Store = dyn_cast<StoreInst>(&I))
        return {Store->getPointerOperand(), Store->getValueOperand(), sizeOf(Store->getValueOperand())};
    if (auto *Change = dyn_cast<AtomicRMWInst>(&I)) return {Change->getPointerOperand(), nullptr, sizeOf(Change->getValOperand())};
    if (auto *Change = dyn_cast<AtomicCmpXchgInst>(&I)) return {Change->getPointerOperand(), nullptr, sizeOf(Change->getNewValOperand())};
    auto *Bytes = dyn_cast<MemIntrinsic>(&I);
    auto *Length = Bytes ? dyn_cast<ConstantInt>(Bytes->getLength()) : nullptr;
    return Length ? Write{Bytes->getRawDest(), nullptr, Length->getZExtValue()} : Write{};
}

static bool overlaps(int64_t At, uint64_t Bytes, uint64_t Length)
{
    return At < int64_t(Length + 8) && At + int64_t(Bytes) > int64_t(Length);
}

static const CallBase *allocationBehind(const Value *Object)
{
    auto *Call = dyn_cast<CallBase>(valueOf(Object));
    const Function *Callee = Call ? Call->getCalledFunction() : nullptr;
    return Callee && Callee->getName() == "gw_alloc_array" && Call->arg_size() == 2 ? Call : nullptr;
}

// Storing the very number that the object was allocated with changes nothing.
static bool changesLength(const CallBase &Allocation, int64_t At, const Write &W)
{
    std::optional<uint64_t> Length = lengthOffset(Allocation.getArgOperand(0));
    if (!Length || !overlaps(At, W.Bytes, *Length)) return false;
    return !W.Stored || At != int64_t(*Length) || valueOf(W.Stored) != valueOf(Allocation.getArgOperand(1));
}

// From the address back to the object, by constant distances.
static bool hitsLength(const Write &W, const DataLayout &DL, const LengthOffsets &Structs)
{
    const Value *Address = W.Address;
    int64_t At = 0;
    bool HitsField = false;
    for (;;) {
        if (const CallBase *Allocation = allocationBehind(Address)) return changesLength(*Allocation, At, W);
        if (auto *Cast = dyn_cast<AddrSpaceCastOperator>(Address)) {
            Address = Cast->getPointerOperand();
            continue;
        }
        auto *Field = dyn_cast<GEPOperator>(Address);
        APInt Offset(DL.getIndexTypeSizeInBits(Address->getType()), 0);
        if (!Field || !Field->accumulateConstantOffset(DL, Offset)) return HitsField;
        At += Offset.getSExtValue();
        auto Known = Structs.find(Field->getSourceElementType());
        HitsField |= Known != Structs.end() && isReference(Field->getPointerOperandType()) && overlaps(At, W.Bytes, Known->second);
        Address = Field->getPointerOperand();
    }
}

void checkArrayLengths(Module &M, Refusals &Errors)
{
    LengthOffsets Structs = findStructs(M);
    for (Function &F : M)
        for (Instruction &I : instructions(F)) {
            Write W = writeOf(I);
            if (W.Address && hitsLength(W, M.getDataLayout(), Structs))
                Errors.at(I, "the length of a collected array is written to, which the collector goes by: allocate the array with "
                             "the length that is meant, and keep another number in a field of its own");
        }
}

} // namespace greywave
