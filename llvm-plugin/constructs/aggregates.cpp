// Composite values (structs, arrays and vectors with references inside) are split into their scalars.
//
// RewriteStatepointsForGC does not track references inside first-class aggregates, and a vector of references would
// need map entries of its own. After this step a composite exists only where a call, an argument or a return value
// makes one: it is taken apart right after its definition and put together right before its use.
#include "constructs/constructs.h"
#include "facts/reference_types.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/Transforms/Scalar/ScalarizeMaskedMemIntrin.h"
#include "llvm/Transforms/Utils/Local.h"

using namespace llvm;

namespace greywave
{
namespace
{

using Parts = SmallVector<Value *, 4>;

unsigned elementCount(Type *T)
{
    if (auto *S = dyn_cast<StructType>(T)) return S->getNumElements();
    if (auto *A = dyn_cast<ArrayType>(T)) return A->getNumElements();
    return cast<FixedVectorType>(T)->getNumElements();
}

Type *elementType(Type *T, unsigned I)
{
    if (auto *S = dyn_cast<StructType>(T)) return S->getElementType(I);
    if (auto *A = dyn_cast<ArrayType>(T)) return A->getElementType();
    return cast<FixedVectorType>(T)->getElementType();
}

// A part without references is one leaf, as the program extracts and inserts it: a vector of floats, an array of numbers.
bool splits(Type *T)
{
    return isComposite(T);
}

unsigned leafCount(Type *T)
{
    if (!splits(T)) return 1;
    unsigned Count = 0;
    for (unsigned I = 0; I < elementCount(T); I++) Count += leafCount(elementType(T, I));
    return Count;
}

/// Splits the composites of one function. Leaves are numbered depth first.
class Splitter
{
  public:
    explicit Splitter(Function &F) : F(F), DL(F.getParent()->getDataLayout()) {}
    void run();

  private:
    Parts partsOf(Value *V);
    Parts partsOfConstant(Constant *C, Type *T);
    Parts partsOfInstruction(Instruction &I);
    Parts partsOfPhi(PHINode &Phi);
    Parts partsOfLoad(LoadInst &Load);
    Parts partsOfInsertElement(InsertElementInst &Insert);
    Parts partsOfShuffle(ShuffleVectorInst &Shuffle);
    Parts partsOfGEP(GetElementPtrInst &GEP);
    Parts takeApart(Value *V, IRBuilderBase &B);
    void takeApart(Value *V, Type *T, IRBuilderBase &B, Parts &Out);
    Value *putTogether(Type *T, ArrayRef<Value *> &Leaves, IRBuilderBase &B);

    void rewriteStore(StoreInst &Store);
    void rewriteExtract(ExtractValueInst &Extract);
    void rewriteExtractElement(ExtractElementInst &Extract);
    void rewriteUses(Instruction &I);
    void fillPhis();
    void eraseOld();

    unsigned firstLeaf(Type *T, ArrayRef<unsigned> Indices);
    Value *lane(Value *V, unsigned I, IRBuilderBase &B);
    static bool isSplittable(const Instruction &I);

    Function &F;
    const DataLayout &DL;
    DenseMap<Value *, Parts> Known;
    SmallVector<PHINode *, 8> Phis;
    unsigned FilledPhis = 0;
    SmallVector<Instruction *, 16> Old;
    // Extractions stay until the end: the parts of a later composite may be the result of an earlier extraction.
    MapVector<Value *, Value *> Replacement;
};

} // namespace

// What is rebuilt from scalars; everything else defines its composite as a whole.
bool Splitter::isSplittable(const Instruction &I)
{
    if (auto *Load = dyn_cast<LoadInst>(&I)) return !Load->isAtomic();
    return isa<InsertValueInst>(I) || isa<ExtractValueInst>(I) || isa<InsertElementInst>(I) || isa<ShuffleVectorInst>(I) ||
           isa<PHINode>(I) || isa<SelectInst>(I) || isa<FreezeInst>(I) || isa<GetElementPtrInst>(I);
}

unsigned Splitter::firstLeaf(Type *T, ArrayRef<unsigned> Indices)
{
    unsigned First = 0;
    for (unsigned Index : Indices) {
        for (unsigned I = 0; I < Index; I++) First += leafCount(elementType(T, I));
        T = elementType(T, Index);
    }
    return First;
}

// Lane I of a vector, or the scalar that stands for all lanes.
Value *Splitter::lane(Value *V, unsigned I, IRBuilderBase &B)
{
    if (!isa<VectorType>(V->getType())) return V;
    if (containsReference(V->getType())) return partsOf(V)[I];
    return B.CreateExtractElement(V, I);
}

// RewriteStatepointsForGC knows the base of a vector's lane, but not when the vector is a member of what a call returns or a
// function is given. As an integer that is cast right there, the lane is a base of its own, and
// marked as one.
static Value *laneOfMember(Value *Member, unsigned I, IRBuilderBase &B)
{
    auto *T = cast<FixedVectorType>(Member->getType());
    Value *Words = B.CreatePtrToInt(Member, FixedVectorType::get(B.getInt64Ty(), T->getNumElements()));
    Value *Lane = B.CreateIntToPtr(B.CreateExtractElement(Words, I), T->getElementType());
    if (auto *Cast = dyn_cast<Instruction>(Lane)) Cast->setMetadata("is_base_value", MDNode::get(Cast->getContext(), {}));
    return Lane;
}

static Value *partOf(Value *V, Type *T, unsigned I, IRBuilderBase &B)
{
    if (!isa<VectorType>(T)) return B.CreateExtractValue(V, I);
    if (isa<ExtractValueInst>(V) && containsReference(T)) return laneOfMember(V, I, B);
    return B.CreateExtractElement(V, I);
}

void Splitter::takeApart(Value *V, Type *T, IRBuilderBase &B, Parts &Out)
{
    if (!splits(T)) {
        Out.push_back(V);
        return;
    }
    for (unsigned I = 0; I < elementCount(T); I++) takeApart(partOf(V, T, I, B), elementType(T, I), B, Out);
}

Parts Splitter::takeApart(Value *V, IRBuilderBase &B)
{
    Parts Out;
    takeApart(V, V->getType(), B, Out);
    return Out;
}

Value *Splitter::putTogether(Type *T, ArrayRef<Value *> &Leaves, IRBuilderBase &B)
{
    if (!splits(T)) {
        Value *Leaf = Leaves.front();
        Leaves = Leaves.drop_front();
        return Leaf;
    }
    Value *Whole = PoisonValue::get(T);
    for (unsigned I = 0; I < elementCount(T); I++) {
        Value *Part = putTogether(elementType(T, I), Leaves, B);
        Whole = isa<VectorType>(T) ? B.CreateInsertElement(Whole, Part, I) : B.CreateInsertValue(Whole, Part, I);
    }
    return Whole;
}

Parts Splitter::partsOfConstant(Constant *C, Type *T)
{
    if (!splits(T)) return {C};
    Parts Out;
    for (unsigned I = 0; I < elementCount(T); I++) Out.append(partsOfConstant(C->getAggregateElement(I), elementType(T, I)));
    return Out;
}

Parts Splitter::partsOf(Value *V)
{
    if (!splits(V->getType())) return {V};
    if (auto It = Known.find(V); It != Known.end()) return It->second;
    if (auto *C = dyn_cast<Constant>(V)) return partsOfConstant(C, C->getType());
    Parts Result;
    auto *I = dyn_cast<Instruction>(V);
    if (I && containsReference(I->getType()) && isSplittable(*I)) {
        Result = partsOfInstruction(*I);
        Old.push_back(I);
    } else {
        BasicBlock::iterator Where = F.getEntryBlock().getFirstInsertionPt();
        if (I) Where = *I->getInsertionPointAfterDef();
        IRBuilder<> B(Where->getParent(), Where);
        Result = takeApart(V, B);
    }
    Known[V] = Result;
    return Result;
}

Parts Splitter::partsOfInstruction(Instruction &I)
{
    IRBuilder<> B(&I);
    if (auto *Phi = dyn_cast<PHINode>(&I)) return partsOfPhi(*Phi);
    if (auto *Load = dyn_cast<LoadInst>(&I)) return partsOfLoad(*Load);
    if (auto *Insert = dyn_cast<InsertElementInst>(&I)) return partsOfInsertElement(*Insert);
    if (auto *Shuffle = dyn_cast<ShuffleVectorInst>(&I)) return partsOfShuffle(*Shuffle);
    if (auto *GEP = dyn_cast<GetElementPtrInst>(&I)) return partsOfGEP(*GEP);
    Parts Out = partsOf(I.getOperand(isa<SelectInst>(I) ? 1 : 0));
    if (auto *Insert = dyn_cast<InsertValueInst>(&I)) {
        Parts Inserted = partsOf(Insert->getInsertedValueOperand());
        std::copy(Inserted.begin(), Inserted.end(), Out.begin() + firstLeaf(I.getType(), Insert->getIndices()));
    } else if (auto *Extract = dyn_cast<ExtractValueInst>(&I)) {
        unsigned First = firstLeaf(Extract->getAggregateOperand()->getType(), Extract->getIndices());
        return Parts(Out.begin() + First, Out.begin() + First + leafCount(I.getType()));
    } else if (auto *Select = dyn_cast<SelectInst>(&I)) {
        Parts Else = partsOf(Select->getFalseValue());
        for (unsigned N = 0; N < Out.size(); N++) Out[N] = B.CreateSelect(lane(Select->getCondition(), N, B), Out[N], Else[N]);
    } else {
        for (Value *&Leaf : Out) Leaf = B.CreateFreeze(Leaf);
    }
    return Out;
}

static void collectLeafTypes(Type *T, SmallVectorImpl<Type *> &Out)
{
    if (!splits(T)) return Out.push_back(T);
    for (unsigned I = 0; I < elementCount(T); I++) collectLeafTypes(elementType(T, I), Out);
}

Parts Splitter::partsOfPhi(PHINode &Phi)
{
    SmallVector<Type *, 4> Types;
    collectLeafTypes(Phi.getType(), Types);
    IRBuilder<> B(&Phi);
    Parts Out;
    for (Type *T : Types) Out.push_back(B.CreatePHI(T, Phi.getNumIncomingValues()));
    Phis.push_back(&Phi);
    return Out;
}

static void collectLeafOffsets(Type *T, const DataLayout &DL, uint64_t Start, SmallVectorImpl<uint64_t> &Out)
{
    if (!splits(T)) return Out.push_back(Start);
    for (unsigned I = 0; I < elementCount(T); I++) {
        uint64_t At = I * DL.getTypeAllocSize(elementType(T, I)).getFixedValue();
        if (auto *S = dyn_cast<StructType>(T)) At = DL.getStructLayout(S)->getElementOffset(I);
        collectLeafOffsets(elementType(T, I), DL, Start + At, Out);
    }
}

Parts Splitter::partsOfLoad(LoadInst &Load)
{
    SmallVector<Type *, 4> Types;
    SmallVector<uint64_t, 4> Offsets;
    collectLeafTypes(Load.getType(), Types);
    collectLeafOffsets(Load.getType(), DL, 0, Offsets);
    IRBuilder<> B(&Load);
    Parts Out;
    for (auto [T, Offset] : zip(Types, Offsets))
        Out.push_back(B.CreateAlignedLoad(T, B.CreateConstGEP1_64(B.getInt8Ty(), Load.getPointerOperand(), Offset),
                                          commonAlignment(Load.getAlign(), Offset), Load.isVolatile()));
    return Out;
}

Parts Splitter::partsOfInsertElement(InsertElementInst &Insert)
{
    IRBuilder<> B(&Insert);
    Parts Out = partsOf(Insert.getOperand(0));
    Value *Index = Insert.getOperand(2);
    for (unsigned I = 0; I < Out.size(); I++) {
        auto *Constant = dyn_cast<ConstantInt>(Index);
        if (Constant && Constant->getZExtValue() == I) Out[I] = Insert.getOperand(1);
        if (!Constant) Out[I] = B.CreateSelect(B.CreateICmpEQ(Index, ConstantInt::get(Index->getType(), I)), Insert.getOperand(1), Out[I]);
    }
    return Out;
}

Parts Splitter::partsOfShuffle(ShuffleVectorInst &Shuffle)
{
    Parts Left = partsOf(Shuffle.getOperand(0)), Right = partsOf(Shuffle.getOperand(1));
    Parts Out;
    for (int Pick : Shuffle.getShuffleMask()) {
        if (Pick < 0) Out.push_back(PoisonValue::get(Shuffle.getType()->getElementType()));
        else if (unsigned(Pick) < Left.size()) Out.push_back(Left[Pick]);
        else Out.push_back(Right[Pick - Left.size()]);
    }
    return Out;
}

Parts Splitter::partsOfGEP(GetElementPtrInst &GEP)
{
    IRBuilder<> B(&GEP);
    Parts Out;
    for (unsigned I = 0; I < elementCount(GEP.getType()); I++) {
        SmallVector<Value *, 4> Indices;
        for (Use &Index : GEP.indices()) Indices.push_back(lane(Index, I, B));
        Out.push_back(B.CreateGEP(GEP.getSourceElementType(), lane(GEP.getPointerOperand(), I, B), Indices));
    }
    return Out;
}

void Splitter::rewriteStore(StoreInst &Store)
{
    SmallVector<uint64_t, 4> Offsets;
    collectLeafOffsets(Store.getValueOperand()->getType(), DL, 0, Offsets);
    IRBuilder<> B(&Store);
    for (auto [Leaf, Offset] : zip(partsOf(Store.getValueOperand()), Offsets))
        B.CreateAlignedStore(Leaf, B.CreateConstGEP1_64(B.getInt8Ty(), Store.getPointerOperand(), Offset),
                             commonAlignment(Store.getAlign(), Offset), Store.isVolatile());
    Store.eraseFromParent();
}

void Splitter::rewriteExtract(ExtractValueInst &Extract)
{
    Parts Whole = partsOf(Extract.getAggregateOperand());
    Replacement[&Extract] = Whole[firstLeaf(Extract.getAggregateOperand()->getType(), Extract.getIndices())];
}

void Splitter::rewriteExtractElement(ExtractElementInst &Extract)
{
    Parts Whole = partsOf(Extract.getVectorOperand());
    Value *Index = Extract.getIndexOperand();
    IRBuilder<> B(&Extract);
    Value *Result = Whole[0];
    if (auto *Constant = dyn_cast<ConstantInt>(Index))
        Result = Constant->getZExtValue() < Whole.size() ? Whole[Constant->getZExtValue()] : PoisonValue::get(Extract.getType());
    else
        for (unsigned I = 1; I < Whole.size(); I++)
            Result = B.CreateSelect(B.CreateICmpEQ(Index, ConstantInt::get(Index->getType(), I)), Whole[I], Result);
    Replacement[&Extract] = Result;
}

// Everything that needs a composite as a whole gets one made on the spot.
// Nothing may stand between such a call and the return of its result.
static bool isTailCall(const Value &V)
{
    auto *Call = dyn_cast<CallInst>(&V);
    return Call && Call->isMustTailCall();
}

void Splitter::rewriteUses(Instruction &I)
{
    for (Use &U : I.operands()) {
        if (!isComposite(U->getType()) || isa<Constant>(U.get()) || isTailCall(*U)) continue;
        Parts Leaves = partsOf(U.get());
        ArrayRef<Value *> Rest = Leaves;
        IRBuilder<> B(&I);
        U.set(putTogether(U->getType(), Rest, B));
    }
}

void Splitter::fillPhis()
{
    while (FilledPhis < Phis.size()) { // finding parts may append
        PHINode *Phi = Phis[FilledPhis++];
        for (unsigned I = 0; I < Phi->getNumIncomingValues(); I++) {
            Parts Incoming = partsOf(Phi->getIncomingValue(I));
            for (auto [New, Leaf] : zip(Known[Phi], Incoming)) cast<PHINode>(New)->addIncoming(Leaf, Phi->getIncomingBlock(I));
        }
    }
}

void Splitter::eraseOld()
{
    for (auto [Extract, Value] : Replacement) {
        while (Replacement.contains(Value)) Value = Replacement[Value];
        Extract->replaceAllUsesWith(Value);
    }
    for (auto [Extract, Value] : Replacement) cast<Instruction>(Extract)->eraseFromParent();
    for (Instruction *I : Old) I->replaceAllUsesWith(PoisonValue::get(I->getType()));
    for (Instruction *I : Old) I->eraseFromParent();
}

void Splitter::run()
{
    SmallVector<Instruction *, 32> Work;
    for (Instruction &I : instructions(F))
        if (isComposite(I.getType()) || any_of(I.operands(), [](const Use &U) { return isComposite(U->getType()); })) Work.push_back(&I);
    if (Work.empty()) return;
    for (Instruction *I : Work)
        if (isComposite(I->getType()) && !isTailCall(*I)) partsOf(I);
    fillPhis();
    for (Instruction *I : Work) {
        if (isComposite(I->getType()) && isSplittable(*I)) continue;
        if (auto *Store = dyn_cast<StoreInst>(I); Store && !Store->isAtomic()) rewriteStore(*Store);
        else if (auto *Extract = dyn_cast<ExtractValueInst>(I)) rewriteExtract(*Extract);
        else if (auto *Extract = dyn_cast<ExtractElementInst>(I)) rewriteExtractElement(*Extract);
        else rewriteUses(*I);
    }
    fillPhis();
    eraseOld();
}

static bool hasMaskedAccess(Function &F)
{
    return any_of(instructions(F), [](const Instruction &I) {
        auto *Call = dyn_cast<IntrinsicInst>(&I);
        if (!Call) return false;
        switch (Call->getIntrinsicID()) {
        case Intrinsic::masked_load:
        case Intrinsic::masked_gather: return containsReference(Call->getType());
        case Intrinsic::masked_store:
        case Intrinsic::masked_scatter: return containsReference(Call->getArgOperand(0)->getType());
        default: return false;
        }
    });
}

void splitComposites(Function &F, FunctionAnalysisManager &FAM)
{
    // Knowing no target, this analysis manager finds every masked access illegal and spells all of them out.
    if (hasMaskedAccess(F)) FAM.invalidate(F, ScalarizeMaskedMemIntrinPass().run(F, FAM));
    Splitter(F).run();
}

} // namespace greywave
