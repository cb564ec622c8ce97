// The layouts of types: derived from IR types, or compared with them.
//
// GW_TYPE(name, T) defines a zero variable of type T and a gw_type whose `layout` points at it. With GW_TYPE_DERIVE the
// offsets are filled in; without it they were listed by hand and are compared. Other frontends do the same in IR. Types without a layout
// are checked for what they say themselves. The layout variables are deleted, so that they are never roots.
#include "types/types.h"
#include "facts/diagnose.h"
#include "facts/reference_types.h"
#include "types/type_constants.h"
#include "greywave/abi.h"
#include "llvm/Transforms/Utils/ModuleUtils.h"

using namespace llvm;

namespace greywave
{

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

static std::string offsetsOfArray(const TypeConstant &T, Type *Object, TypeOffsets &Offsets)
{
    const DataLayout &DL = T.layout();
    uint64_t Size = T.numberOr0(offsetof(gw_type, size)), ElementSize = T.numberOr0(offsetof(gw_type, element_size));
    erase_if(Offsets.Fixed, [&](uint64_t Offset) { return Offset >= Size; });
    if (is_contained(Offsets.Fixed, T.numberOr0(offsetof(gw_type, length_offset))))
        return "has its length where its layout holds a reference; give the length a field of its own";
    Type *Element = tailElement(Object, Size, DL);
    if (!Element || DL.getTypeAllocSize(Element) != ElementSize)
        return "its tail is not a flexible array at the end of the struct; make it the last member";
    if (ElementSize % 8 != 0 && containsReference(Element))
        return "its elements hold references and are not aligned to 8 bytes (packed struct?)";
    return collectOffsets(Element, DL, 0, Offsets.Element);
}

static std::string offsetsOf(const TypeConstant &T, Type *Object, TypeOffsets &Offsets)
{
    if (containsUnion(Object))
        return "contains a union, which hides references; use GW_TYPE_OFFSETS without a layout, "
               "or a struct in place of the union";
    std::string Problem = collectOffsets(Object, T.layout(), 0, Offsets.Fixed);
    if (!Problem.empty()) return Problem;
    if (T.isArray()) return offsetsOfArray(T, Object, Offsets);
    uint64_t Bytes = T.layout().getTypeAllocSize(Object).getFixedValue(), Size = T.numberOr0(offsetof(gw_type, size));
    if (Bytes <= Size) return "";
    return "its layout has " + std::to_string(Bytes) + " bytes and its size is " + std::to_string(Size) + "; they must agree";
}

// An object starts at a multiple of 8, or of 16 with the flag, which is set for those that need it.
static std::string alignObjects(TypeConstant &T, const GlobalVariable &Layout)
{
    Type *Object = Layout.getValueType();
    Align Needed = T.layout().getABITypeAlign(Object);
    if (!Object->isArrayTy()) Needed = std::max(Needed, Layout.getAlign().valueOrOne()); // clang aligns large arrays for speed
    if (Needed.value() > 16)
        return "its objects are to be aligned to " + std::to_string(Needed.value()) +
               " bytes, and the collector aligns them to 16 at most; lower the alignment of its fields, or keep such values in native "
               "memory";
    if (Needed.value() > 8) T.setNumber(offsetof(gw_type, flags), T.numberOr0(offsetof(gw_type, flags)) | GW_TYPE_ALIGN16);
    return "";
}

static void writeOffsets(TypeConstant &T, const TypeOffsets &Offsets)
{
    GlobalVariable &G = T.variable();
    Module &M = *G.getParent();
    T.setNumber(offsetof(gw_type, flags), T.numberOr0(offsetof(gw_type, flags)) & ~GW_TYPE_DERIVE);
    T.setNumber(offsetof(gw_type, offset_count), Offsets.Fixed.size());
    T.setNumber(offsetof(gw_type, element_offset_count), Offsets.Element.size());
    SmallVector<uint32_t, 16> Words(Offsets.Fixed.begin(), Offsets.Fixed.end());
    Words.append(Offsets.Element.begin(), Offsets.Element.end());
    if (Words.empty()) return;
    Constant *Data = ConstantDataArray::get(M.getContext(), Words);
    auto *Array = new GlobalVariable(M, Data->getType(), true, GlobalValue::PrivateLinkage, Data, G.getName() + ".offsets");
    Array->setUnnamedAddr(GlobalValue::UnnamedAddr::Global);
    Array->setAlignment(Align(4));
    T.set(offsetof(gw_type, offsets), Array);
}

static std::string difference(SmallVectorImpl<uint64_t> &Listed, ArrayRef<uint64_t> Actual, StringRef Where)
{
    sort(Listed);
    for (uint64_t Offset : Actual)
        if (!is_contained(Listed, Offset))
            return (" misses the reference at offset " + Twine(Offset) + " of the " + Where + "; list every GW field").str();
    for (uint64_t Offset : Listed)
        if (!is_contained(Actual, Offset))
            return (" lists offset " + Twine(Offset) + " of the " + Where + ", where its type holds no reference").str();
    return "";
}

static std::string differenceToLayout(const TypeConstant &T, const TypeOffsets &Actual)
{
    TypeOffsets Listed;
    T.readOffsets(Listed);
    std::string Problem = difference(Listed.Fixed, Actual.Fixed, "object");
    return Problem.empty() ? difference(Listed.Element, Actual.Element, "element") : Problem;
}

// Returns why the type is refused, as it goes on behind the type's name, or "".
static std::string completeByLayout(TypeConstant &T, GlobalVariable &Layout)
{
    bool Derive = T.numberOr0(offsetof(gw_type, flags)) & GW_TYPE_DERIVE;
    Type *Object = Layout.getValueType();
    TypeOffsets Offsets;
    if (std::string Problem = alignObjects(T, Layout); !Problem.empty()) return ": " + Problem;
    if (!Derive && containsUnion(Object)) return ""; // the list alone says which member is meant
    if (std::string Problem = offsetsOf(T, Object, Offsets); !Problem.empty()) return ": " + Problem;
    if (!Derive) return differenceToLayout(T, Offsets);
    writeOffsets(T, Offsets);
    return "";
}

// IR writes a size as `ptrtoint (getelementptr null, 1)`; inline allocation wants to see the number.
static void foldNumbers(TypeConstant &T)
{
    for (size_t Offset = offsetof(gw_type, size); T.isPlain() && Offset < offsetof(gw_type, offsets); Offset += sizeof(uint32_t))
        T.setNumber(Offset, *T.number(Offset));
}

static std::string completeType(TypeConstant &T)
{
    if (std::string Problem = problemWithFields(T); !Problem.empty()) return " " + Problem;
    foldNumbers(T);
    bool Derive = T.numberOr0(offsetof(gw_type, flags)) & GW_TYPE_DERIVE;
    GlobalVariable *Layout = T.layoutVariable();
    if (Derive && !Layout)
        return " has no layout variable; define it with GW_TYPE, or let `layout` point at a variable of the object's IR type";
    std::string Problem = Derive ? "" : problemWithOffsets(T);
    if (!Problem.empty()) return " " + Problem;
    if (!Layout) return "";
    if (!T.isPlain())
        return " has a layout but is part of something else; give it a variable of its own, of the eleven fields of greywave/abi.h";
    Problem = completeByLayout(T, *Layout);
    T.set(offsetof(gw_type, layout), Constant::getNullValue(Layout->getType()));
    return Problem;
}

// The low bits of a type's address are flags in an object's header.
static void alignConstant(GlobalVariable &G)
{
    G.setAlignment(std::max(G.getAlign().valueOrOne(), Align(alignof(gw_type))));
}

// One that the program fills in while it runs says nothing yet.
static bool isComplete(const TypeConstant &T)
{
    const GlobalVariable &G = T.variable();
    bool Derive = T.isWhole() && (T.numberOr0(offsetof(gw_type, flags)) & GW_TYPE_DERIVE);
    return G.isConstant() || Derive;
}

static void checkAllocations(Module &M, Refusals &Errors)
{
    for (Function &F : M)
        for (Instruction &I : instructions(F)) {
            auto *Call = dyn_cast<CallBase>(&I);
            if (!Call) continue;
            for (const TypeConstant &T : typesAllocatedBy(*Call))
                if (std::string Problem = T.variable().isConstant() ? problemWithAllocation(T, *Call) : ""; !Problem.empty())
                    Errors.at(I, "type '" + T.variable().getName() + "' " + Problem);
        }
}

static void deleteLayouts(Module &M, const SmallPtrSetImpl<GlobalVariable *> &Layouts)
{
    auto IsLayout = [&](const GlobalVariable &G) { return isLayoutVariable(G) || Layouts.contains(const_cast<GlobalVariable *>(&G)); };
    removeFromUsedLists(M, [&](Constant *C) {
        auto *G = dyn_cast<GlobalVariable>(C->stripPointerCasts());
        return G && IsLayout(*G);
    });
    for (GlobalVariable &G : make_early_inc_range(M.globals())) {
        if (!isLayoutVariable(G) && !(Layouts.contains(&G) && G.hasLocalLinkage())) continue;
        G.removeDeadConstantUsers();
        if (G.use_empty()) G.eraseFromParent();
    }
}

void deriveTypeLayouts(Module &M, Refusals &Errors)
{
    SmallPtrSet<GlobalVariable *, 16> Layouts;
    for (TypeConstant &T : typeConstantsIn(M)) {
        GlobalVariable &G = T.variable();
        if (!G.hasInitializer()) continue; // checked where it is defined
        alignConstant(G);
        if (!isComplete(T)) continue;
        if (GlobalVariable *Layout = T.isWhole() ? T.layoutVariable() : nullptr) Layouts.insert(Layout);
        if (std::string Problem = completeType(T); !Problem.empty()) Errors.at(G, "type '" + G.getName() + "'" + Problem);
    }
    checkAllocations(M, Errors);
    deleteLayouts(M, Layouts);
}

} // namespace greywave
