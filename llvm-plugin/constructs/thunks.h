// Functions that stand between a call and its callee.
#ifndef GREYWAVE_CONSTRUCTS_THUNKS_H
#define GREYWAVE_CONSTRUCTS_THUNKS_H

#include "facts/llvm_versions.h"

namespace greywave
{

/// Thunk is called in place of a call in Caller: it is compiled as that is, for how arguments are passed depends on what the caller may
/// assume of the processor; stays a function; and can be unwound.
void makeThunkFor(const llvm::Function &Caller, llvm::Function &Thunk);

/// A call of Thunk in front of Call, with Arguments, or an invoke where that is one; Call is still there.
llvm::CallBase *callInstead(llvm::CallBase &Call, llvm::Function &Thunk, llvm::ArrayRef<llvm::Value *> Arguments);

} // namespace greywave

#endif
