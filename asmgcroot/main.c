/* gw-asmgcroot: frame maps from the assembler output of GCC. Under the name `as` it stands in for the assembler
 * (assembler.h). */
#define _GNU_SOURCE /* strverscmp's neighbour basename */
#include "analysis.h"
#include "assembler.h"
#include "input.h"
#include "output.h"

#include <signal.h>
#include <stdlib.h>

static const char help_text[] =
    "usage: gw-asmgcroot [--strict] [--explain FUNCTION | --dot FUNCTION] [--all] [-o maps.s] in.s...\n"
    "\n"
    "Reads x86-64 assembler as GCC writes it with -dA, follows the markers of GW_ROOT and GW_CALL, and writes the "
    "frame\n"
    "maps as one more assembler file: as maps.s in.s -o out.o. gwcc --roots=asm does all of this.\n"
    "\n"
    "  -o FILE             where the maps go; default: in.maps.s beside each in.s; - is standard output\n"
    "  --strict            whatever cannot be followed is an error; the default, and the only way\n"
    "  --explain FUNCTION  print the function's graph, its frame before each call and where each reference lives\n"
    "  --dot FUNCTION      the same for Graphviz\n"
    "  --all               check the frames of functions without markers too\n"
    "  --help, --version   this text; the version\n"
    "\n"
    "Exit status: 0, 1 when something could not be followed, 2 when it could not run.\n";

struct invocation {
    struct analysis_options options;
    const char *output;
    const char **inputs;
    int input_count;
};

static const char *value_of(int argc, char **argv, int *i)
{
    if (*i + 1 >= argc) give_up("%s needs a value; see gw-asmgcroot --help", argv[*i]);
    return argv[++*i];
}

static void print_and_exit(const char *text)
{
    fputs(text, stdout);
    exit(fflush(stdout) == 0 ? 0 : 2);
}

static void read_option(struct invocation *invocation, int argc, char **argv, int *i)
{
    const char *argument = argv[*i];
    if (strcmp(argument, "-o") == 0) {
        invocation->output = value_of(argc, argv, i);
    } else if (strcmp(argument, "--explain") == 0) {
        const char *name = value_of(argc, argv, i);
        invocation->options.explain = (struct text){name, strlen(name)};
    } else if (strcmp(argument, "--dot") == 0) {
        const char *name = value_of(argc, argv, i);
        invocation->options.dot = (struct text){name, strlen(name)};
    } else if (strcmp(argument, "--all") == 0) {
        invocation->options.all = true;
    } else if (strcmp(argument, "--help") == 0) {
        print_and_exit(help_text);
    } else if (strcmp(argument, "--version") == 0) {
        print_and_exit("gw-asmgcroot " GW_VERSION "\n");
    } else if (strcmp(argument, "--strict") != 0) {
        give_up("unknown option '%s'; see gw-asmgcroot --help", argument);
    }
}

/* in.s -> in.maps.s */
static char *default_output(const char *input)
{
    size_t size = strlen(input);
    if (size > 2 && strcmp(input + size - 2, ".s") == 0) size -= 2;
    char *name = malloc(size + sizeof ".maps.s");
    if (!name) give_up("out of memory");
    memcpy(name, input, size);
    strcpy(name + size, ".maps.s");
    return name;
}

/* An explanation takes the place of the maps, unless a file is named for them. Maps of a file that is refused are not kept. */
static unsigned run(const struct invocation *invocation, const char *input)
{
    bool explains = invocation->options.explain.size || invocation->options.dot.size;
    char *name = invocation->output ? NULL : default_output(input);
    const char *chosen = invocation->output ? invocation->output : explains ? "/dev/null" : name;
    struct text text = input_read(input);
    struct output output;
    output_begin(&output, chosen, invocation->inputs, invocation->input_count);
    unsigned complaints = analyse(input, text, &invocation->options, output.file, stdout, stderr);
    if (complaints) output_drop(&output);
    else output_keep(&output);
    free((char *)text.at);
    free(name);
    return complaints;
}

int main(int argc, char **argv)
{
    signal(SIGXFSZ, SIG_IGN); /* a file that grows too large is a failed write, in words */
    if (is_assembler_name(argv[0])) return assemble(argc, argv);
    struct invocation invocation = {.inputs = calloc((size_t)argc, sizeof(char *))};
    if (!invocation.inputs) give_up("out of memory");
    for (int i = 1; i < argc; i++) {
        if (argv[i][0] == '-' && argv[i][1]) read_option(&invocation, argc, argv, &i);
        else invocation.inputs[invocation.input_count++] = argv[i];
    }
    if (!invocation.input_count) give_up("no input files; see gw-asmgcroot --help");
    if (invocation.output && invocation.input_count > 1)
        give_up("-o with %d input files: local labels would clash; name no output, or one input", invocation.input_count);
    unsigned complaints = 0;
    for (int i = 0; i < invocation.input_count; i++) complaints += run(&invocation, invocation.inputs[i]);
    free(invocation.inputs);
    return complaints != 0;
}
