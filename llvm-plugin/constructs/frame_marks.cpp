// Frame marks: a word in the frame by which the collector knows an activation again that it has met before, so that it
// need not walk to the end of a deep stack each time (docs/abi.md, docs/decisions/0027-frame-marks.md).
//
// A function gets one if it makes calls that may lead back to it, so that many of its frames may stand on the stack,
// and if nobody but its own code writes to the references in its frame. The mark is cleared right before the first such
// call: an activation that returns without one does not pay.
#include "constructs/constructs.h"
#include "facts/facts.h"
#include "facts/pass_options.h"
#include "facts/safepoints.h"

using namespace llvm;

namespace greywave
{

// ---- Calls that may lead back --------------------------------------------------------------------------------------

static bool isShallowCall(const CallBase &Call, const FunctionSet &Shallow)
{
    const Function *Callee = Call.getCalledFunction();
    if (!Callee) return false;
    if (!Callee->isDeclaration()) return Shallow.contains(Callee);
    return Callee->getName().starts_with("gw_") && Callee->getName() != "gw_sort"; // which calls back
}

FunctionSet findShallowFunctions(const Module &M)
{
    FunctionSet Shallow;
    if (!passOptions().FrameMarks) return Shallow; // nobody asks
    auto IsDeep = [&](const Instruction &I) { return mayCollect(I) && !isShallowCall(cast<CallBase>(I), Shallow); };
    for (bool Changed = true; Changed;) {
        Changed = false;
        for (const Function &F : M)
            if (F.hasExactDefinition() && !Shallow.contains(&F) && none_of(instructions(F), IsDeep)) Changed |= Shallow.insert(&F).second;
    }
    return Shallow;
}

// ---- Words that only the function's own code writes ----------------------------------------------------------------

static bool staysInFunction(const Value &Address)
{
    return all_of(Address.uses(), [](const Use &U) {
        const User *User = U.getUser();
        if (auto *Store = dyn_cast<StoreInst>(User)) return U.getOperandNo() == Store->getPointerOperandIndex();
        if (isa<GetElementPtrInst>(User)) return staysInFunction(*User);
        return isa<LoadInst>(User) || isa<IntrinsicInst>(User);
    });
}

// ---- The mark -------------------------------------------------------------------------------------------------------

// In a loop it is cleared in each turn. That is right too: a frame that was at work since the last collection may as
// well be new.
static Instruction *placeToClear(const DominatorTree &Dominators, ArrayRef<CallBase *> Calls)
{
    BasicBlock *Block = Calls.front()->getParent();
    for (CallBase *Call : Calls) Block = Dominators.findNearestCommonDominator(Block, Call->getParent());
    for (CallBase *Call : Calls) // in the order of the function, so the first one of its block
        if (Call->getParent() == Block) return Call;
    return Block->getTerminator();
}

AllocaInst *makeFrameMark(Function &F, const FunctionSet &Shallow, ArrayRef<AllocaInst *> Slots, SmallVectorImpl<CallBase *> &Calls)
{
    if (!passOptions().FrameMarks || rootFinder() != RootFinder::Statepoint) return nullptr;
    if (!all_of(Slots, [](const AllocaInst *Slot) { return staysInFunction(*Slot); })) return nullptr;
    DominatorTree Dominators(F);
    for (Instruction &I : instructions(F))
        if (isSafepoint(I) && !isShallowCall(cast<CallBase>(I), Shallow) && Dominators.isReachableFromEntry(I.getParent()))
            Calls.push_back(cast<CallBase>(&I));
    if (Calls.empty()) return nullptr;
    IRBuilder<> Entry(&F.getEntryBlock(), F.getEntryBlock().begin());
    AllocaInst *Mark = Entry.CreateAlloca(Entry.getInt64Ty(), nullptr, "frame.mark");
    Mark->setAlignment(Align(8));
    IRBuilder<> B(placeToClear(Dominators, Calls));
    B.CreateAlignedStore(B.getInt64(0), Mark, Align(8), /*isVolatile=*/true); // the collector reads and writes it
    return Mark;
}

} // namespace greywave
