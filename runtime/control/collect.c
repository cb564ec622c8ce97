/* Starting, timing, pacing and verifying collections. */
#include "control/collect.h"

#include "heap/callbacks.h"
#include "control/eden_size.h"
#include "control/run_finalizers.h"
#include "verify/leaks.h"
#include "control/cycle.h"
#include "engine/mark.h"
#include "engine/minor.h"
#include "life/after_moving.h"
#include "control/pacing.h"
#include "verify/sanity.h"
#include "verify/verify.h"
#include "os/linux/clock.h"
#include "base/report.h"

#include <stdio.h>

/* ---- Around a collection --------------------------------------------------------------------------- */

/* Structures check themselves at the boundary in builds that ask for it; it is too slow for all. */
static void check_structures(const struct gw_heap *heap)
{
#ifdef GW_CHECKS
    gw_heap_check(heap);
    gw_eden_size_check(heap);
    gw_pacing_check(heap);
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
    if (heap->mutator.callback.what) gw_leave_callback(heap, "a collection", entry);
    gw_restrict(heap, "a collection");
    if (heap->options.verify) gw_verify_or_die(heap, entry, "before a collection");
    check_structures(heap);
    note_peak(heap);
}

/* While a cycle is under way the program comes back several times before eden is full, to assist. */
void gw_reopen_nursery(struct gw_heap *heap)
{
    bool assists = heap->cycle.phase != GW_PHASE_IDLE && !heap->cycle.disabled && !heap->promise.bytes;
    heap->cycle.assist_at = assists ? heap->mutator.thread->alloc + gw_pacing_slice_bytes(heap) : NULL;
    gw_heap_open_nursery(heap);
}

static void end_collection(struct gw_heap *heap, const struct gw_entry *entry)
{
    note_peak(heap);
    check_structures(heap);
    if (heap->options.verify) gw_verify_or_die(heap, entry, "after a collection");
    gw_finalizers_notify(heap);
    heap->mutator.callback = (struct gw_callback){0};
    gw_reopen_nursery(heap);
    gw_account_look(heap);
}

/* What the program waited for, however many collections it was made of. It runs now. */
static void end_pause(struct gw_heap *heap, uint64_t start)
{
    gw_pauses_note(&heap->pauses, start, gw_now_ns());
    heap->cycle.program_ran = true;
}

static void log_collection(const struct gw_heap *heap, const char *kind, uint64_t duration)
{
    if (!heap->options.log) return;
    double mb = 1048576;
    fprintf(stderr, "greywave: %-5s %8.3f ms, eden %5.2f MB, old generation %8.2f MB of %8.2f, promoted %8.2f MB\n", kind,
            (double)duration / 1e6, (double)heap->eden.bytes / mb, (double)heap->old.used_bytes / mb, (double)heap->cycle.goal_bytes / mb,
            (double)heap->stats.promoted_bytes / mb);
}

/* ---- Minor collections ----------------------------------------------------------------------------- */

static void tell_minor(struct gw_heap *heap, uint64_t duration, uint64_t allocated)
{
    if (!heap->hooks.minor) return;
    struct gw_minor_event event = {
        .ns = duration, .allocated_bytes = allocated, .promoted_bytes = heap->cycle.last_promotion, .phase = heap->cycle.phase};
    struct gw_callback before = gw_restrict(heap, "a hook");
    GW_MUST_RETURN("a hook", heap->hooks.minor(heap->hooks.data, &event));
    gw_unrestrict(heap, before);
}

/* A minor collection may have ended marking: the one in remark, which promotes everything. */
static void after_minor(struct gw_heap *heap, const struct gw_entry *entry)
{
    bool marking = gw_is_marking(heap);
    gw_cycle_after_minor(heap);
    if (marking && !gw_is_marking(heap) && heap->options.verify) gw_sanity_at_mark_end(heap, entry);
}

/* What was recorded has a price of its own where pauses are held by it; otherwise eden's size has to hold the whole. */
static void note_minor(struct gw_heap *heap, size_t eden_used, uint64_t ran_ns)
{
    uint64_t recorded = gw_heap_may_pause(heap) ? 0 : heap->account.last_ns;
    uint64_t copied = heap->cycle.last_promotion + gw_heap_survivor_bytes(heap);
    gw_eden_size_note_minor(heap, eden_used, copied, ran_ns > recorded ? ran_ns - recorded : 1);
}

static void run_minor(struct gw_heap *heap, const struct gw_entry *entry, enum gw_survivors survivors)
{
    begin_collection(heap, entry);
    uint64_t start = gw_now_ns(), allocated = heap->stats.allocated_bytes;
    uint64_t ran = gw_processor_ns();
    size_t eden_used = gw_nursery_used(&heap->nursery, heap->mutator.thread->alloc);
    gw_minor_collect(heap, entry, heap->cycle.phase == GW_PHASE_REMARK ? GW_SURVIVORS_PROMOTE : survivors, gw_after_moving);
    after_minor(heap, entry);
    uint64_t duration = gw_now_ns() - start;
    heap->stats.minor_ns += duration;
    gw_pauses_note(&heap->minor_pauses, start, start + duration);
    gw_pacing_charge(heap, heap->cycle.last_promotion);
    note_minor(heap, eden_used, gw_processor_ns() - ran);
    log_collection(heap, "minor", duration);
    end_collection(heap, entry);
    tell_minor(heap, duration, heap->stats.allocated_bytes - allocated);
}

/* ---- Pieces of a cycle ----------------------------------------------------------------------------- */

/* A run of pieces: how long it may take, what it did. */
struct run {
    uint64_t budget_ns;
    uint64_t work;  /* wanted, in pacing's bytes */
    bool may_minor; /* a minor collection may be run to end marking */
    bool smallest;  /* pieces of one unit */
    bool whole;     /* a phase in one piece */
    bool by_hand;
    gw_phase before;
    uint64_t done, minor_ns, atomic_ns;
    uint64_t pieces_ns, last_ns; /* in all pieces, and in the last */
};

static void begin_cycle(struct gw_heap *heap)
{
    heap->cycle.spent_ns = heap->cycle.atomic_ns = heap->cycle.steps = 0;
    heap->cycle.started_ns = gw_now_ns();
    heap->cycle.used_at_start = heap->old.used_bytes;
    gw_pacing_begin(heap);
    gw_cycle_begin(heap);
}

static void tell_cycle(struct gw_heap *heap)
{
    const struct gw_cycle *cycle = &heap->cycle;
    if (!heap->hooks.cycle) return;
    struct gw_cycle_event event = {.ns = cycle->spent_ns,
                                   .wall_ns = gw_now_ns() - cycle->started_ns,
                                   .atomic_ns = cycle->atomic_ns,
                                   .steps = cycle->steps,
                                   .live_bytes = heap->stats.live_bytes,
                                   .used_at_start_bytes = cycle->used_at_start,
                                   .goal_bytes = cycle->goal_bytes};
    struct gw_callback before = gw_restrict(heap, "a hook");
    GW_MUST_RETURN("a hook", heap->hooks.cycle(heap->hooks.data, &event));
    gw_unrestrict(heap, before);
}

/* Pieces are as many units as took some microseconds last time, so that looking at the clock costs little and a budget is not
 * overrun by much. */
#define PIECE_NS 6000

/* What a piece may grow to while its units are cheap: the next ones may miss the cache each, or give pages back. */
static uint32_t most_units(gw_phase phase)
{
    switch (phase) {
    case GW_PHASE_MARK: return 512;
    case GW_PHASE_WEAK: return 8;
    case GW_PHASE_RETURN: return 1;
    case GW_PHASE_IDLE:
    case GW_PHASE_ROOTS:
    case GW_PHASE_EPHEMERONS:
    case GW_PHASE_REMARK:
    case GW_PHASE_SWEEP: break;
    }
    return 32;
}

static uint32_t *units_of(struct gw_heap *heap)
{
    uint32_t *units = &heap->cycle.units[heap->cycle.phase];
    if (!*units) *units = 1;
    return units;
}

/* A piece that was right for hot cache lines takes ten times as long over cold ones: when that could pass the budget pieces are
 * smaller. Before that the clock is looked at less often. */
#define NEAR_THE_END_NS 80000

static uint32_t units_now(struct gw_heap *heap, const struct run *run)
{
    uint32_t units = *units_of(heap), few = (most_units(heap->cycle.phase) + 3) / 4;
    bool near_the_end = run->pieces_ns + NEAR_THE_END_NS > run->budget_ns;
    return near_the_end && units > few ? few : units;
}

static void adapt_units(uint32_t *units, gw_phase phase, uint64_t ns)
{
    if (ns > 2 * PIECE_NS) *units = *units > 1 ? *units / 2 : 1;
    else if (ns < PIECE_NS && *units < most_units(phase)) *units *= 2;
}

static void account(struct gw_heap *heap, struct run *run, gw_phase phase, uint64_t marked, uint64_t ns)
{
    struct gw_cycle *cycle = &heap->cycle;
    uint64_t work = heap->mark.live_bytes - marked + (phase == GW_PHASE_MARK ? 0 : ns);
    run->done += work;
    run->pieces_ns += ns;
    run->last_ns = ns;
    gw_pacing_credit(heap, work);
    heap->stats.major_ns += ns;
    cycle->spent_ns += ns;
    if (phase != GW_PHASE_ROOTS) return;
    run->atomic_ns += ns;
    cycle->atomic_ns += ns;
    if (ns > heap->stats.longest_atomic_ns) heap->stats.longest_atomic_ns = ns;
}

/* One piece of the phase at hand; returns the time after it. */
static uint64_t run_piece(struct gw_heap *heap, const struct gw_entry *entry, struct run *run, uint64_t now)
{
    gw_phase phase = heap->cycle.phase;
    uint64_t marked = heap->mark.live_bytes;
    uint32_t *adapted = units_of(heap), units = units_now(heap, run);
    gw_cycle_step(heap, entry, run->smallest ? 1 : run->whole ? SIZE_MAX : units);
    uint64_t after = gw_now_ns();
    if (!run->smallest && !run->whole && units == *adapted) adapt_units(adapted, phase, after - now);
    account(heap, run, phase, marked, after - now);
    if (heap->options.verify) gw_sanity_after_piece(heap, entry, phase);
    return after;
}

static void run_minor_within(struct gw_heap *heap, const struct gw_entry *entry, struct run *run, enum gw_survivors survivors)
{
    uint64_t minor = heap->stats.minor_ns;
    run_minor(heap, entry, survivors);
    run->minor_ns += heap->stats.minor_ns - minor;
}

/* Marking has nothing left to do, and only a minor collection can tell whether that is all. When the program has not run since the
 * roots were looked at, there is nothing that it could tell. */
static void end_marking(struct gw_heap *heap, const struct gw_entry *entry, struct run *run)
{
    if (!heap->cycle.program_ran) {
        after_minor(heap, entry);
        return;
    }
    run_minor_within(heap, entry, run, GW_SURVIVORS_AGE);
}

/* Whether the run has work and time for another piece, which may be expected to take as long as the last. */
static bool goes_on(const struct run *run)
{
    return !run->smallest && run->done < run->work && run->pieces_ns + run->last_ns / 2 < run->budget_ns;
}

static bool has_pieces(const struct gw_heap *heap)
{
    return heap->cycle.phase != GW_PHASE_IDLE && heap->cycle.phase != GW_PHASE_REMARK;
}

/* Verification and self-checks, where they are asked for, are not part of the run's time. */
static void run_pieces(struct gw_heap *heap, const struct gw_entry *entry, struct run *run)
{
    do {
        begin_collection(heap, entry);
        uint64_t now = gw_now_ns();
        do {
            now = run_piece(heap, entry, run, now);
        } while (!heap->options.verify && has_pieces(heap) && goes_on(run));
        end_collection(heap, entry);
    } while (has_pieces(heap) && goes_on(run));
}

static void tell_step(struct gw_heap *heap, const struct run *run)
{
    if (!heap->hooks.step) return;
    struct gw_step_event event = {.ns = run->pieces_ns,
                                  .atomic_ns = run->atomic_ns,
                                  .minor_ns = run->minor_ns,
                                  .work_bytes = run->done,
                                  .before = run->before,
                                  .after = heap->cycle.phase,
                                  .by_hand = run->by_hand};
    struct gw_callback before = gw_restrict(heap, "a hook");
    GW_MUST_RETURN("a hook", heap->hooks.step(heap->hooks.data, &event));
    gw_unrestrict(heap, before);
}

/* Runs pieces of the cycle under way until the run's time or work is done, or the cycle is. */
static void run_cycle(struct gw_heap *heap, const struct gw_entry *entry, struct run *run)
{
    run->before = heap->cycle.phase;
    heap->cycle.steps++;
    bool more = true;
    while (more && heap->cycle.phase != GW_PHASE_IDLE) {
        if (heap->cycle.phase != GW_PHASE_REMARK) run_pieces(heap, entry, run);
        else if (run->may_minor || !heap->cycle.program_ran) end_marking(heap, entry, run);
        else break;
        more = goes_on(run);
    }
    tell_step(heap, run);
    if (heap->cycle.phase != GW_PHASE_IDLE) return;
    log_collection(heap, "major", heap->cycle.spent_ns);
    tell_cycle(heap);
}

/* A cycle begins with an empty nursery; the run goes on with the roots before the program does. */
static void start_cycle(struct gw_heap *heap, const struct gw_entry *entry, struct run *run)
{
    if (heap->options.debug_leak) gw_report_leaks(heap, entry);
    run_minor_within(heap, entry, run, GW_SURVIVORS_PROMOTE);
    begin_cycle(heap);
    gw_reopen_nursery(heap);
}

static struct run endless(void)
{
    return (struct run){.budget_ns = UINT64_MAX / 2, .work = UINT64_MAX, .may_minor = true, .whole = true};
}

void gw_finish_cycle(struct gw_heap *heap, const struct gw_entry *entry)
{
    struct run run = endless();
    while (heap->cycle.phase != GW_PHASE_IDLE) run_cycle(heap, entry, &run);
}

static void whole_cycle(struct gw_heap *heap, const struct gw_entry *entry)
{
    struct run run = endless();
    start_cycle(heap, entry, &run);
    run_cycle(heap, entry, &run);
}

void gw_collect_full(struct gw_heap *heap, const struct gw_entry *entry)
{
    uint64_t start = gw_now_ns();
    gw_finish_cycle(heap, entry);
    whole_cycle(heap, entry);
    end_pause(heap, start);
}

/* ---- Collections that start by themselves ---------------------------------------------------------- */

static struct run assist_run(struct gw_heap *heap)
{
    struct gw_slice slice = gw_pacing_next_slice(heap);
    return (struct run){.budget_ns = slice.ns, .work = slice.work};
}

static void assist(struct gw_heap *heap, const struct gw_entry *entry, struct run run)
{
    if (heap->cycle.phase == GW_PHASE_IDLE || heap->cycle.disabled || !run.work) return;
    run_cycle(heap, entry, &run);
    heap->stats.assists++;
}

void gw_assist(struct gw_heap *heap, const struct gw_entry *entry)
{
    uint64_t start = gw_now_ns();
    assist(heap, entry, assist_run(heap));
    gw_reopen_nursery(heap);
    end_pause(heap, start);
}

/* To mark a whole heap for less than this share of it costs more than thirty times what allocation does. */
static uint64_t little(const struct gw_heap *heap)
{
    return heap->old.used_bytes / 32;
}

/* As many cycles together let a program allocate a quarter of its heap, which is enough to get over a peak. */
#define CYCLES_IN_VAIN 8

static void note_relief(struct gw_heap *heap)
{
    struct gw_exhaustion *exhaustion = &heap->exhaustion;
    uint64_t allocated = gw_heap_allocated_bytes(heap);
    exhaustion->in_vain = allocated - exhaustion->relieved_at < little(heap) ? exhaustion->in_vain + 1 : 0;
    exhaustion->relieved_at = allocated;
}

bool gw_collects_in_vain(const struct gw_heap *heap)
{
    return heap->exhaustion.in_vain >= CYCLES_IN_VAIN && heap->nursery.usable_bytes < little(heap);
}

/* The limit is near, or memory far beyond the goal: the pause no longer counts. */
static void relieve(struct gw_heap *heap, const struct gw_entry *entry)
{
    bool near_limit = heap->nursery.usable_bytes < heap->eden.bytes;
    if (!near_limit && !gw_pacing_is_overdrawn(heap)) return;
    if (near_limit) note_relief(heap);
    if (heap->cycle.phase != GW_PHASE_IDLE) gw_finish_cycle(heap, entry);
    else whole_cycle(heap, entry);
}

/* A short cycle is run whole; of a long one the roots, for which no work is owed yet. */
static void begin_own_cycle(struct gw_heap *heap, const struct gw_entry *entry)
{
    struct run run = {0};
    if (gw_pacing_cycle_is_short(heap)) run = endless();
    start_cycle(heap, entry, &run);
    run_cycle(heap, entry, &run);
}

void gw_collect_young(struct gw_heap *heap, const struct gw_entry *entry)
{
    uint64_t start = gw_now_ns();
    heap->cycle.wanted = false;
    if (gw_pacing_wants_cycle(heap, 0)) begin_own_cycle(heap, entry);
    else run_minor(heap, entry, GW_SURVIVORS_AGE);
    relieve(heap, entry);
    end_pause(heap, start);
}

/* Large objects do not come through the nursery: the work owed for one is done at once, in time proportional to its size. A program
 * that allocates nothing else has no minor collections, so marking may need one here. */
void gw_assist_large(struct gw_heap *heap, const struct gw_entry *entry, size_t bytes)
{
    uint64_t start = gw_now_ns();
    if (heap->cycle.disabled) gw_pacing_charge(heap, bytes);
    if (heap->cycle.disabled) return;
    if (gw_pacing_wants_cycle(heap, bytes)) begin_own_cycle(heap, entry);
    if (heap->cycle.phase == GW_PHASE_IDLE) return;
    gw_pacing_charge(heap, bytes);
    struct run run = assist_run(heap);
    run.budget_ns += run.budget_ns * (bytes / gw_pacing_slice_bytes(heap));
    run.may_minor = true;
    assist(heap, entry, run);
    relieve(heap, entry);
    end_pause(heap, start);
}

/* ---- Collections the program asks for -------------------------------------------------------------- */

void gw_collect_minor(struct gw_heap *heap, const struct gw_entry *entry)
{
    uint64_t start = gw_now_ns();
    run_minor(heap, entry, GW_SURVIVORS_AGE);
    end_pause(heap, start);
}

static void step(struct gw_heap *heap, const struct gw_entry *entry, struct run *run)
{
    if (heap->cycle.phase == GW_PHASE_IDLE) start_cycle(heap, entry, run);
    run_cycle(heap, entry, run);
}

void gw_collect_piece(struct gw_heap *heap, const struct gw_entry *entry)
{
    struct run run = {.work = UINT64_MAX, .smallest = true, .may_minor = true};
    uint64_t start = gw_now_ns();
    step(heap, entry, &run);
    end_pause(heap, start);
}

/* A minor collection that fits into the budget is run before the program has to wait for it. The cycle gets what is left, and half of
 * the budget at least: a program that makes much garbage would otherwise step in vain and be made to assist. */
static void run_due_minor(struct gw_heap *heap, const struct gw_entry *entry, struct run *run)
{
    if (!gw_eden_size_minor_is_due(heap, run->budget_ns)) return;
    run_minor_within(heap, entry, run, GW_SURVIVORS_AGE);
    uint64_t half = run->budget_ns / 2;
    run->budget_ns = run->minor_ns < half ? run->budget_ns - run->minor_ns : half;
}

static gw_step_status run_step(struct gw_heap *heap, const struct gw_entry *entry, struct run *run)
{
    run_due_minor(heap, entry, run);
    if (heap->cycle.phase == GW_PHASE_IDLE && !gw_pacing_is_worth_starting(heap)) return GW_STEP_IDLE;
    step(heap, entry, run);
    return heap->cycle.phase == GW_PHASE_IDLE ? GW_STEP_DONE : GW_STEP_MORE;
}

void gw_collect_by_hand(struct gw_heap *heap, const struct gw_entry *entry, uint64_t budget_ns, struct gw_step *result)
{
    gw_phase phase = heap->cycle.phase;
    struct run run = {.budget_ns = budget_ns, .work = UINT64_MAX, .may_minor = true, .by_hand = true, .smallest = budget_ns == 0};
    uint64_t start = gw_now_ns();
    gw_step_status status = run_step(heap, entry, &run);
    *result = (struct gw_step){.status = status, .before = phase, .after = heap->cycle.phase};
    if (status == GW_STEP_IDLE && !run.minor_ns) return;
    end_pause(heap, start);
    uint64_t used = gw_now_ns() - start, worked = used - run.minor_ns;
    gw_pauses_note(&heap->steps, start, start + worked);
    result->used_ns = used;
    result->overrun_ns = worked > budget_ns ? worked - budget_ns : 0;
    result->atomic_ns = run.atomic_ns;
    result->minor_ns = run.minor_ns;
}
