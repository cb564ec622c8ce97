/* How long a thread that wants to collect waits until the others of its heap have stopped, by their number and by what they do: allocate,
 * loop with polls alone, or wait in a system call, outside.
 *
 * The thread asks for a minor collection now and then. What it waited is the stop without that collection, both as the hooks tell them;
 * deciding what to do is in it. More threads than processors mostly wait for one: a thread that does not run reaches no safepoint, so that
 * the figures are the scheduler's then. */
#include "command_line.h"
#include "results.h"
#include "step_times.h"
#include "stopped.h"
#include "table.h"

#include <greywave/greywave.h>

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { MOST_THREADS = 256, BETWEEN_NS = 500000 };

static const struct manner {
    const char *name;
    void *(*run)(void *stopped);
} manners[] = {{"allocating", stopped_allocating}, {"looping", stopped_looping}, {"waiting", stopped_waiting}};
enum { MANNERS = sizeof manners / sizeof *manners };

/* What the hooks told of the collection that was asked for last. */
static struct last {
    uint64_t minor_ns, stop_ns;
    unsigned minors, stops;
    pthread_t asking;
} last;

/* Other threads collect too, when eden is full. */
static void on_minor(void *data, const struct gw_minor_event *event)
{
    struct last *told = data;
    if (!pthread_equal(pthread_self(), told->asking)) return;
    told->minor_ns = event->ns;
    told->minors++;
}

static void on_stop(void *data, const struct gw_stop_event *event)
{
    struct last *told = data;
    if (!pthread_equal(pthread_self(), told->asking)) return;
    told->stop_ns = event->ns;
    told->stops++;
}

static void pause_between(void)
{
    nanosleep(&(struct timespec){.tv_nsec = BETWEEN_NS}, NULL);
}

/* A stop that the hooks join with the one before, or a cycle's, is none of those that are measured. */
static void take_sample(struct times *times)
{
    last.minors = last.stops = 0;
    gw_collect(GW_MINOR);
    if (last.minors == 1 && last.stops == 1 && last.stop_ns >= last.minor_ns) times_add(times, last.stop_ns - last.minor_ns);
}

static void *join(void *thread)
{
    pthread_join(*(pthread_t *)thread, NULL);
    return NULL;
}

static void *wait_between(void *unused)
{
    pause_between();
    return unused;
}

/* Outside, since its own loop has no polls. */
static void measure(struct times *times, const struct manner *manner, struct gw_heap *heap, long threads, long stops)
{
    pthread_t started[MOST_THREADS];
    int ends[2];
    if (pipe(ends)) perror("bench_stop: pipe"), exit(2);
    struct stopped stopped = {heap, ends[0]};
    stopped_begin();
    for (long i = 0; i < threads; i++)
        if (pthread_create(&started[i], NULL, manner->run, &stopped)) perror("bench_stop: pthread_create"), exit(2);
    while (stopped_count() < threads) gw_outside_call(wait_between, NULL);
    for (long i = 0; i < stops; i++) {
        take_sample(times);
        gw_outside_call(wait_between, NULL);
    }
    stopped_end();
    close(ends[1]);
    for (long i = 0; i < threads; i++) gw_outside_call(join, &started[i]);
    close(ends[0]);
}

static void keep(struct results *results, const char *manner, long threads, const char *metric, uint64_t ns)
{
    char variant[64];
    snprintf(variant, sizeof variant, "%ld %s", threads, manner);
    results_add(results, &(struct record){.benchmark = "stop",
                                          .program = "time to stop",
                                          .variant = variant,
                                          .metric = metric,
                                          .unit = "ns",
                                          .value = (double)ns,
                                          .low = (double)ns,
                                          .high = (double)ns});
}

static void report(struct table *table, struct results *results, const char *manner, long threads, struct times *times)
{
    static const struct {
        const char *name;
        double share;
    } quantiles[] = {{"p50", 0.5}, {"p99", 0.99}, {"longest", 1}};
    table_start_row(table);
    table_cell(table, "%s", manner);
    table_cell(table, "%ld", threads);
    table_cell(table, "%zu", times->count);
    for (int i = 0; i < 3; i++) {
        uint64_t ns = times_quantile(times, quantiles[i].share);
        table_duration(table, ns);
        keep(results, manner, threads, quantiles[i].name, ns);
    }
}

static struct gw_heap *start(void)
{
    if (gw_init(NULL) != GW_OK) {
        fprintf(stderr, "bench_stop: %s\n", gw_error_text());
        exit(2);
    }
    last.asking = pthread_self();
    gw_set_hooks(&(struct gw_hooks){.data = &last, .minor = on_minor, .stop = on_stop});
    return gw_current_thread.heap;
}

static void measure_all(struct results *results, struct gw_heap *heap, long most, long stops)
{
    static struct table table;
    table_start_row(&table);
    const char *const titles[] = {"the others", "threads", "stops", "p50", "p99", "longest"};
    for (int i = 0; i < 6; i++) table_cell(&table, "%s", titles[i]);
    for (int i = 0; i < MANNERS; i++)
        for (long threads = 1; threads <= most; threads *= 4) {
            struct times times = {0};
            progress("%ld %s", threads, manners[i].name);
            measure(&times, &manners[i], heap, threads, stops);
            report(&table, results, manners[i].name, threads, &times);
            free(times.values);
        }
    progress("%s", "");
    table_print(&table);
}

int main(int argc, char **argv)
{
    long most = 16, stops = 1000;
    const struct known_option options[] = {
        {.name = "threads",
         .argument = "N",
         .what = "1, 4, 16 and so on up to N others",
         .number = &most,
         .least = 1,
         .most = MOST_THREADS},
        {.name = "stops", .argument = "N", .what = "stops of each", .number = &stops, .least = 1, .most = 1000000},
    };
    command_line_read(
        &(struct command_line){.program = "bench stop",
                               .what = "How long a thread that wants to collect waits until the others of its heap have stopped.",
                               .options = options,
                               .option_count = sizeof options / sizeof *options},
        argc, argv);
    struct results *results = results_new();
    printf("%ld processors; with more threads than that the scheduler is measured\n\n", sysconf(_SC_NPROCESSORS_ONLN));
    measure_all(results, start(), most, stops);
    bool saved = results_save_for_parent(results);
    results_free(results);
    return saved ? 0 : 1;
}
