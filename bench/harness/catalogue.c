#include "catalogue.h"
#include "statistics.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CALLS "call-heavy"
#define OTHER "other"

const struct program programs[] = {
    {"fib", CALLS, "calls: two in each function that holds a boxed number", "37", NULL, "35", "27", true, false},
    {"tak", CALLS, "calls: four in each function, with up to five references held over them", "10", NULL, "9", "7",
     true, false},
    {"ackermann", CALLS, "calls nested thousands deep while collections happen", "10", NULL, "9", "7", true, false},
    {"queens", CALLS, "small lists that share tails, three references a frame", "13", NULL, "13", "10", true, true},
    {"rewriting", CALLS, "recursion over terms, matching against rules that are data", "19", NULL, "19", "14", true,
     false},
    {"deep-recursion", CALLS, "the walk of stacks 100,000 frames deep", "20", NULL, "20", "2", true, false},
    {"binary-trees", OTHER, "many short-lived trees beside one that stays", "18", "21", "16", "12", true, true},
    {"gcbench", OTHER, "trees of every size and a large array", "18", NULL, "16", "11", false, true},
    {"mutating-tree", OTHER, "the write barrier: stores into old objects", "200000", NULL, "200000", "5000", true,
     true},
    {"matrix", OTHER, "arrays of references, and an object for each step of arithmetic", "240", NULL, "220", "40",
     false, false},
    {"quad-tree", OTHER, "garbage that dies in batches after it has grown old", "60", NULL, "60", "4", false, true},
    {"hash-churn", OTHER, "young objects stored into a large old array", "2000000", NULL, "2000000", "50000", true,
     true},
    {"strings", OTHER, "objects without references, of many sizes", "100000", NULL, "100000", "2000", false, true},
    {"json", OTHER, "structures of mixed kinds that die as a whole", "4", NULL, "4", "3", false, false},
    {"bytecode", OTHER, "an interpreter's loop, and an array that is written all the time", "15", NULL, "15", "4",
     false, false},
    {"richards", OTHER, "pointers among few objects that live long", "800", NULL, "800", "20", false, false},
    {"ephemerons", OTHER, "properties of objects, kept by a table that lets both go", "400000", NULL, "400000", "20000",
     false, false},
    {"word-table", OTHER, "hash table of strings, most of which die young", "1", NULL, "1", "1", false, false},
    {"event-simulation", OTHER, "a binary heap in an array, queues, cancelled events", "150000", NULL, "150000", "5000",
     false, false},
};
const int program_count = sizeof programs / sizeof *programs;

const struct program *program_named(const char *name)
{
    for (int i = 0; i < program_count; i++)
        if (strcmp(programs[i].name, name) == 0) return &programs[i];
    return NULL;
}

void programs_print(void)
{
    for (int i = 0; i < program_count; i++)
        printf("  %-17s %-11s %s\n", programs[i].name, programs[i].group, programs[i].stresses);
}

static bool read_flag(struct selection *selection, const char *word)
{
    if (strcmp(word, "--quick") == 0) selection->quick = true;
    else return false;
    return true;
}

static bool read_program(struct selection *selection, const char *word)
{
    const struct program *program = program_named(word);
    if (!program || selection->only_count == sizeof selection->only / sizeof *selection->only) return false;
    selection->only[selection->only_count++] = program->name;
    return true;
}

bool selection_parse(struct selection *selection, const char *usage, int argc, char **argv)
{
    bool fine = true;
    for (int i = 1; i < argc && fine; i++) {
        if (strcmp(argv[i], "--runs") == 0) {
            selection->runs = i + 1 < argc ? atoi(argv[++i]) : 0;
            fine = selection->runs >= 1 && selection->runs <= MOST_RUNS;
        } else {
            fine = read_flag(selection, argv[i]) || read_program(selection, argv[i]);
        }
    }
    if (fine) return true;
    printf("usage: %s\n\nprograms:\n", usage);
    programs_print();
    return false;
}

bool selection_has(const struct selection *selection, const struct program *program)
{
    for (int i = 0; i < selection->only_count; i++)
        if (strcmp(selection->only[i], program->name) == 0) return true;
    return !selection->only_count && (program->in_quick || !selection->quick);
}
