#include "types/type_constants.h"
#include "greywave/abi.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/Analysis/ConstantFolding.h"
#include "llvm/Analysis/ValueTracking.h"
#include "llvm/IR/Operator.h"

using namespace llvm;

namespace greywave
{

// ---- Reading and writing ----------------------------------------------------------------------------------------------

static constexpr unsigned FieldCount = 11;
static constexpr size_t FieldOffsets[FieldCount] = {offsetof(gw_type, name),
                                                    offsetof(gw_type, size),
                                                    offsetof(gw_type, flags),
                                                    offsetof(gw_type, offset_count),
                                                    offsetof(gw_type, element_offset_count),
                                                    offsetof(gw_type, element_size),
                                                    offsetof(gw_type, length_offset),
                                                    offsetof(gw_type, offsets),
                                                    offsetof(gw_type, trace),
                                                    offsetof(gw_type, destroy),
                                                    offsetof(gw_type, layout)};

static bool hasFieldsOfType(Type *T, const DataLayout &DL)
{
    auto *S = dyn_cast<StructType>(T);
    if (!S || S->isOpaque() || S->getNumElements() != FieldCount) return false;
    const StructLayout *Layout = DL.getStructLayout(S);
    if (Layout->getSizeInBytes() != sizeof(gw_type)) return false;
    for (unsigned I = 0; I < FieldCount; I++) {
        bool IsNumber = FieldOffsets[I] >= offsetof(gw_type, size) && FieldOffsets[I] < offsetof(gw_type, offsets);
        Type *Field = S->getElementType(I);
        if (Layout->getElementOffset(I) != FieldOffsets[I]) return false;
        if (IsNumber ? !Field->isIntegerTy(32) : !Field->isPointerTy()) return false;
    }
    return true;
}

bool TypeConstant::isWhole() const
{
    return G.hasInitializer() && layout().getTypeAllocSize(G.getValueType()).getFixedValue() >= Start + sizeof(gw_type);
}

bool TypeConstant::isPlain() const
{
    return Start == 0 && isa<ConstantStruct>(G.getInitializer()) && hasFieldsOfType(G.getValueType(), layout());
}

Constant *TypeConstant::field(Type *T, size_t Offset) const
{
    Constant *C = ConstantFoldLoadFromConst(G.getInitializer(), T, APInt(64, Start + Offset), layout());
    return C ? ConstantFoldConstant(C, layout()) : nullptr;
}

std::optional<uint32_t> TypeConstant::number(size_t Offset) const
{
    auto *C = dyn_cast_or_null<ConstantInt>(field(Type::getInt32Ty(G.getContext()), Offset));
    return C ? std::optional<uint32_t>(C->getZExtValue()) : std::nullopt;
}

Constant *TypeConstant::pointer(size_t Offset) const
{
    Constant *C = field(PointerType::get(G.getContext(), 0), Offset);
    return C ? C->stripPointerCasts() : nullptr;
}

bool TypeConstant::isNull(size_t Offset) const
{
    Constant *C = pointer(Offset);
    return C && C->isNullValue();
}

bool TypeConstant::isArray() const
{
    return numberOr0(offsetof(gw_type, element_size)) != 0;
}

GlobalVariable *TypeConstant::layoutVariable() const
{
    return dyn_cast_or_null<GlobalVariable>(pointer(offsetof(gw_type, layout)));
}

bool TypeConstant::hasRuns() const
{
    return numberOr0(offsetof(gw_type, flags)) & GW_TYPE_RUNS;
}

bool TypeConstant::hasTags() const
{
    return numberOr0(offsetof(gw_type, flags)) & GW_TYPE_TAGS;
}

// Of what `offsets` points at.
bool TypeConstant::readWords(uint64_t First, uint64_t Count, SmallVectorImpl<uint64_t> &Words) const
{
    Constant *Array = pointer(offsetof(gw_type, offsets));
    if (!Array) return false;
    APInt Begin(64, 0);
    auto *List = dyn_cast<GlobalVariable>(Array->stripAndAccumulateConstantOffsets(layout(), Begin, /*AllowNonInbounds=*/true));
    if (!List || !List->isConstant() || !List->hasInitializer()) return false;
    uint64_t Bytes = layout().getTypeAllocSize(List->getValueType()).getFixedValue();
    if (Begin.getZExtValue() > Bytes || First + Count > (Bytes - Begin.getZExtValue()) / 4) return false;
    for (uint64_t I = First; I < First + Count; I++) {
        auto *Word = dyn_cast_or_null<ConstantInt>(
            ConstantFoldLoadFromConst(List->getInitializer(), Type::getInt32Ty(G.getContext()), Begin + 4 * I, layout()));
        if (!Word) return false;
        Words.push_back(Word->getZExtValue());
    }
    return true;
}

bool TypeConstant::readRuns(TypeReferences &Listed) const
{
    SmallVector<uint64_t, 16> Counts, Words;
    size_t Size = (hasTags() ? sizeof(gw_tagged_run) : sizeof(gw_run)) / sizeof(uint32_t);
    if (!readWords(0, 2, Counts) || !readWords(2, Size * (Counts[0] + Counts[1]), Words)) return false;
    for (size_t I = 0; I < Words.size() / Size; I++) {
        const uint64_t *Run = &Words[Size * I];
        bool IsFixed = I < Counts[0];
        (IsFixed ? Listed.Fixed : Listed.Element).push_back({Run[0], Run[1], Run[2]});
        if (hasTags()) (IsFixed ? Listed.FixedTags : Listed.ElementTags).push_back({Run[3], Run[4], Run[5], Run[6], Run[7]});
    }
    return true;
}

bool TypeConstant::readReferences(TypeReferences &Listed) const
{
    if (hasRuns()) return readRuns(Listed);
    uint64_t Fixed = numberOr0(offsetof(gw_type, offset_count));
    uint64_t Total = Fixed + numberOr0(offsetof(gw_type, element_offset_count));
    SmallVector<uint64_t, 16> Words;
    if (Total && !readWords(0, Total, Words)) return false;
    for (uint64_t I = 0; I < Total; I++) (I < Fixed ? Listed.Fixed : Listed.Element).push_back({Words[I], 1, 8});
    return true;
}

std::optional<bool> TypeConstant::refersIn(uint64_t From, uint64_t End) const
{
    TypeReferences Listed;
    if (!isWhole() || !hasLayout() || !readReferences(Listed)) return std::nullopt;
    uint64_t Size = numberOr0(offsetof(gw_type, size)), Element = numberOr0(offsetof(gw_type, element_size));
    if (From < Size || !Element) return touchesAny(Listed.Fixed, From, End);
    uint64_t Start = From - (From - Size) % Element;
    return touchesAny(Listed.Element, From - Start, End - Start);
}

void TypeConstant::set(size_t Offset, Constant *Value)
{
    auto *Init = cast<ConstantStruct>(G.getInitializer());
    SmallVector<Constant *, FieldCount> Fields;
    for (const Use &U : Init->operands()) Fields.push_back(cast<Constant>(U));
    Fields[find(FieldOffsets, Offset) - std::begin(FieldOffsets)] = Value;
    G.setInitializer(ConstantStruct::get(Init->getType(), Fields));
}

void TypeConstant::setNumber(size_t Offset, uint64_t Value)
{
    set(Offset, ConstantInt::get(Type::getInt32Ty(G.getContext()), Value));
}

bool TypeConstant::operator<(const TypeConstant &Other) const
{
    return std::make_pair(&G, Start) < std::make_pair(&Other.G, Other.Start);
}

// ---- By use -----------------------------------------------------------------------------------------------------------

namespace
{

/// Walks what an allocation is handed back to constants.
class TypeFinder
{
  public:
    void follow(Value *V);
    void followTable(Constant *C);
    MapVector<std::pair<GlobalVariable *, uint64_t>, bool> Found;

  private:
    void followLoad(LoadInst &Load);

    SmallPtrSet<Value *, 8> Seen;
};

} // namespace

void TypeFinder::follow(Value *V)
{
    if (!Seen.insert(V).second) return;
    if (auto *C = dyn_cast<Constant>(V)) return followTable(C);
    if (auto *Select = dyn_cast<SelectInst>(V)) {
        follow(Select->getTrueValue());
        follow(Select->getFalseValue());
    } else if (auto *Phi = dyn_cast<PHINode>(V)) {
        for (Use &U : Phi->incoming_values()) follow(U.get());
    } else if (auto *Load = dyn_cast<LoadInst>(V)) {
        followLoad(*Load);
    } else if (isa<FreezeInst>(V) || isa<BitCastInst>(V)) {
        follow(cast<Instruction>(V)->getOperand(0));
    }
}

// Out of a local variable, or out of a table of types.
void TypeFinder::followLoad(LoadInst &Load)
{
    Value *Place = Load.getPointerOperand();
    while (auto *GEP = dyn_cast<GEPOperator>(Place)) Place = GEP->getPointerOperand();
    if (auto *Table = dyn_cast<GlobalVariable>(Place); Table && Table->isConstant() && Table->hasInitializer() && Seen.insert(Table).second)
        for (Use &U : Table->getInitializer()->operands()) followTable(cast<Constant>(U.get()));
    if (!isa<AllocaInst>(Place)) return;
    for (User *U : Place->users())
        if (auto *Store = dyn_cast<StoreInst>(U); Store && Store->getPointerOperand() == Place) follow(Store->getValueOperand());
}

void TypeFinder::followTable(Constant *C)
{
    if (isa<ConstantAggregate>(C))
        for (Use &U : C->operands()) followTable(cast<Constant>(U.get()));
    if (!C->getType()->isPointerTy()) return;
    auto *G = dyn_cast<GlobalVariable>(getUnderlyingObject(C, /*MaxLookup=*/0));
    if (!G) return;
    APInt Offset(64, 0);
    C->stripAndAccumulateConstantOffsets(G->getParent()->getDataLayout(), Offset, /*AllowNonInbounds=*/true);
    Found.insert({{const_cast<GlobalVariable *>(G), Offset.getZExtValue()}, true});
}

static bool allocates(const CallBase &Call)
{
    const Function *Callee = Call.getCalledFunction();
    return Callee && Callee->isDeclaration() && Call.arg_size() > 0 &&
           (Callee->getName() == "gw_alloc" || Callee->getName() == "gw_alloc_array");
}

static std::vector<TypeConstant> listed(const TypeFinder &Finder)
{
    std::vector<TypeConstant> Types;
    for (auto &[Place, _] : Finder.Found) Types.emplace_back(*Place.first, Place.second);
    return Types;
}

std::vector<TypeConstant> typesAllocatedBy(const CallBase &Call)
{
    TypeFinder Finder;
    if (allocates(Call)) Finder.follow(Call.getArgOperand(0));
    return listed(Finder);
}

// ---- By definition ------------------------------------------------------------------------------------------------------

static bool isNamedType(const StructType &T)
{
    return T.hasName() && (T.getName().starts_with("struct.gw_type") || T.getName().starts_with("gw_type"));
}

// Members of arrays and structs, too: a table of types may be one variable.
static void findDefined(GlobalVariable &G, Type *T, uint64_t Start, TypeFinder &Finder)
{
    const DataLayout &DL = G.getParent()->getDataLayout();
    if (hasFieldsOfType(T, DL)) {
        bool IsAligned = G.isConstant() && G.getAlign().valueOrOne() >= alignof(gw_type);
        if (IsAligned || isNamedType(*cast<StructType>(T)) || G.getName().contains("gw_type_")) Finder.Found.insert({{&G, Start}, true});
    } else if (auto *S = dyn_cast<StructType>(T)) {
        for (unsigned I = 0; I < S->getNumElements(); I++)
            findDefined(G, S->getElementType(I), Start + DL.getStructLayout(S)->getElementOffset(I), Finder);
    } else if (auto *A = dyn_cast<ArrayType>(T); A && hasFieldsOfType(A->getElementType(), DL)) {
        for (uint64_t I = 0; I < A->getNumElements(); I++) findDefined(G, A->getElementType(), Start + I * sizeof(gw_type), Finder);
    }
}

bool isTypeElsewhere(const GlobalVariable &G)
{
    return G.isDeclaration() && G.isConstant() && hasFieldsOfType(G.getValueType(), G.getParent()->getDataLayout());
}

std::vector<TypeConstant> typeConstantsIn(Module &M)
{
    TypeFinder Finder;
    for (GlobalVariable &G : M.globals())
        if (G.hasInitializer()) findDefined(G, G.getValueType(), 0, Finder);
    for (Function &F : M)
        for (Instruction &I : instructions(F))
            if (auto *Call = dyn_cast<CallBase>(&I); Call && allocates(*Call)) Finder.follow(Call->getArgOperand(0));
    return listed(Finder);
}

} // namespace greywave
