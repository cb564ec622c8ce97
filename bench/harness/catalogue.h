/* The benchmark programs: what each stresses, and how large it runs. bench/programs holds their sources, examples/demo
 * those of the demo programs; bench/CMakeLists.txt builds them into bin/programs as <program>-<variant>. */
#ifndef GW_BENCH_CATALOGUE_H
#define GW_BENCH_CATALOGUE_H

#include <stdbool.h>

struct program {
    const char *name;
    const char *group;    /* "call-heavy" or "other" */
    const char *stresses; /* in words */
    const char *size;     /* a third of a second or so */
    const char *large;    /* measured among peers too, or NULL */
    const char *without;  /* allocates so little that 1 GB of nursery sees no collection */
    const char *small;    /* for counting instructions */
    bool in_quick;        /* part of what runs in five minutes */
    bool in_languages;    /* written in the peers' languages too */
};

extern const struct program programs[];
extern const int program_count;

/* NULL when there is none of this name. */
const struct program *program_named(const char *name);

/* What benchmarks over these programs have in common on their command line: [PROGRAM...] [--runs N] [--quick]. */
struct selection {
    const char *only[32]; /* programs; none: all, or with `quick` those that are in_quick */
    int only_count;
    int runs;
    bool quick;
};

/* Reads the command line of the benchmark `name`, which does `what`. Without --runs there are `runs`, or `quick_runs`.
 * Ends the program when the command line is wrong, see command_line.h. */
struct selection selection_read(const char *name, const char *what, int runs, int quick_runs, int argc, char **argv);
/* One word more of such a list; false: it is no program, or one too many. */
bool selection_take(struct selection *selection, const char *word);
/* Whether it is named, or nothing is and it belongs to what runs by itself. */
bool selection_has(const struct selection *selection, const struct program *program);

#endif
