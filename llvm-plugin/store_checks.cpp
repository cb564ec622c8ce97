// Checks for `gwcc --check`. A reference stored through a plain pointer lands in a variable that the collector knows, or
// in memory that it does not, and the type of a pointer no longer says which. The runtime can tell: the address is a
// root at that moment or it is not. A check walks the stack, so it is a safepoint, though it collects nothing.
#include "passes.h"
#include "safepoints.h"
#include "variables.h"
#include "llvm/Analysis/ValueTracking.h"

using namespace llvm;

namespace greywave
{

static bool leadsIntoObject(const Value *Pointer)
{
    return isReference(getUnderlyingObject(Pointer, /*MaxLookup=*/0)->getType());
}

// Memory from malloc, variables without references and addresses inside objects are refused at compile time.
static bool isDecided(const Value *Pointer, const DataLayout &DL)
{
    return leadsIntoObject(Pointer) || placeOf(Pointer, DL).Variable;
}

static void checkStore(StoreInst &Store)
{
    const DataLayout &DL = Store.getModule()->getDataLayout();
    Value *Stored = Store.getValueOperand();
    if (!isReference(Stored->getType()) || isa<Constant>(Stored) || isDecided(Store.getPointerOperand(), DL)) return;
    IRBuilder<> B(&Store);
    FunctionCallee Check =
        Store.getModule()->getOrInsertFunction("gw_check_store", B.getVoidTy(), B.getPtrTy(), Stored->getType());
    B.CreateCall(Check, {Store.getPointerOperand(), Stored});
}

// From a variable without references nothing can go astray; to one it can, when nothing is known of the source.
static bool mayGoAstray(const CallBase &Copy)
{
    const DataLayout &DL = Copy.getModule()->getDataLayout();
    Place To = placeOf(Copy.getArgOperand(0), DL), From = placeOf(Copy.getArgOperand(1), DL);
    if (leadsIntoObject(Copy.getArgOperand(0)) || To.HasReferences || From.isBlind()) return false;
    return !(To.isBlind() && From.isKnown());
}

// The plain address of an object's bytes may not be passed to a safepoint; the reference behind it may.
static void checkCopy(CallBase &Copy)
{
    Value *From = Copy.getArgOperand(1)->stripPointerCasts();
    bool OfObject = isReference(From->getType());
    if (!mayGoAstray(Copy) || (!OfObject && leadsIntoObject(From))) return;
    IRBuilder<> B(&Copy);
    FunctionCallee Check =
        Copy.getModule()->getOrInsertFunction(OfObject ? "gw_check_copy_of_object" : "gw_check_copy", B.getVoidTy(),
                                              B.getPtrTy(), From->getType(), B.getInt64Ty());
    B.CreateCall(Check, {Copy.getArgOperand(0), From, B.CreateZExt(Copy.getArgOperand(2), B.getInt64Ty())});
}

void insertStoreChecks(Module &M)
{
    for (Function &F : M) {
        if (F.hasFnAttribute(LeafAttribute)) continue;
        SmallVector<Instruction *, 16> Work;
        for (Instruction &I : instructions(F)) Work.push_back(&I);
        for (Instruction *I : Work) {
            if (auto *Store = dyn_cast<StoreInst>(I)) checkStore(*Store);
            else if (auto *Call = dyn_cast<CallBase>(I); Call && mayCopyReferences(*Call)) checkCopy(*Call);
        }
    }
}

} // namespace greywave
