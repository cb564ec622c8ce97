#include "jit.h"

#include "code_memory.h"
#include "compile.h"

#include <llvm-c/Core.h>
#include <llvm-c/Error.h>
#include <llvm-c/LLJIT.h>
#include <llvm-c/OrcEE.h>
#include <stdlib.h>

struct jit {
    LLVMOrcLLJITRef lljit;
    LLVMOrcJITDylibRef symbols;
};

static void check(LLVMErrorRef error, const char *what)
{
    if (error) give_up(what, LLVMGetErrorMessage(error));
}

/* Not JITLink, LLVM's default here: it drops sections that it does not know, the frame maps among them. */
static LLVMOrcObjectLayerRef make_linking_layer(void *unused, LLVMOrcExecutionSessionRef session, const char *triple)
{
    (void)unused, (void)triple;
    return LLVMOrcCreateRTDyldObjectLinkingLayerWithMCJITMemoryManagerLikeCallbacks(
        session, NULL, code_memory_create, code_memory_terminating, code_memory_take_code, code_memory_take_data, code_memory_finalize,
        code_memory_destroy);
}

/* The runtime's functions are found in this process. */
static void find_symbols_of_process(struct jit *jit)
{
    LLVMOrcDefinitionGeneratorRef process;
    check(LLVMOrcCreateDynamicLibrarySearchGeneratorForProcess(&process, LLVMOrcLLJITGetGlobalPrefix(jit->lljit), NULL, NULL),
          "symbols of the process");
    LLVMOrcJITDylibAddGenerator(jit->symbols, process);
}

struct jit *jit_create(void)
{
    struct jit *jit = calloc(1, sizeof *jit);
    if (!jit) give_up("jit", "out of memory");
    LLVMOrcLLJITBuilderRef builder = LLVMOrcCreateLLJITBuilder();
    LLVMOrcLLJITBuilderSetObjectLinkingLayerCreator(builder, make_linking_layer, NULL);
    check(LLVMOrcCreateLLJIT(&jit->lljit, builder), "LLJIT");
    jit->symbols = LLVMOrcLLJITGetMainJITDylib(jit->lljit);
    find_symbols_of_process(jit);
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
