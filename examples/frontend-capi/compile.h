/* From a module to an object file in memory: Greywave's passes, then LLVM's code generation. */
#ifndef COMPILE_H
#define COMPILE_H

#include <llvm-c/TargetMachine.h>

/* For this machine. Ends the program when LLVM cannot. */
LLVMTargetMachineRef compile_machine(void);

/* Takes the module. `for_jit`: the code runs in this process, not linked. The buffer is the caller's. Ends the program
 * with LLVM's or Greywave's words when the module is refused. */
LLVMMemoryBufferRef compile_module(LLVMModuleRef module, LLVMTargetMachineRef machine, int for_jit);

_Noreturn void give_up(const char *what, const char *why);

#endif
