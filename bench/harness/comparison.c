/* One demo program under several kinds of memory: a table for the reader, nothing is kept. */
#include "command_line.h"
#include "measure.h"
#include "programs.h"
#include "race.h"
#include "statistics.h"
#include "table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

/* Static: too large for the stack. */
static struct race race;
static char commands[BUILD_COUNT][128];

static void enter_builds(const char *program, const char *size)
{
    race.program = program;
    race.entrant_count = BUILD_COUNT;
    for (int i = 0; i < BUILD_COUNT; i++) {
        snprintf(commands[i], sizeof commands[i], "@demo/%s-%s", program, builds[i].suffix);
        race.entrant[i] = (struct entrant){.name = builds[i].title, .words = {commands[i], size}};
    }
}

static void print_entrant(struct table *table, const struct entrant *entrant, const struct entrant *base)
{
    size_t runs = (size_t)race.runs;
    double wall = median(entrant->wall, runs);
    table_start_row(table);
    table_cell(table, "%s", entrant->name);
    table_cell(table, "%.3f s", wall);
    table_cell(table, "%.3f - %.3f", smallest(entrant->wall, runs), largest(entrant->wall, runs));
    table_cell(table, "%.3f s", median(entrant->user, runs));
    table_cell(table, "%.1f MB", median(entrant->peak, runs));
    if (!base) return;
    struct pair pair = race_pair(&race, entrant->wall, base->wall);
    struct interval interval = ratio_interval(&pair);
    table_cell(table, "%.2f", ratio_of_pair(&pair));
    if (entrant != base) table_cell(table, "%.2f - %.2f", interval.low, interval.high);
}

static void print_result(void)
{
    static struct table table;
    static const char *const titles[] = {"", "wall, median", "least - most", "user", "peak", "x mimalloc", "95 % interval"};
    const struct entrant *base = race_find(&race, "mimalloc, explicit free");
    memset(&table, 0, sizeof table);
    table_start_row(&table);
    for (size_t i = 0; i < sizeof titles / sizeof *titles; i++) table_cell(&table, "%s", titles[i]);
    for (int i = 0; i < race.entrant_count; i++)
        if (race.entrant[i].present) print_entrant(&table, &race.entrant[i], base);
    table_print(&table);
}

static void read_options(const struct comparison *comparison, int argc, char **argv, const char **size)
{
    char program[64];
    long runs = DEFAULT_RUNS;
    const struct known_option options[] = {
        {.name = comparison->size_option, .argument = "N", .what = "the size", .text = size},
        {.name = "runs", .argument = "N", .what = "rounds that count", .number = &runs, .least = 1, .most = MOST_RUNS},
    };
    snprintf(program, sizeof program, "bench %s", comparison->program);
    command_line_read(&(struct command_line){.program = program,
                                             .what = "A demo program under several kinds of memory; a table, nothing is kept.",
                                             .options = options,
                                             .option_count = sizeof options / sizeof *options},
                      argc, argv);
    race.runs = (int)runs;
}

int run_comparison(const struct comparison *comparison, int argc, char **argv)
{
    const char *size = comparison->size;
    read_options(comparison, argc, argv, &size);
    enter_builds(comparison->program, size);
    race_prepare(&race);
    int processor = measure_pin();
    if (!race_run(&race)) return 1;
    printf("%s %s, %d runs each, taking turns", comparison->program, size, race.runs);
    if (processor >= 0) printf(", on processor %d", processor);
    printf("; all outputs equal\n\n");
    print_result();
    return 0;
}
