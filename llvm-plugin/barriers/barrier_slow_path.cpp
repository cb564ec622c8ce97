// The slow path takes its operands where they are and preserves all registers, so that a barrier costs the code around
// it nothing: no calling convention can say this, so the call is inline assembler (machines/). `alignstack` tells code generation
// that there is a call: the function may not keep anything in the red zone below its stack pointer
// (docs/decisions/0046-barriers-where-the-operands-are.md).
#include "barriers/barrier_slow_path.h"
#include "facts/reference_types.h"
#include "facts/safepoints.h"
#include "machines/machines.h"

using namespace llvm;

namespace greywave
{

static void callThere(const AssemblerCall &There, ArrayRef<Value *> Arguments, IRBuilderBase &B)
{
    SmallVector<Type *, 2> Types;
    for (Value *Argument : Arguments) Types.push_back(Argument->getType());
    auto *Signature = FunctionType::get(B.getVoidTy(), Types, false);
    InlineAsm *Code = InlineAsm::get(Signature, There.Text, (Twine(There.Operands) + "," + There.Clobbers).str(), /*hasSideEffects=*/true,
                                     /*isAlignStack=*/true);
    callLeaf(FunctionCallee(Signature, Code), Arguments, B);
}

// Inline assembler takes the compiler as long as a hundred instructions do, and without optimisation no register holds anything.
static bool recordsByPlainCall(Value *Object, Value *Slot, IRBuilderBase &B)
{
    Function &F = *B.GetInsertBlock()->getParent();
    if (!F.hasOptNone()) return false;
    callLeaf(declareLeaf(*F.getParent(), "gw_barrier_slow", B.getVoidTy(), {Object->getType(), Slot->getType()}), {Object, Slot}, B);
    return true;
}

static const Machine &machineHere(const IRBuilderBase &B)
{
    return machineOf(*B.GetInsertBlock()->getModule());
}

void recordFront(Value *Object, IRBuilderBase &B)
{
    if (!recordsByPlainCall(Object, Object, B)) callThere(machineHere(B).BarrierFront, {Object}, B);
}

void recordSlot(Value *Object, Value *Address, IRBuilderBase &B)
{
    if (!recordsByPlainCall(Object, Address, B)) callThere(machineHere(B).BarrierSlot, {Object, Address}, B);
}

void recordRange(Value *Object, Value *Slot, Value *Bytes, IRBuilderBase &B)
{
    Module &M = *B.GetInsertBlock()->getModule();
    FunctionCallee Callee = declareLeaf(M, "gw_barrier_range", B.getVoidTy(), {Object->getType(), Slot->getType(), B.getInt64Ty()});
    callLeaf(Callee, {Object, Slot, B.CreateZExt(Bytes, B.getInt64Ty())}, B);
}

} // namespace greywave
