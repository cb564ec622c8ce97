/* For compilers built on the LLVM C API: Greywave's passes in the compiler's own process.
 *
 * Link libgreywave-llvm<version>.so beside LLVM's shared library of the same version. docs/frontend-guide.md says what
 * the IR must look like; examples/frontend-capi is a whole compiler.
 */
#ifndef GREYWAVE_LLVM_H
#define GREYWAVE_LLVM_H

#include <llvm-c/TargetMachine.h>
#include <llvm-c/Types.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Runs greywave-prepare, LLVM's optimiser at `level` (0 to 3) and greywave on `module`, whose triple and data layout must
 * be set. `machine`, borrowed, tells the optimiser about the target; it may be NULL. After it the module is ready for code
 * generation in this process and must not be optimised again. It holds inline assembler, whose parser this call
 * initialises for the whole process (LLVMInitializeX86AsmParser). Returns 0, or 1 when the module was refused or
 * LLVM's passes reported an error. What and why has gone to the context's diagnostic handler, or to stderr when it has none; the process
 * goes on either way. A module that was refused is of no further use. It stays the caller's in both cases.
 *
 * A module whose code runs in this process without being linked (JIT) carries a module flag:
 *     LLVMAddModuleFlag(module, LLVMModuleFlagBehaviorWarning, "greywave-jit", 12, one)
 * It gets no constructor that registers it, and no thread-local symbols; give its sections `gw_maps`, `gw_globals` and
 * `.eh_frame` to gw_module_register and gw_unwind_register. */
int greywave_run_pipeline(LLVMModuleRef module, LLVMTargetMachineRef machine, unsigned level);

#ifdef __cplusplus
}
#endif

#endif
