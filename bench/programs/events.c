/* Writes down every stop of a benchmark program for its collector. Linked to programs with --wrap=gw_init; the environment
 * variable GW_BENCH_EVENTS names the file, and without it nothing happens. A line for each pause: when it began and how
 * long it took, in nanoseconds since the start, and the heap's bytes after it. */
#include <greywave/greywave.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

struct event {
    uint64_t start, duration, heap;
};

enum { MOST_EVENTS = 1 << 20 };
static struct event *events;
static size_t event_count;
static uint64_t started;

static uint64_t now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static void note_stop(void *data, const struct gw_stop_event *event)
{
    struct gw_stats stats;
    (void)data;
    gw_get_stats(&stats);
    if (event_count == MOST_EVENTS) return;
    events[event_count++] = (struct event){event->start_ns - started, event->ns, stats.heap_bytes};
}

static void write_events(void)
{
    FILE *file = fopen(getenv("GW_BENCH_EVENTS"), "w");
    if (!file) return perror(getenv("GW_BENCH_EVENTS"));
    if (event_count == MOST_EVENTS) fputs("events: there were more pauses than can be kept\n", stderr);
    for (size_t i = 0; i < event_count; i++)
        fprintf(file, "%" PRIu64 " %" PRIu64 " %" PRIu64 "\n", events[i].start, events[i].duration, events[i].heap);
    fprintf(file, "%" PRIu64 " 0 0\n", now() - started);
    fclose(file);
}

gw_status __real_greywave_init(const char *text);
gw_status __wrap_greywave_init(const char *text);

gw_status __wrap_greywave_init(const char *text)
{
    gw_status status = __real_greywave_init(text);
    if (status != GW_OK || !getenv("GW_BENCH_EVENTS")) return status;
    events = malloc(MOST_EVENTS * sizeof *events);
    if (!events || atexit(write_events)) return GW_ERROR_MEMORY;
    started = now();
    gw_set_hooks(&(struct gw_hooks){.stop = note_stop});
    return GW_OK;
}
