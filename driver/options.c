#include "options.h"
#include "installed.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char help_text[] =
    "usage: gwcc [--roots=statepoint|shadow|asm|none] [--llvm=22|19] [--gcc[=PROGRAM]] [compiler options]\n"
    "            files... [-o out]\n"
    "\n"
    "Compiles and links C and C++ (and LLVM IR) programs that use the Greywave collector. By the name gwc++ it\n"
    "compiles and links by the C++ compilers, as clang++ and g++ do.\n"
    "\n"
    "  --roots=statepoint  how roots are found: by frame maps, which cost nothing to keep (the default)\n"
    "  --roots=shadow      references are pushed on a shadow stack around calls that may collect\n"
    "  --roots=asm         by GCC, with frame maps that gw-asmgcroot makes of its assembler output; see\n"
    "                      greywave/roots.h for what the source must say, here and with --gcc\n"
    "  --roots=none        not at all, to measure what roots cost: such a program must have a nursery\n"
    "                      larger than all that it allocates, and ends with a message otherwise\n"
    "  --gcc[=PROGRAM]     compile with GCC, for --roots=shadow and asm; PROGRAM is gcc unless named, or by the\n"
    "                      environment variable GWCC_GCC\n"
    "  --polls             loops that may run long without allocating ask each time round whether\n"
    "                      their thread is to stop: for threads that share a heap. With -pthread on by\n"
    "                      itself, but with -flto\n"
    "  --frame-marks       functions that may call themselves keep a word in their frame by which minor collections\n"
    "                      know frames that wait, and need not look at them again: for deep stacks that stay\n"
    "  --llvm=N            the LLVM version whose clang and plug-in to use: 22 (default) or 19; the\n"
    "                      environment variable GWCC_LLVM sets another default\n"
    "  --target=TRIPLE     compile for another machine: aarch64-linux-gnu (on AArch64: x86_64-linux-gnu). Its C library is\n"
    "                      looked for in --sysroot=FOLDER, the runtime in lib/aarch64-linux-gnu beside the plug-in's\n"
    "                      folder, and the linker is lld unless -fuse-ld= names another; with --gcc, PROGRAM is the\n"
    "                      compiler for that machine\n"
    "  --no-check          leave out the checks, at run time, that references are stored and copied only where\n"
    "                      the collector looks\n"
    "  --print-command     print the command instead of running it\n"
    "  --help, --version   this text; the version\n"
    "\n"
    "All other options are clang's: -c -S -E -shared -fPIC -O0..-O3 -Os -g -o -I -D -Wl,... With\n"
    "-static the runtime is linked from libgreywave.a, and with -r, -nostdlib or -nodefaultlibs not at all. -flto and\n"
    "-flto=thin link with lld, which loads the plug-in. -Rpass=greywave tells what was saved of barriers and\n"
    "allocations, and -Rpass-missed=greywave what was not and why. The programs' environment variable GREYWAVE sets\n"
    "up the heap.\n";

#if defined(__x86_64__)
#define READS_THIS_MACHINE true
#else
#define READS_THIS_MACHINE false
#endif

static const char *default_gcc(const struct driver *driver)
{
    const char *named = getenv("GWCC_GCC");
    if (named && *named) return named;
    return driver->is_cplusplus ? "g++" : "gcc";
}

void check_roots(struct driver *driver)
{
    if (finds_by(driver, "asm") && !driver->gcc) driver->gcc = default_gcc(driver);
    if (driver->gcc && !finds_by(driver, "asm") && !finds_by(driver, "shadow"))
        refuse("--gcc: GCC finds roots by asm or shadow; say --roots=asm, or --roots=shadow");
    if (finds_by(driver, "asm") && (driver->has_lto || driver->unusable_lto))
        refuse("%s: gw-asmgcroot reads the assembler output of each file, and link-time optimisation has none; leave it out",
               driver->unusable_lto ? driver->unusable_lto : "-flto");
    if (finds_by(driver, "asm") && (driver->target || !READS_THIS_MACHINE))
        refuse("--roots=asm: gw-asmgcroot reads assembler for x86-64 alone; with GCC say --roots=shadow for other machines");
    if (finds_by(driver, "asm") && driver->unusable_code)
        refuse("%s: gw-asmgcroot reads 64-bit code in AT&T notation on stacks of one piece; leave it out", driver->unusable_code);
    if (driver->refused && !driver->gcc) refuse("%s: %s; leave it out", driver->refused, driver->refused_why);
    if (driver->unusable_lto) refuse("%s: of link-time optimisation -flto and -flto=thin are supported", driver->unusable_lto);
    if (driver->gcc && driver->polls) refuse("--polls: only clang's code gets polls; call gw_poll_slow where GCC's should stop");
    if (driver->frame_marks && !finds_by(driver, "statepoint"))
        refuse("--frame-marks goes with --roots=statepoint alone; leave one of them out");
}

void read_own_option(struct driver *driver, const char *argument)
{
    if (starts_with(argument, "--roots=")) {
        static const char *const finders[] = {"statepoint", "shadow", "asm", "none", NULL};
        driver->roots = argument + strlen("--roots=");
        if (!is_one_of(driver->roots, finders)) refuse("%s: roots are found by statepoint, shadow, asm or none; see gwcc --help", argument);
    } else if (strcmp(argument, "--gcc") == 0) {
        driver->gcc = default_gcc(driver);
    } else if (starts_with(argument, "--gcc=")) {
        driver->gcc = argument + strlen("--gcc=");
    } else if (starts_with(argument, "--llvm=")) {
        driver->llvm = argument + strlen("--llvm=");
    } else if (strcmp(argument, "--no-check") == 0) {
        driver->no_check = true;
    } else if (strcmp(argument, "--polls") == 0) {
        driver->polls = true;
    } else if (strcmp(argument, "--frame-marks") == 0) {
        driver->frame_marks = true;
    } else if (strcmp(argument, "--print-command") == 0) {
        driver->print = true;
    } else if (strcmp(argument, "--help") == 0) {
        fputs(help_text, stdout);
        exit(0);
    } else if (strcmp(argument, "--version") == 0) {
        puts("gwcc " GW_VERSION);
        exit(0);
    } else {
        refuse("unknown option '%s'; see gwcc --help", argument);
    }
}

bool is_compiler_long_option(const char *argument)
{
    static const char *const prefixes[] = {"--target=", "--sysroot",    "--std=",     "--param",   "--gcc-toolchain=", "--gcc-install-dir=",
                                           "--rtlib=",  "--unwindlib=", "--ld-path=", "--verbose", "--coverage",       NULL};
    for (const char *const *prefix = prefixes; *prefix; prefix++)
        if (starts_with(argument, *prefix)) return true;
    return false;
}

bool takes_value(const char *argument)
{
    static const char *const options[] = {"-o",          "-I",      "-D",         "-U",  "-L",    "-l",      "-x",      "-include",
                                          "-isystem",    "-iquote", "-idirafter", "-MF", "-MT",   "-MQ",     "-Xclang", "-Xlinker",
                                          "-mllvm",      "-T",      "-u",         "-z",  "-arch", "-target", "--param", "-Xpreprocessor",
                                          "-Xassembler", "-e",      "-imacros",   NULL};
    return is_one_of(argument, options);
}

/* What clang takes and its code generation, or the runtime, does not. Ends with '*': any rest. */
static const struct {
    const char *option, *why;
} refused_options[] = {
    {"-femulated-tls", "compiled code and the runtime share a thread-local variable, and the runtime's is not emulated"},
    {"-fembed-bitcode", "the code would be made of that bitcode by a compiler that has not loaded the plug-in"},
    {"-fembed-bitcode=all", "the code would be made of that bitcode by a compiler that has not loaded the plug-in"},
    {"-fsplit-machine-functions", "the frame maps describe functions in one piece"},
    {"-global-isel*", "GlobalISel makes no code of statepoints"},
    {"-fglobal-isel", "GlobalISel makes no code of statepoints"},
    {"-fexperimental-isel", "GlobalISel makes no code of statepoints"},
    {"-enable-coldcc-stress-test*", "LLVM loses what functions of this convention return in more than a register"},
    {"-m32", "references have 64 bits"},
    {"-mx32", "references have 64 bits"},
    {"-m16", "references have 64 bits"},
    {"-miamcu", "references have 64 bits"},
};

static bool is_option(const char *argument, const char *pattern)
{
    size_t length = strlen(pattern);
    if (pattern[length - 1] != '*') return strcmp(argument, pattern) == 0;
    return strncmp(argument, pattern, length - 1) == 0;
}

static bool names_sanitizer(const char *argument, const char *sanitizer)
{
    static const char option[] = "-fsanitize=";
    if (!starts_with(argument, option)) return false;
    size_t length = strlen(sanitizer);
    for (const char *word = argument + strlen(option); word; word = strchr(word, ',')) {
        if (*word == ',') word++;
        if (strncmp(word, sanitizer, length) == 0 && (!word[length] || word[length] == ',')) return true;
    }
    return false;
}

static void note_refused(struct driver *driver, const char *argument)
{
    for (size_t i = 0; i < sizeof refused_options / sizeof *refused_options; i++) {
        if (!is_option(argument, refused_options[i].option)) continue;
        driver->refused = argument;
        driver->refused_why = refused_options[i].why;
    }
    if (names_sanitizer(argument, "dataflow")) {
        driver->refused = argument;
        driver->refused_why = "it gives functions other names, which the runtime's do not have";
    }
}

/* Without the passes nobody would find the references of the code that comes out. */
static void refuse_without_passes(const char *argument)
{
    static const char *const unusable[] = {"-disable-llvm-passes", "-disable-llvm-optzns", "-cc1", "-cc1as", NULL};
    static const char joined[] = "-Xclang=";
    if (starts_with(argument, joined)) argument += strlen(joined);
    if (is_one_of(argument, unusable)) refuse("%s: the collector's passes would not run; leave it out", argument);
}

/* GCC is compiled for one machine, and knows no --target. */
static bool is_told_by_name(const struct driver *driver, const char *argument)
{
    return driver->gcc && starts_with(argument, "--target=");
}

void read_compiler_option(struct driver *driver, const char *argument)
{
    refuse_without_passes(argument);
    note_refused(driver, argument);
    static const char *const no_link[] = {"-c", "-S", "-E", "-M", "-MM", "-fsyntax-only", "-emit-ast", "-###", NULL};
    if (starts_with(argument, "-fthin") || strcmp(argument, "-ffat-lto-objects") == 0) driver->unusable_lto = argument;
    static const char *const unusable[] = {"-masm=intel", "-fsplit-stack", "-m32", "-mx32", "-m16", NULL};
    if (is_one_of(argument, unusable)) driver->unusable_code = argument;
    if (strcmp(argument, "-pthread") == 0) driver->has_threads = true;
    if (starts_with(argument, "-flto")) driver->has_lto = true;
    if (strcmp(argument, "-fno-lto") == 0) driver->has_lto = false;
    if (starts_with(argument, "-O")) driver->optimises = strcmp(argument, "-O0") != 0;
    if (starts_with(argument, "-fbasic-block-sections=") && strcmp(argument, "-fbasic-block-sections=none") != 0)
        refuse("%s: the frame maps describe functions in one piece", argument);
    if (is_one_of(argument, no_link) && strcmp(argument, "-###") != 0) driver->links = false;
    static const char *const partial[] = {"-r", "-Wl,-r", "-Wl,-i", "-Wl,--relocatable", NULL};
    if (is_one_of(argument, partial)) driver->is_partial = true;
    if (strcmp(argument, "-nostdlib") == 0 || strcmp(argument, "-nodefaultlibs") == 0) driver->names_libraries = true;
    if (strcmp(argument, "-static") == 0 || strcmp(argument, "-static-pie") == 0) driver->is_static = true;
    if (starts_with(argument, "--target=")) read_target(driver, argument + strlen("--target="));
    if (starts_with(argument, "-fuse-ld=") || starts_with(argument, "--ld-path=")) driver->names_linker = true;
    if (starts_with(argument, "-Rpass=")) driver->wants_remarks = true;
    if (starts_with(argument, "-greywave-")) driver->wants_plugin_options = true;
    if (strstr(argument, MOST_REGISTER_ROOTS) || strstr(argument, REGISTER_ROOTS)) driver->places_roots = true;
    if (!is_told_by_name(driver, argument)) push(driver, argument);
}
