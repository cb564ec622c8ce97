// greywave-prepare: the first pass of the pipeline. Makes every reference visible as a `ptr addrspace(1)` value or in
// a tracked slot, forbids the optimiser to look at references as integers, and refuses what cannot be made precise
// while lines are still exact.
#include "passes.h"
#include "reference_types.h"
#include "llvm/IR/PassManager.h"
#include "llvm/Support/CommandLine.h"

using namespace llvm;

namespace greywave {

static cl::opt<bool> ChecksStores("greywave-check", cl::Hidden, cl::init(false),
                                  cl::desc("check at run time that references are stored where the collector looks"));

// With a non-integral address space the optimiser may not turn a reload of a reference into a cast of an integer that
// it kept across a safepoint. clang compares layouts before code generation, so LowerPass takes this away again.
static void forbidIntegerViews(Module &M)
{
    std::string Layout = M.getDataLayoutStr();
    if (StringRef(Layout).contains("ni:1")) return;
    M.setDataLayout(Layout.empty() ? "ni:1" : Layout + "-ni:1");
}

// Inlining could bring a setjmp and a reference into one function after the check.
static void keepSetjmpApart(Function &F)
{
    if (!F.callsFunctionThatReturnsTwice()) return;
    for (Instruction &I : instructions(F))
        if (auto *Call = dyn_cast<CallBase>(&I)) Call->setIsNoInline();
}

static void checkFunction(Function &F, Refusals &Errors)
{
    checkStackSlots(F, Errors);
    checkCalledType(F, Errors);
    if (!holdsReferences(F)) return;
    checkPrecision(F, Errors);
    checkNativeViews(F, Errors);
    checkInteriorPointers(F, Errors);
}

PreservedAnalyses PreparePass::run(Module &M, ModuleAnalysisManager &MAM)
{
    if (isLowered(M)) return PreservedAnalyses::all();
    dropWish(M);
    bool HoldsReferences = moduleHoldsReferences(M);
    if (HoldsReferences || isForLinkTime(M)) markPrepared(M);
    if (!HoldsReferences) return PreservedAnalyses::none();
    auto &FAM = MAM.getResult<FunctionAnalysisManagerModuleProxy>(M).getManager();
    Refusals Errors(M);
    for (Function &F : M) warnOfHashedAddresses(F, Errors);
    forbidIntegerViews(M);
    bringToJudgedForm(M, MAM);
    deriveTypeLayouts(M, Errors);
    keepGlobalRoots(M);
    for (Function &F : M) copyStructArguments(F);
    // In every function: one that only copies a struct through plain pointers holds no reference until it is inlined.
    for (Function &F : M) protectCopies(F, Errors);
    if (ChecksStores) insertStoreChecks(M);
    markLeafCalls(M);
    for (Function &F : M) {
        if (!F.isDeclaration()) keepSetjmpApart(F);
        replaceSorting(F);
    }
    checkSignalHandlers(M, Errors);
    for (Function &F : M) {
        if (!isManaged(F)) continue;
        revealReferences(F, FAM); // the copies are loads and stores now
        hideAddresses(F);
        weighAllocations(F);
    }
    for (Function &F : M)
        if (!F.isDeclaration()) checkFunction(F, Errors);
    if (Errors.any()) markRefused(M);
    return PreservedAnalyses::none();
}

PreservedAnalyses ResumePass::run(Module &M, ModuleAnalysisManager &)
{
    if (!isLowered(M) && moduleHoldsReferences(M)) forbidIntegerViews(M);
    return PreservedAnalyses::all();
}

} // namespace greywave
