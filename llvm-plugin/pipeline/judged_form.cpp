// Steps towards the form in which a program is judged; prepare.cpp has the list of all.
#include "pipeline/passes.h"
#include "constructs/constructs.h"
#include "constructs/library_copies.h"
#include "facts/facts.h"
#include "llvm/Analysis/AssumptionCache.h"
#include "llvm/IR/PassManager.h"
#include "llvm/Transforms/IPO/AlwaysInliner.h"
#include "llvm/Transforms/Utils/PromoteMemToReg.h"

using namespace llvm;

namespace greywave
{

static void promoteAllLocals(Function &F, FunctionAnalysisManager &FAM)
{
    std::vector<AllocaInst *> Promotable;
    for (Instruction &I : F.getEntryBlock())
        if (auto *Slot = dyn_cast<AllocaInst>(&I); Slot && isAllocaPromotable(Slot)) Promotable.push_back(Slot);
    if (Promotable.empty()) return;
    PromoteMemToReg(Promotable, FAM.getResult<DominatorTreeAnalysis>(F), &FAM.getResult<AssumptionAnalysis>(F));
    FAM.invalidate(F, PreservedAnalyses::none());
}

// What is inlined always is part of its caller as the program means it: the wrappers that -D_FORTIFY_SOURCE puts around
// memcpy. Their parameters become values first, so that the caller's constants and addresses show in the body.
static void promoteParameters(Function &F, FunctionAnalysisManager &FAM)
{
    if (!F.isDeclaration() && F.hasFnAttribute(Attribute::AlwaysInline)) promoteAllLocals(F, FAM);
}

void inlineWrappers(Module &M, ModuleAnalysisManager &MAM)
{
    auto &FAM = MAM.getResult<FunctionAnalysisManagerModuleProxy>(M).getManager();
    for (Function &F : M) promoteParameters(F, FAM);
    PreservedAnalyses PA = AlwaysInlinerPass(/*InsertLifetime=*/true).run(M, MAM);
    MAM.invalidate(M, PA);
}

// clang 19 casts the address of a struct in an object as if it were another type, not another space, where it calls the library for an
// atomic access.
void castBetweenSpaces(Function &F)
{
    for (Instruction &I : make_early_inc_range(instructions(F))) {
        auto *Cast = dyn_cast<BitCastInst>(&I);
        if (!Cast || !Cast->getType()->isPointerTy() || Cast->getSrcTy() == Cast->getType()) continue;
        Cast->replaceAllUsesWith(IRBuilder<>(Cast).CreateAddrSpaceCast(Cast->getOperand(0), Cast->getType()));
        Cast->eraseFromParent();
    }
}

// Locals and plain addresses become values, so that it shows what leads into an object.
void revealReferences(Function &F, FunctionAnalysisManager &FAM)
{
    restoreAtomicReferences(F);
    promoteLocals(F, FAM);
    foldNativeViews(F, FAM);
    FAM.invalidate(F, PreservedAnalyses::none());
}

void spellOutLibraryCopies(Function &F, FunctionAnalysisManager &FAM)
{
    if (!spellOutLibraryCopies(F)) return;
    FAM.invalidate(F, PreservedAnalyses::none());
    if (isManaged(F)) revealReferences(F, FAM); // the new transfers and fills show what their addresses lead into
}

// Through variables of numbers it would not show where a number comes from.
void promoteRawWrites(Function &F, FunctionAnalysisManager &FAM)
{
    if ((isManaged(F) && hasRawWrites(F)) || movesWords(F)) promoteAllLocals(F, FAM);
}

} // namespace greywave
