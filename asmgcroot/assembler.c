#define _GNU_SOURCE /* environ */
#include "assembler.h"
#include "analysis.h"
#include "input.h"

#include <errno.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

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

static bool takes_value(const char *argument)
{
    static const char *const options[] = {"-o", "-I", "--MD", "--debug-prefix-map", "--defsym", "-march", "-mtune"};
    for (size_t i = 0; i < sizeof options / sizeof *options; i++)
        if (strcmp(argument, options[i]) == 0) return true;
    return false;
}

static void read_arguments(struct assembly *assembly, int argc, char **argv)
{
    assembly->arguments = calloc((size_t)argc + 3, sizeof(char *));
    if (!assembly->arguments) give_up("out of memory");
    assembly->arguments[assembly->count++] = (char *)"as";
    for (int i = 1; i < argc; i++) {
        bool is_input = argv[i][0] != '-' || strcmp(argv[i], "-") == 0 || strcmp(argv[i], "--") == 0;
        if (is_input && assembly->input) give_up("as: %s: one assembler file at a time", argv[i]);
        if (is_input) {
            assembly->input = assembly->count++; /* two places: maps, file */
            assembly->arguments[assembly->count++] = argv[i];
            continue;
        }
        assembly->arguments[assembly->count++] = argv[i];
        if (takes_value(argv[i]) && i + 1 < argc) assembly->arguments[assembly->count++] = argv[++i];
    }
    if (assembly->input) return;
    assembly->input = assembly->count++;
    assembly->arguments[assembly->count++] = (char *)"-";
}

static FILE *temporary_file(char name[64])
{
    const char *folder = getenv("TMPDIR");
    if (!folder || strlen(folder) > 40) folder = "/tmp";
    snprintf(name, 64, "%s/gw-XXXXXX", folder);
    int descriptor = mkstemp(name);
    FILE *file = descriptor < 0 ? NULL : fdopen(descriptor, "w");
    if (!file) give_up("cannot write a temporary file %s: %s", name, strerror(errno));
    return file;
}

static void close_file(FILE *file, const char *name)
{
    if (fclose(file) != 0) give_up("cannot write %s: %s", name, strerror(errno));
}

/* -pipe: the real assembler cannot read standard input a second time. */
static void keep_standard_input(struct assembly *assembly, struct text text)
{
    FILE *file = temporary_file(assembly->copy);
    fwrite(text.at, 1, text.size, file);
    close_file(file, assembly->copy);
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
    close_file(file, assembly->maps);
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
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], "--version") == 0) return run_assembler(argv);
    read_arguments(&assembly, argc, argv);
    int status = write_maps(&assembly) ? 1 : run_assembler(assembly.arguments);
    unlink(assembly.maps);
    if (*assembly.copy) unlink(assembly.copy);
    free(assembly.arguments);
    return status;
}
