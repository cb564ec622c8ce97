// greywave: the last pass of the pipeline. Inserts barriers and inline allocation, rewrites to statepoints, and emits
// the records that the runtime finds roots by. Nothing may move references after it.
#include "pipeline/passes.h"
#include "barriers/barriers.h"
#include "constructs/constructs.h"
#include "constructs/mixed_addresses.h"
#include "constructs/store_checks.h"
#include "facts/diagnose.h"
#include "facts/facts.h"
#include "facts/reference_types.h"
#include "facts/safepoints.h"
#include "fast_paths/fast_paths.h"
#include "known/known_constructs.h"
#include "machines/machines.h"
#include "maps/maps.h"
#include "shadow/shadow.h"
#include "types/types.h"
#include "llvm/Analysis/TargetLibraryInfo.h"
#include "llvm/IR/PassManager.h"
#include "llvm/IR/SafepointIRVerifier.h"
#include "llvm/IR/Verifier.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Transforms/Scalar/DCE.h"
#include "llvm/Transforms/Scalar/RewriteStatepointsForGC.h"
#include "llvm/Transforms/Utils/BasicBlockUtils.h"

using namespace llvm;

namespace greywave
{

static cl::opt<bool> VerifySafepoints("greywave-verify-safepoints", cl::Hidden, cl::init(false),
                                      cl::desc("check that no stale reference is used after a safepoint"));

namespace
{

/// Analyses of our own, apart from the host's pipeline: no library function is known to them, so that
/// RewriteStatepointsForGC takes nobody's word but leaf_calls.cpp for what does not collect.
struct OwnAnalyses {
    LoopAnalysisManager Loops;
    FunctionAnalysisManager Functions;
    CGSCCAnalysisManager Components;
    ModuleAnalysisManager Modules;

    explicit OwnAnalyses(Module &M)
    {
        TargetLibraryInfoImpl NoLibrary((Triple(M.getTargetTriple())));
        NoLibrary.disableAllFunctions();
        Functions.registerPass([&] { return TargetLibraryAnalysis(NoLibrary); });
        PassBuilder Builder;
        Builder.registerModuleAnalyses(Modules);
        Builder.registerCGSCCAnalyses(Components);
        Builder.registerFunctionAnalyses(Functions);
        Builder.registerLoopAnalyses(Loops);
        Builder.crossRegisterProxies(Loops, Functions, Components, Modules);
    }
};

} // namespace

static void simplifyFunction(Function &F, FunctionAnalysisManager &FAM)
{
    gatherVariables(F);
    separateInvokeEdges(F);
    foldNativeViews(F, FAM);
    splitMixedAddresses(F);
    showHandedViews(F);
    splitComposites(F, FAM);
    announceLateWrites(F);
    FAM.invalidate(F, PreservedAnalyses::none());
}

// The program has been accepted. What the optimiser may have uncovered has been mended; if that left anything for which maps cannot
// be made, the fault is ours, and an error is better than wrong code.
static void recheck(Function &F, Refusals &Ours)
{
    checkPrecision(F, Ours);
    checkVariables(F, Ours);
    recheckNativeViews(F, Ours);
    checkInteriorPointers(F, Ours);
}

// RewriteStatepointsForGC goes through the rest of the block for each safepoint, and code generation takes longer for one large block than
// for its parts.
static void splitLongBlocks(Function &F)
{
    constexpr unsigned MostSafepoints = 64;
    SmallVector<Instruction *, 16> Places;
    for (BasicBlock &Block : F) {
        unsigned Safepoints = 0;
        for (Instruction &I : Block)
            if (isSafepoint(I) && ++Safepoints % MostSafepoints == 0 && !I.isTerminator()) Places.push_back(&I);
    }
    for (Instruction *Place : reverse(Places)) SplitBlock(Place->getParent(), Place);
}

static void lowerFunction(Function &F, bool HasRoots, const FunctionSet &Shallow)
{
    lowerAddresses(F);
    lowerPassedStructs(F);
    defineReferences(F);
    freezeExtractedCallees(F);
    foldAllocations(F);
    insertBarriers(F);
    if (isChecked(F)) insertStoreChecks(F);
    lowerAtomicExchanges(F);
    inlineAllocation(F);
    answerObjectQuestions(F);
    lowerImmediateWords(F);
    if (!HasRoots) return F.clearGC();
    keepAcrossSecondReturns(F);
    insertThunks(F);
    FrameWords Kept = keepInFrame(F);
    reportStackSlots(F, Shallow, Kept);
    dropInferredAttributes(F);
    if (isChecked(F)) markVariables(F);
    releaseTailCalls(F);
    splitLongBlocks(F);
    if (const char *Wanted = machineOf(*F.getParent()).Attribute) F.addFnAttr(Wanted);
}

static void rewriteStatepoints(Module &M)
{
    OwnAnalyses Own(M);
    ModulePassManager Passes;
    Passes.addPass(RewriteStatepointsForGC());
    Passes.addPass(createModuleToFunctionPassAdaptor(DCEPass()));
    if (VerifySafepoints) Passes.addPass(createModuleToFunctionPassAdaptor(SafepointIRVerifierPass()));
    Passes.run(M, Own.Modules);
}

static void placeRootsOf(Module &M)
{
    OwnAnalyses Own(M);
    placeRoots(M, Own.Functions);
}

static void lowerToShadowStacks(Module &M)
{
    OwnAnalyses Own(M);
    for (Function &F : M) {
        if (isManaged(F)) lowerToShadowStack(F, Own.Functions);
        else restoreAtLandingPads(F);
        restoreAfterJumps(F);
    }
}

static bool verifies(const Module &M, Refusals &Ours)
{
    std::string Complaints;
    raw_string_ostream Text(Complaints);
    if (!verifyModule(M, &Text)) return true;
    Ours.module("the module no longer verifies: " + Complaints);
    return false;
}

static void lowerModule(Module &M, Refusals &Ours)
{
    bool LacksPolls = lacksPolls(M);
    markManagedFunctions(M);
    for (Function &F : M)
        if (isManaged(F)) makeTailCalls(F);
    {
        OwnAnalyses Own(M);
        for (Function &F : M) insertPolls(F, Own.Functions, needsAddressAfter, slotOfPiece);
    }
    markLeafCalls(M);
    {
        OwnAnalyses Own(M);
        for (Function &F : M) {
            if (isManaged(F)) simplifyFunction(F, Own.Functions);
            else showHandedViews(F);
        }
    }
    for (Function &F : M)
        if (isManaged(F)) recheck(F, Ours);
    checkGlobalLayouts(M, Ours);
    if (Ours.any()) return;
    bool HasRoots = rootFinder() != RootFinder::None;
    FunctionSet Shallow = findShallowFunctions(M);
    for (Function &F : M)
        if (isManaged(F)) lowerFunction(F, HasRoots, Shallow);
    for (Function &F : M) {
        lowerCopies(F);
        lowerRawWrites(F);
        if (isChecked(F)) forgetMarksOfUnwound(F);
    }
    if (!HasRoots) return forbidCollection(M);
    if (!verifies(M, Ours)) return; // statepoints would make undefined values of what does not dominate its uses
    rewriteStatepoints(M);
    for (Function &F : M) endDebugValues(F);
    if (rootFinder() == RootFinder::Statepoint) placeRootsOf(M);
    if (rootFinder() == RootFinder::Shadow) lowerToShadowStacks(M);
    emitGlobalRecords(M);
    emitModuleRecord(M, LacksPolls);
}

// Nothing in the module holds references any more, or only a type that nobody uses did; what was hidden for them is still there.
static void lowerWhatIsLeft(Module &M)
{
    for (Function &F : M) {
        showHandedViews(F);
        lowerAddresses(F);
        lowerPassedStructs(F);
        lowerCopies(F);
        lowerRawWrites(F);
    }
}

static void finish(Module &M, bool HoldsReferences, Refusals &Ours)
{
    dropImportedTypes(M);
    useLinkNames(M);
    describeNativeFunctions(M);
    if (!HoldsReferences) return;
    markLowered(M);
    verifies(M, Ours);
}

PreservedAnalyses LowerPass::run(Module &M, ModuleAnalysisManager &)
{
    if (isLowered(M)) { // by a run whose code generation may have had other options
        placeRootsOf(M);
        return PreservedAnalyses::all();
    }
    allowIntegerViews(M);
    if (isForLinkTime(M) && endCompileStage(M)) return PreservedAnalyses::all();
    if (isRefused(M)) return PreservedAnalyses::all();
    restoreImportedTypes(M);
    Refusals Errors(M), Ours(M, Refusals::Blame::Greywave);
    bool HoldsReferences = moduleHoldsReferences(M);
    if (HoldsReferences) checkPrepared(M, Errors);
    else lowerWhatIsLeft(M);
    if (HoldsReferences && !Errors.any()) lowerModule(M, Ours);
    if (!Errors.any() && !Ours.any()) finish(M, HoldsReferences, Ours);
    if (Errors.any() || Ours.any()) markRefused(M);
    return PreservedAnalyses::none();
}

} // namespace greywave
