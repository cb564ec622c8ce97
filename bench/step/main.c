/* Major collections in steps: how well gw_collect_step keeps to its budget while a large live heap keeps changing.
 *
 * For each budget the program and the collector take turns, the program for `share` times the budget, until some cycles
 * have finished. A step is measured as the program waits for it, with all that it does. Stops that the program did not ask for are shown
 * too: minor collections that no step had time for, and work that allocation makes the collector do (assists), of which a program that
 * steps often enough has none.
 *
 * Behind every step the program reads its objects for as long as the budget, looking at the clock every few of them. What that overruns by
 * is the machine's part: interrupts, a virtual machine's own page faults, caches. */
#include "command_line.h"
#include "live_heap.h"
#include "step_times.h"

#include <greywave/greywave.h>
#include "results.h"
#include "table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

enum {
    BATCH = 8, /* changes between looks at the clock: some microseconds */
    READ = 16, /* objects between looks at the clock */
    BUDGETS = 4
};

struct plan {
    long live_mb, cycles, share;
    const char *options; /* the heap's */
};

/* What one budget gave. */
struct trial {
    uint64_t budget_ns;
    struct times used, overruns, quiet_overruns, reading, atomic, minors, assists, cycles, others;
    uint64_t steps, with_minors, preempted, peak_heap, peak_resident, live;
};

static uint64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* Times that the machine took the processor away from this thread. */
static long preemptions(void)
{
    struct rusage usage;
    getrusage(RUSAGE_THREAD, &usage);
    return usage.ru_nivcsw;
}

static uint64_t resident_bytes(void)
{
    unsigned long size, resident = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    if (file && fscanf(file, "%lu %lu", &size, &resident) != 2) resident = 0;
    if (file) fclose(file);
    return (uint64_t)resident * (uint64_t)sysconf(_SC_PAGESIZE);
}

/* ---- One budget ------------------------------------------------------------------------------------ */

static void on_minor(void *data, const struct gw_minor_event *event)
{
    times_add(&((struct trial *)data)->minors, event->ns);
}

static void on_step(void *data, const struct gw_step_event *event)
{
    if (!event->by_hand) times_add(&((struct trial *)data)->assists, event->ns);
}

static void on_cycle(void *data, const struct gw_cycle_event *event)
{
    times_add(&((struct trial *)data)->cycles, event->wall_ns);
}

static void on_stop(void *data, const struct gw_stop_event *event)
{
    if (!event->by_hand) times_add(&((struct trial *)data)->others, event->ns);
}

static void note_memory(struct trial *trial)
{
    struct gw_stats stats;
    gw_get_stats(&stats);
    if (stats.heap_bytes > trial->peak_heap) trial->peak_heap = stats.heap_bytes;
}

static bool run_program(struct trial *trial, uint64_t duration_ns)
{
    uint64_t end = now_ns() + duration_ns;
    do {
        if (!live_heap_change(BATCH)) return false;
    } while (now_ns() < end);
    note_memory(trial);
    return true;
}

static void note_step(struct trial *trial, const struct gw_step *step, uint64_t waited, bool preempted)
{
    uint64_t overrun = waited > trial->budget_ns ? waited - trial->budget_ns : 0;
    times_add(&trial->used, waited);
    trial->with_minors += step->minor_ns > 0;
    times_add(&trial->overruns, overrun);
    if (!preempted) times_add(&trial->quiet_overruns, overrun);
    if (step->atomic_ns) times_add(&trial->atomic, step->atomic_ns);
    trial->preempted += preempted;
    if (trial->steps++ % 1024 == 0 && resident_bytes() > trial->peak_resident) trial->peak_resident = resident_bytes();
}

static void take_step(struct trial *trial)
{
    long before = preemptions();
    uint64_t start = now_ns();
    struct gw_step step = gw_collect_step(trial->budget_ns);
    uint64_t waited = now_ns() - start;
    if (step.used_ns) note_step(trial, &step, waited, preemptions() > before);
}

/* Unless the machine was seen to take the processor away: such steps are set apart, too. */
static void read_objects(struct trial *trial)
{
    long before = preemptions();
    uint64_t start = now_ns(), waited;
    do {
        live_heap_read(READ);
        waited = now_ns() - start;
    } while (waited < trial->budget_ns);
    if (preemptions() == before) times_add(&trial->reading, waited - trial->budget_ns);
}

static bool run_cycles(struct trial *trial, const struct plan *plan)
{
    while (trial->cycles.count < (size_t)plan->cycles) {
        if (!run_program(trial, trial->budget_ns * (uint64_t)plan->share)) return false;
        take_step(trial);
        read_objects(trial);
    }
    return true;
}

static bool run_trial(struct trial *trial, const struct plan *plan)
{
    struct gw_stats stats;
    gw_collect(GW_FULL);
    gw_get_stats(&stats);
    trial->live = stats.live_bytes;
    progress("budget %.1f ms: %ld cycles", (double)trial->budget_ns / 1e6, plan->cycles);
    gw_set_hooks(&(struct gw_hooks){trial, on_minor, on_step, on_cycle, on_stop});
    bool done = run_cycles(trial, plan);
    gw_set_hooks(NULL);
    progress("%s", "");
    return done && live_heap_check();
}

/* ---- What comes out -------------------------------------------------------------------------------- */

static double ratio(uint64_t bytes, const struct trial *trial)
{
    return (double)bytes / (double)trial->live;
}

static void print_overruns(struct table *table, struct trial *trial)
{
    table_cell(table, "%.1f ms", (double)trial->budget_ns / 1e6);
    table_cell(table, "%llu", (unsigned long long)trial->steps);
    table_duration(table, times_quantile(&trial->overruns, 0.5));
    table_duration(table, times_quantile(&trial->overruns, 0.99));
    table_duration(table, times_quantile(&trial->overruns, 0.999));
    table_duration(table, times_quantile(&trial->overruns, 1));
    table_cell(table, "%llu", (unsigned long long)trial->preempted);
    table_duration(table, times_quantile(&trial->quiet_overruns, 0.999));
    table_duration(table, times_quantile(&trial->quiet_overruns, 1));
    table_duration(table, times_quantile(&trial->reading, 0.999));
    table_duration(table, times_quantile(&trial->reading, 1));
    table_duration(table, times_quantile(&trial->atomic, 1));
}

static void print_rest(struct table *table, struct trial *trial)
{
    table_cell(table, "%.1f ms", (double)trial->budget_ns / 1e6);
    table_cell(table, "%zu", trial->minors.count);
    table_cell(table, "%llu", (unsigned long long)trial->with_minors);
    table_duration(table, times_quantile(&trial->minors, 0.5));
    table_duration(table, times_quantile(&trial->minors, 1));
    table_cell(table, "%zu", trial->assists.count);
    table_duration(table, times_quantile(&trial->assists, 1));
    table_duration(table, times_quantile(&trial->others, 0.999));
    table_duration(table, times_quantile(&trial->others, 1));
    table_duration(table, times_quantile(&trial->cycles, 0.5));
    table_cell(table, "%.2f", ratio(trial->peak_heap, trial));
    table_cell(table, "%.2f", ratio(trial->peak_resident, trial));
}

static void print_titles(struct table *table, const char *const *titles)
{
    memset(table, 0, sizeof *table);
    table_start_row(table);
    while (*titles) table_cell(table, "%s", *titles++);
}

static void print_tables(struct trial *trials, int count)
{
    static struct table table;
    print_titles(&table, (const char *const[]){"budget", "steps", "overrun p50", "p99", "p99.9", "max", "preempted", "p99.9 others",
                                               "max others", "reading p99.9", "max", "atomic", NULL});
    for (int i = 0; i < count; i++) table_start_row(&table), print_overruns(&table, &trials[i]);
    table_print(&table);
    putchar('\n');
    print_titles(&table, (const char *const[]){"budget", "minors", "in steps", "p50", "max", "assists", "max", "other stops p99.9", "max",
                                               "cycle", "heap / live", "resident / live", NULL});
    for (int i = 0; i < count; i++) table_start_row(&table), print_rest(&table, &trials[i]);
    table_print(&table);
    puts("\noverrun: what the program waited for a step beyond its budget, all that the step did included. preempted: steps during\n"
         "which the machine took the processor away; others: without those. reading: what a program that only reads objects for as\n"
         "long overruns by, which is the machine's part. atomic: longest look at the roots. minors: minor collections, and how many\n"
         "steps ran one. assists: collector work that allocation had to do. other stops: all that the program did not ask for.\n"
         "cycle: from its first step to its last, the program's turns included. heap, resident: peak.");
}

static void keep_value(struct results *results, const struct trial *trial, const char *metric, const char *unit, double value)
{
    char variant[32], program[32];
    snprintf(variant, sizeof variant, "%g us", (double)trial->budget_ns / 1e3);
    snprintf(program, sizeof program, "steps over %.0f MB", (double)trial->live / (1 << 20));
    results_add(results, &(struct record){.benchmark = "step",
                                          .program = program,
                                          .variant = variant,
                                          .version = gw_version(),
                                          .metric = metric,
                                          .unit = unit,
                                          .value = value,
                                          .low = value,
                                          .high = value});
}

static void keep_quantiles(struct results *results, const struct trial *trial, struct times *times, const char *what)
{
    static const struct {
        double share;
        const char *name;
    } quantiles[] = {{0.5, "p50"}, {0.99, "p99"}, {0.999, "p99.9"}, {1, "max"}};
    for (size_t i = 0; i < sizeof quantiles / sizeof *quantiles && times->count; i++) {
        char metric[64];
        snprintf(metric, sizeof metric, "%s %s", what, quantiles[i].name);
        keep_value(results, trial, metric, "ns", (double)times_quantile(times, quantiles[i].share));
    }
}

/* How the steps' lengths are spread. */
static void keep_curve(struct results *results, struct trial *trial)
{
    enum { POINTS = 200 };
    struct point points[POINTS];
    char variant[32], program[32];
    snprintf(variant, sizeof variant, "%g us", (double)trial->budget_ns / 1e3);
    snprintf(program, sizeof program, "steps over %.0f MB", (double)trial->live / (1 << 20));
    for (int i = 0; i < POINTS; i++) {
        double share = (double)(i + 1) / POINTS;
        points[i] = (struct point){(double)times_quantile(&trial->used, share) / 1e6, share};
    }
    results_add_curve(results, &(struct curve){.benchmark = "step",
                                               .program = program,
                                               .variant = variant,
                                               .kind = "pauses",
                                               .x_unit = "step, ms",
                                               .y_unit = "share of steps",
                                               .points = points,
                                               .point_count = POINTS});
}

static void keep_trial(struct results *results, struct trial *trial)
{
    keep_value(results, trial, "steps", "1", (double)trial->steps);
    keep_value(results, trial, "preempted steps", "1", (double)trial->preempted);
    keep_quantiles(results, trial, &trial->overruns, "overrun");
    keep_quantiles(results, trial, &trial->quiet_overruns, "overrun, not preempted,");
    keep_quantiles(results, trial, &trial->reading, "overrun of reading alone, not preempted,");
    keep_quantiles(results, trial, &trial->atomic, "atomic part");
    keep_quantiles(results, trial, &trial->minors, "minor pause");
    keep_quantiles(results, trial, &trial->assists, "assist");
    keep_quantiles(results, trial, &trial->others, "other stop");
    keep_quantiles(results, trial, &trial->cycles, "cycle");
    keep_value(results, trial, "peak heap / live", "1", ratio(trial->peak_heap, trial));
    keep_value(results, trial, "peak resident / live", "1", ratio(trial->peak_resident, trial));
    keep_curve(results, trial);
}

/* ---- The whole ------------------------------------------------------------------------------------- */

static bool run_all(struct trial *trials, const struct plan *plan)
{
    setpriority(PRIO_PROCESS, 0, -20); /* where it is allowed: others' work is no pause of ours */
    if (gw_init(plan->options) != GW_OK) {
        fprintf(stderr, "%s\n", gw_error_text());
        return false;
    }
    progress("building %ld MB", plan->live_mb);
    if (!live_heap_build((size_t)plan->live_mb << 20)) {
        fprintf(stderr, "no room for %ld MB; --live takes less\n", plan->live_mb);
        return false;
    }
    for (int i = 0; i < BUDGETS; i++)
        if (!run_trial(&trials[i], plan)) return false;
    return true;
}

static struct plan read_plan(int argc, char **argv)
{
    struct plan plan = {.live_mb = 1024, .cycles = 3, .share = 4};
    const struct known_option options[] = {
        {.name = "live", .argument = "MB", .what = "live heap", .number = &plan.live_mb, .least = 1, .most = 1000000},
        {.name = "cycles", .argument = "N", .what = "cycles for each budget", .number = &plan.cycles, .least = 1, .most = 1000000},
        {.name = "share",
         .argument = "N",
         .what = "the program runs N times the budget between two steps",
         .number = &plan.share,
         .least = 1,
         .most = 1000000},
        {.name = "heap", .argument = "OPTIONS", .what = "options of the heap, as for gw_init", .text = &plan.options},
    };
    command_line_read(&(struct command_line){.program = "bench step",
                                             .what = "How well gw_collect_step keeps to its budget while a large live heap keeps changing.",
                                             .options = options,
                                             .option_count = sizeof options / sizeof *options},
                      argc, argv);
    return plan;
}

int main(int argc, char **argv)
{
    static struct trial trials[BUDGETS] = {{.budget_ns = 100000}, {.budget_ns = 500000}, {.budget_ns = 1000000}, {.budget_ns = 2000000}};
    struct plan plan = read_plan(argc, argv);
    if (!run_all(trials, &plan)) return 1;
    printf("%.0f MB live, program %ld times the budget between steps, cycles: %ld for each budget\n\n", (double)trials[0].live / (1 << 20),
           plan.share, plan.cycles);
    print_tables(trials, BUDGETS);
    struct results *results = results_new();
    for (int i = 0; i < BUDGETS; i++) keep_trial(results, &trials[i]);
    bool saved = results_save_for_parent(results);
    results_free(results);
    return saved ? 0 : 1;
}
