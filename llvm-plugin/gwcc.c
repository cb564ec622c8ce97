/* gwcc: compiles and links like cc, with the collector's pass plug-in and runtime.
 *
 * Everything that is not an option of gwcc itself goes to clang as it stands. The parts (plug-in, headers, runtime)
 * are found relative to this executable, so a build tree and an install prefix work the same way:
 * <prefix>/bin/gwcc, <prefix>/lib/libgreywave*, <prefix>/include/greywave.
 */
#define _GNU_SOURCE
#include "gwcc_inputs.h"
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const char help_text[] =
    "usage: gwcc [--roots=statepoint|shadow|asm|none] [--llvm=22|19] [--gcc[=PROGRAM]] [compiler options]\n"
    "            files... [-o out]\n"
    "\n"
    "Compiles and links C and C++ (and LLVM IR) programs that use the Greywave collector.\n"
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
    "                      their thread is to stop\n"
    "  --frame-marks       functions that may call themselves keep a word in their frame by which minor collections\n"
    "                      know frames that wait, and need not look at them again: for deep stacks that stay\n"
    "  --llvm=N            the LLVM version whose clang and plug-in to use: 22 (default) or 19; the\n"
    "                      environment variable GWCC_LLVM sets another default\n"
    "  --no-check          leave out the checks, at run time, that references are stored and copied only where\n"
    "                      the collector looks\n"
    "  --print-command     print the command instead of running it\n"
    "  --help, --version   this text; the version\n"
    "\n"
    "All other options are clang's: -c -S -E -shared -fPIC -O0..-O3 -Os -g -o -I -D -Wl,... With\n"
    "-static the runtime is linked from libgreywave.a. -flto and -flto=thin link with lld, which loads\n"
    "the plug-in. -Rpass=greywave tells what was saved of barriers and allocations, and\n"
    "-Rpass-missed=greywave what was not and why. The programs' environment variable GREYWAVE sets up the heap.\n";

struct driver {
    const char *llvm;          /* "22" */
    const char *roots;         /* "statepoint" */
    const char *gcc;           /* the program, or NULL: clang */
    bool print;                /* --print-command */
    bool links;                /* no -c, -S, -E or the like */
    bool is_static;            /* -static */
    bool wants_plugin_options; /* -mllvm -greywave-…: the plug-in must be loaded before options are read */
    bool has_lto;   /* -flto or -flto=thin: the plug-in works at the link */
    const char *unusable_lto;  /* an option of link-time optimisation that goes with neither, or NULL */
    const char *unusable_code; /* an option that makes code in which GCC's frames cannot be followed, or NULL */
    bool optimises; /* -O1 or more */
    bool wants_remarks;        /* -Rpass=… */
    bool polls;                /* --polls */
    bool frame_marks;          /* --frame-marks */
    bool no_check;             /* --no-check */
    bool has_input;
    bool has_cplusplus; /* a C++ source among the inputs: its library is linked */
    char prefix[PATH_MAX]; /* the directory above bin */
    const char *language;  /* of the inputs that follow, by -x; NULL: by their names */
    struct words arguments; /* for the compiler; heap-allocated strings and pointers into argv */
    struct words linked;    /* what may be an input of the linker: files, -lNAME */
    struct words libraries; /* where the linker looks for -lNAME: -L, LIBRARY_PATH */
};

static _Noreturn void refuse(const char *format, ...)
{
    va_list list;
    va_start(list, format);
    fputs("gwcc: ", stderr);
    vfprintf(stderr, format, list);
    fputc('\n', stderr);
    va_end(list);
    exit(2);
}

static void push(struct driver *driver, const char *argument)
{
    if (!add_word(&driver->arguments, argument)) refuse("out of memory");
}

__attribute__((format(printf, 2, 3))) static void push_format(struct driver *driver, const char *format, ...)
{
    char *text;
    va_list list;
    va_start(list, format);
    int length = vasprintf(&text, format, list);
    va_end(list);
    if (length < 0) refuse("out of memory");
    push(driver, text);
}

static bool starts_with(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

static bool is_one_of(const char *text, const char *const *list)
{
    for (; *list; list++)
        if (strcmp(text, *list) == 0) return true;
    return false;
}

/* ---- Where things are ------------------------------------------------------------------------------ */

static void find_prefix(struct driver *driver)
{
    ssize_t length = readlink("/proc/self/exe", driver->prefix, sizeof driver->prefix - 1);
    if (length < 0) refuse("cannot find my own executable: %s", strerror(errno));
    driver->prefix[length] = 0;
    for (int level = 0; level < 2; level++) {
        char *slash = strrchr(driver->prefix, '/');
        if (!slash) refuse("my own executable '%s' is not in a bin directory", driver->prefix);
        *slash = 0;
    }
}

static void require(const char *path, const char *what)
{
    if (access(path, R_OK) != 0) refuse("%s is missing: %s; build or install it there", what, path);
}

/* <prefix>/lib, or Debian's lib/<triplet> when installed there. */
static const char *library_directory(const struct driver *driver)
{
    static char path[PATH_MAX + 64];
    static const char *const names[] = {"lib", "lib/x86_64-linux-gnu", "lib64", NULL};
    for (const char *const *name = names; *name; name++) {
        if (driver->gcc) snprintf(path, sizeof path, "%s/%s/libgreywave.so", driver->prefix, *name);
        else snprintf(path, sizeof path, "%s/%s/libgreywave-llvm%s.so", driver->prefix, *name, driver->llvm);
        if (access(path, R_OK) != 0) continue;
        *strrchr(path, '/') = 0;
        return path;
    }
    if (driver->gcc) refuse("the runtime is missing: no libgreywave.so under %s/lib; build or install it there", driver->prefix);
    refuse("the plug-in for LLVM %s is missing: no libgreywave-llvm%s.so under %s/lib; build or install it there",
           driver->llvm, driver->llvm, driver->prefix);
}

static const char *compiler(const struct driver *driver)
{
    static char path[64];
    snprintf(path, sizeof path, "/usr/lib/llvm-%s/bin/clang", driver->llvm);
    if (access(path, X_OK) != 0) snprintf(path, sizeof path, "clang-%s", driver->llvm);
    return path;
}

/* ---- Reading the command line ---------------------------------------------------------------------- */

static const char *default_gcc(void)
{
    const char *named = getenv("GWCC_GCC");
    return named && *named ? named : "gcc";
}

static bool finds_by(const struct driver *driver, const char *roots)
{
    return strcmp(driver->roots, roots) == 0;
}

/* Root finders and compilers that go together. */
static void check_roots(struct driver *driver)
{
    if (finds_by(driver, "asm") && !driver->gcc) driver->gcc = default_gcc();
    if (driver->gcc && !finds_by(driver, "asm") && !finds_by(driver, "shadow"))
        refuse("--gcc: GCC finds roots by asm or shadow; say --roots=asm, or --roots=shadow");
    if (finds_by(driver, "asm") && (driver->has_lto || driver->unusable_lto))
        refuse("%s: gw-asmgcroot reads the assembler output of each file, and link-time optimisation has none; leave it out",
               driver->unusable_lto ? driver->unusable_lto : "-flto");
    if (finds_by(driver, "asm") && driver->unusable_code)
        refuse("%s: gw-asmgcroot reads 64-bit code in AT&T notation on stacks of one piece; leave it out", driver->unusable_code);
    if (driver->unusable_lto)
        refuse("%s: of link-time optimisation -flto and -flto=thin are supported", driver->unusable_lto);
    if (driver->gcc && driver->polls) refuse("--polls: only clang's code gets polls; call gw_poll_slow where GCC's should stop");
    if (driver->frame_marks && strcmp(driver->roots, "statepoint") != 0)
        refuse("--frame-marks goes with --roots=statepoint alone; leave one of them out");
}

static void read_own_option(struct driver *driver, const char *argument)
{
    if (starts_with(argument, "--roots=")) {
        static const char *const finders[] = {"statepoint", "shadow", "asm", "none", NULL};
        driver->roots = argument + strlen("--roots=");
        if (!is_one_of(driver->roots, finders))
            refuse("%s: roots are found by statepoint, shadow, asm or none; see gwcc --help", argument);
    } else if (strcmp(argument, "--gcc") == 0) {
        driver->gcc = default_gcc();
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

/* clang's own spellings with two dashes. */
static bool is_compiler_long_option(const char *argument)
{
    static const char *const prefixes[] = {"--target=",        "--sysroot",          "--std=",   "--param",
                                           "--gcc-toolchain=", "--gcc-install-dir=", "--rtlib=", "--unwindlib=",
                                           "--ld-path=",       "--verbose",          "--coverage", NULL};
    for (const char *const *prefix = prefixes; *prefix; prefix++)
        if (starts_with(argument, *prefix)) return true;
    return false;
}

static bool takes_value(const char *argument)
{
    static const char *const options[] = {
        "-o",          "-I",      "-D",         "-U",  "-L",    "-l",      "-x",      "-include",
        "-isystem",    "-iquote", "-idirafter", "-MF", "-MT",   "-MQ",     "-Xclang", "-Xlinker",
        "-mllvm",      "-T",      "-u",         "-z",  "-arch", "-target", "--param", "-Xpreprocessor",
        "-Xassembler", "-e",      "-imacros",   NULL};
    return is_one_of(argument, options);
}

/* Without the passes nobody would find the references of the code that comes out. */
static void refuse_without_passes(const char *argument)
{
    static const char *const unusable[] = {"-disable-llvm-passes", "-disable-llvm-optzns", "-cc1", "-cc1as", NULL};
    static const char joined[] = "-Xclang=";
    if (starts_with(argument, joined)) argument += strlen(joined);
    if (is_one_of(argument, unusable)) refuse("%s: the collector's passes would not run; leave it out", argument);
}

static void read_compiler_option(struct driver *driver, const char *argument)
{
    refuse_without_passes(argument);
    static const char *const no_link[] = {"-c", "-S", "-E", "-M", "-MM", "-fsyntax-only", "-emit-ast", "-###", NULL};
    if (starts_with(argument, "-fthin") || strcmp(argument, "-ffat-lto-objects") == 0) driver->unusable_lto = argument;
    static const char *const unusable[] = {"-masm=intel", "-fsplit-stack", "-m32", "-mx32", "-m16", NULL};
    if (is_one_of(argument, unusable)) driver->unusable_code = argument;
    if (starts_with(argument, "-flto")) driver->has_lto = true;
    if (strcmp(argument, "-fno-lto") == 0) driver->has_lto = false;
    if (starts_with(argument, "-O")) driver->optimises = strcmp(argument, "-O0") != 0;
    if (starts_with(argument, "-fbasic-block-sections=") && strcmp(argument, "-fbasic-block-sections=none") != 0)
        refuse("%s: the frame maps describe functions in one piece", argument);
    if (is_one_of(argument, no_link) && strcmp(argument, "-###") != 0) driver->links = false;
    if (strcmp(argument, "-static") == 0 || strcmp(argument, "-static-pie") == 0) driver->is_static = true;
    if (starts_with(argument, "-Rpass=")) driver->wants_remarks = true;
    if (starts_with(argument, "-greywave-")) driver->wants_plugin_options = true;
    push(driver, argument);
}

static bool is_cplusplus(const char *name)
{
    static const char *const suffixes[] = {".cc", ".cpp", ".cxx", ".c++", ".C", NULL};
    const char *dot = strrchr(name, '.');
    return dot && is_one_of(dot, suffixes);
}

/* ---- What the linker gets -------------------------------------------------------------------------- */

static void note(struct words *words, const char *word)
{
    if (!add_word(words, word)) refuse("out of memory");
}

/* An option's value, joined or in the next argument. */
static const char *value_of(const char *argument, const char *option, const char *next)
{
    if (!starts_with(argument, option)) return NULL;
    return argument[strlen(option)] ? argument + strlen(option) : next;
}

static void note_for_linker(struct driver *driver, const char *word)
{
    const char *directory = value_of(word, "-L", NULL);
    if (directory) note(&driver->libraries, directory);
    if (word[0] == '-' && !starts_with(word, "-l")) return;
    driver->has_input = true;
    note(&driver->linked, word);
}

/* -Wl,WORD,WORD…; the linker reads response files too. */
static void note_words_for_linker(struct driver *driver, const char *list)
{
    char *rest = strdup(list);
    struct words words = {NULL, 0, 0};
    if (!rest) refuse("out of memory");
    for (char *word; (word = strsep(&rest, ","));)
        if (!add_expanded(&words, word)) refuse("%s: cannot be read", word);
    for (size_t i = 0; i < words.count; i++) note_for_linker(driver, words.at[i]);
    free(words.at);
}

static bool is_compiled(const struct driver *driver, const char *name)
{
    static const char *const suffixes[] = {".bc", ".ll", NULL};
    const char *dot = strrchr(name, '.');
    return driver->language || (dot && is_one_of(dot, suffixes));
}

static void note_input(struct driver *driver, const char *name)
{
    driver->has_input = true;
    if (driver->language ? starts_with(driver->language, "c++") : is_cplusplus(name)) driver->has_cplusplus = true;
    if (!is_compiled(driver, name)) note(&driver->linked, name);
}

/* next: the argument behind, or NULL. */
static void note_argument(struct driver *driver, const char *argument, const char *next)
{
    const char *value;
    if (argument[0] != '-' || strcmp(argument, "-") == 0) {
        note_input(driver, argument);
    } else if ((value = value_of(argument, "-x", next))) {
        driver->language = strcmp(value, "none") == 0 ? NULL : value;
    } else if ((value = value_of(argument, "-l", next))) {
        driver->has_input = true;
        char *option;
        if (asprintf(&option, "-l%s", value) < 0) refuse("out of memory");
        note(&driver->linked, option);
    } else if ((value = value_of(argument, "-L", next))) {
        note(&driver->libraries, value);
    } else if (strcmp(argument, "-Xlinker") == 0 && next) {
        note_words_for_linker(driver, next);
    } else if (starts_with(argument, "-Wl,")) {
        note_words_for_linker(driver, argument + strlen("-Wl,"));
    }
}

static void note_library_path(struct driver *driver)
{
    const char *path = getenv("LIBRARY_PATH");
    char *rest = strdup(path ? path : "");
    if (!rest) refuse("out of memory");
    for (char *directory; (directory = strsep(&rest, ":"));) note(&driver->libraries, *directory ? directory : ".");
}

/* What is no machine code yet the linker would make such of, without maps. */
static void check_linked(const struct driver *driver, const char *word)
{
    char member[PATH_MAX], name[2 * PATH_MAX];
    const char *path = starts_with(word, "-l") ? find_library(word, &driver->libraries, driver->is_static) : word;
    enum intermediate kind = path ? intermediate_code_in(path, member, sizeof member) : INTERMEDIATE_NONE;
    if (!kind) return;
    snprintf(name, sizeof name, *member ? "%s(%s)" : "%s", path, member);
    if (kind == INTERMEDIATE_BITCODE && driver->gcc)
        refuse("%s is bitcode, of which GCC's linker would make code without maps; compile it without -flto", name);
    if (kind == INTERMEDIATE_BITCODE && !driver->has_lto)
        refuse("%s is bitcode, compiled for link-time optimisation; link with -flto or -flto=thin", name);
    if (kind == INTERMEDIATE_GCC && finds_by(driver, "asm"))
        refuse("%s was compiled by GCC with -flto: gw-asmgcroot reads the assembler output of each file, and link-time "
               "optimisation has none; compile it without", name);
}

static void check_inputs(struct driver *driver)
{
    if (!driver->links) return;
    note_library_path(driver);
    for (size_t i = 0; i < driver->linked.count; i++) check_linked(driver, driver->linked.at[i]);
}

/* ---- All arguments --------------------------------------------------------------------------------- */

static void read_arguments(struct driver *driver, const struct words *words)
{
    for (size_t i = 0; i < words->count; i++) {
        const char *argument = words->at[i], *next = i + 1 < words->count ? words->at[i + 1] : NULL;
        if (starts_with(argument, "--") && argument[2] && !is_compiler_long_option(argument)) {
            read_own_option(driver, argument);
            continue;
        }
        note_argument(driver, argument, next);
        if (takes_value(argument) && next) {
            push(driver, argument);
            argument = next;
            i++;
        }
        read_compiler_option(driver, argument);
    }
    if (strcmp(driver->llvm, "22") != 0 && strcmp(driver->llvm, "19") != 0)
        refuse("--llvm=%s: LLVM 22 and 19 are supported", driver->llvm);
    check_roots(driver);
}

/* ---- The command ----------------------------------------------------------------------------------- */

/* -dA: notes on blocks in the assembler output, and no change to the code. -B: where GCC looks for the assembler. */
static void push_gcc_options(struct driver *driver, const char *libraries)
{
    if (finds_by(driver, "asm")) {
        char stand_in[PATH_MAX + 96];
        snprintf(stand_in, sizeof stand_in, "%s/greywave/as", libraries);
        require(stand_in, "the assembler's stand-in, gw-asmgcroot,");
        push(driver, "-D__GREYWAVE_ASM__=1");
        push(driver, "-fasynchronous-unwind-tables");
        push(driver, "-fdwarf2-cfi-asm");
        push(driver, "-dA");
        push_format(driver, "-B%s/greywave/", libraries);
    } else {
        push(driver, "-D__GREYWAVE_SHADOW__=1");
        push(driver, "-fno-tree-slp-vectorize"); /* pushes joined to vectors, and the loads behind them, stall */
    }
    push_format(driver, "-I%s/include", driver->prefix);
}

static void push_compile_options(struct driver *driver, const char *libraries)
{
    push_format(driver, "-fpass-plugin=%s/libgreywave-llvm%s.so", libraries, driver->llvm);
    if (strcmp(driver->roots, "statepoint") != 0) {
        driver->wants_plugin_options = true;
        push(driver, "-mllvm");
        push_format(driver, "-greywave-roots=%s", driver->roots);
    }
    if (driver->polls) {
        driver->wants_plugin_options = true;
        push(driver, "-mllvm");
        push(driver, "-greywave-polls");
    }
    if (driver->frame_marks) {
        driver->wants_plugin_options = true;
        push(driver, "-mllvm");
        push(driver, "-greywave-frame-marks");
    }
    if (driver->no_check) {
        driver->wants_plugin_options = true;
        push(driver, "-mllvm");
        push(driver, "-greywave-no-check");
    }
    if (driver->wants_plugin_options) push_format(driver, "-fplugin=%s/libgreywave-llvm%s.so", libraries, driver->llvm);
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
    if (strcmp(driver->roots, "statepoint") != 0)
        refuse("--roots=%s does not go together with link-time optimisation; leave out -flto", driver->roots);
    if (driver->polls) refuse("--polls does not go together with link-time optimisation; leave out -flto");
    if (driver->frame_marks) refuse("--frame-marks does not go together with link-time optimisation; leave out -flto");
    push(driver, "-fuse-ld=lld");
    push_format(driver, "-Wl,--load-pass-plugin=%s/libgreywave-llvm%s.so", libraries, driver->llvm);
    if (!driver->optimises) push(driver, "-Wl,--lto-O1");
}

static void push_link_options(struct driver *driver, const char *libraries)
{
    if (driver->has_lto) push_link_time_options(driver, libraries);
    char archive[PATH_MAX + 96];
    if (driver->has_cplusplus) {
        push(driver, "-lstdc++");
        push(driver, "-lm");
    }
    if (driver->is_static) {
        snprintf(archive, sizeof archive, "%s/libgreywave.a", libraries);
        require(archive, "the static runtime");
        push_format(driver, "%s", archive);
        push(driver, "-lpthread");
        push(driver, "-Wl,--eh-frame-hdr"); /* GCC leaves the search table of unwind entries out of static programs */
        return;
    }
    push_format(driver, "-L%s", libraries);
    push_format(driver, "-Wl,-rpath,%s", libraries);
    push(driver, "-lgreywave");
}

static void print_command(const struct driver *driver)
{
    for (size_t i = 0; i < driver->arguments.count; i++) printf(i ? " '%s'" : "%s", driver->arguments.at[i]);
    putchar('\n');
}

/* ---- Running it ------------------------------------------------------------------------------------ */

/* Passes on what the compiler says; true when it objects to GW in the place of a variable's qualifier. */
static bool pass_on(int from)
{
    static const char words[] = "qualified with an address space";
    char text[4096 + sizeof words];
    size_t kept = 0; /* the end of what was passed on: the words may be cut in two */
    bool found = false;
    for (ssize_t count; (count = read(from, text + kept, 4096)) > 0 || (count < 0 && errno == EINTR);) {
        if (count < 0) continue;
        fwrite(text + kept, 1, (size_t)count, stderr);
        size_t all = kept + (size_t)count;
        found |= memmem(text, all, words, strlen(words)) != NULL;
        kept = all < strlen(words) ? all : strlen(words);
        memmove(text, text + all - kept, kept);
    }
    return found;
}

static _Noreturn void become_compiler(const struct driver *driver)
{
    execvp(driver->arguments.at[0], driver->arguments.at);
    refuse("cannot run %s: %s; install %s%s", driver->arguments.at[0], strerror(errno), driver->gcc ? driver->gcc : "clang-",
           driver->gcc ? "" : driver->llvm);
}

/* Returns what the compiler returns. */
static int run_compiler(const struct driver *driver)
{
    int ends[2], status;
    if (pipe(ends) != 0) become_compiler(driver);
    pid_t child = fork();
    if (child < 0) become_compiler(driver);
    if (child == 0) {
        dup2(ends[1], STDERR_FILENO);
        close(ends[0]);
        close(ends[1]);
        become_compiler(driver);
    }
    close(ends[1]);
    if (pass_on(ends[0]))
        fputs("gwcc: note: GW belongs to what is pointed to, and is said once for all variables of a declaration: write "
              "struct node GW *a, *b\n",
              stderr);
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) continue;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int main(int argc, char **argv)
{
    const char *llvm = getenv("GWCC_LLVM");
    struct driver driver = {.llvm = llvm && *llvm ? llvm : "22", .roots = "statepoint", .links = true};
    struct words words = {NULL, 0, 0};
    find_prefix(&driver);
    push(&driver, NULL); /* the compiler, once its version is known */
    if (isatty(STDERR_FILENO)) push(&driver, NULL); /* and that its words may have colours, though clang sees a pipe */
    for (int i = 1; i < argc; i++)
        if (!add_expanded(&words, argv[i])) refuse("%s: there is no memory for its words, or it names itself", argv[i]);
    read_arguments(&driver, &words);
    if (!driver.has_input) refuse("no input files; see gwcc --help");
    driver.arguments.at[0] = (char *)(driver.gcc ? driver.gcc : compiler(&driver));
    if (!driver.arguments.at[1]) driver.arguments.at[1] = (char *)(driver.gcc ? "-fdiagnostics-color=auto" : "-fcolor-diagnostics");
    check_inputs(&driver);
    const char *libraries = library_directory(&driver);
    if (driver.gcc) push_gcc_options(&driver, libraries);
    else push_compile_options(&driver, libraries);
    if (driver.links) push_link_options(&driver, libraries);
    if (driver.print) {
        print_command(&driver);
        return 0;
    }
    push(&driver, NULL);
    if (driver.gcc) become_compiler(&driver);
    return run_compiler(&driver);
}
