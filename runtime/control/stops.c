/* Every way in which the program comes to wait, a function each: what is run then, and what was waited is noted. */
#include "control/stops.h"

#include "base/report.h"
#include "control/collect.h"
#include "control/eden_size.h"
#include "control/marker.h"
#include "control/pacing.h"
#include "control/probes.h"
#include "heap/callbacks.h"
#include "heap/options.h"
#include "heap/world.h"
#include "heap/questions.h"
#include "os/linux/clock.h"
#include "timeline/timeline.h"
#include "verify/uses.h"

/* ---- What was waited ------------------------------------------------------------------------------- */

static void tell_stop(struct gw_heap *heap, bool by_hand)
{
    if (!heap->hooks.stop) return;
    const struct gw_pauses *pauses = &heap->pauses;
    struct gw_stop_event event = {.start_ns = pauses->last_start, .ns = pauses->last_end - pauses->last_start, .by_hand = by_hand};
    struct gw_callback before = gw_restrict(heap, "a hook");
    GW_MUST_RETURN("a hook", heap->hooks.stop(heap->hooks.data, &event));
    gw_unrestrict(heap, before);
}

/* When it begins; a timeline is told, though it may turn out that nothing is done. Other threads have stopped. */
static uint64_t begin_stop(struct gw_heap *heap, uint64_t start, const char *name)
{
    gw_probe_stop_begin(heap, name);
    if (heap->timeline) gw_timeline_begin_stop(heap, start, name);
    return start;
}

/* Of what the program asked for, or cannot do without. */
static uint64_t surely_begin_stop(struct gw_heap *heap, const struct gw_entry *entry, const char *name)
{
    uint64_t start = gw_now_ns();
    gw_world_stop_surely(heap, entry);
    return begin_stop(heap, start, name);
}

/* However many collections it was made of. The program runs now. Returns what it took. */
static uint64_t end_stop(struct gw_heap *heap, uint64_t start, bool by_hand)
{
    uint64_t end = gw_now_ns();
    if (heap->timeline) gw_timeline_end_stop(heap, end);
    gw_pauses_note_stop(&heap->pauses, start, end);
    gw_probe_stop_end(heap, end - start, by_hand);
    heap->cycle.program_ran = true;
    tell_stop(heap, by_hand);
    gw_world_start(heap);
    return end - start;
}

/* ---- Whole cycles ---------------------------------------------------------------------------------- */

static struct gw_cycle_run endless(void)
{
    return (struct gw_cycle_run){.budget_ns = UINT64_MAX / 2, .work = UINT64_MAX, .may_minor = true, .whole = true};
}

static void finish_cycle(struct gw_heap *heap, const struct gw_entry *entry)
{
    struct gw_cycle_run run = endless();
    while (heap->cycle.phase != GW_PHASE_IDLE) gw_run_cycle(heap, entry, &run);
}

void gw_finish_cycle(struct gw_heap *heap, const struct gw_entry *entry)
{
    if (heap->cycle.phase == GW_PHASE_IDLE) return;
    uint64_t start = surely_begin_stop(heap, entry, "end of a cycle");
    finish_cycle(heap, entry);
    end_stop(heap, start, true);
}

static void whole_cycle(struct gw_heap *heap, const struct gw_entry *entry, const char *cause)
{
    struct gw_cycle_run run = endless();
    heap->cycle_cause = cause;
    gw_start_cycle(heap, entry, &run);
    gw_run_cycle(heap, entry, &run);
}

void gw_collect_full(struct gw_heap *heap, const struct gw_entry *entry)
{
    uint64_t start = surely_begin_stop(heap, entry, "full collection");
    finish_cycle(heap, entry);
    whole_cycle(heap, entry, heap->exhaustion.reached ? "the heap limit is reached" : "asked for");
    end_stop(heap, start, true);
}

/* ---- Collections that start by themselves ---------------------------------------------------------- */

#define LEAST_SLICE_NS 10000 /* for less nobody is stopped */

/* Of work, though none may be owed, when the marker waits for what only the program's threads do. */
#define FOR_THE_MARKER ((uint64_t)64 << 10)

static struct gw_cycle_run assist_run(struct gw_heap *heap, uint64_t now)
{
    struct gw_slice slice = gw_pacing_next_slice(heap);
    if (gw_marker_waits(heap) && heap->cycle.phase != GW_PHASE_REMARK && slice.work < FOR_THE_MARKER) slice.work = FOR_THE_MARKER;
    return (struct gw_cycle_run){.budget_ns = gw_pacing_time_for_slice(heap, now, slice.ns), .work = slice.work};
}

/* False: nothing is owed, or there is no time for it now. Then it is owed still. */
static bool assist(struct gw_heap *heap, const struct gw_entry *entry, struct gw_cycle_run run)
{
    bool idle = heap->cycle.phase == GW_PHASE_IDLE || heap->cycle.disabled;
    if (idle || !run.work || run.budget_ns < LEAST_SLICE_NS) return false;
    gw_run_cycle(heap, entry, &run);
    heap->stats.assists++;
    return true;
}

void gw_assist(struct gw_heap *heap, const struct gw_entry *entry)
{
    uint64_t now = gw_now_ns();
    if (!gw_world_stop(heap, entry)) return;
    uint64_t start = begin_stop(heap, now, "assist");
    bool stopped = assist(heap, entry, assist_run(heap, start));
    gw_reopen_nursery(heap);
    if (stopped) end_stop(heap, start, false);
    else gw_world_start(heap);
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
static bool relieve(struct gw_heap *heap, const struct gw_entry *entry)
{
    bool near_limit = heap->nursery.usable_bytes < heap->eden.bytes;
    if (!near_limit && !gw_pacing_is_overdrawn(heap)) return false;
    if (near_limit) note_relief(heap);
    if (heap->cycle.phase != GW_PHASE_IDLE) finish_cycle(heap, entry);
    else whole_cycle(heap, entry, near_limit ? "the heap limit is near" : "far beyond the goal");
    return true;
}

/* By what is in use, or because a step had no time for the minor collection that a cycle begins with. */
static bool wants_cycle(const struct gw_heap *heap, size_t bytes)
{
    return (heap->cycle.asked && heap->cycle.phase == GW_PHASE_IDLE) || gw_pacing_wants_cycle(heap, bytes);
}

/* A short cycle is run whole; of a long one the roots, for which no work is owed yet. */
static void begin_own_cycle(struct gw_heap *heap, const struct gw_entry *entry)
{
    struct gw_cycle_run run = {0};
    heap->cycle_cause = heap->cycle.asked ? "a step had no time for it" : "grown to the goal";
    if (gw_pacing_cycle_is_short(heap)) run = endless();
    gw_start_cycle(heap, entry, &run);
    gw_run_cycle(heap, entry, &run);
}

static const char *why_young(const struct gw_heap *heap)
{
    const char *early = gw_heap_wants_minor(heap);
    if (early) return early;
    return gw_options_stress(&heap->options) ? "stress" : "eden is full";
}

bool gw_collect_young(struct gw_heap *heap, const struct gw_entry *entry)
{
    uint64_t now = gw_now_ns();
    if (!gw_world_stop(heap, entry)) return false;
    uint64_t start = begin_stop(heap, now, "collection");
    heap->minor_cause = why_young(heap);
    gw_eden_size_note_filled(heap);
    heap->cycle.wanted = false;
    if (wants_cycle(heap, 0)) begin_own_cycle(heap, entry);
    else gw_run_minor(heap, entry, GW_SURVIVORS_AGE);
    relieve(heap, entry);
    end_stop(heap, start, false);
    return true;
}

/* Large objects do not come through the nursery: the work owed for one is done at once, in time proportional to its size unless a pause
 * was asked for. A program that allocates nothing else has no minor collections, so marking may need one here. */
static bool assist_for(struct gw_heap *heap, const struct gw_entry *entry, uint64_t now, size_t bytes)
{
    gw_pacing_charge(heap, bytes);
    struct gw_cycle_run run = assist_run(heap, now);
    if (!heap->options.pause_ns) run.budget_ns += run.budget_ns * gw_pacing_slices_for(heap, bytes);
    run.may_minor = true;
    bool assisted = assist(heap, entry, run);
    return relieve(heap, entry) || assisted;
}

void gw_assist_large(struct gw_heap *heap, const struct gw_entry *entry, size_t bytes)
{
    if (heap->cycle.disabled) gw_pacing_charge(heap, bytes);
    if (heap->cycle.disabled) return;
    uint64_t start = surely_begin_stop(heap, entry, "assist for a large object");
    bool stopped = wants_cycle(heap, bytes);
    if (stopped) begin_own_cycle(heap, entry);
    if (heap->cycle.phase != GW_PHASE_IDLE) stopped |= assist_for(heap, entry, start, bytes);
    if (stopped) end_stop(heap, start, false);
    else gw_world_start(heap);
}

/* ---- Collections the program asks for -------------------------------------------------------------- */

/* Eden may never be full where the program asks often, so a cycle that is due is asked for here. */
static void collect_minor(struct gw_heap *heap, const struct gw_entry *entry, enum gw_survivors survivors)
{
    uint64_t start = surely_begin_stop(heap, entry, "collection asked for");
    heap->minor_cause = "asked for";
    gw_eden_size_note_filled(heap);
    gw_run_minor(heap, entry, survivors);
    gw_pacing_ask_for_cycle(heap);
    end_stop(heap, start, true);
}

void gw_collect_minor(struct gw_heap *heap, const struct gw_entry *entry)
{
    collect_minor(heap, entry, GW_SURVIVORS_AGE);
}

void gw_collect_promoting(struct gw_heap *heap, const struct gw_entry *entry)
{
    collect_minor(heap, entry, GW_SURVIVORS_PROMOTE);
}

void *gw_call_stopped(struct gw_heap *heap, void *(*function)(void *), void *argument, const struct gw_entry *entry)
{
    void *result;
    uint64_t start = surely_begin_stop(heap, entry, "stop asked for");
    struct gw_callback before = gw_restrict(heap, "what gw_stopped_call or gw_request_stop asked for");
    GW_MUST_RETURN("a function that gw_stopped_call runs", result = function(argument));
    gw_unrestrict(heap, before);
    end_stop(heap, start, true);
    return result;
}

static void *call_stop_handler(void *of)
{
    const struct gw_heap *heap = of;
    heap->stop_handler(heap->stop_data);
    return NULL;
}

/* What is requested from now on is another stop. */
static void answer_request(struct gw_heap *heap, const struct gw_entry *entry)
{
    __atomic_store_n(&heap->stop_requested, false, __ATOMIC_RELAXED);
    if (heap->stop_handler) gw_call_stopped(heap, call_stop_handler, heap, entry);
}

void gw_answer_others(struct gw_heap *heap, const struct gw_entry *entry)
{
    if (gw_unlikely(gw_stop_is_requested(heap))) answer_request(heap, entry);
    if (gw_likely(!gw_is_asked(heap))) return;
    uint64_t start = surely_begin_stop(heap, entry, "question of another thread");
    gw_answer_questions(heap, entry);
    end_stop(heap, start, false);
}

static void step(struct gw_heap *heap, const struct gw_entry *entry, struct gw_cycle_run *run)
{
    if (heap->cycle.phase == GW_PHASE_IDLE) {
        heap->cycle_cause = run->by_hand ? "a step by hand" : "stress";
        gw_start_cycle(heap, entry, run);
    }
    gw_run_cycle(heap, entry, run);
}

void gw_collect_piece(struct gw_heap *heap, const struct gw_entry *entry)
{
    struct gw_cycle_run run = {.work = UINT64_MAX, .smallest = true, .may_minor = true};
    uint64_t start = surely_begin_stop(heap, entry, "piece of a cycle");
    step(heap, entry, &run);
    end_stop(heap, start, false);
}

/* A step that a cycle is too early for, or has no time for now, runs a minor collection that fits before the program has to wait for it. */
static bool wants_start(const struct gw_heap *heap)
{
    return heap->cycle.phase == GW_PHASE_IDLE && gw_pacing_is_worth_starting(heap);
}

static void run_due_minor(struct gw_heap *heap, const struct gw_entry *entry, struct gw_cycle_run *run)
{
    uint64_t turn = gw_eden_size_note_step(heap);
    if (gw_pacing_is_behind(heap, turn) || wants_start(heap) || !gw_eden_size_minor_is_due(heap, turn, run->budget_ns)) return;
    heap->minor_cause = "a step by hand";
    gw_run_minor_within(heap, entry, run, GW_SURVIVORS_AGE);
}

/* The program's next minor collection will do what this step has no time for. Where marking waits for it, a step that comes often
 * enough has paid for its turn all the same, or allocation would be made to. */
static void leave_to_minor(struct gw_heap *heap, const struct gw_cycle_run *run)
{
    if (heap->cycle.phase == GW_PHASE_IDLE) heap->cycle.asked = true;
    else gw_pacing_credit_turn(heap, gw_left_of(run->budget_ns, gw_run_spent_ns(run)));
}

static gw_step_status run_step(struct gw_heap *heap, const struct gw_entry *entry, struct gw_cycle_run *run)
{
    run_due_minor(heap, entry, run);
    bool idle = heap->cycle.phase == GW_PHASE_IDLE;
    if (idle && !wants_start(heap)) return GW_STEP_IDLE;
    if (!idle && gw_run_has_no_time(run)) return GW_STEP_MORE;
    if (!idle || gw_run_may_start_cycle(heap, run)) step(heap, entry, run);
    if (run->needs_ns) leave_to_minor(heap, run);
    if (run->needs_ns && idle) return GW_STEP_IDLE;
    return heap->cycle.phase == GW_PHASE_IDLE ? GW_STEP_DONE : GW_STEP_MORE;
}

void gw_collect_by_hand(struct gw_heap *heap, const struct gw_entry *entry, uint64_t budget_ns, struct gw_step *result)
{
    struct gw_cycle_run run = {.budget_ns = budget_ns, .work = UINT64_MAX, .may_minor = true, .by_hand = true};
    run.smallest = budget_ns == 0;
    run.keeps_budget = !run.smallest;
    uint64_t start = surely_begin_stop(heap, entry, "step");
    if (gw_heap_may_pause(heap)) gw_heap_prefer_short_stops(heap, true);
    *result = (struct gw_step){.before = heap->cycle.phase};
    result->status = run_step(heap, entry, &run);
    result->after = heap->cycle.phase;
    result->needs_ns = run.needs_ns;
    if (!gw_run_spent_ns(&run)) gw_world_start(heap);
    if (!gw_run_spent_ns(&run)) return;
    result->used_ns = end_stop(heap, start, true);
    gw_pauses_note(&heap->steps, start, start + result->used_ns);
    result->overrun_ns = gw_left_of(result->used_ns, budget_ns);
    result->atomic_ns = run.atomic_ns;
    result->minor_ns = run.minor_ns;
}
