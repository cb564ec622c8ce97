// Structs that clang passes and returns as numbers: of up to 16 bytes on AArch64, as [2 x i64] or i128; of one reference as i64, there, by
// ms_abi, and on x86-64 where the registers for arguments are used up.
//
// How they are passed stays, since native code passes them so. A number that is a reference exists between the function's edge and the
// instruction beside it alone: what comes in becomes a reference by the opaque call gw.received, and what goes out is made of one by
// gw.passed, right in front of the call or return that takes it. Both read memory that every safepoint writes, and so stay on their side
// of it. Which words are references is what the struct shows that they are stored to or read from; of words of which nothing shows,
// because they are read through a plain pointer, the load stays where it is, next to the call.
#include "constructs/constructs.h"
#include "constructs/variables.h"
#include "facts/reference_types.h"
#include "facts/safepoints.h"

using namespace llvm;

namespace greywave
{

static constexpr char ReceivedName[] = "gw.received", PassedName[] = "gw.passed";

static bool isReceived(const Instruction &I)
{
    return isCallOf(I, ReceivedName);
}

bool isPassedReference(const Instruction &I)
{
    return isCallOf(I, PassedName);
}

// ---- Words of numbers -----------------------------------------------------------------------------------------------

static FunctionCallee opaqueCast(Module &M, StringRef Name, Type *To, Type *From)
{
    FunctionCallee Callee = M.getOrInsertFunction(Name, To, From);
    describeMarker(*cast<Function>(Callee.getCallee()), MemoryEffects::inaccessibleMemOnly(ModRefInfo::Ref));
    return Callee;
}

static Type *referenceType(IRBuilderBase &B)
{
    return PointerType::get(B.getContext(), ReferenceSpace);
}

static Value *passed(Value *Reference, IRBuilderBase &B)
{
    return B.CreateCall(opaqueCast(*B.GetInsertBlock()->getModule(), PassedName, B.getInt64Ty(), referenceType(B)), Reference);
}

// Two or more words that are passed together; 0: something else.
static unsigned wordsOf(const Type *T)
{
    if (T->isIntegerTy(128)) return 2;
    auto *A = dyn_cast<ArrayType>(T);
    return A && A->getElementType()->isIntegerTy(64) ? unsigned(A->getNumElements()) : 0;
}

static Value *wordOf(Value *Numbers, unsigned N, IRBuilderBase &B)
{
    if (Numbers->getType()->isArrayTy()) return B.CreateExtractValue(Numbers, N);
    return B.CreateTrunc(B.CreateLShr(Numbers, 64 * N), B.getInt64Ty());
}

static Value *joined(ArrayRef<Value *> Words, Type *T, IRBuilderBase &B)
{
    Value *Numbers = T->isArrayTy() ? PoisonValue::get(T) : Constant::getNullValue(T);
    for (unsigned N = 0; N < Words.size(); N++)
        Numbers = T->isArrayTy() ? B.CreateInsertValue(Numbers, Words[N], N)
                                 : B.CreateOr(Numbers, B.CreateShl(B.CreateZExt(Words[N], T), 64 * N));
    return Numbers;
}

static Shows shownInWord(const Value *Pointer, unsigned N, const DataLayout &DL)
{
    Place P = placeOf(Pointer, DL);
    if (P.isBlind()) return Shows::Numbers;
    if (P.isKnown()) return P.Layout.holdsReferenceAt(*P.Offset + 8 * N) ? Shows::References : Shows::Numbers;
    return shownAt(Pointer, 8, DL, 8 * N);
}

static SmallVector<Shows, 2> shownInWords(const Value *Pointer, unsigned Words, const DataLayout &DL)
{
    SmallVector<Shows, 2> All;
    for (unsigned N = 0; N < Words; N++) All.push_back(shownInWord(Pointer, N, DL));
    return All;
}

// ---- Structs of odd size --------------------------------------------------------------------------------------------

// clang copies them to a variable of numbers, and from one, as many bytes as they have.
static Value *otherEnd(const MemTransferInst &Copy, const Value &Variable)
{
    return Copy.getRawDest() == &Variable ? Copy.getRawSource() : Copy.getRawDest();
}

static void addShown(const MemTransferInst &Copy, const Value &Variable, MutableArrayRef<Shows> There)
{
    const DataLayout &DL = Copy.getModule()->getDataLayout();
    for (unsigned N = 0; N < There.size() && 8 * N + 8 <= bytesOf(Copy); N++) {
        Shows Word = shownInWord(otherEnd(Copy, Variable), N, DL);
        if (There[N] != Shows::References) There[N] = Word;
    }
}

// A variable that shows what comes from there, or goes there.
static void retype(AllocaInst &Variable, ArrayRef<Shows> There)
{
    IRBuilder<> B(&Variable);
    SmallVector<Type *, 2> Types;
    for (Shows Word : There) Types.push_back(Word == Shows::References ? referenceType(B) : B.getInt64Ty());
    AllocaInst *Shown = B.CreateAlloca(StructType::get(B.getContext(), Types));
    Shown->setAlignment(Variable.getAlign());
    Variable.replaceAllUsesWith(Shown);
    Variable.eraseFromParent();
}

static void showVariable(AllocaInst &Variable)
{
    SmallVector<Shows, 2> There(wordsOf(Variable.getAllocatedType()), Shows::Numbers);
    SmallVector<MemTransferInst *, 2> Copies;
    for (User *U : Variable.users())
        if (auto *Copy = dyn_cast<MemTransferInst>(U)) Copies.push_back(Copy);
    for (MemTransferInst *Copy : Copies) addShown(*Copy, Variable, There);
    if (is_contained(There, Shows::References)) return retype(Variable, There);
    if (all_of(There, [](Shows Word) { return Word == Shows::Numbers; })) return;
    for (MemTransferInst *Copy : Copies) Copy->setVolatile(ConstantInt::getTrue(Copy->getContext()));
}

// ---- What comes in --------------------------------------------------------------------------------------------------

static bool isOrdinary(const CallBase &Call)
{
    return !Call.isInlineAsm() && !isa<IntrinsicInst>(Call);
}

// Of a function that is declared to access no memory the optimiser would move calls over safepoints, with the numbers.
static void keepInPlace(CallBase &Call)
{
    const MemoryEffects LikeMarkers = MemoryEffects::inaccessibleMemOnly(ModRefInfo::Ref);
    if (!Call.doesNotAccessMemory()) return;
    Call.setMemoryEffects(LikeMarkers);
    if (Function *Callee = Call.getCalledFunction()) Callee->setMemoryEffects(LikeMarkers);
}

// Where a number from outside of the function has just come in; nothing: it was made here.
static std::optional<BasicBlock::iterator> arrivalOf(Value &V)
{
    if (auto *A = dyn_cast<Argument>(&V)) return A->getParent()->getEntryBlock().getFirstNonPHIOrDbgOrAlloca();
    auto *Call = dyn_cast<CallBase>(&V);
    auto *Invoke = dyn_cast<InvokeInst>(&V);
    if (!Call || !isOrdinary(*Call) || (Invoke && !Invoke->getNormalDest()->getSinglePredecessor())) return std::nullopt;
    return Call->getInsertionPointAfterDef();
}

static Value *received(Value *Number, Value &From, IRBuilderBase &B)
{
    if (auto *Call = dyn_cast<CallBase>(&From)) keepInPlace(*Call);
    return B.CreateCall(opaqueCast(*B.GetInsertBlock()->getModule(), ReceivedName, referenceType(B), B.getInt64Ty()), Number);
}

static void receiveWords(StoreInst &Store)
{
    Value *Numbers = Store.getValueOperand(), *To = Store.getPointerOperand();
    SmallVector<Shows, 2> There = shownInWords(To, wordsOf(Numbers->getType()), Store.getModule()->getDataLayout());
    std::optional<BasicBlock::iterator> Arrival = arrivalOf(*Numbers);
    if (!Arrival || Store.isAtomic() || !is_contained(There, Shows::References)) return;
    IRBuilder<> AtArrival((*Arrival)->getParent(), *Arrival), B(&Store);
    for (unsigned N = 0; N < There.size(); N++) {
        Value *Word = wordOf(Numbers, N, AtArrival);
        if (There[N] == Shows::References) Word = received(Word, *Numbers, AtArrival);
        B.CreateAlignedStore(Word, B.CreateConstInBoundsGEP1_64(B.getInt8Ty(), To, 8 * N), commonAlignment(Store.getAlign(), 8 * N),
                             Store.isVolatile());
    }
    Store.eraseFromParent();
}

// The variable is a struct, which clang's own casts alone are stored to by its first field.
static bool fillsStruct(const IntToPtrInst &Cast)
{
    return any_of(Cast.users(), [](const User *U) {
        auto *Store = dyn_cast<StoreInst>(U);
        auto *Field = Store ? dyn_cast<GEPOperator>(Store->getPointerOperand()) : nullptr;
        return Field && Field->getSourceElementType()->isStructTy() && isa<AllocaInst>(Field->getPointerOperand());
    });
}

static void receiveReference(IntToPtrInst &Cast)
{
    Value *Number = Cast.getOperand(0);
    std::optional<BasicBlock::iterator> Arrival = arrivalOf(*Number);
    if (!Arrival || !isReference(Cast.getType()) || !Number->getType()->isIntegerTy(64) || !fillsStruct(Cast)) return;
    IRBuilder<> B((*Arrival)->getParent(), *Arrival);
    Cast.replaceAllUsesWith(received(Number, *Number, B));
    Cast.eraseFromParent();
}

// ---- What goes out --------------------------------------------------------------------------------------------------

static bool leaves(const Use &U)
{
    auto *Call = dyn_cast<CallBase>(U.getUser());
    if (Call) return isOrdinary(*Call) && Call->isArgOperand(&U);
    return isa<ReturnInst>(U.getUser());
}

static bool isVariadic(const Use &U)
{
    auto *Call = dyn_cast<CallBase>(U.getUser());
    return Call && Call->getArgOperandNo(&U) >= Call->getFunctionType()->getNumParams();
}

// Where no type says that numbers are passed, what is shows in the call, which is refused if it may collect (precision.cpp): an array of
// one struct takes the registers and words that the numbers would take.
static Value *asStruct(ArrayRef<Value *> Words, IRBuilderBase &B)
{
    SmallVector<Type *, 2> Types;
    for (Value *Word : Words) Types.push_back(Word->getType());
    Value *All = PoisonValue::get(StructType::get(B.getContext(), Types));
    for (unsigned N = 0; N < Words.size(); N++) All = B.CreateInsertValue(All, Words[N], N);
    return B.CreateInsertValue(PoisonValue::get(ArrayType::get(All->getType(), 1)), All, 0);
}

static void passAt(Use &U, ArrayRef<Value *> Words)
{
    IRBuilder<> B(cast<Instruction>(U.getUser()));
    bool ShowsReference = any_of(Words, [](const Value *Word) { return isReference(Word->getType()); });
    if (ShowsReference && isVariadic(U)) return U.set(asStruct(Words, B));
    if (auto *Call = dyn_cast<CallBase>(U.getUser())) keepInPlace(*Call);
    SmallVector<Value *, 2> Numbers(Words);
    for (Value *&Word : Numbers)
        if (isReference(Word->getType())) Word = passed(Word, B);
    U.set(Numbers.size() == 1 ? Numbers.front() : joined(Numbers, U->getType(), B));
}

static void passWords(LoadInst &Load)
{
    Value *From = Load.getPointerOperand();
    SmallVector<Shows, 2> There = shownInWords(From, wordsOf(Load.getType()), Load.getModule()->getDataLayout());
    if (Load.isAtomic() || Load.use_empty() || !all_of(Load.uses(), leaves)) return;
    bool ShowsReference = is_contained(There, Shows::References);
    if (!ShowsReference && (Load.getType()->isIntegerTy() || all_of(There, [](Shows Word) { return Word == Shows::Numbers; })))
        return; // an integer as the program has it
    IRBuilder<> B(&Load);
    SmallVector<Value *, 2> Words;
    for (unsigned N = 0; N < There.size(); N++) {
        Type *T = There[N] == Shows::References ? referenceType(B) : B.getInt64Ty();
        bool StaysHere = There[N] != Shows::References && There[N] != Shows::Numbers;
        Words.push_back(B.CreateAlignedLoad(T, B.CreateConstInBoundsGEP1_64(B.getInt8Ty(), From, 8 * N),
                                            commonAlignment(Load.getAlign(), 8 * N), StaysHere || Load.isVolatile()));
    }
    for (Use &U : make_early_inc_range(Load.uses())) passAt(U, Words);
    Load.eraseFromParent();
}

// The only member of a struct. Where the program casts it by itself, and hands that on at once, it looks the same.
static bool isStructOfOne(const Value *Reference)
{
    auto *Load = dyn_cast<LoadInst>(Reference);
    auto *Field = Load ? dyn_cast<GEPOperator>(Load->getPointerOperand()) : nullptr;
    auto *S = Field ? dyn_cast<StructType>(Field->getSourceElementType()) : nullptr;
    return S && S->getNumElements() == 1;
}

static void passReference(PtrToIntInst &Cast)
{
    Value *Reference = Cast.getOperand(0);
    if (!isReference(Reference->getType()) || !Cast.getType()->isIntegerTy(64) || !isStructOfOne(Reference)) return;
    for (Use &U : make_early_inc_range(Cast.uses()))
        if (leaves(U)) passAt(U, Reference);
}

// ---- The steps ------------------------------------------------------------------------------------------------------

void showPassedStructs(Function &F)
{
    for (Instruction &I : make_early_inc_range(instructions(F)))
        if (auto *Variable = dyn_cast<AllocaInst>(&I); Variable && Variable->getAllocatedType()->isArrayTy() && Variable->isStaticAlloca())
            showVariable(*Variable);
    for (Instruction &I : make_early_inc_range(instructions(F))) {
        if (auto *Store = dyn_cast<StoreInst>(&I); Store && wordsOf(Store->getValueOperand()->getType())) receiveWords(*Store);
        else if (auto *Load = dyn_cast<LoadInst>(&I); Load && wordsOf(Load->getType())) passWords(*Load);
        else if (auto *Cast = dyn_cast<IntToPtrInst>(&I)) receiveReference(*Cast);
        else if (auto *Cast = dyn_cast<PtrToIntInst>(&I)) passReference(*Cast);
    }
}

bool hasPassedStructs(const Function &F)
{
    return any_of(instructions(F), [](const Instruction &I) { return isReceived(I) || isPassedReference(I); });
}

// The cast is a base by itself: what it was made of is no reference.
static Value *asBase(Value *Number, Type *Reference, IRBuilderBase &B)
{
    if (isa<UndefValue>(Number)) return Constant::getNullValue(Reference);
    Value *Cast = B.CreateIntToPtr(Number, Reference);
    if (auto *I = dyn_cast<Instruction>(Cast)) I->setMetadata("is_base_value", MDNode::get(B.getContext(), {}));
    return Cast;
}

void lowerPassedStructs(Function &F)
{
    for (Instruction &I : make_early_inc_range(instructions(F))) {
        if (!isReceived(I)) continue;
        IRBuilder<> B(&I);
        I.replaceAllUsesWith(asBase(I.getOperand(0), I.getType(), B));
        I.eraseFromParent();
    }
}

} // namespace greywave
