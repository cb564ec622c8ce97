// Memory transfers that may carry references.
//
// Left alone, the optimiser turns small copies into integer loads and stores, and an integer that lives across a
// safepoint is no root. Where the type of one side is known the copy becomes typed loads and stores; otherwise an
// opaque call, gw.copy or gw.move, that nothing looks into and that becomes a memory transfer again in the last pass.
#include "constructs/constructs.h"
#include "facts/diagnose.h"
#include "facts/facts.h"
#include "facts/safepoints.h"
#include "constructs/variables.h"
#include "llvm/IR/Operator.h"
#include "llvm/Transforms/Utils/Local.h"

using namespace llvm;

namespace greywave
{

static constexpr char CopyPrefix[] = "gw.copy.";
static constexpr char InlineCopyPrefix[] = "gw.inline_copy.";
static constexpr char MovePrefix[] = "gw.move.";

// At most this many words are copied one by one.
static constexpr uint64_t MaxWords = 16;

static void copyPiece(MemTransferInst &Copy, Type *T, uint64_t At, SmallVectorImpl<std::pair<Value *, uint64_t>> &Loaded)
{
    IRBuilder<> B(&Copy);
    Value *From = B.CreateConstInBoundsGEP1_64(B.getInt8Ty(), Copy.getRawSource(), At);
    Align Alignment = commonAlignment(Copy.getSourceAlign().valueOrOne(), At);
    Loaded.push_back({B.CreateAlignedLoad(T, From, Alignment, Copy.isVolatile()), At});
}

// All loads come before all stores, so that overlapping moves are right too.
static void expandCopy(MemTransferInst &Copy, const Place &Typed, uint64_t Bytes)
{
    SmallVector<std::pair<Value *, uint64_t>, 16> Loaded;
    LLVMContext &C = Copy.getContext();
    for (uint64_t At = 0; At < Bytes;) {
        uint64_t Size = 8;
        Type *T = Type::getInt64Ty(C);
        if (Typed.Layout.holdsReferenceAt(*Typed.Offset + At) && Bytes - At >= 8) T = PointerType::get(C, ReferenceSpace);
        else
            while (Size > Bytes - At) T = Type::getIntNTy(C, (Size /= 2) * 8);
        copyPiece(Copy, T, At, Loaded);
        At += Size;
    }
    IRBuilder<> B(&Copy);
    for (auto &[V, At] : Loaded)
        B.CreateAlignedStore(V, B.CreateConstInBoundsGEP1_64(B.getInt8Ty(), Copy.getRawDest(), At),
                             commonAlignment(Copy.getDestAlign().valueOrOne(), At), Copy.isVolatile());
    Copy.eraseFromParent();
}

static const char *prefixOf(const MemTransferInst &Copy)
{
    if (isa<MemMoveInst>(Copy)) return MovePrefix;
    return Copy.getIntrinsicID() == Intrinsic::memcpy_inline ? InlineCopyPrefix : CopyPrefix;
}

static FunctionCallee opaqueCopy(MemTransferInst &Copy)
{
    Type *To = Copy.getRawDest()->getType(), *From = Copy.getRawSource()->getType();
    LLVMContext &C = Copy.getContext();
    std::string Name =
        (Twine(prefixOf(Copy)) + "p" + Twine(To->getPointerAddressSpace()) + ".p" + Twine(From->getPointerAddressSpace())).str();
    FunctionCallee Callee =
        Copy.getModule()->getOrInsertFunction(Name, Type::getVoidTy(C), To, From, Type::getInt64Ty(C), Type::getInt1Ty(C));
    describeMarker(*cast<Function>(Callee.getCallee()), MemoryEffects::argMemOnly());
    return Callee;
}

static void hideCopy(MemTransferInst &Copy)
{
    IRBuilder<> B(&Copy);
    CallInst *Call = B.CreateCall(opaqueCopy(Copy), {Copy.getRawDest(), Copy.getRawSource(), B.CreateZExt(Copy.getLength(), B.getInt64Ty()),
                                                     B.getInt1(Copy.isVolatile())});
    LLVMContext &C = Copy.getContext();
    Call->addParamAttr(0, Attribute::getWithAlignment(C, Copy.getDestAlign().valueOrOne()));
    Call->addParamAttr(1, Attribute::getWithAlignment(C, Copy.getSourceAlign().valueOrOne()));
    Copy.eraseFromParent();
}

// The caller's copy lies among the arguments on the stack, which no frame map describes: nothing collects before it has
// been copied once more, to a variable. The copy is hidden, or the optimiser would go on reading the caller's.
static void copyStructParameter(Argument &Parameter, Type *T)
{
    Function &F = *Parameter.getParent();
    const DataLayout &DL = F.getParent()->getDataLayout();
    IRBuilder<> B(&F.getEntryBlock(), F.getEntryBlock().begin());
    AllocaInst *Slot = B.CreateAlloca(T, nullptr, Parameter.getName() + ".copy");
    Slot->setAlignment(std::max(Parameter.getParamAlign().valueOrOne(), DL.getABITypeAlign(T)));
    Parameter.replaceAllUsesWith(Slot);
    auto *Copy =
        cast<MemTransferInst>(B.CreateMemCpy(Slot, Slot->getAlign(), &Parameter, Parameter.getParamAlign(), DL.getTypeAllocSize(T)));
    hideCopy(*Copy);
}

// An argument that lies in an object would be passed by its plain address.
static void copyStructArgument(CallBase &Call, unsigned I, Type *T)
{
    Value *Object = Call.getArgOperand(I)->stripPointerCasts();
    if (!isReference(Object->getType()) || isReference(Call.getArgOperand(I)->getType())) return;
    Function &F = *Call.getFunction();
    const DataLayout &DL = F.getParent()->getDataLayout();
    IRBuilder<> AtEntry(&F.getEntryBlock(), F.getEntryBlock().begin());
    AllocaInst *Slot = AtEntry.CreateAlloca(T, nullptr, "argument.copy");
    MaybeAlign Alignment = Call.getParamAlign(I);
    Slot->setAlignment(std::max(Alignment.valueOrOne(), DL.getABITypeAlign(T)));
    IRBuilder<> B(&Call);
    B.CreateMemCpy(Slot, Slot->getAlign(), Object, Alignment, DL.getTypeAllocSize(T));
    Call.setArgOperand(I, Slot);
}

void copyStructArguments(Function &F)
{
    if (F.isDeclaration()) return;
    for (Argument &A : F.args())
        if (Type *T = A.getParamByValType(); T && containsReference(T) && !isReference(A.getType())) copyStructParameter(A, T);
    for (Instruction &I : instructions(F)) {
        auto *Call = dyn_cast<CallBase>(&I);
        for (unsigned N = 0; Call && N < Call->arg_size(); N++)
            if (Type *T = Call->getParamByValType(N)) copyStructArgument(*Call, N, T);
    }
}

// Between two unknown places of plain memory only copies of one word matter: those are what the optimiser turns into
// integers. A length that is not known yet may be that of a word once the function has been inlined.
static bool mayBecomeInteger(uint64_t Bytes)
{
    return Bytes == 8 || Bytes == UINT64_MAX;
}

// ---- Copies through variables that are not scanned ------------------------------------------------------------------

// A struct assignment: the variable has the very type of what is copied, which says that it holds no references. The
// members of a union are not in its type.
static bool isWholeStruct(const Place &Blind, uint64_t Bytes, const DataLayout &DL)
{
    auto *Slot = dyn_cast<AllocaInst>(Blind.Variable);
    Type *T = Slot ? Slot->getAllocatedType() : cast<GlobalVariable>(Blind.Variable)->getValueType();
    while (T->isArrayTy()) T = T->getArrayElementType();
    return T->isStructTy() && !containsUnion(T) && Bytes % DL.getTypeAllocSize(T).getFixedValue() == 0;
}

// What lies there has a union that holds references or numbers.
static bool showsUnionOfEither(const Value *Pointer)
{
    auto *Address = dyn_cast<GEPOperator>(withoutCasts(Pointer));
    return Address && containsUnionOfEither(Address->getResultElementType());
}

// The other end of a copy through a blind variable is a place that holds references for certain.
static bool showsReferences(const Value *Pointer, const Place &P, uint64_t Bytes, const DataLayout &DL)
{
    return P.isKnown() ? P.showsReferenceIn(Bytes) : showsReferences(Pointer, Bytes, DL);
}

// It is the start of a collected object, of which nothing is known.
static bool isWholeObject(const Value *Pointer)
{
    const Value *Address = withoutCasts(Pointer);
    return isReference(Address->getType()) && !isa<GEPOperator>(Address);
}

namespace
{

/// A copy by its two ends, whatever makes it.
struct Ends {
    Value *ToPointer, *FromPointer;
    Place To, From;
    uint64_t Bytes;

    Ends(Value *ToPointer, Value *FromPointer, uint64_t Bytes, const DataLayout &DL)
        : ToPointer(ToPointer), FromPointer(FromPointer), To(placeOf(ToPointer, DL)), From(placeOf(FromPointer, DL)), Bytes(Bytes)
    {
    }
    bool isBlind() const { return To.isBlind() || From.isBlind(); }
    bool touchesObject() const { return isReference(ToPointer->getType()) || isReference(FromPointer->getType()); }
};

} // namespace

// A variable whose type holds no references is not scanned: a reference copied into it would go stale there.
static bool hidesReferences(const Ends &E, const DataLayout &DL)
{
    if (E.Bytes < 8 || E.To.isBlind() == E.From.isBlind()) return false;
    const Value *Other = E.To.isBlind() ? E.FromPointer : E.ToPointer;
    if (showsReferences(Other, E.To.isBlind() ? E.From : E.To, E.Bytes, DL)) return true;
    if (isReference(Other->getType()) && showsUnionOfEither(Other)) return true;
    return isWholeObject(Other) && !isWholeStruct(E.To.isBlind() ? E.To : E.From, E.Bytes, DL);
}

// What a variable with references is filled with comes from one without, as a caller shows.
static bool isFilledBlindly(const Ends &E, PlacesBehind &Places)
{
    return E.Bytes >= 8 && E.To.isKnown() && E.To.showsReferenceIn(E.Bytes) && !E.From.Variable && !isReference(E.FromPointer->getType()) &&
           Places.mayBeBlind(E.FromPointer);
}

// The object behind a plain address of its contents, or the field, which may be the first.
static Value *withoutView(Value *Pointer)
{
    if (isReference(Pointer->getType())) return Pointer;
    auto *View = dyn_cast<AddrSpaceCastOperator>(Pointer);
    if (View && isReference(View->getPointerOperand()->getType())) return View->getPointerOperand();
    Value *Object = Pointer->stripPointerCasts();
    return isReference(Object->getType()) ? Object : Pointer;
}

// A copy between plain addresses of objects' contents is a copy between objects.
static void dropViews(MemTransferInst &Copy)
{
    Value *To = withoutView(Copy.getRawDest()), *From = withoutView(Copy.getRawSource());
    Type *Types[] = {To->getType(), From->getType(), Copy.getLength()->getType()};
    Copy.setArgOperand(0, To);
    Copy.setArgOperand(1, From);
    Copy.setCalledFunction(intrinsicFor(*Copy.getModule(), Copy.getIntrinsicID(), Types));
}

static void refuseHidden(const CallBase &Copy, Refusals &Errors)
{
    Errors.at(Copy,
              "references are copied through a variable whose type holds none, where they would not be followed; "
              "declare it with a type that shows them, or copy the field that is meant, and of a tagged union its tag and one member");
}

static void protectCopy(MemTransferInst &Copy, PlacesBehind &Places, Refusals &Errors)
{
    dropViews(Copy);
    const DataLayout &DL = Copy.getModule()->getDataLayout();
    Ends E(Copy.getRawDest(), Copy.getRawSource(), bytesOf(Copy), DL);
    if (hidesReferences(E, DL) || isFilledBlindly(E, Places)) return refuseHidden(Copy, Errors);
    if (E.isBlind()) return;
    const Place &Typed = E.To.isKnown() ? E.To : E.From;
    if (Typed.isKnown() && E.Bytes <= MaxWords * 8 && *Typed.Offset % 8 == 0) return expandCopy(Copy, Typed, E.Bytes);
    if (Typed.isKnown() || E.touchesObject() || mayBecomeInteger(E.Bytes)) hideCopy(Copy);
}

// A single element may be a reference, which nothing but an atomic access of its own would copy.
static void checkElementWise(const AnyMemTransferInst &Copy, Refusals &Errors)
{
    const DataLayout &DL = Copy.getModule()->getDataLayout();
    Ends E(withoutView(Copy.getRawDest()), withoutView(Copy.getRawSource()), constantLength(Copy.getLength()), DL);
    if (!E.isBlind() || hidesReferences(E, DL))
        Errors.at(Copy, "element-wise atomic copies are not supported where references may be held; use plain memcpy");
}

void protectCopies(Function &F, PlacesBehind &Places, Refusals &Errors)
{
    for (Instruction &I : make_early_inc_range(instructions(F))) {
        if (auto *Copy = dyn_cast<MemTransferInst>(&I)) protectCopy(*Copy, Places, Errors);
        else if (auto *Copy = dyn_cast<AnyMemTransferInst>(&I)) checkElementWise(*Copy, Errors);
    }
}

static bool isOpaqueCopy(const CallBase &Call)
{
    const Function *Callee = Call.getCalledFunction();
    return Callee && any_of(ArrayRef<const char *>{CopyPrefix, InlineCopyPrefix, MovePrefix},
                            [&](const char *Prefix) { return Callee->getName().starts_with(Prefix); });
}

namespace
{

/// Copies words as LLVM's transfers do, but is to stay what it is: in one piece, or with its bytes exchanged. Arguments by their numbers.
struct OtherCopy {
    const char *Name;
    unsigned To, From, Length, Arguments;
    bool SwapsBytes;
};

} // namespace

static constexpr unsigned CacheLine = UINT_MAX; // the length of what is copied by movdir64b
static constexpr OtherCopy OtherCopies[] = {
    {"llvm.x86.movdir64b", 0, 1, CacheLine, 2, false},
    {"swab", 1, 0, 2, 3, true},
    {"__atomic_load", 2, 1, 0, 4, false},
    {"__atomic_store", 1, 2, 0, 4, false},
    {"__atomic_exchange", 1, 2, 0, 5, false},
    {"__atomic_exchange", 3, 1, 0, 5, false},
    {"__atomic_compare_exchange", 1, 3, 0, 6, false},
    {"__atomic_compare_exchange", 2, 1, 0, 6, false},
};

static SmallVector<MemoryCopy, 1> otherCopiesOf(const CallBase &Call)
{
    SmallVector<MemoryCopy, 1> Found;
    const Function *Callee = Call.getCalledFunction();
    if (!Callee || !Callee->isDeclaration()) return Found;
    for (const OtherCopy &Row : OtherCopies) {
        if (Callee->getName() != Row.Name || Call.arg_size() != Row.Arguments) continue;
        const Value *To = Call.getArgOperand(Row.To), *From = Call.getArgOperand(Row.From);
        const Value *Length =
            Row.Length == CacheLine ? ConstantInt::get(Type::getInt64Ty(Call.getContext()), 64) : Call.getArgOperand(Row.Length);
        if (To->getType()->isPointerTy() && From->getType()->isPointerTy() && Length->getType()->isIntegerTy(64))
            Found.push_back({To, From, constantLength(Length), Length, Row.SwapsBytes});
    }
    return Found;
}

SmallVector<MemoryCopy, 1> memoryCopiesOf(const Instruction &I)
{
    auto *Call = dyn_cast<CallBase>(&I);
    if (!Call) return {};
    if (!isa<MemTransferInst>(I) && !isOpaqueCopy(*Call)) return otherCopiesOf(*Call);
    const Value *Length = Call->getArgOperand(2);
    return {MemoryCopy{Call->getArgOperand(0), Call->getArgOperand(1), constantLength(Length), Length}};
}

bool mayCopyReferences(const CallBase &Call)
{
    if (isOpaqueCopy(Call)) return true;
    auto *Copy = dyn_cast<MemTransferInst>(&Call);
    if (!Copy) return false;
    return !placeOf(Copy->getRawSource(), Call.getModule()->getDataLayout()).isBlind();
}

static void lowerCopy(CallBase &Call)
{
    IRBuilder<> B(&Call);
    Value *To = Call.getArgOperand(0), *From = Call.getArgOperand(1), *Bytes = Call.getArgOperand(2);
    bool Volatile = !cast<ConstantInt>(Call.getArgOperand(3))->isZero();
    MaybeAlign ToAlign = Call.getParamAlign(0), FromAlign = Call.getParamAlign(1);
    StringRef Name = Call.getCalledFunction()->getName();
    if (Name.starts_with(MovePrefix)) B.CreateMemMove(To, ToAlign, From, FromAlign, Bytes, Volatile);
    else if (Name.starts_with(InlineCopyPrefix)) B.CreateMemCpyInline(To, ToAlign, From, FromAlign, Bytes, Volatile);
    else B.CreateMemCpy(To, ToAlign, From, FromAlign, Bytes, Volatile);
    Call.eraseFromParent();
}

void lowerCopies(Function &F)
{
    for (Instruction &I : make_early_inc_range(instructions(F)))
        if (auto *Call = dyn_cast<CallBase>(&I); Call && isOpaqueCopy(*Call)) lowerCopy(*Call);
}

} // namespace greywave
