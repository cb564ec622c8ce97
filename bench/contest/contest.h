/* Programs that do the same work under different memory managers, each a process of its own, at the
 * highest priority that it may have. They take turns, round by
 * round, so that a slow moment of the machine falls on all of them, and each says on standard output what it measured
 * of itself: lines of `key number`. What is not installed is named and left out.
 */
#ifndef GW_BENCH_CONTEST_H
#define GW_BENCH_CONTEST_H

#include "command_line.h"
#include "results.h"

enum { MOST_CONTESTANTS = 24, MOST_METRICS = 8, MOST_ARGUMENTS = 10, MOST_ROUNDS = 100 };

/* argv[0] is found in PATH. Any word may begin with '@', which stands for the folder of this program: such a file is
 * something we build, and must exist. The contest's own arguments are appended. */
struct contestant {
    const char *title;
    const char *argv[MOST_ARGUMENTS];
};

/* A line `key number` that every contestant prints: nanoseconds, or whatever `unit` says. Peak memory is measured from
 * outside: key "peak". */
struct metric {
    const char *key, *title, *unit; /* unit "ns" is shown as a duration */
};

struct contest {
    const char *benchmark; /* "latency" */
    const char *program;   /* what the contestants do: "sliding window" */
    const struct contestant *contestants;
    int contestant_count;
    int ours; /* so many of the first are ours: a failure of one ends the contest, others are left out after it */
    const struct metric *metrics;
    int metric_count;
    const char *const *arguments; /* handed to each contestant; ends with NULL */
};

/* The option that sets how many rounds there are. */
struct known_option contest_rounds_option(long *rounds);

/* `rounds` is from 1 to MOST_ROUNDS. Prints a table: for each metric the median over the rounds, for the first with the
 * least and the most; adds a record for each to `results`. False after a message when one of ours failed or left
 * out a metric. */
bool contest_hold(const struct contest *contest, int rounds, struct results *results);

#endif
