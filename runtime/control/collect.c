/* Minor collections and runs of pieces of a cycle: what happens around them, how long they take, what they are noted for. */
#include "control/collect.h"

#include "heap/callbacks.h"
#include "heap/options.h"
#include "heap/world.h"
#include "control/aging.h"
#include "control/eden_size.h"
#include "control/run_finalizers.h"
#include "verify/leaks.h"
#include "control/cycle.h"
#include "control/marker.h"
#include "engine/mark.h"
#include "engine/minor.h"
#include "life/after_moving.h"
#include "log/log.h"
#include "control/pacing.h"
#include "control/probes.h"
#include "verify/sanity.h"
#include "verify/verify.h"
#include "os/linux/clock.h"
#include "timeline/timeline.h"
#include "base/report.h"

/* ---- Around a collection --------------------------------------------------------------------------- */

#ifdef GW_CHECKS
#define CHECKED_ALWAYS_BYTES ((uint64_t)4 << 20)
#define MOST_UNCHECKED 64

/* A large heap is looked through when a part of it is new, and now and then: short minor collections and small steps would each cost as
 * much as the heap is large. */
static bool is_check_due(struct gw_heap *heap)
{
    uint64_t used = heap->old.used_bytes, fresh = gw_heap_allocated_bytes(heap) - heap->checked_at;
    if (used > CHECKED_ALWAYS_BYTES && fresh < used / 64 && ++heap->unchecked < MOST_UNCHECKED) return false;
    heap->checked_at += fresh;
    heap->unchecked = 0;
    return true;
}
#endif

/* Structures check themselves at the boundary in builds that ask for it; it is too slow for all. */
static void check_structures(struct gw_heap *heap)
{
#ifdef GW_CHECKS
    if (is_check_due(heap)) gw_heap_check(heap);
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
    if (heap->mutator->callback.what) gw_leave_callback(heap, GW_A_COLLECTION, entry);
    gw_restrict(heap, GW_A_COLLECTION);
    heap->old.may_bury = true;
    if (heap->options.verify) gw_verify_or_die(heap, entry, "before a collection");
    check_structures(heap);
    note_peak(heap);
}

/* While a cycle is under way the program comes back several times before eden is full, to assist: several threads when they take pieces. */
void gw_reopen_nursery(struct gw_heap *heap)
{
    bool assists = heap->cycle.phase != GW_PHASE_IDLE && !heap->cycle.disabled && !heap->promise.bytes && !gw_world_is_shared(heap);
    heap->cycle.given_bytes = 0;
    heap->cycle.assist_at = assists ? heap->mutator->thread->alloc + gw_pacing_slice_bytes(heap) : NULL;
    gw_heap_open_nursery(heap);
}

static void end_collection(struct gw_heap *heap, const struct gw_entry *entry)
{
    note_peak(heap);
    check_structures(heap);
    if (heap->options.verify) gw_verify_or_die(heap, entry, "after a collection");
    gw_finalizers_notify(heap);
    heap->old.may_bury = false;
    heap->mutator->callback = (struct gw_callback){0};
    gw_reopen_nursery(heap);
    gw_account_look(heap);
    gw_marker_offer(heap);
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

struct before_minor {
    size_t eden_used, survivor_bytes;
};

/* Recorded writes and roots have prices of their own where pauses are held by them; otherwise eden's size has to hold the whole. */
static void note_minor(struct gw_heap *heap, const struct before_minor *before, uint64_t ran_ns)
{
    uint64_t priced = heap->account.last_ns, rest = ran_ns > priced ? ran_ns - priced : 1;
    size_t promoted = heap->cycle.last_promotion, copied = promoted + gw_heap_survivor_bytes(heap);
    size_t survivors = promoted < before->survivor_bytes ? promoted : before->survivor_bytes;
    gw_aging_note_minor(heap, before->survivor_bytes);
    gw_eden_size_note_minor(heap, before->eden_used, copied, gw_heap_may_pause(heap) ? ran_ns : rest);
    gw_eden_size_note_copying(heap, before->eden_used, copied - survivors, copied, rest);
}

/* Where a short pause was asked for one thread copies: another one that loses its processor would have all wait. */
#define WORTH_CALLING_NS 150000            /* a shorter minor collection has ended before a thread that sleeps has come */
#define STRESSED_FROM_BYTES ((size_t)2048) /* young ones: with less, under stress, there would be nothing to divide */

static enum gw_copiers copiers(const struct gw_heap *heap)
{
    if (!heap->marker.exists) return GW_COPY_ALONE;
    bool stress = gw_options_stress(&heap->options) || heap->options.stress_move;
    if (stress) return gw_heap_young_bytes(heap) < STRESSED_FROM_BYTES ? GW_COPY_ALONE : GW_COPY_SURELY_WITH_MARKER;
    bool worth = gw_heap_may_pause(heap) && gw_eden_size_minor_ns(heap, gw_heap_eden_used(heap)) >= WORTH_CALLING_NS;
    return worth ? GW_COPY_WITH_MARKER : GW_COPY_ALONE;
}

void gw_run_minor(struct gw_heap *heap, const struct gw_entry *entry, enum gw_survivors survivors)
{
    begin_collection(heap, entry);
    uint64_t start = gw_now_ns(), allocated = heap->stats.allocated_bytes;
    gw_probe_minor_begin(heap, gw_heap_young_bytes(heap));
    if (heap->timeline) gw_timeline_begin_minor(heap, start);
    uint64_t ran = gw_processor_ns();
    struct before_minor before = {gw_heap_eden_used(heap), gw_heap_survivor_bytes(heap)};
    bool at_once = heap->cycle.phase == GW_PHASE_REMARK || gw_aging_is_in_vain(heap);
    gw_minor_collect(heap, entry, at_once ? GW_SURVIVORS_PROMOTE : survivors, copiers(heap), gw_after_moving);
    after_minor(heap, entry);
    uint64_t duration = gw_now_ns() - start;
    heap->stats.minor_ns += duration;
    gw_pauses_note(&heap->minor_pauses, start, start + duration);
    gw_pacing_charge(heap, heap->cycle.last_promotion);
    note_minor(heap, &before, gw_processor_ns() - ran);
    if (heap->options.log) gw_log_minor(heap, duration, before.eden_used + before.survivor_bytes);
    allocated = heap->stats.allocated_bytes - allocated;
    if (heap->timeline) gw_timeline_end_minor(heap, start + duration, allocated, heap->cycle.last_promotion);
    if (heap->cycle.last_promotion) gw_probe_promotion(heap, heap->cycle.last_promotion, gw_heap_survivor_bytes(heap));
    gw_probe_minor_end(heap, duration, allocated, heap->cycle.last_promotion);
    end_collection(heap, entry);
    tell_minor(heap, duration, allocated);
}

/* ---- Pieces of a cycle ----------------------------------------------------------------------------- */

static void begin_cycle(struct gw_heap *heap)
{
    heap->cycle.spent_ns = heap->cycle.by_hand_ns = heap->cycle.beside_ns = heap->cycle.atomic_ns = heap->cycle.steps = 0;
    heap->cycle.started_ns = gw_now_ns();
    heap->cycle.asked = false;
    heap->cycle.used_at_start = heap->old.used_bytes;
    gw_pacing_begin(heap);
    gw_probe_cycle_begin(heap, heap->stats.major_collections + 1, heap->old.used_bytes);
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

uint64_t gw_run_spent_ns(const struct gw_cycle_run *run)
{
    return run->pieces_ns + run->minor_ns;
}

bool gw_run_has_no_time(const struct gw_cycle_run *run)
{
    return !run->smallest && run->minor_ns && gw_run_spent_ns(run) + PIECE_NS > run->budget_ns;
}

static uint32_t units_now(struct gw_heap *heap, const struct gw_cycle_run *run)
{
    uint32_t units = *units_of(heap), few = (most_units(heap->cycle.phase) + 3) / 4;
    uint64_t left = gw_left_of(run->budget_ns, gw_run_spent_ns(run));
    if (left < PIECE_NS) return 1;
    return left < NEAR_THE_END_NS && units > few ? few : units;
}

static void adapt_units(uint32_t *units, gw_phase phase, uint64_t ns)
{
    if (ns > 2 * PIECE_NS) *units = *units > 1 ? *units / 2 : 1;
    else if (ns < PIECE_NS && *units < most_units(phase)) *units *= 2;
}

static void account(struct gw_heap *heap, struct gw_cycle_run *run, gw_phase phase, uint64_t marked, uint64_t ns)
{
    struct gw_cycle *cycle = &heap->cycle;
    uint64_t work = heap->mark.live_bytes - marked + (phase == GW_PHASE_MARK ? 0 : ns);
    run->done += work;
    run->pieces_ns += ns;
    gw_pacing_credit(heap, work);
    heap->stats.major_ns += ns;
    cycle->spent_ns += ns;
    if (run->by_hand) cycle->by_hand_ns += ns;
    if (!run->whole || phase == GW_PHASE_ROOTS) cycle->piece_ns[phase] = gw_highest_of_late(cycle->piece_ns[phase], ns);
    if (phase != GW_PHASE_ROOTS) return;
    run->atomic_ns += ns;
    cycle->atomic_ns += ns;
    if (ns > heap->stats.longest_atomic_ns) heap->stats.longest_atomic_ns = ns;
}

/* One piece of the phase at hand; returns the time after it. */
static uint64_t run_piece(struct gw_heap *heap, const struct gw_entry *entry, struct gw_cycle_run *run, uint64_t now)
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

void gw_run_minor_within(struct gw_heap *heap, const struct gw_entry *entry, struct gw_cycle_run *run, enum gw_survivors survivors)
{
    uint64_t minor = heap->stats.minor_ns;
    gw_run_minor(heap, entry, survivors);
    run->minor_ns += heap->stats.minor_ns - minor;
}

/* Marking has nothing left to do, and only a minor collection can tell whether that is all. When the program has not run since the
 * roots were looked at, there is nothing that it could tell. */
static void end_marking(struct gw_heap *heap, const struct gw_entry *entry, struct gw_cycle_run *run)
{
    if (!heap->cycle.program_ran) {
        after_minor(heap, entry);
        return;
    }
    heap->minor_cause = "marking ends";
    gw_run_minor_within(heap, entry, run, GW_SURVIVORS_AGE);
}

/* Whether the run has work and time for another piece, which may be expected to take as long as those of its phase did of late. */
static bool goes_on(const struct gw_heap *heap, const struct gw_cycle_run *run)
{
    uint64_t expected = heap->cycle.piece_ns[heap->cycle.phase];
    return !run->smallest && run->done < run->work && gw_run_spent_ns(run) + expected < run->budget_ns;
}

static bool has_pieces(const struct gw_heap *heap)
{
    return heap->cycle.phase != GW_PHASE_IDLE && heap->cycle.phase != GW_PHASE_REMARK;
}

/* Of pieces that follow each other in one phase: a span in the timeline. */
static uint64_t run_pieces_of_phase(struct gw_heap *heap, const struct gw_entry *entry, struct gw_cycle_run *run, uint64_t now)
{
    gw_phase phase = heap->cycle.phase;
    uint64_t start = now;
    gw_probe_phase_begin(heap, phase);
    if (heap->timeline) gw_timeline_begin_phase(heap, now);
    do {
        now = run_piece(heap, entry, run, now);
    } while (!heap->options.verify && heap->cycle.phase == phase && goes_on(heap, run));
    if (heap->timeline) gw_timeline_end_phase(heap, now);
    gw_probe_phase_end(heap, phase, now - start);
    return now;
}

static void run_pieces(struct gw_heap *heap, const struct gw_entry *entry, struct gw_cycle_run *run)
{
    do {
        begin_collection(heap, entry);
        uint64_t now = gw_now_ns();
        do {
            now = run_pieces_of_phase(heap, entry, run, now);
        } while (!heap->options.verify && has_pieces(heap) && goes_on(heap, run));
        end_collection(heap, entry);
    } while (has_pieces(heap) && goes_on(heap, run));
}

static void tell_step(struct gw_heap *heap, const struct gw_cycle_run *run)
{
    if (!heap->hooks.step) return;
    struct gw_step_event event = {.ns = gw_run_spent_ns(run),
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

/* Whether the run may begin what cannot be divided and is expected to take so long. When not it says how long. */
static bool may_take(struct gw_cycle_run *run, uint64_t expected_ns)
{
    if (!run->keeps_budget || gw_run_spent_ns(run) + expected_ns <= run->budget_ns) return true;
    run->needs_ns = expected_ns;
    return false;
}

static uint64_t minor_ns(const struct gw_heap *heap)
{
    return gw_eden_size_minor_ns(heap, gw_heap_eden_used(heap));
}

static bool may_end_marking(const struct gw_heap *heap, struct gw_cycle_run *run)
{
    return !heap->cycle.program_ran || (run->may_minor && may_take(run, minor_ns(heap)));
}

void gw_run_cycle(struct gw_heap *heap, const struct gw_entry *entry, struct gw_cycle_run *run)
{
    run->before = heap->cycle.phase;
    heap->cycle.steps++;
    bool more = true;
    while (more && heap->cycle.phase != GW_PHASE_IDLE) {
        if (heap->cycle.phase != GW_PHASE_REMARK) run_pieces(heap, entry, run);
        else if (may_end_marking(heap, run)) end_marking(heap, entry, run);
        else break;
        more = goes_on(heap, run);
    }
    tell_step(heap, run);
    if (heap->cycle.phase != GW_PHASE_IDLE) return;
    if (heap->options.log) gw_log_cycle(heap);
    gw_probe_cycle_end(heap, heap->stats.major_collections, heap->cycle.spent_ns, heap->stats.live_bytes, heap->cycle.goal_bytes);
    tell_cycle(heap);
}

bool gw_run_may_start_cycle(struct gw_heap *heap, struct gw_cycle_run *run)
{
    return may_take(run, minor_ns(heap) + heap->cycle.piece_ns[GW_PHASE_ROOTS]);
}

void gw_start_cycle(struct gw_heap *heap, const struct gw_entry *entry, struct gw_cycle_run *run)
{
    if (heap->options.debug_leak) gw_report_leaks(heap, entry);
    heap->minor_cause = "a cycle begins";
    gw_run_minor_within(heap, entry, run, GW_SURVIVORS_PROMOTE);
    begin_cycle(heap);
    gw_reopen_nursery(heap);
}
