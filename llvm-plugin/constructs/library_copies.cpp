// memcpy and its kin as calls: under -fno-builtin, and with -D_FORTIFY_SOURCE, which asks for the checked forms. They are
// what llvm.memcpy is to the rest of the plug-in, so where references may be copied they become it. A checked form whose
// limit is not yet known keeps its check, which the optimiser folds where it can.
#include "constructs/library_copies.h"
#include "facts/safepoints.h"
#include "llvm/Transforms/Utils/BasicBlockUtils.h"
#include "llvm/Transforms/Utils/Local.h"

using namespace llvm;

namespace greywave
{

namespace
{

enum Result { Destination, End };

struct Signature {
    const char *Name;
    unsigned To, From;
    unsigned Unit;
    bool MayOverlap, IsChecked;
    Result Returns;
};

} // namespace

static constexpr Signature Signatures[] = {
    {"memcpy", 0, 1, 1, false, false, Destination},
    {"memmove", 0, 1, 1, true, false, Destination},
    {"mempcpy", 0, 1, 1, false, false, End},
    {"__mempcpy", 0, 1, 1, false, false, End},
    {"bcopy", 1, 0, 1, true, false, Destination},
    {"wmemcpy", 0, 1, 4, false, false, Destination},
    {"wmemmove", 0, 1, 4, true, false, Destination},
    {"wmempcpy", 0, 1, 4, false, false, End},
    {"__memcpy_chk", 0, 1, 1, false, true, Destination},
    {"__memmove_chk", 0, 1, 1, true, true, Destination},
    {"__mempcpy_chk", 0, 1, 1, false, true, End},
    {"__wmemcpy_chk", 0, 1, 4, false, true, Destination},
    {"__wmemmove_chk", 0, 1, 4, true, true, Destination},
    {"__wmempcpy_chk", 0, 1, 4, false, true, End},
};

static const Signature *signatureOf(StringRef Name)
{
    const Signature *Found = find_if(Signatures, [&](const Signature &S) { return Name == S.Name; });
    return Found == std::end(Signatures) ? nullptr : Found;
}

// A program may have a function of its own by such a name, with other parameters or a body to look into.
std::optional<LibraryCopy> libraryCopyOf(const CallBase &Call)
{
    const Function *Callee = Call.getCalledFunction();
    const Signature *S = Callee && Callee->isDeclaration() ? signatureOf(Callee->getName()) : nullptr;
    if (!S || Call.isMustTailCall() || Call.arg_size() != (S->IsChecked ? 4u : 3u)) return std::nullopt;
    for (unsigned I = 0; I < Call.arg_size(); I++) {
        Type *T = Call.getArgOperand(I)->getType();
        if (I < 2 ? !T->isPointerTy() : !T->isIntegerTy(64)) return std::nullopt;
    }
    if (!Call.getType()->isVoidTy() && Call.getType() != Call.getArgOperand(0)->getType()) return std::nullopt;
    return LibraryCopy{Call.getArgOperand(S->To),
                       Call.getArgOperand(S->From),
                       Call.getArgOperand(2),
                       S->Unit,
                       S->MayOverlap,
                       S->Returns == End,
                       S->IsChecked ? Call.getArgOperand(3) : nullptr};
}

// As the library's own: `__chk_fail` ends the program.
static void checkLimit(CallInst &Call, const LibraryCopy &Copy)
{
    if (!Copy.Limit) return;
    IRBuilder<> B(&Call);
    Value *Limit = Copy.Unit == 1 ? Copy.Limit : B.CreateUDiv(Copy.Limit, B.getInt64(Copy.Unit));
    Value *TooMuch = B.CreateICmpUGT(Copy.Count, Limit);
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

void makeIntrinsic(CallBase &Call, const LibraryCopy &Copy)
{
    auto *Invoke = dyn_cast<InvokeInst>(&Call);
    CallInst &Plain = Invoke ? *changeToCall(Invoke) : cast<CallInst>(Call);
    checkLimit(Plain, Copy);
    IRBuilder<> B(&Plain);
    Value *Bytes = Copy.Unit == 1 ? Copy.Count : B.CreateMul(Copy.Count, B.getInt64(Copy.Unit));
    if (Copy.MayOverlap) B.CreateMemMove(Copy.To, MaybeAlign(), Copy.From, MaybeAlign(), Bytes);
    else B.CreateMemCpy(Copy.To, MaybeAlign(), Copy.From, MaybeAlign(), Bytes);
    if (!Plain.getType()->isVoidTy()) Plain.replaceAllUsesWith(Copy.ReturnsEnd ? B.CreatePtrAdd(Copy.To, Bytes) : Copy.To);
    Plain.eraseFromParent();
}

} // namespace greywave
