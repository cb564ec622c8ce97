/* bench pauses: how long programs stand still for the collector, how much of a window is left to them, and what their
 * heap looks like over time. */
#include "catalogue.h"
#include "kept_results.h"
#include "measure.h"
#include "pause_list.h"
#include "programs.h"
#include "statistics.h"
#include "suites.h"
#include "table.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { DEFAULT_RUNS = 5, QUICK_RUNS = 2, POINTS_IN_DECADE = 12, MOST_POINTS = 61, MOST_SHOWN = 400 };

struct configuration {
    const char *name, *setting;
};
static const struct configuration configurations[] = {
    {"default", "GREYWAVE="},
    {"pause=1ms", "GREYWAVE=pause=1ms"},
    {"pause=5ms", "GREYWAVE=pause=5ms"},
};
enum { CONFIGURATION_COUNT = sizeof configurations / sizeof *configurations };

static const char *const watched[] = {"binary-trees", "mutating-tree", "hash-churn", "gcbench"};
enum { WATCHED_COUNT = sizeof watched / sizeof *watched };

static bool run_once(const struct program *program, const struct configuration *configuration, struct pause_list *list)
{
    char path[PATH_SIZE], name[128], file[] = "/tmp/gw-events-XXXXXX", events[64];
    int descriptor = mkstemp(file);
    if (descriptor < 0) return perror("bench: mkstemp"), false;
    close(descriptor);
    snprintf(name, sizeof name, "programs/%s-statepoint", program->name);
    program_path(name, path);
    snprintf(events, sizeof events, "GW_BENCH_EVENTS=%s", file);
    struct measurement ignored;
    bool done = measure((char *const[]){path, (char *)(size_t)program->size, NULL},
                        (const char *const[]){configuration->setting, events, NULL}, &ignored) &&
                pause_list_read(file, list);
    unlink(file);
    return done;
}

/* ---- Curves, of the last run ----------------------------------------------------------------------- */

static double share_at(const struct pause_list *list, double milliseconds)
{
    return pause_share(list, milliseconds * 1e-3);
}

static double utilisation_at(const struct pause_list *list, double milliseconds)
{
    return minimum_utilisation(list, milliseconds * 1e-3);
}

/* From 0.01 ms on, so many decades. */
static void keep_curve(struct results *results, const char *program, const char *variant, const char *kind, const char *x_unit,
                       const char *y_unit, const struct pause_list *list, double (*value)(const struct pause_list *, double), int decades)
{
    struct point points[MOST_POINTS];
    int count = decades * POINTS_IN_DECADE + 1;
    for (int i = 0; i < count; i++) {
        double x = pow(10, -2 + (double)i / POINTS_IN_DECADE);
        points[i] = (struct point){x, value(list, x)};
    }
    results_add_curve(results, &(struct curve){.benchmark = "pauses",
                                               .program = program,
                                               .variant = variant,
                                               .kind = kind,
                                               .x_unit = x_unit,
                                               .y_unit = y_unit,
                                               .points = points,
                                               .point_count = (size_t)count});
}

static void keep_timeline(struct results *results, const char *program, const char *variant, const struct pause_list *list)
{
    struct point points[MOST_SHOWN];
    size_t shown = list->count < MOST_SHOWN ? list->count : MOST_SHOWN;
    for (size_t i = 0; i < shown; i++) {
        const struct pause *pause = &list->pause[i * list->count / shown];
        points[i] = (struct point){pause->start + pause->length, pause->heap_mb};
    }
    if (!shown) return;
    results_add_curve(results, &(struct curve){.benchmark = "pauses",
                                               .program = program,
                                               .variant = variant,
                                               .kind = "timeline",
                                               .x_unit = "time, s",
                                               .y_unit = "heap, MB",
                                               .points = points,
                                               .point_count = shown});
}

/* ---- Figures --------------------------------------------------------------------------------------- */

struct figures {
    double longest[MOST_RUNS], utilisation[MOST_RUNS], count[MOST_RUNS], total[MOST_RUNS];
};

static void take_figures(struct figures *figures, int run, const struct pause_list *list)
{
    figures->longest[run] = figures->total[run] = 0;
    for (size_t i = 0; i < list->count; i++) {
        figures->longest[run] = fmax(figures->longest[run], list->pause[i].length * 1e9);
        figures->total[run] += list->pause[i].length * 1e9;
    }
    figures->count[run] = (double)list->count;
    figures->utilisation[run] = minimum_utilisation(list, 0.0167);
}

static void keep_figure(struct results *results, const char *program, const char *variant, const char *metric, const char *unit,
                        const double *runs, int count)
{
    results_add(results, &(struct record){.benchmark = "pauses",
                                          .program = program,
                                          .variant = variant,
                                          .metric = metric,
                                          .unit = unit,
                                          .runs = runs,
                                          .run_count = (size_t)count});
}

static void keep_figures(struct results *results, const char *program, const char *variant, const struct figures *figures, int runs)
{
    keep_figure(results, program, variant, "longest pause", "ns", figures->longest, runs);
    keep_figure(results, program, variant, "pauses", "1", figures->count, runs);
    keep_figure(results, program, variant, "paused in all", "ns", figures->total, runs);
    keep_figure(results, program, variant, "least share of 16.7 ms", "1", figures->utilisation, runs);
}

static void print_figures(struct table *table, const char *program, const char *variant, const struct figures *figures, int runs)
{
    table_start_row(table);
    table_cell(table, "%s", program);
    table_cell(table, "%s", variant);
    table_duration(table, (uint64_t)median(figures->longest, (size_t)runs));
    table_cell(table, "%.0f", median(figures->count, (size_t)runs));
    table_duration(table, (uint64_t)median(figures->total, (size_t)runs));
    table_cell(table, "%.2f", median(figures->utilisation, (size_t)runs));
}

static bool watch(const struct program *program, const struct configuration *configuration, int runs, struct table *table,
                  struct results *results)
{
    static struct figures figures;
    struct pause_list list = {0};
    for (int run = 0; run < runs; run++) {
        pause_list_free(&list);
        progress("%s, %s, run %d of %d", program->name, configuration->name, run + 1, runs);
        if (!run_once(program, configuration, &list)) return false;
        take_figures(&figures, run, &list);
    }
    progress("%s", "");
    keep_figures(results, program->name, configuration->name, &figures, runs);
    print_figures(table, program->name, configuration->name, &figures, runs);
    keep_curve(results, program->name, configuration->name, "pauses", "pause, ms", "share of pauses, up to", &list, share_at, 4);
    keep_curve(results, program->name, configuration->name, "utilisation", "window, ms", "least share left to the program", &list,
               utilisation_at, 5);
    keep_timeline(results, program->name, configuration->name, &list);
    pause_list_free(&list);
    return true;
}

/* Those that are named, or by themselves those below. */
static bool takes_part(const struct program *program, const struct selection *selection)
{
    if (selection->only_count) return selection_has(selection, program);
    for (int i = 0; i < WATCHED_COUNT; i++)
        if (strcmp(program->name, watched[i]) == 0) return true;
    return false;
}

int run_pauses(int argc, char **argv)
{
    static const char *const titles[] = {"", "configuration", "longest pause", "pauses", "in all", "least share of 16.7 ms"};
    static struct table table;
    struct selection selection =
        selection_read("pauses", "How long programs stand still for the collector.", DEFAULT_RUNS, QUICK_RUNS, argc, argv);
    bool done = true;
    int runs = selection.runs;
    table_start_row(&table);
    for (size_t i = 0; i < sizeof titles / sizeof *titles; i++) table_cell(&table, "%s", titles[i]);
    for (int i = 0; i < program_count && done; i++) {
        if (!takes_part(&programs[i], &selection)) continue;
        struct results *results = results_new();
        for (int j = 0; j < CONFIGURATION_COUNT && done; j++) done = watch(&programs[i], &configurations[j], runs, &table, results);
        done = keep_results(results) && done;
    }
    table_print(&table);
    return done ? 0 : 1;
}
