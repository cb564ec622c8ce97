// greywave-prepare: the first pass of the pipeline. Makes every reference visible as a `ptr addrspace(1)` value or in
// a tracked slot, forbids the optimiser to look at references as integers, and refuses what cannot be made precise
// while lines are still exact.
#include "array_lengths.h"
#include "known_constructs.h"
#include "passes.h"
#include "reference_types.h"
#include "store_checks.h"
#include "llvm/IR/PassManager.h"

using namespace llvm;

namespace greywave {

static void checkFunction(Function &F, const NativeMemory &Native, Refusals &Errors)
{
    checkStackSlots(F, Stage::Written, Errors);
    checkCalledType(F, Errors);
    if (!isManaged(F) && !holdsReferences(F)) return;
    checkPrecision(F, Errors);
    checkNativeStores(F, Native, Errors);
    checkNativeViews(F, Errors);
    checkInteriorPointers(F, Errors);
}

static void prepareModule(Module &M, ModuleAnalysisManager &MAM, Refusals &Errors)
{
    auto &FAM = MAM.getResult<FunctionAnalysisManagerModuleProxy>(M).getManager();
    checkTarget(M, Errors);
    checkGlobalSpaces(M, Errors);
    forbidIntegerViews(M);
    markReturningTwice(M);
    for (Function &F : M) {
        dropHints(F);
        warnOfHashedAddresses(F, Errors);
    }
    checkArrayLengths(M, Errors);
    bringToJudgedForm(M, MAM);
    deriveTypeLayouts(M, Errors);
    keepGlobalRoots(M);
    for (Function &F : M) copyStructArguments(F);
    // In every function: one that only copies a struct through plain pointers holds no reference until it is inlined.
    for (Function &F : M) protectCopies(F, Errors);
    leaveUnchecked(M);
    insertCopyChecks(M);
    markLeafCalls(M);
    for (Function &F : M) {
        if (!F.isDeclaration() && !isManaged(F)) keepRefusedApart(F);
        replaceSorting(F);
    }
    checkSignalHandlers(M, Errors);
    checkStackSwitches(M, Errors);
    for (Function &F : M) {
        if (!isManaged(F)) continue;
        revealReferences(F, FAM); // the copies are loads and stores now
        if (hasRawWrites(F)) promoteAllLocals(F, FAM);
        hideAddresses(F);
        weighAllocations(F);
    }
    NativeMemory Native;
    for (Function &F : M)
        if (!F.isDeclaration()) checkFunction(F, Native, Errors);
    for (Function &F : M)
        if (isManaged(F)) protectRawWrites(F, Errors);
}

PreservedAnalyses PreparePass::run(Module &M, ModuleAnalysisManager &MAM)
{
    if (isLowered(M)) return PreservedAnalyses::all();
    dropWish(M);
    bool HoldsReferences = moduleHoldsReferences(M);
    if (HoldsReferences || isForLinkTime(M)) markPrepared(M);
    Refusals Errors(M);
    if (HoldsReferences) prepareModule(M, MAM, Errors);
    else deriveTypeLayouts(M, Errors); // of types that others allocate objects of
    if (Errors.any()) markRefused(M);
    else shareTypes(M);
    return PreservedAnalyses::none();
}

PreservedAnalyses ResumePass::run(Module &M, ModuleAnalysisManager &)
{
    if (!isLowered(M) && moduleHoldsReferences(M)) forbidIntegerViews(M);
    return PreservedAnalyses::all();
}

} // namespace greywave
