// qsort with a comparison that may collect. The C library keeps elements in a buffer of its own meanwhile, where the
// collector does not look; gw_sort of the runtime keeps each in its place. It also stands for qsort wherever that is not called by its
// name: in tables, choices, arguments.
#include "constructs/constructs.h"
#include "facts/facts.h"
#include "facts/safepoints.h"
#include "constructs/variables.h"
#include "llvm/Analysis/ValueTracking.h"

using namespace llvm;

namespace greywave
{

static const char *replacementFor(const Function &F)
{
    if (!mayBeLibrarys(F)) return nullptr;
    return F.getName() == "qsort" ? "gw_sort" : F.getName() == "qsort_r" ? "gw_sort_r" : nullptr;
}

static bool comparisonMayCollect(const Value *Comparison)
{
    auto *F = dyn_cast<Function>(Comparison->stripPointerCasts());
    return !F || !F->hasFnAttribute(LeafAttribute);
}

// Not so in a variable without references, nor in memory from malloc, where none may be stored.
static bool mayHoldReferences(const Value *Array, const DataLayout &DL)
{
    return !placeOf(Array, DL).isBlind() && !isNativeAllocation(getUnderlyingObject(Array, /*MaxLookup=*/0));
}

static bool isCallByName(const Use &U)
{
    auto *Call = dyn_cast<CallBase>(U.getUser());
    return Call && Call->isCallee(&U) && Call->arg_size() >= 4;
}

static bool sortsNumbersOrLeavesInPeace(const CallBase &Call)
{
    return !comparisonMayCollect(Call.getArgOperand(3)) || !mayHoldReferences(Call.getArgOperand(0), Call.getModule()->getDataLayout());
}

// Whoever has the function's address calls it with what he likes: nothing of that shows here.
static void replaceUses(Function &F, const char *Name)
{
    SmallVector<CallBase *, 4> Kept;
    for (const Use &U : F.uses())
        if (isCallByName(U) && sortsNumbersOrLeavesInPeace(cast<CallBase>(*U.getUser()))) Kept.push_back(cast<CallBase>(U.getUser()));
    F.replaceAllUsesWith(F.getParent()->getOrInsertFunction(Name, F.getFunctionType()).getCallee());
    for (CallBase *Call : Kept) Call->setCalledOperand(&F);
}

void replaceSorting(Module &M)
{
    for (const char *Name : {"qsort", "qsort_r"})
        if (Function *F = M.getFunction(Name))
            if (const char *Replacement = replacementFor(*F)) replaceUses(*F, Replacement);
}

} // namespace greywave
