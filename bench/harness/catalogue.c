#include "catalogue.h"
#include "command_line.h"
#include "statistics.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CALLS "call-heavy"
#define OTHER "other"

const struct program programs[] = {
    {"fib", CALLS, "calls: two in each function, which holds a boxed number", "37", NULL, "35", "27", true, false},
    {"tak", CALLS, "calls: four in each function, up to five references held", "10", NULL, "9", "7", true, false},
    {"ackermann", CALLS, "calls nested thousands deep while collections happen", "10", NULL, "9", "7", true, false},
    {"queens", CALLS, "small lists that share tails, three references a frame", "13", NULL, "13", "10", true, true},
    {"rewriting", CALLS, "recursion over terms, matching against rules that are data", "19", NULL, "19", "14", true, false},
    {"deep-recursion", CALLS, "the walk of stacks 100,000 frames deep", "20", NULL, "20", "2", true, false},
    {"binary-trees", OTHER, "many short-lived trees beside one that stays", "18", "21", "16", "12", true, true},
    {"gcbench", OTHER, "trees of every size and a large array", "18", NULL, "16", "11", false, true},
    {"mutating-tree", OTHER, "the write barrier: stores into old objects", "200000", NULL, "200000", "5000", true, true},
    {"matrix", OTHER, "arrays of references, an object for each sum", "240", NULL, "220", "40", false, false},
    {"quad-tree", OTHER, "garbage that dies in batches after it has grown old", "60", NULL, "60", "4", false, true},
    {"hash-churn", OTHER, "young objects stored into a large old array", "2000000", NULL, "2000000", "50000", true, true},
    {"strings", OTHER, "objects without references, of many sizes", "100000", NULL, "100000", "2000", false, true},
    {"json", OTHER, "structures of mixed kinds that die as a whole", "4", NULL, "4", "3", false, false},
    {"bytecode", OTHER, "an interpreter's loop, an array written all the time", "15", NULL, "15", "4", false, false},
    {"richards", OTHER, "pointers among few objects that live long", "800", NULL, "800", "20", false, false},
    {"deltablue", OTHER, "a graph with cycles, rewritten as it is walked; lists", "100", NULL, "100", "4", false, false},
    {"ephemerons", OTHER, "properties of objects, in a table that lets both go", "400000", NULL, "400000", "20000", false, false},
    {"out-parameters", OTHER, "references stored through pointers to the caller's variables", "3000000", NULL, "3000000", "30000", false,
     false},
    {"word-table", OTHER, "hash table of strings, most of which die young", "1", NULL, "1", "1", false, false},
    {"event-simulation", OTHER, "a binary heap in an array, queues, cancelled events", "150000", NULL, "150000", "5000", false, false},
};
const int program_count = sizeof programs / sizeof *programs;

const struct program *program_named(const char *name)
{
    for (int i = 0; i < program_count; i++)
        if (strcmp(programs[i].name, name) == 0) return &programs[i];
    return NULL;
}

/* The programs, one a line, for the end of --help. */
static char *list_of_programs(void)
{
    char *text;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    if (!out) abort();
    fputs("Programs:\n", out);
    for (int i = 0; i < program_count; i++) fprintf(out, "  %-17s %s\n", programs[i].name, programs[i].stresses);
    if (fclose(out)) abort();
    return text;
}

bool selection_take(struct selection *selection, const char *word)
{
    const struct program *program = program_named(word);
    if (!program || selection->only_count == sizeof selection->only / sizeof *selection->only) return false;
    selection->only[selection->only_count++] = program->name;
    return true;
}

static bool take_program(void *context, const char *word)
{
    return selection_take(context, word);
}

struct selection selection_read(const char *name, const char *what, int runs, int quick_runs, int argc, char **argv)
{
    struct selection selection = {.only_count = 0};
    char program[64], rounds[64], *more = list_of_programs();
    long chosen = 0;
    const struct known_option options[] = {
        {.name = "runs", .argument = "N", .what = rounds, .number = &chosen, .least = 1, .most = MOST_RUNS},
        {.name = "quick", .what = "fewer programs and variants", .flag = &selection.quick},
    };
    snprintf(rounds, sizeof rounds, "rounds that count; else %d, with --quick %d", runs, quick_runs);
    snprintf(program, sizeof program, "bench %s", name);
    command_line_read(&(struct command_line){.program = program,
                                             .what = what,
                                             .words = "[PROGRAM...]",
                                             .more = more,
                                             .options = options,
                                             .option_count = sizeof options / sizeof *options,
                                             .take_word = take_program,
                                             .context = &selection},
                      argc, argv);
    free(more);
    selection.runs = chosen ? (int)chosen : selection.quick ? quick_runs : runs;
    return selection;
}

bool selection_has(const struct selection *selection, const struct program *program)
{
    for (int i = 0; i < selection->only_count; i++)
        if (strcmp(selection->only[i], program->name) == 0) return true;
    return !selection->only_count && (program->in_quick || !selection->quick);
}
