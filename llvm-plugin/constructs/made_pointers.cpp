// Plain pointers made of numbers: `(char *)(uintptr_t)s->bytes`. The number is the address of its moment, and what is made of it leads to
// the object until the next safepoint, as `(char *)s->bytes` does. Where numbers go is seen as far as origins.cpp follows them.
#include "constructs/constructs.h"
#include "constructs/handed_addresses.h"
#include "constructs/origins.h"
#include "facts/diagnose.h"
#include "facts/reference_types.h"
#include "llvm/Analysis/ValueTracking.h"

using namespace llvm;

namespace greywave
{

// The pointer that I follows; calls may follow what they are given.
static bool isFollowed(const Instruction &I, const Use &U)
{
    if (!U->getType()->isPointerTy() || isReference(U->getType())) return false;
    if (auto *Call = dyn_cast<CallBase>(&I)) return Call->isArgOperand(&U) && !Call->isLifetimeStartOrEnd();
    return isAccessedThrough(U);
}

static bool mayBeMadeOfNumber(const Value *Pointer)
{
    SmallVector<const Value *, 4> Objects;
    getUnderlyingObjects(Pointer, Objects, nullptr, /*MaxLookup=*/0);
    return any_of(Objects, [](const Value *Object) {
        auto *Load = dyn_cast<LoadInst>(Object);
        auto *A = dyn_cast<Argument>(Object);
        return isa<IntToPtrInst>(Object) || isa<CallBase>(Object) ||
               (Load && isa<AllocaInst>(getUnderlyingObject(Load->getPointerOperand()))) || (A && A->getParent()->hasLocalLinkage());
    });
}

void checkMadePointers(Function &F, PlacesBehind &Places, Refusals &Errors)
{
    for (const Instruction &I : instructions(F))
        for (const Use &U : I.operands())
            if (isFollowed(I, U) && mayBeMadeOfNumber(U) && isStaleAddress(U, Places))
                Errors.at(I, "a plain pointer is made of the number that a collected object's address was before a call that may collect; "
                             "the object may move: take the address again after the call");
}

// A number is made a pointer by a cast, or by way of a variable of either type.
bool makesPointers(const Module &M)
{
    return any_of(M, [](const Function &F) {
        return any_of(instructions(F), [](const Instruction &I) { return isa<IntToPtrInst>(I) || isHiddenAddress(I); });
    });
}

} // namespace greywave
