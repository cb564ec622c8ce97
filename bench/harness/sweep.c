/* bench sweep: the same programs with heaps from just enough to plenty. 1.0 is the peak memory of the program under
 * malloc and free; the limit is given to the collectors that take one. */
#include "catalogue.h"
#include "kept_results.h"
#include "race.h"
#include "suites.h"
#include "table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DEFAULT_RUNS = 5, QUICK_RUNS = 2, TEXT_SIZE = 128, PROCESS_MB = 2 };

static const double factors[] = {1.3, 1.6, 2, 3, 4, 6};
enum { FACTOR_COUNT = sizeof factors / sizeof *factors };

/* `limit`: the setting of the environment that holds the heap to so many bytes; NULL: takes none. */
struct manager {
    const char *name, *suffix, *limit;
};
static const struct manager managers[] = {
    {"greywave", "statepoint", "GREYWAVE=max-heap=%.0f"},
    {"Boehm", "boehm", "GC_MAXIMUM_HEAP_SIZE=%.0f"},
    {"mimalloc", "mimalloc", NULL},
    {"malloc", "malloc", NULL},
};
enum { MANAGER_COUNT = sizeof managers / sizeof *managers };

static const char *const swept[] = {"mutating-tree", "binary-trees", "gcbench", "quad-tree"};
enum { SWEPT_COUNT = sizeof swept / sizeof *swept };

/* Static: too large for the stack. */
static struct race race;
static char names[MOST_ENTRANTS][TEXT_SIZE], commands[MOST_ENTRANTS][TEXT_SIZE], limits[MOST_ENTRANTS][TEXT_SIZE];

static void enter(const struct manager *manager, const struct program *program, double factor, double live)
{
    int index = race.entrant_count++;
    struct entrant *entrant = &race.entrant[index];
    snprintf(commands[index], TEXT_SIZE, "@programs/%s-%s", program->name, manager->suffix);
    snprintf(names[index], TEXT_SIZE, manager->limit ? "%s, %.1f x" : "%s", manager->name, factor);
    *entrant = (struct entrant){.name = names[index], .words = {commands[index], program->size}, .may_fail = true};
    if (!manager->limit) return;
    snprintf(limits[index], TEXT_SIZE, manager->limit, factor * live);
    entrant->settings[0] = limits[index];
}

static void start_race(const struct program *program, int runs)
{
    race.benchmark = "sweep";
    race.program = program->name;
    race.group = program->group;
    race.runs = runs;
    race.entrant_count = 0;
}

/* Bytes at the peak under malloc and free, without what any process needs; 0 when it is not built. */
static double live_of(const struct program *program)
{
    start_race(program, 1);
    enter(&managers[MANAGER_COUNT - 1], program, 1, 0);
    if (race_prepare(&race) == 0 || !race_run(&race)) return 0;
    return (race.entrant[0].peak[0] - PROCESS_MB) * (1 << 20);
}

static void enter_all(const struct program *program, double live)
{
    for (int i = 0; i < MANAGER_COUNT; i++)
        for (int j = 0; j < (managers[i].limit ? FACTOR_COUNT : 1); j++) enter(&managers[i], program, factors[j], live);
}

/* See the lower-bound overhead in peers.c; here over all heap sizes too. */
static double cheapest_explained(void)
{
    double least = 0;
    for (int i = 0; i < race.entrant_count; i++) {
        const struct entrant *entrant = &race.entrant[i];
        if (!entrant->present) continue;
        double own = race_own_time(&race, entrant);
        if (own > 0 && (least == 0 || own < least)) least = own;
    }
    return least;
}

/* The curve of the manager whose entrants start at `first`; where it takes no limit, a level line. Heaps that were too
 * small have no point. */
static void keep_curve(struct results *results, const struct manager *manager, int first, double least)
{
    struct point points[FACTOR_COUNT];
    size_t count = 0;
    for (int j = 0; j < FACTOR_COUNT; j++) {
        const struct entrant *entrant = &race.entrant[manager->limit ? first + j : first];
        if (entrant->present) points[count++] = (struct point){factors[j], median(entrant->cpu, (size_t)race.runs) / least};
    }
    if (!count) return;
    results_add_curve(results, &(struct curve){.benchmark = "sweep",
                                               .program = race.program,
                                               .variant = manager->name,
                                               .kind = "heap size",
                                               .x_unit = "heap limit / peak memory under malloc and free",
                                               .y_unit = "processor time / cheapest explained",
                                               .points = points,
                                               .point_count = count});
}

static void print_manager(const struct manager *manager, int first, double least)
{
    static struct table table;
    if (first == 0) {
        memset(&table, 0, sizeof table);
        table_start_row(&table);
        table_cell(&table, "%s", race.program);
        for (int j = 0; j < FACTOR_COUNT; j++) table_cell(&table, "%.1f x", factors[j]);
    }
    table_start_row(&table);
    table_cell(&table, "%s", manager->name);
    for (int j = 0; j < FACTOR_COUNT; j++) {
        const struct entrant *entrant = &race.entrant[manager->limit ? first + j : first];
        if (entrant->present) table_cell(&table, "%.2f", median(entrant->cpu, (size_t)race.runs) / least);
        else table_cell(&table, "-");
    }
    if (manager == &managers[MANAGER_COUNT - 1]) table_print(&table), putchar('\n');
}

static bool sweep(const struct program *program, int runs, struct results *results)
{
    double live = live_of(program);
    if (live <= 0) return fprintf(stderr, "bench: %s is not built\n", program->name), false;
    start_race(program, runs);
    enter_all(program, live);
    if (race_prepare(&race) == 0 || !race_run(&race)) return false;
    race_keep(&race, results);
    double least = cheapest_explained();
    for (int i = 0, first = 0; i < MANAGER_COUNT; first += managers[i].limit ? FACTOR_COUNT : 1, i++) {
        keep_curve(results, &managers[i], first, least);
        print_manager(&managers[i], first, least);
    }
    return true;
}

/* Those that are named, or by themselves those below; the first of them when time is short. */
static bool takes_part(const struct program *program, const struct selection *selection)
{
    if (selection->only_count) return selection_has(selection, program);
    for (int i = 0; i < (selection->quick ? 1 : SWEPT_COUNT); i++)
        if (strcmp(program->name, swept[i]) == 0) return true;
    return false;
}

int run_sweep(int argc, char **argv)
{
    struct selection selection =
        selection_read("sweep", "Programs with heaps of 1.3 to 6 times what they need.", DEFAULT_RUNS, QUICK_RUNS, argc, argv);
    bool done = true;
    puts("Processor time over the cheapest explained total, by heap limit over the peak memory under malloc and "
         "free.\n");
    measure_pin();
    for (int i = 0; i < program_count && done; i++) {
        if (!takes_part(&programs[i], &selection)) continue;
        struct results *results = results_new();
        done = sweep(&programs[i], selection.runs, results);
        done = keep_results(results) && done;
    }
    return done ? 0 : 1;
}
