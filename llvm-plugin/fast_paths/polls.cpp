// --polls: a loop that could run without ever reaching the collector asks, each time round, whether this thread is to stop,
// and so does a jump to another function (tail_calls.cpp), which may be a loop of several (docs/abi.md, the poll word).
// Inserted after the optimiser, so that a poll costs no optimisation, and before barriers, which must not be carried
// across it.
#include "fast_paths/fast_paths.h"
#include "facts/facts.h"
#include "facts/remarks.h"
#include "facts/safepoints.h"
#include "fast_paths/thread_state.h"
#include "greywave/abi.h"
#include "llvm/Analysis/CFG.h"
#include "llvm/Analysis/LoopInfo.h"
#include "llvm/Analysis/ScalarEvolution.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Transforms/Utils/BasicBlockUtils.h"

using namespace llvm;

namespace greywave
{

static cl::opt<bool> Polls("greywave-polls", cl::init(false), cl::desc("Loops ask whether their thread is to stop"));

// An innermost loop that is known to end sooner is over before anybody minds.
static constexpr unsigned ShortLoop = 1000;

static bool hasLoop(const Function &F)
{
    SmallVector<std::pair<const BasicBlock *, const BasicBlock *>, 8> Edges;
    FindFunctionBackedges(F, Edges);
    return !Edges.empty();
}

// A jump to another function turns in a circle as well as one back does, unless the function is known and jumps nowhere.
static CallInst *jumpOn(const BasicBlock &B)
{
    auto *Call = const_cast<CallInst *>(B.getTerminatingMustTailCall());
    const Function *Callee = Call ? Call->getCalledFunction() : nullptr;
    if (!Callee || !Callee->hasExactDefinition()) return Call;
    bool Ends = none_of(*Callee, [](const BasicBlock &Block) { return Block.getTerminatingMustTailCall(); });
    return Ends ? nullptr : Call;
}

bool mayGetPolls(const Function &F)
{
    return Polls && (hasLoop(F) || any_of(F, jumpOn));
}

// The slow path of allocation is where a thread stops that does not poll.
static bool allocates(const BasicBlock &B)
{
    return any_of(B, [](const Instruction &I) {
        auto *Call = dyn_cast<CallBase>(&I);
        const Function *Callee = Call ? Call->getCalledFunction() : nullptr;
        return Callee && (Callee->getName() == "gw_alloc" || Callee->getName() == "gw_alloc_array");
    });
}

static bool stopsAnyway(const Loop &L, const BasicBlock &Latch, const DominatorTree &Dominators)
{
    return any_of(L.blocks(), [&](const BasicBlock *B) { return allocates(*B) && Dominators.dominates(B, &Latch); });
}

static void insertPoll(Instruction *End)
{
    Module &M = *End->getModule();
    IRBuilder<> B(End);
    Value *Word = B.CreateAlignedLoad(B.getInt64Ty(), threadWord(M, offsetof(gw_thread, poll), B), Align(8),
                                      /*isVolatile=*/true, "poll");
    Instruction *Then =
        SplitBlockAndInsertIfThen(B.CreateIsNotNull(Word), End, false, MDBuilder(M.getContext()).createUnlikelyBranchWeights());
    IRBuilder<> Slow(Then);
    Slow.SetCurrentDebugLocation(End->getDebugLoc());
    Slow.CreateCall(M.getOrInsertFunction("gw_poll_slow", Slow.getVoidTy()));
}

void insertPolls(Function &F, FunctionAnalysisManager &FAM)
{
    if (F.isDeclaration() || !mayGetPolls(F) || F.hasFnAttribute(LeafAttribute)) return;
    auto &Loops = FAM.getResult<LoopAnalysis>(F);
    auto &Dominators = FAM.getResult<DominatorTreeAnalysis>(F);
    auto &Evolution = FAM.getResult<ScalarEvolutionAnalysis>(F);
    SmallVector<BasicBlock *, 8> Latches;
    for (Loop *L : Loops.getLoopsInPreorder()) {
        unsigned Most = L->isInnermost() ? Evolution.getSmallConstantMaxTripCount(L) : 0;
        if (Most && Most <= ShortLoop) continue;
        SmallVector<BasicBlock *, 4> Ends;
        L->getLoopLatches(Ends);
        for (BasicBlock *Latch : Ends)
            if (!stopsAnyway(*L, *Latch, Dominators) && !is_contained(Latches, Latch)) Latches.push_back(Latch);
    }
    SmallVector<Instruction *, 8> Places;
    for (BasicBlock *Latch : Latches) Places.push_back(Latch->getTerminator());
    for (BasicBlock &B : F)
        if (CallInst *Jump = jumpOn(B)) Places.push_back(Jump);
    for (Instruction *Place : Places) insertPoll(Place);
    FAM.invalidate(F, PreservedAnalyses::none());
}

} // namespace greywave
