/* A small compiler on the LLVM C API.
 *
 *   frontend-capi object FILE   writes an object file with prepend, total, extend and run (lists.h)
 *   frontend-capi run N [TOOL]  runs run(N) in a JIT. Each call of extend compiles a module for that round alone,
 *                               runs it and removes it again, while run's frame, full of references, waits below. Variables of
 *                               three modules at a time are roots. TOOL: debugger, to be run under GDB, or profiler,
 *                               to be run under perf (docs/frontend-guide.md, "Looking at code that runs")
 */
#include "compile.h"
#include "jit.h"
#include "lists.h"

#include <greywave/greywave.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct {
    LLVMContextRef context;
    LLVMTargetMachineRef machine;
    struct jit *jit;
    long modules;
} compiler;

typedef void *extend_function(void *list, int64_t k);

/* What compiled code knows as `extend`. `list` is a reference in a plain variable of native code: good for being handed
 * on, as long as nothing has collected yet. */
static void *extend(void *list, int64_t k)
{
    char name[32];
    snprintf(name, sizeof name, "extend_%ld", (long)k);
    LLVMModuleRef module = lists_round_module(compiler.context, name, (long)k);
    LLVMOrcResourceTrackerRef added = jit_add(compiler.jit, compile_module(module, compiler.machine, 1));
    list = ((extend_function *)jit_lookup(compiler.jit, name))(list, k);
    jit_remove(added);
    compiler.modules++;
    return list;
}

static bool out_of_memory(void *data, size_t bytes)
{
    (void)data, (void)bytes;
    give_up("run", "out of memory");
}

static void run(long rounds, const char *tool)
{
    if (gw_init(NULL) != GW_OK) give_up("gw_init", gw_error_text());
    gw_set_oom_handler(out_of_memory, NULL);
    compiler.jit = jit_create(strcmp(tool, "debugger") == 0, strcmp(tool, "profiler") == 0);
    jit_define(compiler.jit, "extend", extend);
    jit_add(compiler.jit, compile_module(lists_variable_module(compiler.context), compiler.machine, 1));
    jit_add(compiler.jit, compile_module(lists_module(compiler.context, 0), compiler.machine, 1));
    int64_t (*function)(int64_t) = jit_lookup(compiler.jit, "run");
    printf("total %ld\n", (long)function(rounds));
    fprintf(stderr, "%ld modules came and went\n", compiler.modules);
    jit_destroy(compiler.jit);
}

static void write_object(const char *name)
{
    LLVMMemoryBufferRef object = compile_module(lists_module(compiler.context, 1), compiler.machine, 0);
    FILE *file = fopen(name, "wb");
    size_t size = LLVMGetBufferSize(object);
    if (!file || fwrite(LLVMGetBufferStart(object), 1, size, file) != size || fclose(file) != 0) give_up(name, "cannot write");
    LLVMDisposeMemoryBuffer(object);
}

int main(int argc, char **argv)
{
    compiler.context = LLVMContextCreate();
    compiler.machine = compile_machine();
    if (argc == 3 && strcmp(argv[1], "object") == 0) write_object(argv[2]);
    else if (argc >= 3 && strcmp(argv[1], "run") == 0) run(strtol(argv[2], NULL, 10), argc > 3 ? argv[3] : "");
    else give_up("usage", "frontend-capi object FILE | run N [debugger | profiler]");
    LLVMDisposeTargetMachine(compiler.machine);
    LLVMContextDispose(compiler.context);
    return 0;
}
