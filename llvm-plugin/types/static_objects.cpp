// Static objects that are no constants: what is stored in one is kept alive because its variable's type shows the reference, or because its
// header says GW_HEADER_TRACK, so that the write barrier lists it. Where the first is not so the second is made so: a frontend may define
// its objects as words, and count the header's flags wrong.
#include "types/type_constants.h"
#include "types/types.h"
#include "llvm/IR/Operator.h"

using namespace llvm;

namespace greywave
{

namespace
{

/// An address of a constant: a variable and a distance.
struct Address {
    GlobalVariable *Variable = nullptr;
    uint64_t Offset = 0;
};

class StaticObjects
{
  public:
    explicit StaticObjects(Module &M) : M(M), DL(M.getDataLayout())
    {
        for (const TypeConstant &T : typeConstantsIn(M)) Types.push_back(T);
    }
    void track(GlobalVariable &G);

  private:
    Address addressIn(Constant *Word) const;
    bool isTypeOfUntracked(Constant *Word, const TypeConstant *&Known) const;
    bool isShown(const TypeConstant *Known, uint64_t Payload) const;
    Constant *trackedWord(Constant *Word, uint64_t Offset) const;
    Constant *tracked(Constant *C, uint64_t Offset) const;

    Module &M;
    const DataLayout &DL;
    std::vector<TypeConstant> Types;
    ReferenceRuns Shown; // by the type of the variable at hand
    uint64_t Bytes = 0;  // of it
};

} // namespace

// What a header word is made of, as a number or as a pointer.
Address StaticObjects::addressIn(Constant *Word) const
{
    uint64_t Added = 0;
    for (auto *E = dyn_cast<ConstantExpr>(Word); E && !E->getType()->isPointerTy(); E = dyn_cast<ConstantExpr>(Word)) {
        auto *Number = E->getOpcode() == Instruction::Add ? dyn_cast<ConstantInt>(E->getOperand(1)) : nullptr;
        if (!Number && E->getOpcode() != Instruction::PtrToInt) return {};
        Added += Number ? Number->getZExtValue() : 0;
        Word = E->getOperand(0);
    }
    if (!Word->getType()->isPointerTy()) return {};
    APInt Offset(DL.getIndexTypeSizeInBits(Word->getType()), 0);
    auto *G = dyn_cast<GlobalVariable>(Word->stripAndAccumulateConstantOffsets(DL, Offset, /*AllowNonInbounds=*/true));
    return {G, Offset.getZExtValue() + Added};
}

// `Known`: null where another module defines the type.
bool StaticObjects::isTypeOfUntracked(Constant *Word, const TypeConstant *&Known) const
{
    Address At = addressIn(Word);
    if (!At.Variable || At.Offset % 16 != GW_HEADER_STATIC) return false;
    auto Found = find_if(Types, [&](const TypeConstant &T) { return T.isAt(*At.Variable, At.Offset - GW_HEADER_STATIC); });
    Known = Found == Types.end() ? nullptr : &*Found;
    return Known || isTypeElsewhere(*At.Variable);
}

// Whether each reference of the object is one of the variable's.
bool StaticObjects::isShown(const TypeConstant *Known, uint64_t Payload) const
{
    TypeReferences Listed;
    if (!Known || !Known->hasLayout() || !Known->readReferences(Listed)) return false;
    auto Shows = [&](uint64_t Offset) {
        return any_of(Shown, [&](const ReferenceRun &R) { return R.holdsReferenceAt(Payload + Offset); });
    };
    bool All = true;
    eachReference(Listed.Fixed, [&](uint64_t Offset) { All &= Shows(Offset); });
    uint64_t Element = Known->numberOr0(offsetof(gw_type, element_size));
    if (Listed.Element.empty()) return All;
    for (uint64_t At = Known->numberOr0(offsetof(gw_type, size)); All && Payload + At + Element <= Bytes; At += Element)
        eachReference(Listed.Element, [&](uint64_t Offset) { All &= Shows(At + Offset); });
    return All;
}

// The same word, or that of a tracked object.
Constant *StaticObjects::trackedWord(Constant *Word, uint64_t Offset) const
{
    const TypeConstant *Known = nullptr;
    if (!isTypeOfUntracked(Word, Known) || isShown(Known, Offset + GW_HEADER_SIZE)) return Word;
    if (Word->getType()->isIntegerTy()) return ConstantExpr::getAdd(Word, ConstantInt::get(Word->getType(), GW_HEADER_TRACK));
    Address At = addressIn(Word);
    LLVMContext &C = M.getContext();
    return ConstantExpr::getGetElementPtr(Type::getInt8Ty(C), At.Variable,
                                          ConstantInt::get(Type::getInt64Ty(C), At.Offset + GW_HEADER_TRACK));
}

// The same initial value, where its headers are those of tracked objects.
Constant *StaticObjects::tracked(Constant *C, uint64_t Offset) const
{
    if (DL.getTypeStoreSize(C->getType()) < GW_HEADER_SIZE || isa<ConstantData>(C)) return C;
    if (!isa<ConstantStruct>(C) && !isa<ConstantArray>(C)) return Offset % 8 ? C : trackedWord(C, Offset);
    auto *S = dyn_cast<StructType>(C->getType());
    uint64_t Stride = S ? 0 : DL.getTypeAllocSize(C->getType()->getArrayElementType()).getFixedValue();
    SmallVector<Constant *, 8> Parts;
    for (unsigned I = 0; I < C->getNumOperands(); I++)
        Parts.push_back(tracked(cast<Constant>(C->getOperand(I)), Offset + (S ? DL.getStructLayout(S)->getElementOffset(I) : I * Stride)));
    return S ? ConstantStruct::get(S, Parts) : ConstantArray::get(cast<ArrayType>(C->getType()), Parts);
}

void StaticObjects::track(GlobalVariable &G)
{
    if (!G.hasInitializer() || G.isConstant() || isa<ConstantData>(G.getInitializer())) return;
    Shown.clear();
    if (containsReference(G.getValueType())) collectRuns(G.getValueType(), DL, 0, Shown);
    Bytes = DL.getTypeAllocSize(G.getValueType()).getFixedValue();
    G.setInitializer(tracked(G.getInitializer(), 0));
}

void trackStaticObjects(Module &M)
{
    StaticObjects Objects(M);
    for (GlobalVariable &G : M.globals()) Objects.track(G);
}

} // namespace greywave
