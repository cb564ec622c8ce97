#include "jit.h"

#include "compile.h"

#include <greywave/llvm.h>
#include <llvm-c/Core.h>
#include <llvm-c/Error.h>
#include <llvm-c/LLJIT.h>
#include <stdlib.h>

struct jit {
    LLVMOrcLLJITRef lljit;
    LLVMOrcJITDylibRef symbols;
};

static void check(LLVMErrorRef error, const char *what)
{
    if (error) give_up(what, LLVMGetErrorMessage(error));
}

struct jit *jit_create(int debugger, int profiler)
{
    struct jit *jit = calloc(1, sizeof *jit);
    if (!jit) give_up("jit", "out of memory");
    /* Whatever is linked is registered with the collector. LLJIT finds the runtime's functions in this process. */
    struct greywave_jit_options options = greywave_jit_defaults();
    options.debugger = debugger != 0;
    options.profiler = profiler != 0;
    if (debugger) options.linker = GREYWAVE_RTDYLD; /* JITLink tells of objects with debug information only, and lists.c writes none */
    LLVMOrcLLJITBuilderRef builder = LLVMOrcCreateLLJITBuilder();
    LLVMOrcLLJITBuilderSetObjectLinkingLayerCreator(builder, greywave_create_object_layer, &options);
    check(LLVMOrcCreateLLJIT(&jit->lljit, builder), "LLJIT");
    jit->symbols = LLVMOrcLLJITGetMainJITDylib(jit->lljit);
    return jit;
}

void jit_destroy(struct jit *jit)
{
    check(LLVMOrcDisposeLLJIT(jit->lljit), "end of LLJIT");
    free(jit);
}

void jit_define(struct jit *jit, const char *name, void *address)
{
    LLVMOrcCSymbolMapPair pair = {
        LLVMOrcLLJITMangleAndIntern(jit->lljit, name),
        {(LLVMOrcExecutorAddress)(uintptr_t)address, {LLVMJITSymbolGenericFlagsExported, 0}},
    };
    check(LLVMOrcJITDylibDefine(jit->symbols, LLVMOrcAbsoluteSymbols(&pair, 1)), name);
}

LLVMOrcResourceTrackerRef jit_add(struct jit *jit, LLVMMemoryBufferRef object)
{
    LLVMOrcResourceTrackerRef added = LLVMOrcJITDylibCreateResourceTracker(jit->symbols);
    check(LLVMOrcLLJITAddObjectFileWithRT(jit->lljit, added, object), "adding an object");
    return added;
}

void jit_remove(LLVMOrcResourceTrackerRef added)
{
    check(LLVMOrcResourceTrackerRemove(added), "removing an object");
    LLVMOrcReleaseResourceTracker(added);
}

void *jit_lookup(struct jit *jit, const char *name)
{
    LLVMOrcExecutorAddress address;
    check(LLVMOrcLLJITLookup(jit->lljit, &address, name), name);
    return (void *)(uintptr_t)address;
}
