// --polls: a loop that could run without ever reaching the collector asks, each time round, whether this thread is to stop,
// and so does a jump to another function (tail_calls.cpp), which may be a loop of several (docs/abi.md, the poll word).
// Inserted after the optimiser, so that a poll costs no optimisation, and before barriers, which must not be carried
// across it. Where a function has plain addresses or numbers of addresses, gw.turn keeps each poll's place from the front on, and the
// optimiser from carrying an address over it.
//
// A reference that is copied in pieces is none before the last of them is written, so that no poll may stand among them: not in a loop that
// writes a piece each turn, nor between the turns of one that the optimiser has unrolled, whose kept places are the outer loop's then.
#include "fast_paths/fast_paths.h"
#include "facts/facts.h"
#include "facts/pass_options.h"
#include "facts/remarks.h"
#include "facts/safepoints.h"
#include "fast_paths/thread_state.h"
#include "greywave/abi.h"
#include "llvm/Analysis/CFG.h"
#include "llvm/Analysis/LoopInfo.h"
#include "llvm/Analysis/ScalarEvolution.h"
#include "llvm/Analysis/ScalarEvolutionExpressions.h"
#include "llvm/Transforms/Utils/BasicBlockUtils.h"

using namespace llvm;

namespace greywave
{

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

static bool mayRunLong(const Function &F)
{
    return hasLoop(F) || any_of(F, jumpOn);
}

bool mayGetPolls(const Function &F)
{
    return passOptions().Polls && mayRunLong(F);
}

bool lacksPolls(const Module &M)
{
    return !passOptions().Polls &&
           any_of(M, [](const Function &F) { return !F.isDeclaration() && !F.hasFnAttribute(LeafAttribute) && mayRunLong(F); });
}

// The slow path of allocation is where a thread stops that does not poll.
static bool allocates(const BasicBlock &B)
{
    return any_of(B, [](const Instruction &I) { return isCallOf(I, "gw_alloc") || isCallOf(I, "gw_alloc_array"); });
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

// ---- Places kept from the front on ----------------------------------------------------------------------------------

static constexpr char TurnName[] = "gw.turn";

static bool isTurn(const Instruction &I)
{
    return isCallOf(I, TurnName);
}

void keepPollPlaces(Function &F, FunctionAnalysisManager &FAM)
{
    if (!mayGetPolls(F)) return;
    Module &M = *F.getParent();
    FunctionCallee Turn = M.getOrInsertFunction(TurnName, Type::getVoidTy(F.getContext()));
    describeMarker(*cast<Function>(Turn.getCallee()), MemoryEffects::inaccessibleMemOnly());
    for (Loop *L : FAM.getResult<LoopAnalysis>(F).getLoopsInPreorder()) {
        SmallVector<BasicBlock *, 4> Ends;
        L->getLoopLatches(Ends);
        for (BasicBlock *Latch : Ends) IRBuilder<>(Latch->getTerminator()).CreateCall(Turn);
    }
}

static void forgetPollPlaces(Function &F)
{
    for (Instruction &I : make_early_inc_range(instructions(F)))
        if (isTurn(I)) I.eraseFromParent();
}

// ---- References in pieces -------------------------------------------------------------------------------------------

// Within one turn of the loop.
static bool leadsTo(const Instruction &From, const Instruction &To, const Loop &L)
{
    const BasicBlock *Start = From.getParent();
    if (Start == To.getParent() && From.comesBefore(&To)) return true;
    SmallSetVector<const BasicBlock *, 16> Reached;
    Reached.insert(succ_begin(Start), succ_end(Start));
    for (size_t N = 0; N < Reached.size(); N++) {
        if (Reached[N] == L.getHeader() || !L.contains(Reached[N])) continue;
        if (Reached[N] == To.getParent()) return true;
        Reached.insert(succ_begin(Reached[N]), succ_end(Reached[N]));
    }
    return false;
}

static bool standsBetweenPieces(const Instruction &Place, const Loop &L, SlotOfPiece slotOf)
{
    bool Before = false, After = false;
    for (const BasicBlock *B : L.blocks())
        for (const Instruction &I : *B) {
            if (!slotOf(I)) continue;
            Before |= leadsTo(I, Place, L);
            After |= leadsTo(Place, I, L);
        }
    return Before && After;
}

// Whether each turn writes the next piece. What cannot be told is taken for that, but in a loop inside, which writes all of them.
static bool movesByPieces(Value &Slot, const Loop &L, bool IsOwn, ScalarEvolution &Evolution)
{
    const SCEV *Address = Evolution.getSCEV(&Slot);
    if (Evolution.isLoopInvariant(Address, &L)) return false;
    bool Known = false, ByPieces = false;
    SCEVExprContains(Address, [&](const SCEV *Part) {
        auto *Recurrence = dyn_cast<SCEVAddRecExpr>(Part);
        if (!Recurrence || Recurrence->getLoop() != &L) return false;
        auto *Step = dyn_cast<SCEVConstant>(Recurrence->getStepRecurrence(Evolution));
        Known = true;
        ByPieces |= !Step || Step->getAPInt().getSExtValue() % 8;
        return false;
    });
    return Known ? ByPieces : IsOwn;
}

static bool writesPieceEachTurn(const Loop &L, const LoopInfo &Loops, ScalarEvolution &Evolution, SlotOfPiece slotOf)
{
    for (const BasicBlock *B : L.blocks())
        for (const Instruction &I : *B)
            if (Value *Slot = slotOf(I); Slot && movesByPieces(*Slot, L, Loops.getLoopFor(B) == &L, Evolution)) return true;
    return false;
}

// ---- Insertion ------------------------------------------------------------------------------------------------------

namespace
{

class PollPlaces
{
  public:
    PollPlaces(Function &F, FunctionAnalysisManager &FAM, NeedsAddress Needs, SlotOfPiece slotOf)
        : F(F), Loops(FAM.getResult<LoopAnalysis>(F)), Dominators(FAM.getResult<DominatorTreeAnalysis>(F)),
          Evolution(FAM.getResult<ScalarEvolutionAnalysis>(F)), Needs(Needs), slotOf(slotOf)
    {
    }
    SmallVector<Instruction *, 8> find();

  private:
    void addTurnsOf(Loop &L);

    Function &F;
    LoopInfo &Loops;
    DominatorTree &Dominators;
    ScalarEvolution &Evolution;
    NeedsAddress Needs;
    SlotOfPiece slotOf;
    SmallSetVector<Instruction *, 8> Places;
};

} // namespace

// A loop's own kept places; where it has none, the ends of its turns.
void PollPlaces::addTurnsOf(Loop &L)
{
    SmallVector<Instruction *, 4> Kept;
    SmallVector<BasicBlock *, 4> Ends;
    for (BasicBlock *B : L.blocks())
        for (Instruction &I : *B)
            if (isTurn(I) && Loops.getLoopFor(B) == &L) Kept.push_back(&I);
    bool HasKept = !Kept.empty();
    L.getLoopLatches(Ends);
    if (!HasKept)
        for (BasicBlock *Latch : Ends) Kept.push_back(Latch->getTerminator());
    for (Instruction *Place : Kept)
        if (!stopsAnyway(L, *Place->getParent(), Dominators) && !Needs(*Place, !HasKept) && !standsBetweenPieces(*Place, L, slotOf))
            Places.insert(Place);
}

SmallVector<Instruction *, 8> PollPlaces::find()
{
    for (Loop *L : Loops.getLoopsInPreorder()) {
        unsigned Most = L->isInnermost() ? Evolution.getSmallConstantMaxTripCount(L) : 0;
        if ((!Most || Most > ShortLoop) && !writesPieceEachTurn(*L, Loops, Evolution, slotOf)) addTurnsOf(*L);
    }
    for (BasicBlock &B : F)
        if (CallInst *Jump = jumpOn(B)) Places.insert(Jump);
    return Places.takeVector();
}

void insertPolls(Function &F, FunctionAnalysisManager &FAM, NeedsAddress Needs, SlotOfPiece slotOf)
{
    if (F.isDeclaration()) return;
    if (mayGetPolls(F) && !F.hasFnAttribute(LeafAttribute))
        for (Instruction *Place : PollPlaces(F, FAM, Needs, slotOf).find()) insertPoll(Place);
    forgetPollPlaces(F);
    FAM.invalidate(F, PreservedAnalyses::none());
}

} // namespace greywave
