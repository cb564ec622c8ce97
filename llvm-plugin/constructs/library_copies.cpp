// memcpy, memset and their kin as calls: under -fno-builtin, and with -D_FORTIFY_SOURCE, which asks for the checked forms. They are what
// llvm.memcpy and llvm.memset are to the rest of the plug-in, so they become these, in every function of a module that holds references:
// what is copied or filled shows only later. A checked form whose limit is not yet known keeps its check, which the optimiser folds where
// it can.
#include "constructs/library_copies.h"
#include "facts/safepoints.h"
#include "llvm/Transforms/Utils/BasicBlockUtils.h"
#include "llvm/Transforms/Utils/Local.h"

using namespace llvm;

namespace greywave
{

namespace
{

enum Kind { Copies, Moves, Fills, FillsForCertain };
enum Result { Destination, End };

/// Arguments by their numbers; what is not there is None.
struct Signature {
    const char *Name;
    Kind What;
    unsigned To, From, Value, Stop, Count, Limit, Arguments;
    unsigned Unit; // bytes of one element, of which Count and Limit are numbers
    Result Returns;
};

} // namespace

static constexpr unsigned None = 9;
static constexpr Signature Signatures[] = {
    {"memcpy", Copies, 0, 1, None, None, 2, None, 3, 1, Destination},
    {"memmove", Moves, 0, 1, None, None, 2, None, 3, 1, Destination},
    {"mempcpy", Copies, 0, 1, None, None, 2, None, 3, 1, End},
    {"__mempcpy", Copies, 0, 1, None, None, 2, None, 3, 1, End},
    {"bcopy", Moves, 1, 0, None, None, 2, None, 3, 1, Destination},
    {"memccpy", Copies, 0, 1, None, 2, 3, None, 4, 1, End},
    {"wmemcpy", Copies, 0, 1, None, None, 2, None, 3, 4, Destination},
    {"wmemmove", Moves, 0, 1, None, None, 2, None, 3, 4, Destination},
    {"wmempcpy", Copies, 0, 1, None, None, 2, None, 3, 4, End},
    {"__memcpy_chk", Copies, 0, 1, None, None, 2, 3, 4, 1, Destination},
    {"__memmove_chk", Moves, 0, 1, None, None, 2, 3, 4, 1, Destination},
    {"__mempcpy_chk", Copies, 0, 1, None, None, 2, 3, 4, 1, End},
    {"__wmemcpy_chk", Copies, 0, 1, None, None, 2, 3, 4, 4, Destination},
    {"__wmemmove_chk", Moves, 0, 1, None, None, 2, 3, 4, 4, Destination},
    {"__wmempcpy_chk", Copies, 0, 1, None, None, 2, 3, 4, 4, End},
    {"memset", Fills, 0, None, 1, None, 2, None, 3, 1, Destination},
    {"bzero", Fills, 0, None, None, None, 1, None, 2, 1, Destination},
    {"explicit_bzero", FillsForCertain, 0, None, None, None, 1, None, 2, 1, Destination},
    {"wmemset", Fills, 0, None, 1, None, 2, None, 3, 4, Destination},
    {"__memset_chk", Fills, 0, None, 1, None, 2, 3, 4, 1, Destination},
    {"__explicit_bzero_chk", FillsForCertain, 0, None, None, None, 1, 2, 3, 1, Destination},
    {"__wmemset_chk", Fills, 0, None, 1, None, 2, 3, 4, 4, Destination},
};

// A fill by elements is one by bytes where all bytes of the element are the same.
static bool hasEqualBytes(const Value *Element)
{
    auto *C = dyn_cast<ConstantInt>(Element);
    return C && C->getValue().isSplat(8);
}

static bool hasOperands(const CallBase &Call, const Signature &S)
{
    for (unsigned I = 0; I < Call.arg_size(); I++) {
        const Type *T = Call.getArgOperand(I)->getType();
        bool IsPointer = I == S.To || I == S.From;
        if (IsPointer ? !T->isPointerTy() : !T->isIntegerTy(I == S.Value || I == S.Stop ? 32 : 64)) return false;
    }
    return S.Unit == 1 || S.Value == None || hasEqualBytes(Call.getArgOperand(S.Value));
}

// A program may have a function of its own by such a name, with other parameters or a body to look into.
static const Signature *signatureOf(const CallBase &Call)
{
    const Function *Callee = Call.getCalledFunction();
    if (!Callee || !Callee->isDeclaration() || Call.isMustTailCall()) return nullptr;
    const Signature *Found = find_if(Signatures, [&](const Signature &S) { return Callee->getName() == S.Name; });
    if (Found == std::end(Signatures) || Call.arg_size() != Found->Arguments || !hasOperands(Call, *Found)) return nullptr;
    return Call.getType()->isVoidTy() || Call.getType() == Call.getArgOperand(0)->getType() ? Found : nullptr;
}

// As the library's own: `__chk_fail` ends the program.
static void checkLimit(CallInst &Call, const Signature &S)
{
    if (S.Limit == None) return;
    IRBuilder<> B(&Call);
    Value *TooMuch = B.CreateICmpUGT(Call.getArgOperand(S.Count), Call.getArgOperand(S.Limit));
    if (auto *Known = dyn_cast<ConstantInt>(TooMuch); Known && Known->isZero()) return;
    FunctionCallee Fail = Call.getModule()->getOrInsertFunction("__chk_fail", B.getVoidTy());
    Instruction *AtEnd =
        SplitBlockAndInsertIfThen(TooMuch, &Call, /*Unreachable=*/true, MDBuilder(Call.getContext()).createUnlikelyBranchWeights());
    IRBuilder<> Failing(AtEnd);
    CallInst *Ending = Failing.CreateCall(Fail);
    Ending->setDoesNotReturn();
    Ending->setDoesNotThrow();
    Ending->addFnAttr(Attribute::get(Call.getContext(), LeafAttribute));
}

namespace
{

/// How many bytes, and what comes back.
struct Extent {
    Value *Bytes, *Result;
};

} // namespace

// memccpy copies up to a byte that it looks for, that one with it, and returns null where there is none.
static Extent extentTo(CallInst &Call, const Signature &S, IRBuilderBase &B)
{
    Value *From = Call.getArgOperand(S.From), *Most = Call.getArgOperand(S.Count);
    FunctionCallee Search = Call.getModule()->getOrInsertFunction("memchr", B.getPtrTy(), B.getPtrTy(), B.getInt32Ty(), B.getInt64Ty());
    CallInst *Found = B.CreateCall(Search, {From, Call.getArgOperand(S.Stop), Most});
    Found->setDoesNotThrow();
    Found->addFnAttr(Attribute::get(Call.getContext(), LeafAttribute));
    Value *Behind = B.CreateSub(B.CreatePtrToInt(Found, B.getInt64Ty()), B.CreatePtrToInt(From, B.getInt64Ty()));
    Value *IsMissing = B.CreateIsNull(Found), *Bytes = B.CreateSelect(IsMissing, Most, B.CreateAdd(Behind, B.getInt64(1)));
    return {Bytes, B.CreateSelect(IsMissing, Constant::getNullValue(B.getPtrTy()), B.CreatePtrAdd(Call.getArgOperand(S.To), Bytes))};
}

static Extent extentOf(CallInst &Call, const Signature &S, IRBuilderBase &B)
{
    if (S.Stop != None) return extentTo(Call, S, B);
    Value *To = Call.getArgOperand(S.To), *Count = Call.getArgOperand(S.Count);
    Value *Bytes = S.Unit == 1 ? Count : B.CreateMul(Count, B.getInt64(S.Unit));
    return {Bytes, S.Returns == End ? B.CreatePtrAdd(To, Bytes) : To};
}

static void spellOut(CallBase &Call, const Signature &S)
{
    auto *Invoke = dyn_cast<InvokeInst>(&Call);
    CallInst &Plain = Invoke ? *changeToCall(Invoke) : cast<CallInst>(Call);
    checkLimit(Plain, S);
    IRBuilder<> B(&Plain);
    Value *To = Plain.getArgOperand(S.To), *From = S.From == None ? nullptr : Plain.getArgOperand(S.From);
    Extent E = extentOf(Plain, S, B);
    if (S.What == Moves) B.CreateMemMove(To, MaybeAlign(), From, MaybeAlign(), E.Bytes);
    else if (S.What == Copies) B.CreateMemCpy(To, MaybeAlign(), From, MaybeAlign(), E.Bytes);
    else
        B.CreateMemSet(To, S.Value == None ? B.getInt8(0) : B.CreateTrunc(Plain.getArgOperand(S.Value), B.getInt8Ty()), E.Bytes,
                       MaybeAlign(), S.What == FillsForCertain);
    if (!Plain.getType()->isVoidTy()) Plain.replaceAllUsesWith(E.Result);
    Plain.eraseFromParent();
}

bool spellOutLibraryCopies(Function &F)
{
    SmallVector<std::pair<CallBase *, const Signature *>, 8> Calls;
    for (Instruction &I : instructions(F))
        if (auto *Call = dyn_cast<CallBase>(&I))
            if (const Signature *S = signatureOf(*Call)) Calls.push_back({Call, S});
    for (auto [Call, S] : Calls) spellOut(*Call, *S);
    return !Calls.empty();
}

} // namespace greywave
