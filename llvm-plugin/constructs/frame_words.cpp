// References in words of the frame.
//
// A statepoint has every reference that lives across it as an operand, and gives each back as a value of its own. That does not do in
// two cases. RewriteStatepointsForGC hands such values to an unwind edge only through a landing pad of type token, which has no room for
// the exception itself. And code generation takes more than quadratic time for a function that holds many references across many calls.
//
// What is kept here is stored behind its definition, once, and loaded where it is used, at most once between two safepoints of a block.
// Each safepoint lists the words that hold something needed behind it, as a mask, so that nothing is cleared and nothing is kept alive
// for longer than in a statepoint's operands. Words are shared by what is never live at the same time. Pointers into objects
// are kept as their object and a distance.
#include "constructs/frame_words.h"
#include "facts/base_pointers.h"
#include "facts/facts.h"
#include "facts/live_references.h"
#include "facts/reference_types.h"
#include "facts/safepoints.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/Support/CommandLine.h"
#include <queue>
#include <set>

using namespace llvm;

namespace greywave
{

// docs/decisions/0127-references-in-words-of-the-frame.md
static cl::opt<uint64_t> MostOperands("greywave-most-operands", cl::Hidden, cl::init(1000),
                                      cl::desc("so many references may be listed by all statepoints of a function together"));

// ---- What is kept ---------------------------------------------------------------------------------------------------

static void addWhatLivesAcrossInvokes(Function &F, const LiveReferences &Live, ValueSet &Chosen)
{
    for (BasicBlock &B : F) {
        auto *Invoke = dyn_cast<InvokeInst>(B.getTerminator());
        if (!Invoke || !isSafepoint(*Invoke)) continue;
        for (Value *V : Live.atEnd(B))
            if (V != Invoke) Chosen.insert(V);
    }
}

// Without optimisation what a statepoint gives back takes a word of the frame for each of them. The shadow stack lists the words whole, so
// that what is dead stays alive until the function returns: there they are for what could not be compiled otherwise.
static uint64_t mostOperands(const Function &F)
{
    if (rootFinder() == RootFinder::Shadow) return 100 * MostOperands;
    return F.hasOptNone() ? 0 : MostOperands;
}

// All or none: frame and code of a function that has both are larger than of one that has words alone.
static void addWhatSafepointsList(const Function &F, const LiveReferences &Live, ValueSet &Chosen)
{
    BitVector Listed(unsigned(Live.values().size()));
    uint64_t Total = 0;
    Live.eachSafepoint([&](CallBase &, const BitVector &Behind) {
        Listed |= Behind;
        Total += Behind.count();
    });
    if (Total <= mostOperands(F)) return;
    for (unsigned N : Listed.set_bits()) Chosen.insert(Live.values()[N]);
}

// Without looking at what is live: most functions end here.
static bool mayNeedWords(const Function &F)
{
    uint64_t Safepoints = 0, References = F.arg_size();
    for (const Instruction &I : instructions(F)) {
        if (isa<InvokeInst>(I)) return true;
        Safepoints += isSafepoint(I);
        References += isReference(I.getType());
    }
    return Safepoints * References > mostOperands(F);
}

// ---- Pointers into objects ------------------------------------------------------------------------------------------

static BasicBlock::iterator behindDefinition(Value &V, Function &F)
{
    auto *I = dyn_cast<Instruction>(&V);
    return I ? *I->getInsertionPointAfterDef() : F.getEntryBlock().getFirstNonPHIOrDbgOrAlloca();
}

// At V's definition both are up to date.
static Value *distanceBehind(Value &Object, Value &V, Function &F)
{
    const DataLayout &DL = F.getParent()->getDataLayout();
    APInt Constant(DL.getIndexTypeSizeInBits(V.getType()), 0);
    BasicBlock::iterator Where = behindDefinition(V, F);
    IRBuilder<> B(Where->getParent(), Where);
    bool IsConstant = V.stripAndAccumulateConstantOffsets(DL, Constant, /*AllowNonInbounds=*/true) == &Object;
    return IsConstant ? B.getInt(Constant) : distanceFrom(Object, V, B);
}

static void keepAsDistance(Value &V, Value &Object, Function &F)
{
    SmallVector<Use *, 8> Uses;
    for (Use &U : V.uses()) Uses.push_back(&U);
    Value *Distance = distanceBehind(Object, V, F); // which uses V as well
    // One edge may be listed twice in a phi, and both entries must stay equal.
    DenseMap<std::pair<const User *, const BasicBlock *>, Value *> OnEdge;
    for (Use *U : Uses) {
        Instruction *Place = placeOfUse(*U);
        Value *Known = nullptr;
        Value *&Same = isa<PHINode>(U->getUser()) ? OnEdge[{U->getUser(), Place->getParent()}] : Known;
        if (!Same) Same = IRBuilder<>(Place).CreateGEP(Type::getInt8Ty(F.getContext()), &Object, Distance);
        U->set(Same);
    }
}

// Gives the objects, of which those that never move need no word.
static ValueSet keepObjects(Function &F, const ValueSet &Chosen)
{
    BasePointers Bases;
    MapVector<Value *, WeakTrackingVH> ObjectOf;
    for (Value *V : Chosen) ObjectOf[V] = Bases.baseOf(V);
    Bases.simplify();
    ValueSet Objects;
    for (auto &[V, Object] : ObjectOf) {
        if (Object != V) keepAsDistance(*V, *Object, F);
        if (!isa<Constant>(Object)) Objects.insert(Object);
    }
    return Objects;
}

// ---- Which word -----------------------------------------------------------------------------------------------------

namespace
{

/// From the first place where a value is live, in the order of the code, to the last.
struct Extent {
    uint64_t First = UINT64_MAX, Last = 0;
    void include(uint64_t Place)
    {
        First = std::min(First, Place);
        Last = std::max(Last, Place);
    }
};

class Extents
{
  public:
    explicit Extents(Function &F, const LiveReferences &Live) : Live(Live), Of(Live.values().size())
    {
        for (Argument &A : F.args()) include(A);
        for (BasicBlock &B : F) addBlock(B);
    }
    const Extent &operator[](unsigned N) const { return Of[N]; }

  private:
    void addBlock(BasicBlock &B)
    {
        for (unsigned N : Live.startOf(B)) Of[N].include(Place);
        for (Instruction &I : B) {
            Place++;
            include(I);
            if (isa<PHINode>(I)) continue;
            for (Value *Operand : I.operands()) include(*Operand);
        }
        Live.eachAtEnd(B, [&](unsigned N) { Of[N].include(Place); });
    }
    void include(const Value &V)
    {
        if (auto N = Live.numberOf(&V)) Of[*N].include(Place);
    }

    const LiveReferences &Live;
    std::vector<Extent> Of;
    uint64_t Place = 0;
};

} // namespace

using WordsOfValues = std::vector<std::optional<unsigned>>; // by their numbers

// A phi had best be where one of its operands is, and an operand where the phi is.
static std::optional<unsigned> wordBeside(const Value &V, const LiveReferences &Live, const WordsOfValues &WordOf,
                                          const std::set<unsigned> &Free)
{
    auto Usable = [&](const Value *Other) -> std::optional<unsigned> {
        auto N = Live.numberOf(Other);
        return N && WordOf[*N] && Free.count(*WordOf[*N]) ? WordOf[*N] : std::nullopt;
    };
    if (auto *Phi = dyn_cast<PHINode>(&V))
        for (const Value *Operand : Phi->incoming_values())
            if (auto Word = Usable(Operand)) return Word;
    for (const User *U : V.users())
        if (isa<PHINode>(U))
            if (auto Word = Usable(U)) return Word;
    return std::nullopt;
}

// What is loaded for an instruction may be in the word that its result goes to.
static unsigned giveWords(Function &F, const LiveReferences &Live, const ValueSet &Objects, WordsOfValues &WordOf)
{
    Extents All(F, Live);
    SmallVector<unsigned, 0> Order;
    for (Value *V : Objects)
        if (auto N = Live.numberOf(V)) Order.push_back(*N);
    stable_sort(Order, [&](unsigned A, unsigned B) { return All[A].First < All[B].First; });
    using Ending = std::pair<uint64_t, unsigned>;
    std::priority_queue<Ending, std::vector<Ending>, std::greater<>> Taken;
    std::set<unsigned> Free;
    unsigned Words = 0;
    for (unsigned N : Order) {
        for (; !Taken.empty() && Taken.top().first <= All[N].First; Taken.pop()) Free.insert(Taken.top().second);
        if (Free.empty()) Free.insert(Words++);
        unsigned Word = wordBeside(*Live.values()[N], Live, WordOf, Free).value_or(*Free.begin());
        Free.erase(Word);
        Taken.push({All[N].Last, Word});
        WordOf[N] = Word;
    }
    return Words;
}

// ---- Stores and loads -----------------------------------------------------------------------------------------------

namespace
{

class WordAccesses
{
  public:
    WordAccesses(Function &F, const LiveReferences &Live, const WordsOfValues &WordOf, AllocaInst &Array)
        : F(F), Live(Live), WordOf(WordOf), Array(Array)
    {
    }
    void insert();

  private:
    std::optional<unsigned> wordOf(const Value &V) const
    {
        auto N = Live.numberOf(&V);
        return N ? WordOf[*N] : std::nullopt;
    }
    Value *address(unsigned Word, IRBuilderBase &B) { return B.CreateConstInBoundsGEP2_64(Array.getAllocatedType(), &Array, 0, Word); }
    void storeBehind(Value &V);
    Value *load(Value &V, Instruction &Before);
    bool isWritten(const PHINode &Phi, unsigned Edge) const;
    bool canBeCopies(const PHINode &Phi) const;
    void collectEdges();
    void visit(Instruction &I);
    void visitEdges(BasicBlock &B);
    void eraseCopied();

    Function &F;
    const LiveReferences &Live;
    const WordsOfValues &WordOf;
    AllocaInst &Array;
    SetVector<PHINode *> Copied;                                 // into their words, at the ends of the blocks that they come from
    DenseMap<const BasicBlock *, SmallVector<Use *, 2>> OnEdges; // what phis take from there
    DenseMap<const Value *, Value *> Known;                      // since the last safepoint of this block
};

} // namespace

void WordAccesses::storeBehind(Value &V)
{
    BasicBlock::iterator Where = behindDefinition(V, F);
    IRBuilder<> B(Where->getParent(), Where);
    B.CreateStore(&V, address(*wordOf(V), B));
}

Value *WordAccesses::load(Value &V, Instruction &Before)
{
    Value *&Value = Known[&V];
    if (Value) return Value;
    IRBuilder<> B(&Before);
    return Value = B.CreateLoad(V.getType(), address(*wordOf(V), B), V.getName());
}

// Its word is the operand's own already.
bool WordAccesses::isWritten(const PHINode &Phi, unsigned Edge) const
{
    return wordOf(*Phi.getIncomingValue(Edge)) == wordOf(Phi);
}

// Behind the end of such a block the word is the phi's, so it may not be anybody else's.
bool WordAccesses::canBeCopies(const PHINode &Phi) const
{
    for (unsigned Edge = 0; Edge < Phi.getNumIncomingValues(); Edge++)
        if (!isWritten(Phi, Edge) && !Phi.getIncomingBlock(Edge)->getUniqueSuccessor()) return false;
    return true;
}

void WordAccesses::collectEdges()
{
    for (BasicBlock &B : F)
        for (PHINode &Phi : B.phis()) {
            bool IsCopied = wordOf(Phi) && canBeCopies(Phi);
            if (IsCopied) Copied.insert(&Phi);
            for (unsigned Edge = 0; Edge < Phi.getNumIncomingValues(); Edge++)
                if (IsCopied ? !isWritten(Phi, Edge) : wordOf(*Phi.getIncomingValue(Edge)).has_value())
                    OnEdges[Phi.getIncomingBlock(Edge)].push_back(&Phi.getOperandUse(Edge));
        }
}

void WordAccesses::visit(Instruction &I)
{
    auto *Phi = dyn_cast<PHINode>(&I);
    if (!Phi)
        for (Use &U : I.operands())
            if (wordOf(*U.get())) U.set(load(*U.get(), I));
    if (isSafepoint(I)) Known.clear();
    if (wordOf(I) && !(Phi && Copied.contains(Phi))) Known[&I] = &I;
}

// All are read before one is written.
void WordAccesses::visitEdges(BasicBlock &B)
{
    auto It = OnEdges.find(&B);
    if (It == OnEdges.end()) return;
    Instruction &End = *B.getTerminator();
    for (Use *U : It->second)
        if (wordOf(*U->get())) U->set(load(*U->get(), End));
    IRBuilder<> Builder(&End);
    for (Use *U : It->second)
        if (auto *Phi = cast<PHINode>(U->getUser()); Copied.contains(Phi)) Builder.CreateStore(U->get(), address(*wordOf(*Phi), Builder));
}

void WordAccesses::eraseCopied()
{
    for (PHINode *Phi : Copied) Phi->replaceAllUsesWith(PoisonValue::get(Phi->getType())); // by one another, and by debug information
    for (PHINode *Phi : Copied) Phi->eraseFromParent();
}

void WordAccesses::insert()
{
    collectEdges();
    for (BasicBlock &B : F) {
        Known.clear();
        if (B.isEntryBlock())
            for (Argument &A : F.args()) Known[&A] = &A;
        for (Instruction &I : make_early_inc_range(B)) {
            if (I.isTerminator()) visitEdges(B);
            visit(I);
        }
    }
    for (Value *V : Live.values()) {
        auto *Phi = dyn_cast<PHINode>(V);
        if (wordOf(*V) && !(Phi && Copied.contains(Phi))) storeBehind(*V);
    }
    eraseCopied();
}

static FrameWords listWords(AllocaInst &Array, const LiveReferences &Live, const WordsOfValues &WordOf, unsigned Words)
{
    FrameWords Kept;
    Kept.Array = &Array;
    Live.eachSafepoint([&](CallBase &Call, const BitVector &Behind) {
        BitVector &Mask = Kept.LiveAt[&Call];
        Mask.resize(Words);
        for (unsigned N : Behind.set_bits())
            if (WordOf[N]) Mask.set(*WordOf[N]);
    });
    return Kept;
}

FrameWords keepInFrame(Function &F)
{
    if (!mayNeedWords(F)) return FrameWords();
    moveComparisonsToBranches(F);
    ValueSet Chosen;
    {
        LiveReferences Live(F);
        addWhatLivesAcrossInvokes(F, Live, Chosen);
        addWhatSafepointsList(F, Live, Chosen);
    }
    if (Chosen.empty()) return FrameWords();
    ValueSet Objects = keepObjects(F, Chosen);
    LiveReferences Live(F);
    WordsOfValues WordOf(Live.values().size());
    unsigned Words = giveWords(F, Live, Objects, WordOf);
    if (!Words) return FrameWords();
    IRBuilder<> B(&F.getEntryBlock(), F.getEntryBlock().begin());
    AllocaInst *Array = B.CreateAlloca(ArrayType::get(PointerType::get(F.getContext(), ReferenceSpace), Words), nullptr, "kept");
    FrameWords Kept;
    // The shadow stack lists a variable whole, and such a one is cleared on entry (stack_slots.cpp).
    if (rootFinder() != RootFinder::Shadow) Kept = listWords(*Array, Live, WordOf, Words);
    WordAccesses(F, Live, WordOf, *Array).insert();
    return Kept;
}

} // namespace greywave
