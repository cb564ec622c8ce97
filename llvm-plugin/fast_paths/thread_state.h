// gw_current_thread, as compiled code reads and writes it.
#ifndef GREYWAVE_THREAD_STATE_H
#define GREYWAVE_THREAD_STATE_H

#include "facts/llvm_versions.h"

namespace greywave
{

/// The address of the word at `Offset` in the running thread's struct gw_thread.
llvm::Value *threadWord(llvm::Module &M, size_t Offset, llvm::IRBuilderBase &B);

} // namespace greywave

#endif
