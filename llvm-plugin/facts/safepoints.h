// Safepoints: the calls at which a collection may happen.
#ifndef GREYWAVE_SAFEPOINTS_H
#define GREYWAVE_SAFEPOINTS_H

#include "facts/llvm_versions.h"

namespace greywave
{

constexpr char LeafAttribute[] = "gc-leaf-function";

/// A call of the plug-in's own that stands for something until a later pass takes it away: it touches memory as said, and does nothing
/// else.
void describeMarker(llvm::Function &F, llvm::MemoryEffects Effects);

/// A function of the runtime that is no safepoint, and a call of it or of assembler that leads there.
llvm::FunctionCallee declareLeaf(llvm::Module &M, llvm::StringRef Name, llvm::Type *Result, llvm::ArrayRef<llvm::Type *> Parameters);
llvm::CallInst *callLeaf(llvm::FunctionCallee Callee, llvm::ArrayRef<llvm::Value *> Arguments, llvm::IRBuilderBase &B);

/// setjmp and its kin. Whatever the function calls after the first return may have collected before the second.
bool returnsTwice(const llvm::Instruction &I);

/// Every call that is not known to be a leaf: intrinsics, inline assembler and calls marked LeafAttribute are leaves. Calls that return
/// twice count, until nothing that moves lives across them (second_returns.cpp). What calls
/// such a function by `musttail` is taken at its callee's word alone: its own mark only says that it is no safepoint.
bool mayCollect(const llvm::Instruction &I);

/// A call that may collect while this function's frame stands: all of these but `musttail` calls, which leave it first.
bool isSafepoint(const llvm::Instruction &I);

/// Is I a call of the function of this name?
bool isCallOf(const llvm::Instruction &I, llvm::StringRef Name);

/// In front of which instruction a value is needed for a use: the user, or the end of the block that a phi's operand comes from.
llvm::Instruction *placeOfUse(const llvm::Use &U);

/// Does a safepoint lie between the definition of an instruction and this use of it?
bool crossesSafepoint(const llvm::Use &U);

/// May a safepoint run after `From` and before `To`, with no run through `From`, or a loop around it alone, in between?
bool safepointBetween(const llvm::Instruction &From, const llvm::Instruction &To);

/// May a safepoint run between the function's entry and I?
bool safepointBefore(const llvm::Instruction &I);

/// Is V still needed after a safepoint, or another instruction for which Stop holds, that comes after its definition?
bool livesAcrossSafepoint(const llvm::Instruction &V);
bool livesAcross(const llvm::Instruction &V, llvm::function_ref<bool(const llvm::Instruction &)> Stop);

} // namespace greywave

#endif
