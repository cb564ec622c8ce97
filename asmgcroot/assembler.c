#define _GNU_SOURCE /* environ */
#include "assembler.h"
#include "abi/assembler.h"
#include "analysis.h"
#include "input.h"
#include "output.h"

#include <errno.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>

struct assembly {
    char **arguments; /* for the real assembler, with room for the maps */
    int count;
    int input; /* index of the file in `arguments`; 0: none, standard input */
    char maps[64], copy[64];
};

bool is_assembler_name(const char *program)
{
    const char *slash = strrchr(program, '/');
    return strcmp(slash ? slash + 1 : program, "as") == 0;
}

static bool is_one_of(const char *argument, const char *const *options)
{
    for (; *options; options++)
        if (strcmp(argument, *options) == 0) return true;
    return false;
}

/* GNU as 2.40: with their values behind a blank. */
/* clang-format off */
static const char *const options_with_values[] = {
    "-o", "-I", "-Q", "-march", "-mtune", "-mmnemonic", "-msyntax", "-msse-check", "-moperand-check", "-mavxscalar",
    "-mvexwig", "-mevexlig", "-mevexwig", "-mevexrcig", "-mrelax-relocations", "-momit-lock-prefix",
    "-mfence-as-lock-add", "-malign-branch", "-malign-branch-boundary", "-malign-branch-prefix-size",
    "-mlfence-after-load", "-mlfence-before-indirect-branch", "-mlfence-before-ret", "-mx86-used-note", "--MD",
    "--defsym", "--debug-prefix-map", "--hash-size", "--size-check", "--elf-stt-common", "--gdwarf-cie-version",
    "--generate-missing-build-notes", "--multibyte-handling", "--listing-lhs-width", "--listing-lhs-width2",
    "--listing-rhs-width", "--listing-cont-lines", NULL};
/* clang-format on */

/* Under these the text means something else. */
static void check_option(const char *argument, const char *value)
{
    static const char *const options[] = {
        "-msyntax=intel", "-mmnemonic=intel", "-mnaked-reg", "--alternate", "-M", "--mri", "-f", "--32", "--x32", NULL};
    bool intel = value && strcmp(value, "intel") == 0 && (strcmp(argument, "-msyntax") == 0 || strcmp(argument, "-mmnemonic") == 0);
    if (intel || is_one_of(argument, options))
        give_up("as: %s: gw-asmgcroot reads 64-bit code in AT&T notation as GCC writes it; leave the option out", argument);
    if (*argument == '@') give_up("as: %s: gw-asmgcroot reads no files of options; name them one by one", argument);
}

static void read_arguments(struct assembly *assembly, int argc, char **argv)
{
    assembly->arguments = calloc((size_t)argc + 3, sizeof(char *));
    if (!assembly->arguments) give_up("out of memory");
    assembly->arguments[assembly->count++] = (char *)"as";
    for (int i = 1; i < argc; i++) {
        bool has_value = is_one_of(argv[i], options_with_values) && i + 1 < argc;
        if (strcmp(argv[i], GW_STAND_IN_OPTION) == 0) continue;
        check_option(argv[i], has_value ? argv[i + 1] : NULL);
        bool is_input = argv[i][0] != '-' || strcmp(argv[i], "-") == 0 || strcmp(argv[i], "--") == 0;
        if (is_input && assembly->input) give_up("as: %s: one assembler file at a time", argv[i]);
        if (is_input) {
            assembly->input = assembly->count++; /* two places: maps, file */
            assembly->arguments[assembly->count++] = argv[i];
            continue;
        }
        assembly->arguments[assembly->count++] = argv[i];
        if (has_value) assembly->arguments[assembly->count++] = argv[++i];
    }
    if (assembly->input) return;
    assembly->input = assembly->count++;
    assembly->arguments[assembly->count++] = (char *)"-";
}

/* -pipe: the real assembler cannot read standard input a second time. */
static void keep_standard_input(struct assembly *assembly, struct text text)
{
    FILE *file = temporary_file(assembly->copy);
    fwrite(text.at, 1, text.size, file);
    temporary_close(file, assembly->copy);
    assembly->arguments[assembly->input + 1] = assembly->copy;
}

static unsigned write_maps(struct assembly *assembly)
{
    const char *name = assembly->arguments[assembly->input + 1];
    bool standard = name[0] == '-';
    struct text text = input_read(standard ? "-" : name);
    FILE *file = temporary_file(assembly->maps);
    const struct analysis_options options = {0};
    unsigned complaints = analyse(standard ? "standard input" : name, text, &options, file, stdout, stderr);
    temporary_close(file, assembly->maps);
    assembly->arguments[assembly->input] = assembly->maps;
    if (standard) keep_standard_input(assembly, text);
    free((char *)text.at);
    return complaints;
}

static int run_assembler(char **arguments)
{
    extern char **environ;
    pid_t child;
    int status, error = posix_spawnp(&child, "as", NULL, NULL, arguments, environ);
    if (error) give_up("cannot run the assembler, as: %s; install binutils", strerror(error));
    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR) give_up("waiting for the assembler: %s", strerror(errno));
    return WIFEXITED(status) ? WEXITSTATUS(status) : 2;
}

int assemble(int argc, char **argv)
{
    struct assembly assembly = {0};
    static const char *const informs[] = {"--version", "--help", "--target-help", NULL};
    argv[0] = (char *)"as";
    for (int i = 1; i < argc; i++)
        if (is_one_of(argv[i], informs)) return run_assembler(argv);
    read_arguments(&assembly, argc, argv);
    int status = write_maps(&assembly) ? 1 : run_assembler(assembly.arguments);
    free(assembly.arguments);
    return status;
}
