#include "facts/live_references.h"
#include "facts/reference_types.h"
#include "llvm/IR/CFG.h"

using namespace llvm;

namespace greywave
{

static bool isTracked(const Value *V)
{
    return isReference(V->getType()) && !isa<Constant>(V);
}

bool LiveReferences::step(BasicBlock &B)
{
    ValueSet &Live = Out[&B];
    for (BasicBlock *Next : successors(&B)) {
        for (Value *V : In[Next]) Live.insert(V);
        for (PHINode &Phi : Next->phis())
            if (Value *V = Phi.getIncomingValueForBlock(&B); isTracked(V)) Live.insert(V);
    }
    ValueSet Start = Live;
    for (Instruction &I : reverse(B)) {
        Start.remove(&I);
        if (isa<PHINode>(I)) continue;
        for (Value *Operand : I.operands())
            if (isTracked(Operand)) Start.insert(Operand);
    }
    bool Grew = Start.size() != In[&B].size();
    In[&B] = std::move(Start);
    return Grew;
}

void LiveReferences::solve(Function &F)
{
    for (bool Changed = true; Changed;) {
        Changed = false;
        for (BasicBlock &B : reverse(F)) Changed |= step(B);
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
