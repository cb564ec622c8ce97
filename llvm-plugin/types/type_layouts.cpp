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
    return G.getName().starts_with("gw_layout_") || G.getName().contains(".gw_layout_") ||
           G.getName().contains("gw_layout_union_of_references_");
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

// A frontend's flexible array may have an element: what begins in the fixed part goes on there.
static void cutRuns(ReferenceRuns &Runs, uint64_t Size)
{
    erase_if(Runs, [&](const ReferenceRun &Run) { return Run.Start >= Size; });
    for (ReferenceRun &Run : Runs) Run.Count = std::min(Run.Count, divideCeil(Size - Run.Start, Run.Stride));
}

static std::string referencesOfArray(const TypeConstant &T, Type *Object, TypeReferences &References)
{
    const DataLayout &DL = T.layout();
    uint64_t Size = T.numberOr0(offsetof(gw_type, size)), ElementSize = T.numberOr0(offsetof(gw_type, element_size));
    cutRuns(References.Fixed, Size);
    if (listsLength(T, References)) return "has its length where its layout holds a reference; give the length a field of its own";
    Type *Element = tailElement(Object, Size, DL);
    if (!Element || DL.getTypeAllocSize(Element) != ElementSize)
        return "its tail is not a flexible array at the end of the struct; make it the last member";
    if (ElementSize % 8 != 0 && containsReference(Element))
        return "its elements hold references and are not aligned to 8 bytes (packed struct?)";
    return collectRuns(Element, DL, 0, References.Element);
}

static std::string referencesOf(const TypeConstant &T, Type *Object, TypeReferences &References)
{
    if (containsUnion(Object))
        return "contains a union, which hides references; declare it with GW_TYPE_TAGGED (a field tells which member it is), "
               "GW_TYPE_TRACED (a function does), or GW_UNION_OF_REFERENCES";
    std::string Problem = collectRuns(Object, T.layout(), 0, References.Fixed);
    if (!Problem.empty()) return Problem;
    if (T.isArray()) return referencesOfArray(T, Object, References);
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

static void setList(TypeConstant &T, ArrayRef<uint32_t> Words, const Twine &Suffix)
{
    GlobalVariable &G = T.variable();
    Module &M = *G.getParent();
    Constant *Data = ConstantDataArray::get(M.getContext(), Words);
    auto *Array = new GlobalVariable(M, Data->getType(), true, GlobalValue::PrivateLinkage, Data, G.getName() + Suffix);
    Array->setUnnamedAddr(GlobalValue::UnnamedAddr::Global);
    Array->setAlignment(Align(4));
    T.set(offsetof(gw_type, offsets), Array);
}

static void writeOffsets(TypeConstant &T, const TypeReferences &References)
{
    SmallVector<uint32_t, 16> Words;
    for (uint64_t Offset : offsetsOfRuns(References.Fixed)) Words.push_back(uint32_t(Offset));
    T.setNumber(offsetof(gw_type, offset_count), Words.size());
    T.setNumber(offsetof(gw_type, element_offset_count), countReferences(References.Element));
    for (uint64_t Offset : offsetsOfRuns(References.Element)) Words.push_back(uint32_t(Offset));
    if (!Words.empty()) setList(T, Words, ".offsets");
}

static void writeRuns(TypeConstant &T, const TypeReferences &References)
{
    Module &M = *T.variable().getParent();
    SmallVector<uint32_t, 16> Words{uint32_t(References.Fixed.size()), uint32_t(References.Element.size())};
    for (const auto *Part : {&References.Fixed, &References.Element})
        for (const ReferenceRun &Run : *Part) Words.append({uint32_t(Run.Start), uint32_t(Run.Count), uint32_t(Run.Stride)});
    auto *Pointer = PointerType::get(M.getContext(), 0);
    FunctionCallee Trace = M.getOrInsertFunction("gw_trace_runs", Type::getVoidTy(M.getContext()), Pointer, Pointer);
    setList(T, Words, ".runs");
    T.setNumber(offsetof(gw_type, flags), T.numberOr0(offsetof(gw_type, flags)) | GW_TYPE_RUNS);
    T.set(offsetof(gw_type, trace), cast<Constant>(Trace.getCallee()));
}

// Few references are fastest found by offsets, one by one.
static void writeReferences(TypeConstant &T, const TypeReferences &References)
{
    uint64_t Count = countReferences(References.Fixed) + countReferences(References.Element);
    T.setNumber(offsetof(gw_type, flags), T.numberOr0(offsetof(gw_type, flags)) & ~GW_TYPE_DERIVE);
    if (Count > MostListed && 3 * (References.Fixed.size() + References.Element.size()) < Count) writeRuns(T, References);
    else writeOffsets(T, References);
}

static const ReferenceRun *runAt(ArrayRef<ReferenceRun> Runs, uint64_t Offset)
{
    return find_if(Runs, [&](const ReferenceRun &Run) { return Run.holdsReferenceAt(Offset); });
}

// The first reference of one list that the other has not, if any. Lists that are equal run by run are not spelled out.
static std::optional<uint64_t> missing(ArrayRef<ReferenceRun> Some, ArrayRef<ReferenceRun> Others)
{
    for (const ReferenceRun &Run : Some) {
        if (is_contained(Others, Run)) continue;
        for (uint64_t I = 0; I < Run.Count; I++)
            if (uint64_t Offset = Run.Start + I * Run.Stride; runAt(Others, Offset) == Others.end()) return Offset;
    }
    return std::nullopt;
}

static std::string misses(uint64_t Offset, StringRef Where)
{
    return (" misses the reference at offset " + Twine(Offset) + " of the " + Where + "; list every GW field").str();
}

static std::string difference(ArrayRef<ReferenceRun> Listed, ArrayRef<ReferenceRun> Actual, StringRef Where)
{
    if (std::optional<uint64_t> Offset = missing(Actual, Listed)) return misses(*Offset, Where);
    if (std::optional<uint64_t> Offset = missing(Listed, Actual))
        return (" lists offset " + Twine(*Offset) + " of the " + Where + ", where its type holds no reference").str();
    return "";
}

static std::string differenceToLayout(const TypeConstant &T, const TypeReferences &Actual)
{
    TypeReferences Listed;
    T.readReferences(Listed);
    std::string Problem = difference(Listed.Fixed, Actual.Fixed, "object");
    return Problem.empty() ? difference(Listed.Element, Actual.Element, "element") : Problem;
}

// What the type shows is listed, also of a union; of words that its largest member hides the list alone knows.
static std::string missingInTags(const TypeConstant &T, Type *Object)
{
    TypeReferences Listed, Actual;
    T.readReferences(Listed);
    uint64_t Size = T.numberOr0(offsetof(gw_type, size));
    Type *Element = T.isArray() ? tailElement(Object, Size, T.layout()) : nullptr;
    if (std::string Problem = collectRuns(Object, T.layout(), 0, Actual.Fixed); !Problem.empty()) return ": " + Problem;
    if (Element) collectRuns(Element, T.layout(), 0, Actual.Element);
    cutRuns(Actual.Fixed, Size);
    if (std::optional<uint64_t> Offset = missing(Actual.Fixed, Listed.Fixed)) return misses(*Offset, "object");
    std::optional<uint64_t> Offset = missing(Actual.Element, Listed.Element);
    return Offset ? misses(*Offset, "element") : "";
}

// A trace function of the program's knows where its references are.
static std::string leaveToTrace(TypeConstant &T)
{
    T.setNumber(offsetof(gw_type, flags), T.numberOr0(offsetof(gw_type, flags)) & ~GW_TYPE_DERIVE);
    return "";
}

// Returns why the type is refused, as it goes on behind the type's name, or "".
static std::string completeByLayout(TypeConstant &T, GlobalVariable &Layout)
{
    bool Derive = T.numberOr0(offsetof(gw_type, flags)) & GW_TYPE_DERIVE;
    Type *Object = Layout.getValueType();
    TypeReferences References;
    if (std::string Problem = alignObjects(T, Layout); !Problem.empty()) return ": " + Problem;
    if (!T.hasLayout()) return leaveToTrace(T);
    if (!Derive && containsUnion(Object)) return missingInTags(T, Object);
    if (std::string Problem = referencesOf(T, Object, References); !Problem.empty()) return ": " + Problem;
    if (!Derive) return differenceToLayout(T, References);
    writeReferences(T, References);
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
