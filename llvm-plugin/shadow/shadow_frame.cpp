// Planning a function's frame on the shadow stack. The rules, each of which saves stores:
//   - a reference is stored before the first call at which it is live, not where it is made; a path without such a call
//     pays nothing,
//   - it is not stored again before a later call, unless its word was used for something else,
//   - what a loop does not change is stored at the loop's entry,
//   - words of references that are dead at a call are not below the top during it, or are null: what is dead is not kept,
//   - a call on a cold path (allocation's slow one) pushes and pops for itself alone.
// That a word has the right contents is decided by a forward analysis, so that the other choices cannot make it wrong.
#include "shadow/shadow_frame.h"
#include "facts/reference_types.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/PostOrderIterator.h"
#include "llvm/IR/CFG.h"
#include "llvm/IR/ProfDataUtils.h"

using namespace llvm;

namespace greywave
{

// ---- Origins ----------------------------------------------------------------------------------------------------

static bool isVersion(const Instruction &I)
{
    if (isa<PHINode>(I)) return isReference(I.getType());
    auto *Relocate = dyn_cast<GCRelocateInst>(&I);
    return Relocate && Relocate->getBasePtrIndex() == Relocate->getDerivedPtrIndex();
}

Value *Origins::known(Value *V) const
{
    auto *I = dyn_cast<Instruction>(V);
    return I && isVersion(*I) ? Known.lookup(I) : V;
}

Value *Origins::recompute(Instruction &I) const
{
    auto *Phi = dyn_cast<PHINode>(&I);
    if (!Phi) return known(cast<GCRelocateInst>(I).getBasePtr());
    Value *Only = nullptr;
    for (Value *Input : Phi->incoming_values()) {
        Value *Origin = known(Input);
        if (!Origin || Origin == Only) continue;
        if (Only) return Phi;
        Only = Origin;
    }
    return Only;
}

// Optimistic: versions that lead to each other around a loop are one until an input says otherwise.
Origins::Origins(Function &F)
{
    ReversePostOrderTraversal<Function *> Order(&F);
    for (bool Changed = true; Changed;) {
        Changed = false;
        for (BasicBlock *B : Order)
            for (Instruction &I : *B) {
                if (!isVersion(I) || Known.lookup(&I) == &I) continue;
                Value *New = recompute(I);
                Changed |= std::exchange(Known[&I], New) != New;
            }
    }
}

Value *Origins::of(Value *V) const
{
    Value *Origin = known(V);
    return Origin ? Origin : V;
}

// ---- Sites ------------------------------------------------------------------------------------------------------

// At most one run of so many comes through a cold block.
static constexpr uint64_t ColdRatio = 100;

static bool isCold(const BasicBlock &B)
{
    if (isa<UnreachableInst>(B.getTerminator())) return true;
    const BasicBlock *Pred = B.getSinglePredecessor();
    auto *Branch = Pred ? dyn_cast<BranchInst>(Pred->getTerminator()) : nullptr;
    uint64_t True = 0, False = 0;
    if (!Branch || !Branch->isConditional() || !extractBranchWeights(*Branch, True, False)) return false;
    return Branch->getSuccessor(0) == &B ? True * ColdRatio < False : False * ColdRatio < True;
}

// Variables come first, so that the two words of each get neighbouring places.
ShadowSite ShadowFrame::newSite(Instruction *At, GCStatepointInst *Call, bool IsCold) const
{
    ShadowSite Site{At, Call, IsCold};
    for (const ShadowVariable &Variable : Variables) {
        Site.Live.push_back({Variable.Slot, Variable.Slot});
        Site.Live.push_back({Variable.Layout, Variable.Layout});
    }
    return Site;
}

static void addLive(ShadowSite &Site, Value *Origin, Value *Version)
{
    if (!isa<Constant>(Version) && none_of(Site.Live, [&](auto &Known) { return Known.first == Origin; }))
        Site.Live.push_back({Origin, Version});
}

void ShadowFrame::findSites()
{
    for (BasicBlock &B : F)
        for (Instruction &I : B) {
            auto *Call = dyn_cast<GCStatepointInst>(&I);
            if (!Call) continue;
            ShadowSite Site = newSite(&I, Call, isCold(B) && !I.isTerminator());
            for (const GCRelocateInst *Relocate : Call->getGCRelocates())
                if (!Relocate->use_empty()) addLive(Site, Versions.of(Relocate->getBasePtr()), Relocate->getBasePtr());
            Sites.push_back(std::move(Site));
        }
}

const Loop *ShadowFrame::outermost(const BasicBlock &B) const
{
    const Loop *L = Loops.getLoopFor(&B);
    while (L && L->getParentLoop()) L = L->getParentLoop();
    return L;
}

// The version that enters the loop, or null when there is none to be found.
Value *ShadowFrame::versionAt(const Loop &L, Value *Origin, Value *Version) const
{
    BasicBlock *Entry = L.getLoopPreheader();
    auto *I = dyn_cast<Instruction>(Version);
    if (!I || Dominators.dominates(I, Entry->getTerminator())) return Version;
    if (auto *Made = dyn_cast<Instruction>(Origin); Made && L.contains(Made)) return nullptr;
    for (PHINode &Phi : L.getHeader()->phis())
        if (Versions.of(&Phi) == Origin) return Phi.getIncomingValueForBlock(Entry);
    return nullptr;
}

void ShadowFrame::addLoopEntry(const Loop &L)
{
    if (!L.getLoopPreheader()) return;
    ShadowSite Entry = newSite(L.getLoopPreheader()->getTerminator(), nullptr, false);
    bool HasSites = false;
    for (const ShadowSite &Site : Sites) {
        if (!Site.Call || Site.IsCold || !L.contains(Site.At)) continue;
        HasSites = true;
        for (auto [Origin, Version] : Site.Live)
            if (Value *V = versionAt(L, Origin, Version)) addLive(Entry, Origin, V);
    }
    if (HasSites) Sites.push_back(std::move(Entry));
}

// ---- Words ------------------------------------------------------------------------------------------------------

void ShadowFrame::assignWords()
{
    MapVector<Value *, SmallPtrSet<Value *, 16>> Together;
    MapVector<Value *, unsigned> Uses;
    for (const ShadowSite &Site : Sites)
        for (auto [Origin, Version] : Site.Live) {
            Uses[Origin]++;
            for (auto [Other, OtherVersion] : Site.Live) Together[Origin].insert(Other);
        }
    auto Order = Uses.takeVector();
    stable_sort(Order, [](auto &A, auto &B) { return A.second > B.second; });
    for (auto [Origin, Count] : Order) {
        SmallVector<bool, 16> Taken(Order.size(), false);
        for (Value *Other : Together[Origin])
            if (auto It = WordOf.find(Other); It != WordOf.end()) Taken[It->second] = true;
        unsigned Word = find(Taken, false) - Taken.begin();
        WordOf[Origin] = Word;
        Words = std::max(Words, Word + 1);
    }
}

void ShadowFrame::noteRelocates()
{
    for (const ShadowSite &Site : Sites) {
        if (!Site.Call) continue;
        for (const GCRelocateInst *Relocate : Site.Call->getGCRelocates())
            if (auto It = WordOf.find(Versions.of(Relocate->getBasePtr())); It != WordOf.end() && !Relocate->use_empty())
                RelocatedFrom[Relocate] = It->second;
    }
}

std::optional<unsigned> ShadowFrame::wordOf(const GCRelocateInst &Relocate) const
{
    auto It = RelocatedFrom.find(&Relocate);
    return It != RelocatedFrom.end() ? std::optional<unsigned>(It->second) : std::nullopt;
}

unsigned ShadowFrame::wordsOf(const ShadowSite &Site) const
{
    unsigned Needed = 0;
    for (auto [Origin, Version] : Site.Live) Needed = std::max(Needed, WordOf.lookup(Origin) + 1);
    return Needed;
}

// ---- How many words are in use ----------------------------------------------------------------------------------

// All calls of a loop nest use the same number, so that the top is set once at its entry.
void ShadowFrame::chooseTops()
{
    DenseMap<const Loop *, unsigned> Most;
    auto LoopOf = [&](const ShadowSite &Site) {
        const BasicBlock *B = Site.At->getParent();
        return outermost(Site.Call ? *B : *B->getSingleSuccessor());
    };
    for (const ShadowSite &Site : Sites)
        if (const Loop *L = LoopOf(Site); L && !Site.IsCold && L->getLoopPreheader()) Most[L] = std::max(Most[L], wordsOf(Site));
    for (ShadowSite &Site : Sites) {
        auto It = Most.find(LoopOf(Site));
        Site.Top = It != Most.end() ? It->second : wordsOf(Site);
    }
}

unsigned ShadowFrame::topOut(const BasicBlock &B) const
{
    unsigned Top = topIn(B);
    for (const Instruction &I : B)
        if (auto It = SiteAt.find(&I); It != SiteAt.end() && !Sites[It->second].IsCold) Top = Sites[It->second].Top;
    return Top;
}

// A computed goto's edges cannot be split, so its targets all start with the same number.
unsigned ShadowFrame::topEnd(const BasicBlock &B) const
{
    unsigned Top = topOut(B);
    if (isa<IndirectBrInst>(B.getTerminator()))
        for (const BasicBlock *Target : successors(&B))
            if (auto It = In.find(Target); It != In.end()) Top = std::min(Top, It->second);
    return Top;
}

void ShadowFrame::solveTops()
{
    ReversePostOrderTraversal<Function *> Order(&F);
    In[&F.getEntryBlock()] = 0;
    for (bool Changed = true; Changed;) {
        Changed = false;
        for (BasicBlock *B : Order) {
            unsigned Least = B->isEntryBlock() ? 0 : ~0u;
            for (BasicBlock *Pred : predecessors(B))
                if (In.count(Pred)) Least = std::min(Least, topEnd(*Pred));
            auto [It, New] = In.try_emplace(B, Least);
            Changed |= New || It->second != Least;
            It->second = Least;
        }
    }
    for (BasicBlock *B : Order) {
        unsigned Top = topIn(*B);
        for (Instruction &I : *B) {
            auto It = SiteAt.find(&I);
            if (It == SiteAt.end()) continue;
            ShadowSite &Site = Sites[It->second];
            Site.Before = Top;
            if (Site.IsCold) Site.Top = std::max(wordsOf(Site), Top);
            else Top = Site.Top;
        }
    }
}

// ---- What the words contain -------------------------------------------------------------------------------------

void ShadowFrame::visit(ShadowSite &Site, Contents &State, bool Decide)
{
    SmallVector<Value *, 16> Wanted(Words, nullptr); // null: the null reference
    for (auto [Origin, Version] : Site.Live) {
        unsigned Word = WordOf.lookup(Origin);
        Wanted[Word] = Origin;
        if (Decide && State[Word] != Origin) Site.Stores.push_back({Word, Version});
    }
    Value *Null = ConstantPointerNull::get(PointerType::get(F.getContext(), ReferenceSpace));
    for (unsigned Word = 0; Word < Words; Word++) {
        const Value *Contents = Wanted[Word] ? Wanted[Word] : Null;
        if (Word >= Site.Top) Contents = nullptr; // the callee's frame
        else if (Decide && !Wanted[Word] && State[Word] != Null) Site.Stores.push_back({Word, Null});
        State[Word] = Contents;
    }
}

void ShadowFrame::step(Instruction &I, Contents &State, bool Decide)
{
    if (auto It = SiteAt.find(&I); It != SiteAt.end()) visit(Sites[It->second], State, Decide);
    auto It = WordOf.find(&I);
    if (It != WordOf.end() && State[It->second] == &I && !isa<AllocaInst>(I)) State[It->second] = nullptr;
}

ShadowFrame::Contents ShadowFrame::contentsIn(const BasicBlock &B, bool &Reached) const
{
    Contents State(Words, nullptr);
    Reached = B.isEntryBlock();
    for (const BasicBlock *Pred : predecessors(&B)) {
        auto It = OutContents.find(Pred);
        if (It == OutContents.end()) continue;
        if (!Reached) State = It->second;
        else
            for (unsigned Word = 0; Word < Words; Word++)
                if (State[Word] != It->second[Word]) State[Word] = nullptr;
        Reached = true;
    }
    return State;
}

void ShadowFrame::solveContents()
{
    ReversePostOrderTraversal<Function *> Order(&F);
    for (bool Changed = true; Changed;) {
        Changed = false;
        for (BasicBlock *B : Order) {
            bool Reached;
            Contents State = contentsIn(*B, Reached);
            for (Instruction &I : *B) step(I, State, false);
            Contents &Out = OutContents[B];
            Changed |= Out != State;
            Out = std::move(State);
        }
    }
    for (BasicBlock *B : Order) {
        bool Reached;
        Contents State = contentsIn(*B, Reached);
        for (Instruction &I : *B) step(I, State, true);
    }
}

ShadowFrame::ShadowFrame(Function &F, ArrayRef<ShadowVariable> Variables, const DominatorTree &Dominators, const LoopInfo &Loops)
    : F(F), Variables(Variables), Dominators(Dominators), Loops(Loops), Versions(F)
{
    findSites();
    for (const Loop *L : Loops.getLoopsInPreorder()) addLoopEntry(*L);
    assignWords();
    noteRelocates();
    chooseTops();
    for (size_t I = 0; I < Sites.size(); I++) SiteAt[Sites[I].At] = I;
    solveTops();
    solveContents();
}

} // namespace greywave
