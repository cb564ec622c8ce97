// Blocks of clang. One that captures something is a variable of the function that makes it, and its type shows the references among that.
// But who keeps a block copies it to memory of malloc's, by _Block_copy of the blocks' library, and with it variables that are declared
// __block.
//
//     %block = alloca <{ ptr, i32, i32, ptr, ptr, ptr addrspace(1) }>     and @_NSConcreteStackBlock stored to its first word
#include "constructs/blocks.h"
#include "constructs/callees.h"
#include "constructs/constructs.h"
#include "facts/reference_types.h"
#include "llvm/Analysis/ValueTracking.h"

using namespace llvm;

namespace greywave
{

static bool storesInto(const AllocaInst &Variable, function_ref<bool(const Value &)> IsMeant)
{
    SmallVector<const Value *, 8> Work = {&Variable};
    while (!Work.empty())
        for (const User *U : Work.pop_back_val()->users()) {
            if (isa<GEPOperator>(U)) Work.push_back(U);
            auto *Store = dyn_cast<StoreInst>(U);
            if (Store && IsMeant(*Store->getValueOperand()) && getUnderlyingObject(Store->getPointerOperand()) == &Variable) return true;
        }
    return false;
}

// A variable that is declared __block, which the block leads to.
static bool isSharedReference(const Value &Stored)
{
    auto *Variable = Stored.getType()->isPointerTy() ? dyn_cast<AllocaInst>(getUnderlyingObject(&Stored)) : nullptr;
    auto *Struct = Variable ? dyn_cast<StructType>(Variable->getAllocatedType()) : nullptr;
    return Struct && Struct->hasName() && Struct->getName().starts_with("struct.__block_byref") && containsReference(Struct);
}

static bool isBlockWithReferences(const Value *V)
{
    auto *Variable = dyn_cast<AllocaInst>(V);
    if (!Variable || !storesInto(*Variable, [](const Value &Stored) { return Stored.getName() == "_NSConcreteStackBlock"; })) return false;
    return containsReference(Variable->getAllocatedType()) || storesInto(*Variable, isSharedReference);
}

// The block's own function is called by the address that the block holds.
static bool callsBlock(const CallBase &Call, const Value *Block)
{
    auto *Load = dyn_cast<LoadInst>(Call.getCalledOperand());
    return Load && getUnderlyingObject(Load->getPointerOperand()) == getUnderlyingObject(Block);
}

// Functions of the C library keep no blocks, and copies are checked when they happen.
static bool staysInFile(const CallBase &Call)
{
    if (!memoryCopiesOf(Call).empty()) return true;
    if (const Function *Callee = Call.getCalledFunction()) return !Callee->isDeclaration() || isKnownLeaf(*Callee);
    auto Callees = calleesOf(Call);
    return !Callees.empty() && none_of(Callees, [](const Function *F) { return F->isDeclaration(); });
}

// Where a pointer comes from that is read from a variable, or given to a function of this file.
static void eachSource(const Value &Object, PlacesBehind &Places, SmallVectorImpl<const Value *> &Sources)
{
    if (auto *A = dyn_cast<Argument>(&Object)) Places.eachPassedTo(*A, [&](const Use &Passed) { Sources.push_back(Passed.get()); });
    auto *Load = dyn_cast<LoadInst>(&Object);
    auto *Variable = Load ? dyn_cast<AllocaInst>(Load->getPointerOperand()) : nullptr;
    if (!Variable) return;
    for (const User *U : Variable->users())
        if (auto *Store = dyn_cast<StoreInst>(U)) Sources.push_back(Store->getValueOperand());
}

static bool mayBeBlockWithReferences(const Value *Given, PlacesBehind &Places)
{
    SmallPtrSet<const Value *, 8> Seen;
    SmallVector<const Value *, 8> Work = {Given};
    while (!Work.empty()) {
        SmallVector<const Value *, 4> Objects;
        getUnderlyingObjects(Work.pop_back_val(), Objects);
        for (const Value *Object : Objects) {
            if (!Seen.insert(Object).second) continue;
            if (isBlockWithReferences(Object)) return true;
            eachSource(*Object, Places, Work);
        }
    }
    return false;
}

static bool mayCopyBlock(const CallBase &Call, unsigned Argument, PlacesBehind &Places)
{
    const Value *Given = Call.getArgOperand(Argument);
    if (!Given->getType()->isPointerTy() || isReference(Given->getType())) return false;
    if (Call.doesNotCapture(Argument) || staysInFile(Call) || callsBlock(Call, Given)) return false;
    return mayBeBlockWithReferences(Given, Places);
}

void checkBlocks(Function &F, PlacesBehind &Places, Refusals &Errors)
{
    if (!F.getParent()->getNamedValue("_NSConcreteStackBlock")) return;
    for (Instruction &I : instructions(F)) {
        auto *Call = dyn_cast<CallBase>(&I);
        if (!Call || isa<IntrinsicInst>(Call) || Call->isInlineAsm()) continue;
        for (unsigned N = 0; N < Call->arg_size(); N++)
            if (mayCopyBlock(*Call, N, Places))
                Errors.at(I,
                          "a block that captures a reference is given to what may copy it to native memory, where the collector does not "
                          "look; declare a parameter that is not kept with __attribute__((noescape)), or capture a handle");
    }
}

} // namespace greywave
