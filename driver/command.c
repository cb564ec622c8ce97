#include "command.h"
#include "abi/assembler.h"
#include "installed.h"

#include <stdio.h>

/* Two variables never share a word of the frame, and one that is initialised is initialised there. What lies in a word in front of a call
 * that is given its address is then a reference or nothing, and never another variable's number
 * (docs/decisions/0099-one-variable-a-word.md). They stand behind the program's own options, which cannot undo them. */
static void push_one_variable_a_word(struct driver *driver)
{
    push(driver, "-fstack-reuse=none");
    push(driver, "-fno-ipa-modref");
    push(driver, "-fno-lifetime-dse");
}

/* -dA: notes on blocks in the assembler output, and no change to the code. -B: where GCC looks for the assembler. */
void push_gcc_options(struct driver *driver, const char *libraries)
{
    if (finds_by(driver, "asm")) {
        char stand_in[PATH_MAX + 96];
        snprintf(stand_in, sizeof stand_in, "%s/greywave/as", libraries);
        require(stand_in, "the assembler's stand-in, gw-asmgcroot,");
        push(driver, "-D__GREYWAVE_ASM__=1");
        push(driver, "-fasynchronous-unwind-tables");
        push(driver, "-fdwarf2-cfi-asm");
        push(driver, "-dA");
        push_one_variable_a_word(driver);
        push_format(driver, "-B%s/greywave/", libraries);
        push(driver, "-Wa," GW_STAND_IN_OPTION);
    } else {
        push(driver, "-D__GREYWAVE_SHADOW__=1");
        push(driver, "-fno-tree-slp-vectorize"); /* pushes joined to vectors, and the loads behind them, stall */
    }
    push_format(driver, "-I%s/include", driver->prefix);
}

/* Such options are known only when the plug-in is loaded by -fplugin as well. */
static void push_plugin_option(struct driver *driver, const char *option, const char *value)
{
    driver->wants_plugin_options = true;
    push(driver, "-mllvm");
    push_format(driver, "%s%s", option, value);
}

/* On AArch64 the plug-in has no form for a root that is to stay on the stack. */
#ifdef __x86_64__
#define HAS_REGISTER_ROOTS true
#else
#define HAS_REGISTER_ROOTS false
#endif

/* The plug-in says which roots; LLVM would take as many as come first (docs/decisions/0148-roots-in-registers.md). */
static void push_register_roots(struct driver *driver)
{
    if (!finds_by(driver, "statepoint") || !driver->optimises || driver->has_lto || driver->places_roots) return;
    if (!HAS_REGISTER_ROOTS || driver->target) return;
    push(driver, "-mllvm");
    push(driver, REGISTER_ROOTS);
    push(driver, "-mllvm");
    push(driver, MOST_REGISTER_ROOTS "=1");
}

void push_compile_options(struct driver *driver, const char *libraries)
{
    push_format(driver, "-fpass-plugin=%s/libgreywave-llvm%s.so", libraries, driver->llvm);
    if (!finds_by(driver, "statepoint")) push_plugin_option(driver, "-greywave-roots=", driver->roots);
    bool polls = driver->polls || (driver->has_threads && !driver->has_lto && !finds_by(driver, "none"));
    if (polls) push_plugin_option(driver, "-greywave-polls", "");
    if (driver->frame_marks) push_plugin_option(driver, "-greywave-frame-marks", "");
    if (driver->no_check) push_plugin_option(driver, "-greywave-no-check", "");
    push_register_roots(driver);
    /* LLVM 19 verifies IR while it reads it, before -fpass-plugin has told it the functions' gc "greywave". */
    if (driver->wants_plugin_options || driver->ir) push_format(driver, "-fplugin=%s/libgreywave-llvm%s.so", libraries, driver->llvm);
    push(driver, "-D__GREYWAVE__=1");
    /* A remark nobody makes: clang then keeps source locations for diagnostics without writing debug information, so
     * that a refusal names its line. The object file is the same with and without. The last -Rpass counts. */
    if (!driver->wants_remarks) push(driver, "-Rpass=greywave-locations");
    push_format(driver, "-I%s/include", driver->prefix);
    /* Not every step uses every option: object files need no plug-in, and -c no library. */
    push(driver, "-Wno-unused-command-line-argument");
}

/* The plug-in takes part in the link. Without optimisation LLVM's pipeline for -flto=thin would not call it. */
static void push_link_time_options(struct driver *driver, const char *libraries)
{
    if (!finds_by(driver, "statepoint"))
        refuse("--roots=%s does not go together with link-time optimisation; leave out -flto", driver->roots);
    if (driver->polls) refuse("--polls does not go together with link-time optimisation; leave out -flto");
    if (driver->frame_marks) refuse("--frame-marks does not go together with link-time optimisation; leave out -flto");
    push(driver, "-fuse-ld=lld");
    push_format(driver, "-Wl,--load-pass-plugin=%s/libgreywave-llvm%s.so", libraries, driver->llvm);
    if (!driver->optimises) push(driver, "-Wl,--lto-O1");
}

/* The system's own linker mostly links for its own machine alone. */
static void push_linker(struct driver *driver)
{
    if (driver->target && !driver->names_linker && !driver->has_lto && !driver->gcc) push(driver, "-fuse-ld=lld");
}

void push_link_options(struct driver *driver, const char *libraries)
{
    if (driver->has_lto) push_link_time_options(driver, libraries);
    push_linker(driver);
    if (driver->is_partial) return;
    libraries = runtime_directory(driver, libraries);
    char archive[PATH_MAX + 96];
    if (driver->has_cplusplus && !driver->names_libraries && (driver->gcc || !driver->is_cplusplus)) {
        push(driver, "-lstdc++");
        push(driver, "-lm");
    }
    if (driver->is_static && !driver->names_libraries) {
        snprintf(archive, sizeof archive, "%s/libgreywave.a", libraries);
        require(archive, "the static runtime");
        push_format(driver, "%s", archive);
        push(driver, "-lpthread");
        push(driver, "-Wl,--eh-frame-hdr"); /* GCC leaves the search table of unwind entries out of static programs */
        return;
    }
    push_format(driver, "-L%s", libraries);
    push_format(driver, "-Wl,-rpath,%s", libraries);
    if (!driver->names_libraries) push(driver, "-lgreywave");
}
