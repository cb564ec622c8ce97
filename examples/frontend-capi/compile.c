#include "compile.h"

#include <greywave/llvm.h>
#include <llvm-c/Core.h>
#include <llvm-c/Target.h>
#include <stdio.h>
#include <stdlib.h>

_Noreturn void give_up(const char *what, const char *why)
{
    fprintf(stderr, "frontend-capi: %s: %s\n", what, why);
    exit(2);
}

LLVMTargetMachineRef compile_machine(void)
{
    char *error, *triple = LLVMGetDefaultTargetTriple();
    LLVMTargetRef target;
    LLVMInitializeNativeTarget();
    LLVMInitializeNativeAsmPrinter();
    if (LLVMGetTargetFromTriple(triple, &target, &error)) give_up("no target", error);
    /* Small code model: code, data and maps of one module lie within 2 GiB of each other. */
    LLVMTargetMachineRef machine =
        LLVMCreateTargetMachine(target, triple, "x86-64", "", LLVMCodeGenLevelDefault, LLVMRelocPIC, LLVMCodeModelSmall);
    LLVMDisposeMessage(triple);
    return machine;
}

static void set_target(LLVMModuleRef module, LLVMTargetMachineRef machine)
{
    LLVMTargetDataRef layout = LLVMCreateTargetDataLayout(machine);
    char *triple = LLVMGetTargetMachineTriple(machine);
    LLVMSetModuleDataLayout(module, layout);
    LLVMSetTarget(module, triple);
    LLVMDisposeMessage(triple);
    LLVMDisposeTargetData(layout);
}

LLVMMemoryBufferRef compile_module(LLVMModuleRef module, LLVMTargetMachineRef machine, int for_jit)
{
    char *error;
    LLVMMemoryBufferRef object;
    set_target(module, machine);
    struct greywave_pipeline_options options = greywave_pipeline_defaults();
    options.jit = for_jit;
    if (greywave_run_pipeline_with(module, machine, &options, &error)) give_up("the module is refused", error);
    if (LLVMTargetMachineEmitToMemoryBuffer(machine, module, LLVMObjectFile, &error, &object)) give_up("no code", error);
    LLVMDisposeModule(module);
    return object;
}
