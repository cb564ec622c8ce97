#include "types/declared_unions.h"
#include "facts/reference_types.h"
#include "types/type_constants.h"
#include "greywave/abi.h"

using namespace llvm;

namespace greywave
{

static bool isUnionOfReferences(const GlobalVariable &G)
{
    return G.getName().contains("gw_layout_union_of_references_");
}

// Nothing but references, one behind the other.
static bool isMadeOfReferences(Type *T, const DataLayout &DL)
{
    ReferenceRuns Runs;
    return collectRuns(T, DL, 0, Runs).empty() && countReferences(Runs) * 8 == DL.getTypeAllocSize(T).getFixedValue();
}

static void readUnionOfReferences(const GlobalVariable &G, Refusals &Errors)
{
    auto *Union = dyn_cast<StructType>(G.getValueType());
    if (!Union || !Union->hasName() || !isMadeOfReferences(Union, G.getParent()->getDataLayout()))
        return Errors.at(G, "a union that is declared with GW_UNION_OF_REFERENCES has a member that is no reference; for references and "
                            "numbers use GW_TYPE_TAGGED or GW_TYPE_TRACED");
    if (Union->getName().starts_with("union.")) Union->setName(("gw.references." + Union->getName()).str());
}

static void nameUnionsIn(Type *T)
{
    if (auto *A = dyn_cast<ArrayType>(T)) return nameUnionsIn(A->getElementType());
    auto *S = dyn_cast<StructType>(T);
    if (!S) return;
    if (isUnion(*S) && !isUnionOfEither(*S)) S->setName(UnionOfEither);
    for (Type *Element : S->elements()) nameUnionsIn(Element);
}

// Its numbers may be references by what the function says. Other structs that it is made of may be part of other objects, too: what
// counts is the outermost that an address shows.
static void nameTraced(Type *T)
{
    if (auto *A = dyn_cast<ArrayType>(T)) return nameTraced(A->getElementType());
    auto *S = dyn_cast<StructType>(T);
    if (!S || isUnion(*S)) return;
    if (S->hasName() && !isTracedStruct(*S)) S->setName((TracedStruct + S->getName()).str());
    for (Type *Element : S->elements()) nameTraced(Element);
}

void readDeclaredUnions(Module &M, Refusals &Errors)
{
    for (const GlobalVariable &G : M.globals())
        if (isUnionOfReferences(G)) readUnionOfReferences(G, Errors);
    for (const TypeConstant &T : typeConstantsIn(M)) {
        const GlobalVariable *Layout = T.isWhole() ? T.layoutVariable() : nullptr;
        if (!Layout || (!T.hasTags() && T.hasLayout())) continue;
        nameUnionsIn(Layout->getValueType());
        if (!T.hasLayout()) nameTraced(Layout->getValueType());
    }
}

} // namespace greywave
