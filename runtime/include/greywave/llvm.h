/* For compilers built on LLVM, in C or C++: Greywave's passes in the compiler's own process, and a JIT for what they made.
 *
 * Link libgreywave-llvm<version>.so beside LLVM's shared library of the same version; for the JIT, -lgreywave as well.
 * docs/frontend-guide.md says what the IR must look like; examples/frontend-capi is a whole compiler.
 */
#ifndef GREYWAVE_LLVM_H
#define GREYWAVE_LLVM_H

#include <greywave/jit.h>
#include <llvm-c/Orc.h>
#include <llvm-c/TargetMachine.h>
#include <llvm-c/Types.h>
#include <stddef.h>

#pragma GCC visibility push(default)

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Passes ---------------------------------------------------------------------------------------- */

/* How the collector will find what running code refers to. */
enum greywave_roots {
    GREYWAVE_ROOTS_STATEPOINT, /* frame maps, which cost running code nothing */
    GREYWAVE_ROOTS_SHADOW,     /* references are pushed on a shadow stack around calls that may collect */
    GREYWAVE_ROOTS_NONE,       /* not at all, to measure: the first collection ends the process. Not with `jit` */
};

/* What the passes are asked for. Begin with greywave_pipeline_defaults(): then fields that a later version adds have a meaning. */
struct greywave_pipeline_options {
    size_t size;               /* of this struct, in bytes, as the caller was compiled */
    unsigned level;            /* of optimisation, 0 to 3; 2 */
    unsigned roots;            /* enum greywave_roots */
    unsigned char jit;         /* the code runs in this process without being linked: no constructor that registers the module, and no
                                * thread-local symbols. The same as the module flag "greywave-jit" */
    unsigned char polls;       /* loops that may run long ask whether their thread is to stop */
    unsigned char frame_marks; /* for deep stacks that stay: minor collections know frames that wait */
    unsigned char no_check;    /* leave out the run-time checks that references are stored only where the collector looks */
};

/* Sets the first `size` bytes. Without a word of the caller's the passes do what the process's command line says (-mllvm -greywave-roots
 * and its like), where it has parsed one. */
void greywave_pipeline_options_init(struct greywave_pipeline_options *options, size_t size);
/* The defaults, to change some fields of. */
static inline struct greywave_pipeline_options greywave_pipeline_defaults(void)
{
    struct greywave_pipeline_options options;
    greywave_pipeline_options_init(&options, sizeof options);
    return options;
}

/* Runs greywave-prepare, LLVM's optimiser and greywave on `module`, whose triple and data layout must be set. `machine`, borrowed, tells
 * the optimiser about the target; it may be NULL, and so may `options`: the defaults. After it the module is ready for code generation in
 * this process and must not be optimised again. It holds inline assembler, whose parser this call initialises for the whole process
 * (LLVMInitializeX86AsmParser). Any thread, one a context.
 *
 * Returns 0, or 1 when the module was refused, does not verify, or LLVM's passes reported an error, and sets `*message` to NULL or to what
 * and why, a line each, to be freed with greywave_dispose_message. Errors then go nowhere else, so that no handler ends the process; where
 * `message` is NULL they go to the context's diagnostic handler, or to stderr when it takes none. Warnings and remarks go to that handler
 * either way, which is in its place again afterwards. A module that was refused is of no further use. It stays the caller's in all cases.
 */
int greywave_run_pipeline_with(LLVMModuleRef module, LLVMTargetMachineRef machine, const struct greywave_pipeline_options *options,
                               char **message);
/* Frees it. NULL is allowed. */
void greywave_dispose_message(char *message);

/* The same with the defaults, but for `level`, and without a message. */
int greywave_run_pipeline(LLVMModuleRef module, LLVMTargetMachineRef machine, unsigned level);

/* ---- JIT ------------------------------------------------------------------------------------------- */

/* What a JIT calls in the runtime, which the library with the passes is not linked with: there may be one runtime in a process only. */
struct greywave_runtime {
    gw_status (*module_register)(const struct gw_module *module);         /* gw_module_register, jit.h */
    gw_status (*module_unregister)(const struct gw_module *module);       /* gw_module_unregister */
    gw_status (*unwind_register)(const void *eh_frame, size_t size);      /* gw_unwind_register */
    gw_status (*unwind_unregister)(const void *eh_frame);                 /* gw_unwind_unregister */
    const char *(*error_text)(void);                                      /* gw_error_text, status.h */
    bool (*module_in_use)(const struct gw_extent *extents, size_t count); /* gw_module_in_use */
    void (*module_forget)(const struct gw_extent *extents, size_t count); /* gw_module_forget */
};

/* Which of LLVM's two linkers of objects made at run time a layer is built on. */
enum greywave_linker {
    GREYWAVE_JITLINK, /* LLVM's newer one: fails what is out of reach */
    GREYWAVE_RTDYLD,  /* RuntimeDyld: cuts such distances off, in silence */
};

/* What a JIT's layer is asked for. Begin with greywave_jit_defaults(). */
struct greywave_jit_options {
    size_t size;            /* as above */
    unsigned linker;        /* enum greywave_linker */
    unsigned char debugger; /* tell GDB and LLDB of each object; with JITLink, of each that has debug information, and not when it goes */
    unsigned char profiler; /* write a jitdump for `perf inject --jit`, where JITDUMPDIR or ~/.debug/jit says */
    unsigned char no_check; /* what is removed is not in use, says the host: nobody looks */
    struct greywave_runtime runtime;
};

/* JITLink, neither debugger nor profiler, checks, and the runtime that this file's program is linked with. */
static inline struct greywave_jit_options greywave_jit_defaults(void)
{
    struct greywave_jit_options options = {sizeof(struct greywave_jit_options),
                                           GREYWAVE_JITLINK,
                                           0,
                                           0,
                                           0,
                                           {gw_module_register, gw_module_unregister, gw_unwind_register, gw_unwind_unregister,
                                            gw_error_text, gw_module_in_use, gw_module_forget}};
    return options;
}

/* An ORC layer that links objects into this process, with frame maps, global roots and unwind entries (for C++ exceptions, too) registered
 * when they are in place, before any of the code can run, and unregistered before the memory goes: with the resource tracker, or the
 * session. `options` is a struct greywave_jit_options, copied. The triple is not looked at.
 *
 * What gw_module_in_use finds in use, by the heap that is attached to the removing thread or by another, is not removed: its names are
 * gone, code and data stay as they are, and so nothing is wrong. The error says which object of the session it is, and who needs it. With
 * JITLink it is that of LLVMOrcResourceTrackerRemove, which may be called again later for the same tracker, and has to be where other
 * threads have heaps, since they answer later; with RuntimeDyld, which does not ask again, the session is told, and the memory stays for
 * good. The same at the session's end.
 *
 *     struct greywave_jit_options options = greywave_jit_defaults();
 *     LLVMOrcLLJITBuilderSetObjectLinkingLayerCreator(builder, greywave_create_object_layer, &options);
 *
 * The layer is the caller's, as LLVM's are: LLJIT takes it, or LLVMOrcDisposeObjectLayer after the session's end. Never NULL: where the
 * options cannot be had, the layer fails each object with a message that says why. So do maps that are corrupt or of another version, and
 * code that is out of reach: LLVM reports the error to the session, and what was looked up is not found. Any thread. */
LLVMOrcObjectLayerRef greywave_create_object_layer(void *options, LLVMOrcExecutionSessionRef session, const char *triple);

#ifdef __cplusplus
}
#endif

#pragma GCC visibility pop
#endif
