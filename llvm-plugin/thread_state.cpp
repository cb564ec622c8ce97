#include "thread_state.h"
#include "greywave/abi.h"

using namespace llvm;

namespace greywave
{

Value *threadWord(Module &M, size_t Offset, IRBuilderBase &B)
{
    GlobalVariable *Thread = M.getNamedGlobal("gw_current_thread");
    if (!Thread)
        Thread =
            new GlobalVariable(M, ArrayType::get(B.getInt8Ty(), sizeof(gw_thread)), false, GlobalValue::ExternalLinkage,
                               nullptr, "gw_current_thread", nullptr, GlobalValue::InitialExecTLSModel);
    if (!Thread->isThreadLocal()) Thread->setThreadLocalMode(GlobalValue::InitialExecTLSModel);
    return B.CreateConstInBoundsGEP1_64(B.getInt8Ty(), B.CreateThreadLocalAddress(Thread), Offset);
}

} // namespace greywave
