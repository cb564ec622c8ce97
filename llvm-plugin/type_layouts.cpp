// GW_TYPE: the reference offsets of a C type, read off its IR type.
//
// GW_TYPE(name, T) defines a zero variable gw_layout_<name> of type T and a gw_type whose `layout` points at it. With
// GW_TYPE_DERIVE the offsets are filled in; without it they were listed by hand and are compared. The layout variables
// are deleted in either case, so that they are never roots.
#include "passes.h"
#include "reference_types.h"
#include "greywave/abi.h"
#include "llvm/Transforms/Utils/ModuleUtils.h"

using namespace llvm;

namespace greywave {
namespace {

/// A gw_type constant, read and written by the ABI's byte offsets.
class TypeConstant
{
public:
    TypeConstant(GlobalVariable &G, const DataLayout &DL)
        : G(G), Init(dyn_cast_or_null<ConstantStruct>(G.hasInitializer() ? G.getInitializer() : nullptr))
    {
        if (Init) Layout = DL.getStructLayout(Init->getType());
    }

    bool isValid() const
    {
        return Init && Layout->getSizeInBytes() == sizeof(gw_type) && Init->getNumOperands() >= 11;
    }
    Constant *field(size_t Offset) const { return Init->getOperand(index(Offset)); }
    uint32_t number(size_t Offset) const
    {
        auto *C = dyn_cast<ConstantInt>(field(Offset));
        return C ? static_cast<uint32_t>(C->getZExtValue()) : 0;
    }
    GlobalVariable *layoutVariable() const
    {
        return dyn_cast<GlobalVariable>(field(offsetof(gw_type, layout))->stripPointerCasts());
    }
    void set(size_t Offset, Constant *Value)
    {
        SmallVector<Constant *, 16> Fields;
        for (const Use &U : Init->operands()) Fields.push_back(cast<Constant>(U));
        Fields[index(Offset)] = Value;
        Init = cast<ConstantStruct>(ConstantStruct::get(Init->getType(), Fields));
        G.setInitializer(Init);
    }
    void setNumber(size_t Offset, uint64_t Value) { set(Offset, ConstantInt::get(field(Offset)->getType(), Value)); }

    GlobalVariable &variable() const { return G; }

private:
    unsigned index(size_t Offset) const { return Layout->getElementContainingOffset(Offset); }

    GlobalVariable &G;
    ConstantStruct *Init;
    const StructLayout *Layout = nullptr;
};

struct TypeOffsets {
    SmallVector<uint64_t, 8> Fixed, Element;
};

} // namespace

static bool isLayoutVariable(const GlobalVariable &G)
{
    return G.getName().starts_with("gw_layout_") || G.getName().contains(".gw_layout_");
}

// The element type of the flexible array that starts at `Size`, which must be the last member of the object's type.
static Type *tailElement(Type *Object, uint64_t Size, const DataLayout &DL)
{
    auto *S = dyn_cast<StructType>(Object);
    if (!S || S->getNumElements() == 0) return nullptr;
    unsigned Last = S->getNumElements() - 1;
    auto *Tail = dyn_cast<ArrayType>(S->getElementType(Last));
    if (!Tail || DL.getStructLayout(S)->getElementOffset(Last) != Size) return nullptr;
    return Tail->getElementType();
}

static std::string offsetsOf(const TypeConstant &T, Type *Object, const DataLayout &DL, TypeOffsets &Offsets)
{
    if (containsUnion(Object)) return "contains a union, which hides references; use GW_TYPE_OFFSETS without a layout, "
                                      "or a struct in place of the union";
    std::string Problem = collectOffsets(Object, DL, 0, Offsets.Fixed);
    uint64_t Size = T.number(offsetof(gw_type, size));
    erase_if(Offsets.Fixed, [&](uint64_t Offset) { return Offset >= Size; });
    uint64_t ElementSize = T.number(offsetof(gw_type, element_size));
    if (!Problem.empty() || ElementSize == 0) return Problem;
    Type *Element = tailElement(Object, Size, DL);
    if (!Element || DL.getTypeAllocSize(Element) != ElementSize)
        return "its tail is not a flexible array at the end of the struct; make it the last member";
    if (ElementSize % 8 != 0 && containsReference(Element))
        return "its elements hold references and are not aligned to 8 bytes (packed struct?)";
    return collectOffsets(Element, DL, 0, Offsets.Element);
}

static void writeOffsets(TypeConstant &T, const TypeOffsets &Offsets)
{
    GlobalVariable &G = T.variable();
    Module &M = *G.getParent();
    T.setNumber(offsetof(gw_type, flags), T.number(offsetof(gw_type, flags)) & ~uint64_t(GW_TYPE_DERIVE));
    T.setNumber(offsetof(gw_type, offset_count), Offsets.Fixed.size());
    T.setNumber(offsetof(gw_type, element_offset_count), Offsets.Element.size());
    SmallVector<uint32_t, 16> Words(Offsets.Fixed.begin(), Offsets.Fixed.end());
    Words.append(Offsets.Element.begin(), Offsets.Element.end());
    if (Words.empty()) return;
    Constant *Data = ConstantDataArray::get(M.getContext(), Words);
    auto *Array = new GlobalVariable(M, Data->getType(), true, GlobalValue::PrivateLinkage, Data,
                                     G.getName() + ".offsets");
    Array->setUnnamedAddr(GlobalValue::UnnamedAddr::Global);
    Array->setAlignment(Align(4));
    T.set(offsetof(gw_type, offsets), Array);
}

static bool readOffsets(const TypeConstant &T, SmallVectorImpl<uint64_t> &Fixed, SmallVectorImpl<uint64_t> &Element)
{
    uint32_t FixedCount = T.number(offsetof(gw_type, offset_count));
    uint32_t Total = FixedCount + T.number(offsetof(gw_type, element_offset_count));
    if (Total == 0) return true;
    auto *Array = dyn_cast<GlobalVariable>(T.field(offsetof(gw_type, offsets))->stripPointerCasts());
    if (!Array || !Array->hasInitializer()) return false;
    for (uint32_t I = 0; I < Total; I++) {
        auto *Word = dyn_cast_or_null<ConstantInt>(Array->getInitializer()->getAggregateElement(I));
        if (!Word) return false;
        (I < FixedCount ? Fixed : Element).push_back(Word->getZExtValue());
    }
    return true;
}

// Both lists in any order: the collector does not care, and nor should whoever listed the fields.
static std::string difference(SmallVectorImpl<uint64_t> &Listed, ArrayRef<uint64_t> Actual, StringRef Where)
{
    sort(Listed);
    for (uint64_t Offset : Actual)
        if (!is_contained(Listed, Offset))
            return ("misses the reference at offset " + Twine(Offset) + " of the " + Where + "; list every GW field").str();
    for (uint64_t Offset : Listed)
        if (!is_contained(Actual, Offset))
            return ("lists offset " + Twine(Offset) + " of the " + Where + ", where its type holds no reference").str();
    return "";
}

static void compareOffsets(const TypeConstant &T, Type *Object, const TypeOffsets &Actual, Refusals &Errors)
{
    TypeOffsets Listed;
    if (T.number(offsetof(gw_type, flags)) & GW_TYPE_DERIVE || !readOffsets(T, Listed.Fixed, Listed.Element)) return;
    std::string Problem = difference(Listed.Fixed, Actual.Fixed, "object");
    if (Problem.empty()) Problem = difference(Listed.Element, Actual.Element, "element");
    if (!Problem.empty() && !containsUnion(Object)) Errors.at(T.variable(), "type '" + T.variable().getName() + "' " + Problem);
}

static void completeType(TypeConstant &T, const DataLayout &DL, Refusals &Errors)
{
    GlobalVariable &G = T.variable();
    bool Derive = T.number(offsetof(gw_type, flags)) & GW_TYPE_DERIVE;
    GlobalVariable *Layout = T.layoutVariable();
    if (!Layout) {
        if (Derive) Errors.at(G, "type '" + G.getName() + "' has no layout variable; define it with GW_TYPE");
        return;
    }
    TypeOffsets Offsets;
    Type *Object = Layout->getValueType();
    std::string Problem = offsetsOf(T, Object, DL, Offsets);
    if (!Problem.empty() && (Derive || !containsUnion(Object)))
        Errors.at(G, "type '" + G.getName() + "': " + Problem);
    else if (Derive)
        writeOffsets(T, Offsets);
    else if (Problem.empty())
        compareOffsets(T, Object, Offsets, Errors);
    T.set(offsetof(gw_type, layout), Constant::getNullValue(Layout->getType()));
}

static bool isTypeConstant(const GlobalVariable &G)
{
    auto *S = dyn_cast<StructType>(G.getValueType());
    if (S && S->hasName() && S->getName().starts_with("struct.gw_type")) return true;
    return S && G.getName().contains("gw_type_");
}

void deriveTypeLayouts(Module &M, Refusals &Errors)
{
    for (GlobalVariable &G : make_early_inc_range(M.globals())) {
        if (!isTypeConstant(G)) continue;
        TypeConstant T(G, M.getDataLayout());
        if (T.isValid()) completeType(T, M.getDataLayout(), Errors);
    }
    removeFromUsedLists(M, [](Constant *C) {
        auto *G = dyn_cast<GlobalVariable>(C->stripPointerCasts());
        return G && isLayoutVariable(*G);
    });
    for (GlobalVariable &G : make_early_inc_range(M.globals())) {
        if (!isLayoutVariable(G)) continue;
        G.removeDeadConstantUsers();
        if (G.use_empty()) G.eraseFromParent();
    }
}

} // namespace greywave
