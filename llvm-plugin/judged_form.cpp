// The form in which a program is judged. What a frontend writes differs by the level of optimisation and by options that
// have nothing to do with references: variables or values, memcpy or a wrapper of a header around a checked form of it.
// Whether a program is accepted may not depend on that, so the passes below run before anything is refused, always all of
// them and in this order, at -O0 as at -O3, and nothing is refused that shows only later.
#include "passes.h"
#include "llvm/Analysis/AssumptionCache.h"
#include "llvm/IR/PassManager.h"
#include "llvm/Transforms/IPO/AlwaysInliner.h"
#include "llvm/Transforms/Utils/PromoteMemToReg.h"

using namespace llvm;

namespace greywave
{

void promoteAllLocals(Function &F, FunctionAnalysisManager &FAM)
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

static void inlineWrappers(Module &M, ModuleAnalysisManager &MAM, FunctionAnalysisManager &FAM)
{
    for (Function &F : M) promoteParameters(F, FAM);
    PreservedAnalyses PA = AlwaysInlinerPass(/*InsertLifetime=*/true).run(M, MAM);
    MAM.invalidate(M, PA);
}

// Locals and plain addresses become values, so that it shows what leads into an object.
void revealReferences(Function &F, FunctionAnalysisManager &FAM)
{
    restoreAtomicReferences(F);
    promoteLocals(F, FAM);
    foldNativeViews(F, FAM);
    FAM.invalidate(F, PreservedAnalyses::none());
}

void bringToJudgedForm(Module &M, ModuleAnalysisManager &MAM)
{
    auto &FAM = MAM.getResult<FunctionAnalysisManagerModuleProxy>(M).getManager();
    inlineWrappers(M, MAM, FAM);
    markManagedFunctions(M);
    readLeafAnnotations(M);
    for (Function &F : M)
        if (isManaged(F)) revealReferences(F, FAM);
    for (Function &F : M) {
        if (!spellOutLibraryCopies(F)) continue;
        FAM.invalidate(F, PreservedAnalyses::none());
        if (isManaged(F)) revealReferences(F, FAM); // the new memory transfers show what their addresses lead into
    }
}

} // namespace greywave
