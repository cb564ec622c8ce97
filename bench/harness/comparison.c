/* One program under several kinds of memory. The builds take turns, so that a slow moment of the machine falls on all
 * of them; the first round warms up and is not counted. */
#include "measure.h"
#include "programs.h"
#include "statistics.h"
#include "table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct build {
    const char *suffix, *title;
};
static const struct build builds[] = {
    {"greywave", "greywave"},
    {"greywave-static", "greywave, static"},
    {"mimalloc", "mimalloc, explicit free"},
    {"malloc", "glibc malloc and free"},
    {"boehm", "boehm"},
};
enum { BUILD_COUNT = sizeof builds / sizeof *builds, DEFAULT_RUNS = 11 };

struct series {
    bool present;
    char path[PATH_SIZE];
    uint64_t output_hash;
    double wall[MOST_RUNS], user[MOST_RUNS], peak_mb[MOST_RUNS];
};

/* Static: too large for the stack. */
static struct series all_series[BUILD_COUNT];

static void find_builds(const char *program)
{
    for (int i = 0; i < BUILD_COUNT; i++) {
        char name[128];
        snprintf(name, sizeof name, "demo/%s-%s", program, builds[i].suffix);
        program_path(name, all_series[i].path);
        all_series[i].present = access(all_series[i].path, X_OK) == 0;
        if (!all_series[i].present) fprintf(stderr, "bench: %s is not built and is left out\n", name);
    }
}

/* Run number `run` of one build; negative: warming up. */
static bool run_once(struct series *series, const char *size, int run)
{
    struct measurement result;
    char *argv[] = {series->path, (char *)size, NULL};
    if (!measure(argv, &result)) return false;
    series->output_hash = result.output_hash;
    if (run < 0) return true;
    series->wall[run] = result.wall;
    series->user[run] = result.user;
    series->peak_mb[run] = result.peak_mb;
    return true;
}

static bool run_rounds(const char *size, int runs)
{
    for (int run = -1; run < runs; run++) {
        for (int i = 0; i < BUILD_COUNT; i++) {
            if (!all_series[i].present) continue;
            progress("round %d of %d: %s", run + 1, runs, builds[i].title);
            if (!run_once(&all_series[i], size, run)) return false;
        }
    }
    progress("%s", "");
    return true;
}

static bool outputs_equal(void)
{
    const struct series *first = NULL;
    for (int i = 0; i < BUILD_COUNT; i++) {
        if (!all_series[i].present) continue;
        if (!first) first = &all_series[i];
        if (all_series[i].output_hash == first->output_hash) continue;
        fprintf(stderr, "bench: the output of %s differs\n", all_series[i].path);
        return false;
    }
    return first != NULL;
}

static const struct series *baseline(void)
{
    for (int i = 0; i < BUILD_COUNT; i++)
        if (strcmp(builds[i].suffix, "mimalloc") == 0 && all_series[i].present) return &all_series[i];
    return NULL;
}

static void print_series(struct table *table, const char *title, const struct series *series, size_t runs)
{
    double wall = median(series->wall, runs);
    table_start_row(table);
    table_cell(table, "%s", title);
    table_cell(table, "%.3f s", wall);
    table_cell(table, "%.3f - %.3f", smallest(series->wall, runs), largest(series->wall, runs));
    table_cell(table, "%.3f s", median(series->user, runs));
    table_cell(table, "%.1f MB", median(series->peak_mb, runs));
    const struct series *base = baseline();
    if (!base) return;
    struct interval interval = ratio_interval(series->wall, base->wall, runs);
    table_cell(table, "%.2f", wall / median(base->wall, runs));
    if (series != base) table_cell(table, "%.2f - %.2f", interval.low, interval.high);
}

static void print_result(size_t runs)
{
    static struct table table;
    static const char *const titles[] = {"",     "wall, median", "least - most", "user",
                                         "peak", "x mimalloc",   "95 % interval"};
    memset(&table, 0, sizeof table);
    table_start_row(&table);
    for (size_t i = 0; i < sizeof titles / sizeof *titles; i++) table_cell(&table, "%s", titles[i]);
    for (int i = 0; i < BUILD_COUNT; i++)
        if (all_series[i].present) print_series(&table, builds[i].title, &all_series[i], runs);
    table_print(&table);
}

static bool parse(const struct comparison *comparison, int argc, char **argv, const char **size, int *runs)
{
    for (int i = 1; i < argc; i++) {
        const char *value = i + 1 < argc ? argv[i + 1] : "";
        if (strcmp(argv[i], "--runs") == 0) *runs = atoi(value);
        else if (strcmp(argv[i], comparison->size_option) == 0) *size = value;
        else break;
        if (++i == argc - 1 && *runs >= 1 && *runs <= MOST_RUNS) return true;
    }
    if (argc == 1) return true;
    fprintf(stderr, "usage: bench %s [%s N] [--runs N], runs from 1 to %d\n", comparison->program,
            comparison->size_option, MOST_RUNS);
    return false;
}

int run_comparison(const struct comparison *comparison, int argc, char **argv)
{
    const char *size = comparison->size;
    int runs = DEFAULT_RUNS;
    if (!parse(comparison, argc, argv, &size, &runs)) return 2;
    find_builds(comparison->program);
    int processor = measure_pin();
    if (!run_rounds(size, runs) || !outputs_equal()) return 1;
    printf("%s %s, %d runs each, taking turns", comparison->program, size, runs);
    if (processor >= 0) printf(", on processor %d", processor);
    printf("; all outputs equal\n\n");
    print_result((size_t)runs);
    return 0;
}
