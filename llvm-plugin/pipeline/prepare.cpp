// greywave-prepare: the first pass of the pipeline. Makes every reference visible as a `ptr addrspace(1)` value or in
// a tracked slot, forbids the optimiser to look at references as integers, and refuses what cannot be made precise
// while lines are still exact.
#include "pipeline/passes.h"
#include "constructs/array_lengths.h"
#include "constructs/blocks.h"
#include "constructs/constant_references.h"
#include "constructs/constructs.h"
#include "constructs/number_fields.h"
#include "constructs/store_checks.h"
#include "facts/diagnose.h"
#include "facts/facts.h"
#include "facts/reference_types.h"
#include "fast_paths/fast_paths.h"
#include "known/known_constructs.h"
#include "maps/maps.h"
#include "types/declared_unions.h"
#include "types/types.h"
#include "llvm/IR/PassManager.h"

using namespace llvm;

namespace greywave
{

static void inEach(Module &M, function_ref<void(Function &)> Step)
{
    for (Function &F : M)
        if (!F.isDeclaration()) Step(F);
}

static void inEachManaged(Module &M, function_ref<void(Function &)> Step)
{
    inEach(M, [&](Function &F) {
        if (isManaged(F)) Step(F);
    });
}

static void checkFunction(Function &F, const NativeMemory &Native, PlacesBehind &Places, Refusals &Errors)
{
    checkStackSlots(F, Places, Errors);
    checkStaleNumbers(F, Places, Errors);
    checkCalledType(F, Errors);
    checkBlocks(F, Places, Errors);
    if (!isManaged(F) && !holdsReferences(F)) return;
    checkPrecision(F, Errors);
    checkNativeMemory(F, Native, Errors);
    checkNativeViews(F, Errors);
    checkInteriorPointers(F, Errors);
}

// It runs where another module defines it; here it could only be inlined.
static void dropBodies(const Refusals &Errors)
{
    for (Function *F : Errors.elsewhere()) {
        F->deleteBody();
        F->clearGC();
    }
}

namespace
{

// All that decides whether a program is accepted, and with which words. What a frontend writes differs by the level of
// optimisation and by options that have nothing to do with references: variables or values, memcpy or a wrapper of a header around a
// checked form of it. So a module is judged in one form, to which these steps bring it: always all of them, in this order, at -O0 as
// at -O3. Nothing refuses a program after the last of them.
class Judgement
{
  public:
    Judgement(Module &M, ModuleAnalysisManager &MAM, Refusals &Errors)
        : M(M), MAM(MAM), FAM(MAM.getResult<FunctionAnalysisManagerModuleProxy>(M).getManager()), Errors(Errors)
    {
    }
    void run();

  private:
    void asWritten();
    void asValues();
    void withCopies();
    void withSafepoints();
    void hidden();
    void checkAll();

    Module &M;
    ModuleAnalysisManager &MAM;
    FunctionAnalysisManager &FAM;
    Refusals &Errors;
    ObjectStructs Structs;
};

} // namespace

void Judgement::run()
{
    asWritten();
    asValues();
    withCopies();
    withSafepoints();
    hidden();
    checkAll();
    dropBodies(Errors);
}

// As the frontend wrote it.
void Judgement::asWritten()
{
    checkTarget(M, Errors);
    readDeclaredUnions(M, Errors);
    checkGlobalSpaces(M, Errors);
    checkConstants(M, Errors);
    forbidIntegerViews(M);
    markReturningTwice(M);
    inEach(M, gatherVariables);
    inEach(M, castBetweenSpaces);
    inEach(M, showPassedStructs);
    inEach(M, dropHints);
    inEach(M, [&](Function &F) { warnOfHashedAddresses(F, Errors); });
    Structs = findObjectStructs(M);
}

// Variables and wrappers are values and calls.
void Judgement::asValues()
{
    inlineWrappers(M, MAM);
    markManagedFunctions(M);
    readAnnotations(M);
    inEachManaged(M, [&](Function &F) { revealReferences(F, FAM); });
    inEach(M, [&](Function &F) { spellOutLibraryCopies(F, FAM); });
    checkArrayLengths(M, Errors);
}

// Copies show what they carry. In every function: one that only copies a struct through plain pointers holds no reference until it is
// inlined.
void Judgement::withCopies()
{
    deriveTypeLayouts(M, Errors); // and the variables that show them are gone
    trackStaticObjects(M);
    checkGlobalLayouts(M, Errors);
    keepGlobalRoots(M);
    inEach(M, copyStructArguments);
    PlacesBehind Copied(M.getDataLayout());
    inEach(M, [&](Function &F) { protectCopies(F, Copied, Errors); });
}

// It is known what may collect, and what may not be inlined.
void Judgement::withSafepoints()
{
    goOutsideForBlockingCalls(M);
    markLeafCalls(M);
    leaveUnchecked(M);
    insertCopyChecks(M, Errors);
    inEach(M, keepRefusedApart);
    replaceSorting(M);
    checkSignalHandlers(M, Errors);
    checkStackSwitches(M, Errors);
}

// The copies are loads and stores now; addresses are hidden from the optimiser.
void Judgement::hidden()
{
    inEachManaged(M, [&](Function &F) { revealReferences(F, FAM); });
    inEach(M, [&](Function &F) { promoteRawWrites(F, FAM); });
    inEachManaged(M, hideAddresses);
    inEachManaged(M, weighAllocations);
}

void Judgement::checkAll()
{
    NativeMemory Native;
    PlacesBehind Places(M.getDataLayout());
    inEach(M, [&](Function &F) { checkFunction(F, Native, Places, Errors); });
    if (makesPointers(M)) inEach(M, [&](Function &F) { checkMadePointers(F, Places, Errors); });
    inEachManaged(M, [&](Function &F) { checkNumberFields(F, Structs, Errors); });
    inEachManaged(M, [&](Function &F) { protectRawWrites(F, Places, Errors); });
    inEach(M, [&](Function &F) { keepReadsInPlace(F, Places); });
    inEachManaged(M, announceNativeWrites);
    inEach(M, [&](Function &F) { hideHandedViews(F, Places); });
    inEachManaged(M, [&](Function &F) {
        if (hidesAddresses(F)) keepPollPlaces(F, FAM);
    });
}

PreservedAnalyses PreparePass::run(Module &M, ModuleAnalysisManager &MAM)
{
    if (isLowered(M)) return PreservedAnalyses::all();
    dropWish(M);
    bool HoldsReferences = moduleHoldsReferences(M);
    if (HoldsReferences || isForLinkTime(M)) markPrepared(M);
    Refusals Errors(M);
    if (HoldsReferences) {
        Judgement(M, MAM, Errors).run();
    } else {
        deriveTypeLayouts(M, Errors); // of types that others allocate objects of
        trackStaticObjects(M);
    }
    if (Errors.any()) {
        markRefused(M);
    } else {
        shareTypes(M);
        keepImportedTypes(M);
    }
    return PreservedAnalyses::none();
}

PreservedAnalyses ResumePass::run(Module &M, ModuleAnalysisManager &)
{
    if (isLowered(M) || !moduleHoldsReferences(M)) return PreservedAnalyses::all();
    forbidIntegerViews(M);
    inEach(M, keepRefusedApart); // of files that held no references, or were compiled without the plug-in
    return PreservedAnalyses::all();
}

} // namespace greywave
