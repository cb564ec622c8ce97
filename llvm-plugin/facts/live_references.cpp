#include "facts/live_references.h"
#include "facts/reference_types.h"
#include "facts/safepoints.h"
#include "llvm/IR/CFG.h"

using namespace llvm;

namespace greywave
{

static bool isTracked(const Value &V)
{
    return isReference(V.getType()) && !V.use_empty();
}

// A function's arguments are there before its first block.
static bool leavesItsBlock(const Value &V)
{
    auto *Definition = dyn_cast<Instruction>(&V);
    return !Definition || any_of(V.uses(), [&](const Use &U) { return placeOfUse(U)->getParent() != Definition->getParent(); });
}

static bool isDefinedIn(const Value &V, const BasicBlock &B)
{
    auto *Definition = dyn_cast<Instruction>(&V);
    return Definition && Definition->getParent() == &B;
}

void LiveReferences::append(bool Leave)
{
    auto Take = [&](Value &V) {
        if (isTracked(V) && leavesItsBlock(V) == Leave) Values.push_back(&V);
    };
    for (Argument &A : F.args()) Take(A);
    for (Instruction &I : instructions(F)) Take(I);
}

void LiveReferences::number()
{
    append(true);
    Leaving = Values.size();
    append(false);
    for (unsigned N = 0; N < Values.size(); N++) Numbers[Values[N]] = N;
}

std::optional<unsigned> LiveReferences::numberOf(const Value *V) const
{
    auto It = Numbers.find(V);
    if (It == Numbers.end()) return std::nullopt;
    return It->second;
}

void LiveReferences::noteBlock(BasicBlock &B)
{
    Block &L = Lives[&B];
    for (Instruction &I : B) {
        for (Value *Operand : I.operands())
            if (auto N = numberOf(Operand); N && *N < Leaving && !isa<PHINode>(I) && !isDefinedIn(*Operand, B)) L.Needed.push_back(*N);
        if (auto N = numberOf(&I); N && *N < Leaving) L.Defined.push_back(*N);
    }
}

// A switch may lead to one block from thousands of others.
void LiveReferences::notePhis(BasicBlock &B)
{
    for (PHINode &Phi : B.phis())
        for (unsigned Edge = 0; Edge < Phi.getNumIncomingValues(); Edge++)
            if (auto N = numberOf(Phi.getIncomingValue(Edge))) {
                Block &From = Lives[Phi.getIncomingBlock(Edge)];
                if (*N < Leaving) From.End.set(*N);
                else From.Taken.push_back(*N);
            }
}

bool LiveReferences::step(BasicBlock &B)
{
    Block &L = Lives[&B];
    for (BasicBlock *Next : successors(&B)) L.End |= Lives[Next].Start;
    SparseBitVector<> Start = L.End;
    for (unsigned N : L.Defined) Start.reset(N);
    for (unsigned N : L.Needed) Start.set(N);
    bool Grew = Start != L.Start;
    L.Start = std::move(Start);
    return Grew;
}

LiveReferences::LiveReferences(Function &F) : F(F)
{
    number();
    Lives.reserve(unsigned(F.size()));
    for (BasicBlock &B : F) noteBlock(B);
    for (BasicBlock &B : F) notePhis(B);
    for (bool Changed = true; Changed;) {
        Changed = false;
        for (BasicBlock &B : reverse(F)) Changed |= step(B);
    }
}

ValueSet LiveReferences::atEnd(const BasicBlock &B) const
{
    ValueSet Live;
    eachAtEnd(B, [&](unsigned N) { Live.insert(Values[N]); });
    return Live;
}

void LiveReferences::eachAtEnd(const BasicBlock &B, function_ref<void(unsigned)> Visit) const
{
    const Block &L = Lives.find(&B)->second;
    for (unsigned N : L.End) Visit(N);
    for (unsigned N : L.Taken) Visit(N);
}

void LiveReferences::eachSafepoint(function_ref<void(CallBase &, const BitVector &)> Visit) const
{
    BitVector Live(unsigned(Values.size()));
    for (BasicBlock &B : F) {
        if (none_of(B, isSafepoint)) continue;
        Live.reset();
        eachAtEnd(B, [&](unsigned N) { Live.set(N); });
        for (Instruction &I : reverse(B)) {
            if (auto N = numberOf(&I)) Live.reset(*N);
            if (isSafepoint(I)) Visit(cast<CallBase>(I), Live);
            if (isa<PHINode>(I)) continue;
            for (Value *Operand : I.operands())
                if (auto N = numberOf(Operand)) Live.set(*N);
        }
    }
}

void moveComparisonsToBranches(Function &F)
{
    for (BasicBlock &B : F) {
        auto *Branch = dyn_cast<BranchInst>(B.getTerminator());
        if (!Branch || !Branch->isConditional()) continue;
        auto *Comparison = dyn_cast<ICmpInst>(Branch->getCondition());
        if (Comparison && Comparison->hasOneUse() && isReference(Comparison->getOperand(0)->getType()))
            Comparison->moveBefore(B, Branch->getIterator());
    }
}

} // namespace greywave
