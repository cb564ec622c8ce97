#include "fast_paths/thread_state.h"
#include "facts/facts.h"
#include "greywave/abi.h"
#include "machines/machines.h"

using namespace llvm;

namespace greywave
{

// A JIT's linker knows no thread-local symbols: the runtime tells how far its state is from the thread pointer. That itself LLVM would keep
// in a register across calls, behind which a stack may go on on another thread (gw_stack_unbind); the distance stays.
static Value *threadWordOfJit(Module &M, size_t Offset, IRBuilderBase &B)
{
    Value *Distance = B.CreateLoad(B.getInt64Ty(), M.getOrInsertGlobal("gw_current_thread_offset", B.getInt64Ty()));
    Value *Place = B.CreateAdd(Distance, B.getInt64(Offset));
    if (unsigned Space = machineOf(M).ThreadSpace) return B.CreateIntToPtr(Place, B.getPtrTy(Space));
    return B.CreateGEP(B.getInt8Ty(), createThreadPointer(B), Place);
}

Value *threadWord(Module &M, size_t Offset, IRBuilderBase &B)
{
    if (isForJit(M)) return threadWordOfJit(M, Offset, B);
    GlobalVariable *Thread = M.getNamedGlobal("gw_current_thread");
    if (!Thread)
        Thread = new GlobalVariable(M, ArrayType::get(B.getInt8Ty(), sizeof(gw_thread)), false, GlobalValue::ExternalLinkage, nullptr,
                                    "gw_current_thread", nullptr, GlobalValue::InitialExecTLSModel);
    if (!Thread->isThreadLocal()) Thread->setThreadLocalMode(GlobalValue::InitialExecTLSModel);
    return B.CreateConstInBoundsGEP1_64(B.getInt8Ty(), B.CreateThreadLocalAddress(Thread), Offset);
}

} // namespace greywave
