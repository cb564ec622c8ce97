/* A line for each collection. For eyes: columns under heads that are printed once, milliseconds and megabytes, the cause last. As JSON:
 * nanoseconds and bytes. One call of stdio a line, so that lines of several threads stay whole. */
#include "log/log.h"

#include "log/units.h"
#include "os/linux/clock.h"

#include <stdio.h>

static uint64_t age_ns(const struct gw_heap *heap)
{
    return gw_now_ns() - heap->created_ns;
}

static void begin(struct gw_heap *heap)
{
    if (heap->log_began) return;
    heap->log_began = true;
    fputs("greywave:     at s  collection      took ms  MB before     after  promoted       old      goal  cause\n", stderr);
}

/* Old objects as they are now; of a cycle `before` and `after` are theirs, of a minor collection those of young ones. */
struct line {
    const char *what, *cause;
    uint64_t ns, before, after, promoted;
};

static void write_line(struct gw_heap *heap, const struct line *line)
{
    begin(heap);
    fprintf(stderr, "greywave: %8.3f  %-12s %10.3f %10.2f %9.2f %9.2f %9.2f %9.2f  %s\n", (double)age_ns(heap) / 1e9, line->what,
            gw_ms(line->ns), gw_mb(line->before), gw_mb(line->after), gw_mb(line->promoted), gw_mb(heap->old.used_bytes),
            gw_mb(heap->cycle.goal_bytes), line->cause);
}

static void write_minor_object(const struct gw_heap *heap, uint64_t ns, uint64_t before, uint64_t after)
{
    fprintf(stderr,
            "{\"greywave\":\"minor\",\"number\":%lu,\"at_ns\":%lu,\"ns\":%lu,\"young_before\":%lu,\"young_after\":%lu,\"promoted\":%lu,"
            "\"eden\":%lu,\"old\":%lu,\"goal\":%lu,\"cause\":\"%s\"}\n",
            heap->stats.minor_collections, age_ns(heap), ns, before, after, heap->cycle.last_promotion, (unsigned long)heap->eden.bytes,
            (unsigned long)heap->old.used_bytes, heap->cycle.goal_bytes, heap->minor_cause);
}

void gw_log_minor(struct gw_heap *heap, uint64_t ns, uint64_t young_before)
{
    uint64_t after = gw_heap_survivor_bytes(heap);
    struct line line = {"minor", heap->minor_cause, ns, young_before, after, heap->cycle.last_promotion};
    if (heap->options.log_json) write_minor_object(heap, ns, young_before, after);
    else write_line(heap, &line);
}

static void write_cycle_object(const struct gw_heap *heap)
{
    const struct gw_cycle *cycle = &heap->cycle;
    fprintf(stderr,
            "{\"greywave\":\"cycle\",\"number\":%lu,\"at_ns\":%lu,\"ns\":%lu,\"wall_ns\":%lu,\"atomic_ns\":%lu,\"steps\":%lu,\"old_"
            "before\":%lu,"
            "\"live\":%lu,\"goal\":%lu,\"cause\":\"%s\"}\n",
            heap->stats.major_collections, age_ns(heap), cycle->spent_ns, gw_now_ns() - cycle->started_ns, cycle->atomic_ns, cycle->steps,
            cycle->used_at_start, heap->stats.live_bytes, cycle->goal_bytes, heap->cycle_cause);
}

/* What took several steps says so: the program ran in between. */
static void write_cycle_line(struct gw_heap *heap)
{
    const struct gw_cycle *cycle = &heap->cycle;
    char what[32], cause[128];
    snprintf(what, sizeof what, "cycle %lu", heap->stats.major_collections);
    snprintf(cause, sizeof cause, "%s; %lu steps in %.1f ms", heap->cycle_cause, cycle->steps, gw_ms(gw_now_ns() - cycle->started_ns));
    struct line line = {what, cycle->steps > 1 ? cause : heap->cycle_cause, cycle->spent_ns, cycle->used_at_start, heap->stats.live_bytes,
                        0};
    write_line(heap, &line);
}

void gw_log_cycle(struct gw_heap *heap)
{
    if (heap->options.log_json) write_cycle_object(heap);
    else write_cycle_line(heap);
}
