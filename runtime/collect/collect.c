/* Starting, timing and verifying collections. */
#include "collect/collect.h"

#include "collect/finalizers.h"
#include "collect/leaks.h"
#include "collect/major.h"
#include "collect/minor.h"
#include "collect/verify.h"
#include "heap/clock.h"
#include "observe/report.h"

#include <stdio.h>

#define WHOLE_CYCLE SIZE_MAX

/* Structures check themselves at the boundary in builds that ask for it; it is too slow for all. */
static void check_structures(const struct gw_heap *heap)
{
#ifdef GW_CHECKS
    gw_heap_check(heap);
#else
    (void)heap;
#endif
}

static void note_peak(struct gw_heap *heap)
{
    uint64_t used = gw_heap_used_bytes(heap);
    if (used > heap->stats.peak_heap_bytes) heap->stats.peak_heap_bytes = used;
}

static void begin_collection(struct gw_heap *heap, const struct gw_entry *entry)
{
    if (heap->collecting)
        gw_fatal("a collection was asked for inside a collection: trace functions and destructors may not allocate");
    if (heap->options.verify) gw_verify_or_die(heap, entry, "before a collection");
    check_structures(heap);
    heap->collecting = true;
    note_peak(heap);
}

static void log_collection(const struct gw_heap *heap, const char *kind, uint64_t duration)
{
    if (!heap->options.log) return;
    fprintf(stderr, "greywave: %-5s %8.3f ms, old generation %8.2f MB of %8.2f, promoted %8.2f MB\n", kind,
            (double)duration / 1e6, (double)heap->old.used_bytes / 1048576.0,
            (double)heap->cycle.goal_bytes / 1048576.0, (double)heap->stats.promoted_bytes / 1048576.0);
}

static void end_collection(struct gw_heap *heap, const struct gw_entry *entry)
{
    note_peak(heap);
    heap->collecting = false;
    check_structures(heap);
    gw_heap_open_nursery(heap);
    if (heap->options.verify) gw_verify_or_die(heap, entry, "after a collection");
    gw_finalizers_notify(heap);
}

/* What the program waited for, however many collections it was made of. */
static void note_pause(struct gw_heap *heap, uint64_t start)
{
    uint64_t pause = gw_now_ns() - start;
    if (pause > heap->stats.longest_pause_ns) heap->stats.longest_pause_ns = pause;
}

static void run_minor(struct gw_heap *heap, const struct gw_entry *entry, enum gw_survivors survivors)
{
    begin_collection(heap, entry);
    uint64_t start = gw_now_ns();
    gw_minor_collect(heap, entry, survivors);
    uint64_t duration = gw_now_ns() - start;
    heap->stats.minor_ns += duration;
    log_collection(heap, "minor", duration);
    end_collection(heap, entry);
}

/* A cycle begins, and marking ends, with an empty nursery and nothing recorded. */
static void empty_nursery(struct gw_heap *heap, const struct gw_entry *entry)
{
    run_minor(heap, entry, GW_SURVIVORS_PROMOTE);
}

static void begin_cycle(struct gw_heap *heap, const struct gw_entry *entry)
{
    if (heap->options.debug_leak) gw_report_leaks(heap, entry);
    empty_nursery(heap, entry);
    heap->cycle.spent_ns = 0;
    gw_major_begin(heap);
}

/* One piece of the cycle under way, of `units`; the minor collection before remark is not part of it. */
static void step_cycle(struct gw_heap *heap, const struct gw_entry *entry, size_t units)
{
    if (heap->cycle.phase == GW_PHASE_REMARK) empty_nursery(heap, entry);
    begin_collection(heap, entry);
    uint64_t start = gw_now_ns();
    gw_major_step(heap, entry, units);
    uint64_t duration = gw_now_ns() - start;
    heap->stats.major_ns += duration;
    heap->cycle.spent_ns += duration;
    if (heap->cycle.phase == GW_PHASE_IDLE) log_collection(heap, "major", heap->cycle.spent_ns);
    end_collection(heap, entry);
}

void gw_collect_cycle(struct gw_heap *heap, const struct gw_entry *entry)
{
    uint64_t start = gw_now_ns();
    if (heap->cycle.phase == GW_PHASE_IDLE) begin_cycle(heap, entry);
    while (heap->cycle.phase != GW_PHASE_IDLE) step_cycle(heap, entry, WHOLE_CYCLE);
    note_pause(heap, start);
}

void gw_collect_full(struct gw_heap *heap, const struct gw_entry *entry)
{
    uint64_t start = gw_now_ns();
    if (heap->cycle.phase != GW_PHASE_IDLE) gw_collect_cycle(heap, entry);
    gw_collect_cycle(heap, entry);
    note_pause(heap, start);
}

/* The goal is a promise about peak memory: a cycle starts before the next minor collection is likely to pass it. */
static bool needs_cycle(const struct gw_heap *heap)
{
    if (heap->nursery.usable_bytes < heap->nursery.eden_bytes) return true;
    return !heap->cycle.disabled && heap->old.used_bytes + heap->cycle.last_promotion > heap->cycle.goal_bytes;
}

void gw_collect_young(struct gw_heap *heap, const struct gw_entry *entry)
{
    uint64_t start = gw_now_ns();
    run_minor(heap, entry, GW_SURVIVORS_AGE);
    if (needs_cycle(heap)) gw_collect_cycle(heap, entry);
    note_pause(heap, start);
}

void gw_collect_minor(struct gw_heap *heap, const struct gw_entry *entry)
{
    uint64_t start = gw_now_ns();
    run_minor(heap, entry, GW_SURVIVORS_AGE);
    note_pause(heap, start);
}

void gw_collect_from(gw_collection kind, const struct gw_entry *entry)
{
    struct gw_heap *heap = gw_heap_here("gw_collect");
    if (kind == GW_FULL)
        gw_collect_full(heap, entry);
    else
        gw_collect_minor(heap, entry);
}

/* ---- Steps ----------------------------------------------------------------------------------------- */

/* Pieces between two looks at the clock: some microseconds each when everything misses the cache. */
static size_t units_of(gw_phase phase)
{
    switch (phase) {
    case GW_PHASE_MARK: return 64;
    case GW_PHASE_EPHEMERONS: return 64;
    case GW_PHASE_SWEEP: return 8;
    default: return 1;
    }
}

static bool is_atomic(gw_phase phase)
{
    return phase == GW_PHASE_ROOTS || phase == GW_PHASE_REMARK;
}

/* Half of the growth that the goal allows is used up: time left over now saves a pause later. */
static bool cycle_is_worth_starting(const struct gw_heap *heap)
{
    uint64_t live = heap->cycle.live_bytes, goal = heap->cycle.goal_bytes;
    return heap->old.used_bytes >= live + (goal > live ? (goal - live) / 2 : 0);
}

static void timed_step(struct gw_heap *heap, const struct gw_entry *entry, size_t units, struct gw_step *step)
{
    gw_phase phase = heap->cycle.phase;
    uint64_t minor = heap->stats.minor_ns, major = heap->stats.major_ns;
    if (phase == GW_PHASE_IDLE)
        begin_cycle(heap, entry);
    else
        step_cycle(heap, entry, units);
    step->minor_ns += heap->stats.minor_ns - minor;
    if (is_atomic(phase)) step->atomic_ns += heap->stats.major_ns - major;
}

struct gw_step *gw_collect_step_from(struct gw_step *step, uint64_t budget_ns, const struct gw_entry *entry)
{
    struct gw_heap *heap = gw_heap_here("gw_collect_step");
    gw_phase phase = heap->cycle.phase;
    uint64_t start = gw_now_ns();
    *step = (struct gw_step){.status = GW_STEP_IDLE, .before = phase, .after = phase};
    if (phase == GW_PHASE_IDLE && !cycle_is_worth_starting(heap)) return step;
    do {
        timed_step(heap, entry, budget_ns ? units_of(heap->cycle.phase) : 1, step);
        step->used_ns = gw_now_ns() - start;
    } while (step->used_ns < budget_ns && heap->cycle.phase != GW_PHASE_IDLE);
    note_pause(heap, start);
    step->after = heap->cycle.phase;
    step->status = step->after == GW_PHASE_IDLE ? GW_STEP_DONE : GW_STEP_MORE;
    step->overrun_ns = step->used_ns > budget_ns ? step->used_ns - budget_ns : 0;
    return step;
}

void gw_disable(void)
{
    gw_heap_here("gw_disable")->cycle.disabled = true;
}

void gw_enable(void)
{
    gw_heap_here("gw_enable")->cycle.disabled = false;
}

bool gw_is_enabled(void)
{
    return !gw_heap_here("gw_is_enabled")->cycle.disabled;
}

void gw_poll_from(const struct gw_entry *entry)
{
    struct gw_heap *heap = gw_heap_here("gw_poll_slow");
    gw_current_thread.poll = 0;
    if (heap->options.stress_safepoint) gw_collect_young(heap, entry);
}
