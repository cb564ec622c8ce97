/* What benchmarks measured, as it is kept in results.json: records, one a measurement, and curves, one a line of a
 * plot.
 *
 * A program of its own (bin/bench_<name>) does
 *
 *     struct results *results = results_new();
 *     results_add(results, &(struct record){.benchmark = "step", .program = "tree", .variant = "1 ms", .metric =
 * "overrun p99.9", .unit = "us", .runs = overruns, .run_count = 5}); bool saved = results_save_for_parent(results);
 *     results_free(results);
 *
 * and `bench` joins what it saved with the rest. Strings and arrays are copied. Running out of native memory ends the
 * program with a message.
 */
#ifndef GW_BENCH_RESULTS_H
#define GW_BENCH_RESULTS_H

#include <stdbool.h>
#include <stddef.h>

struct results; /* owns everything in it */

/* Strings may be NULL where that is said; in a record that is handed out they are "" instead. */
struct record {
    const char *benchmark; /* what measured it: "roots" */
    const char *program;   /* what ran: "binary-trees" */
    const char *group;     /* programs that are averaged together: "call-heavy"; or NULL */
    const char *variant;   /* under what: "statepoint" */
    const char *metric;    /* of what: "wall", "user", "peak", "instructions" */
    const char *unit;      /* "s", "MB", "1", "ns", "x" (a ratio) */
    const char *baseline;  /* of a ratio: the variant that is 1.0; or NULL */
    const char *version;   /* of what ran: "clang 22.1.8"; or NULL */
    const char *machine;   /* where; NULL: this one */
    double value;          /* the median; results_add works it out when there are runs */
    double low, high;      /* least and most of the runs, worked out likewise; of a ratio its 95 % interval */
    const double *runs;    /* the single runs, in the order they were made, or NULL */
    size_t run_count;      /* at most MOST_RUNS of statistics.h */
};

struct point {
    double x, y;
};

/* What a curve is decides how the report draws it. */
struct curve {
    const char *benchmark, *program, *variant;
    const char *kind;            /* "heap size", "pauses", "utilisation" or "timeline" */
    const char *x_unit, *y_unit; /* what the axes measure, with the unit: "pause, ms" */
    const char *machine;         /* where; NULL: this one */
    const struct point *points;  /* x never decreases */
    size_t point_count;
};

struct results *results_new(void);
void results_free(struct results *results);

/* A record needs benchmark, program, variant, metric and unit, and finite numbers; a curve needs all its strings and at
 * least one point. Anything less ends the program: the caller is wrong. */
void results_add(struct results *results, const struct record *record);
void results_add_curve(struct results *results, const struct curve *curve);

/* What is handed out is the results' own, and valid until something is added or replaced. */
size_t results_count(const struct results *results);
const struct record *results_at(const struct results *results, size_t index);
size_t results_curve_count(const struct results *results);
const struct curve *results_curve_at(const struct results *results, size_t index);

/* Of the same benchmark, program, variant and metric; results_find returns the first, or NULL. */
bool record_same_measurement(const struct record *a, const struct record *b);
const struct record *results_find(const struct results *results, const struct record *like);

/* Takes over all of `newer`, which is freed; what `results` had of the same benchmark and program is dropped first. */
void results_replace(struct results *results, struct results *newer);

/* Writes a whole file or leaves the old one. False after a message on standard error. */
bool results_save(const struct results *results, const char *path);
/* NULL after a message that names the file, the place in it and what is wrong there. */
struct results *results_load(const char *path);

/* Saves to the file that the environment variable GW_BENCH_RESULTS names; without it does nothing. */
bool results_save_for_parent(const struct results *results);

/* This machine: processor, cores, memory, kernel. */
const char *machine_description(void);

#endif
