/* Starting, timing and verifying collections. */
#include "collect/collect.h"

#include "collect/major.h"
#include "collect/minor.h"
#include "collect/verify.h"
#include "observe/report.h"

#include <stdio.h>
#include <time.h>

#define WHOLE_CYCLE SIZE_MAX

static uint64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * UINT64_C(1000000000) + (uint64_t)now.tv_nsec;
}

/* Structures check themselves at the boundary in builds that ask for it; it is too slow for all. */
static void check_structures(const struct gw_heap *heap)
{
#ifdef GW_CHECKS
    gw_heap_check(heap);
#else
    (void)heap;
#endif
}

static void begin_collection(struct gw_heap *heap, const struct gw_entry *entry)
{
    if (heap->collecting)
        gw_fatal("a collection was asked for inside a collection: trace functions and destructors may not allocate");
    if (heap->options.verify) gw_verify_or_die(heap, entry, "before a collection");
    check_structures(heap);
    heap->collecting = true;
    uint64_t used = gw_heap_used_bytes(heap);
    if (used > heap->stats.peak_heap_bytes) heap->stats.peak_heap_bytes = used;
}

static void log_collection(const struct gw_heap *heap, const char *kind, uint64_t duration)
{
    if (!heap->options.log) return;
    fprintf(stderr, "greywave: %-5s %8.3f ms, old generation %8.2f MB of %8.2f, promoted %8.2f MB\n", kind,
            (double)duration / 1e6, (double)heap->old.used_bytes / 1048576.0,
            (double)heap->cycle.goal_bytes / 1048576.0, (double)heap->stats.promoted_bytes / 1048576.0);
}

static void end_collection(struct gw_heap *heap, const struct gw_entry *entry, const char *kind, uint64_t duration,
                           uint64_t *total)
{
    struct gw_stats *stats = &heap->stats;
    *total += duration;
    if (duration > stats->longest_pause_ns) stats->longest_pause_ns = duration;
    uint64_t used = gw_heap_used_bytes(heap);
    if (used > stats->peak_heap_bytes) stats->peak_heap_bytes = used;
    heap->collecting = false;
    check_structures(heap);
    gw_heap_open_nursery(heap);
    log_collection(heap, kind, duration);
    if (heap->options.verify) gw_verify_or_die(heap, entry, "after a collection");
}

static void run_minor(struct gw_heap *heap, const struct gw_entry *entry, enum gw_survivors survivors)
{
    begin_collection(heap, entry);
    uint64_t start = now_ns();
    gw_minor_collect(heap, entry, survivors);
    end_collection(heap, entry, "minor", now_ns() - start, &heap->stats.minor_ns);
}

static void run_cycle(struct gw_heap *heap, const struct gw_entry *entry)
{
    begin_collection(heap, entry);
    uint64_t start = now_ns();
    gw_major_begin(heap);
    while (gw_major_step(heap, entry, WHOLE_CYCLE)) continue;
    end_collection(heap, entry, "major", now_ns() - start, &heap->stats.major_ns);
}

void gw_collect_full(struct gw_heap *heap, const struct gw_entry *entry)
{
    run_minor(heap, entry, GW_SURVIVORS_PROMOTE);
    run_cycle(heap, entry);
}

/* The goal is a promise about peak memory: a cycle starts before the next minor collection is likely to pass it. */
static bool needs_cycle(const struct gw_heap *heap)
{
    return heap->old.used_bytes + heap->cycle.last_promotion > heap->cycle.goal_bytes || heap->nursery.usable_bytes < heap->nursery.eden_bytes;
}

void gw_collect_young(struct gw_heap *heap, const struct gw_entry *entry)
{
    run_minor(heap, entry, GW_SURVIVORS_AGE);
    if (!needs_cycle(heap)) return;
    if (gw_heap_young_bytes(heap))
        run_minor(heap, entry, GW_SURVIVORS_PROMOTE);
    run_cycle(heap, entry);
}

void gw_collect_from(gw_collection kind, const struct gw_entry *entry)
{
    struct gw_heap *heap = gw_heap_here("gw_collect");
    if (kind == GW_FULL)
        gw_collect_full(heap, entry);
    else
        run_minor(heap, entry, GW_SURVIVORS_AGE);
}

void gw_poll_from(const struct gw_entry *entry)
{
    struct gw_heap *heap = gw_heap_here("gw_poll_slow");
    gw_current_thread.poll = 0;
    if (heap->options.stress_safepoint) gw_collect_young(heap, entry);
}
