// qsort with a comparison that may collect. The C library keeps elements in a buffer of its own meanwhile, where the
// collector does not look; gw_sort of the runtime keeps each in its place.
#include "constructs/constructs.h"
#include "facts/facts.h"
#include "facts/safepoints.h"
#include "constructs/variables.h"
#include "llvm/Analysis/ValueTracking.h"

using namespace llvm;

namespace greywave
{

static const char *replacementFor(const CallBase &Call)
{
    const Function *Callee = Call.getCalledFunction();
    if (!Callee || !Callee->isDeclaration()) return nullptr;
    if (Callee->getName() == "qsort" && Call.arg_size() == 4) return "gw_sort";
    return Callee->getName() == "qsort_r" && Call.arg_size() == 5 ? "gw_sort_r" : nullptr;
}

static bool mayCollect(const Value *Comparison)
{
    auto *F = dyn_cast<Function>(Comparison->stripPointerCasts());
    return !F || !F->hasFnAttribute(LeafAttribute);
}

// Not so in a variable without references, nor in memory from malloc, where none may be stored.
static bool mayHoldReferences(const Value *Array, const DataLayout &DL)
{
    return !placeOf(Array, DL).isBlind() && !isNativeAllocation(getUnderlyingObject(Array, /*MaxLookup=*/0));
}

void replaceSorting(Function &F)
{
    for (Instruction &I : instructions(F)) {
        auto *Call = dyn_cast<CallBase>(&I);
        const char *Name = Call ? replacementFor(*Call) : nullptr;
        if (!Name || !mayCollect(Call->getArgOperand(3))) continue;
        if (!mayHoldReferences(Call->getArgOperand(0), F.getParent()->getDataLayout())) continue;
        Call->setCalledFunction(F.getParent()->getOrInsertFunction(Name, Call->getFunctionType()));
    }
}

} // namespace greywave
