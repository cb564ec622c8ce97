/* Pacing by debt.
 *
 *     live           used bytes when the last cycle ended
 *     goal           live * (1 + growth)
 *     runway         a third of goal - live: a cycle starts by itself at goal - runway, by hand at half of the growth or earlier
 *     expected work  bytes that will be marked: half of what is in use beyond live is taken for dead
 *     rate           expected work / (4/5 of the bytes left to the goal): work owed for each byte that comes to the old generation
 *
 * Bytes come in lumps, at minor collections; the debt is worked off in slices while eden fills again, so that no pause is longer than
 * it must be. A slice has a time limit. What it leaves undone stays owed, so that a limit too tight shows as memory, not as a pause,
 * up to a point: beyond the goal the limit grows with the excess, eightfold when the growth is used up a second time, and at one and a
 * half times the goal the cycle is finished at once. So memory stays within twice the goal whatever the program does.
 *
 * What a minor collection promotes while a cycle runs is live for that cycle, dead or not. Where slices come to nothing a cycle would
 * leave more of it each time, and goals that are counted on it would rise without end. So what comes beyond the goal, or while cycles
 * are disabled, is unexamined, and the next goal is not counted on it.
 *
 * Steps by hand and assists draw on one account: what one does the other need not do.
 */
#include "control/pacing.h"

#include "base/report.h"
#include "control/eden_size.h"

#define SLICES 8 /* of an eden */
#define DEFAULT_SLICE_NS UINT64_C(500000)
#define FIRST_COST 0.5 /* ns a byte, until a cycle has shown it */

/* ---- Goal ------------------------------------------------------------------------------------------ */

uint64_t gw_pacing_least_growth(const struct gw_heap *heap)
{
    return heap->options.pause_ns ? heap->nursery.eden_bytes : heap->eden.bytes;
}

static uint64_t external_bytes(const struct gw_heap *heap)
{
    return heap->external_bytes > 0 ? (uint64_t)heap->external_bytes : 0;
}

/* What is unexamined may all be dead. The goal is the one that the rest would have, so that the next cycle comes soon. */
static void set_goal(struct gw_heap *heap, uint64_t live)
{
    struct gw_cycle *cycle = &heap->cycle;
    uint64_t seen = gw_left_of(live, cycle->unexamined);
    uint64_t goal = seen + seen * heap->options.growth / 100, least = live + gw_pacing_least_growth(heap);
    cycle->live_bytes = live;
    cycle->goal_bytes = goal > least ? goal : least;
}

/* What would have come to the old generation if steps had done all of the cycle. Where they are next to nothing, they do not pace it. */
static void note_runway(struct gw_cycle *cycle)
{
    if (cycle->by_hand_ns == 0 || cycle->by_hand_ns < cycle->spent_ns / 4) return;
    double needed = (double)cycle->came_bytes * (double)cycle->spent_ns / (double)cycle->by_hand_ns;
    cycle->runway = gw_highest_of_late(cycle->runway, (uint64_t)needed);
}

void gw_pacing_set_goal(struct gw_heap *heap)
{
    struct gw_cycle *cycle = &heap->cycle;
    note_runway(cycle);
    uint64_t live = gw_paced_bytes(heap);
    set_goal(heap, live);
    cycle->live_external = external_bytes(heap);
    gw_stacks_set_goal(&heap->stacks);
    cycle->cost = (double)(cycle->spent_ns + cycle->beside_ns) / (double)(live + 1);
}

void gw_pacing_follow_external(struct gw_heap *heap)
{
    struct gw_cycle *cycle = &heap->cycle;
    uint64_t left = external_bytes(heap);
    if (left >= cycle->live_external) return;
    uint64_t live = cycle->live_bytes - (cycle->live_external - left);
    cycle->live_external = left;
    set_goal(heap, live);
}

void gw_pacing_follow_unfrozen(struct gw_heap *heap, uint64_t bytes)
{
    set_goal(heap, heap->cycle.live_bytes + bytes);
}

static uint64_t growth_bytes(const struct gw_heap *heap)
{
    return heap->cycle.goal_bytes - heap->cycle.live_bytes;
}

bool gw_pacing_cycle_is_short(const struct gw_heap *heap)
{
    double cost = heap->cycle.cost > 0 ? heap->cycle.cost : FIRST_COST;
    return gw_heap_may_pause(heap) && cost * (double)heap->old.used_bytes < GW_UNASKED_PAUSE_NS;
}

/* What eden has grown by comes out of the old generation's growth, but for one eden. */
static uint64_t left_to_eden(const struct gw_heap *heap)
{
    uint64_t grown = heap->eden.bytes - heap->eden.least, growth = growth_bytes(heap);
    uint64_t most = growth > heap->eden.bytes ? growth - heap->eden.bytes : 0;
    return grown < most ? grown : most;
}

bool gw_pacing_wants_cycle(const struct gw_heap *heap, uint64_t more)
{
    const struct gw_cycle *cycle = &heap->cycle;
    uint64_t runway = gw_pacing_cycle_is_short(heap) ? 0 : growth_bytes(heap) / 3;
    if (cycle->phase != GW_PHASE_IDLE || cycle->disabled) return false;
    if (heap->stacks.count > heap->stacks.goal) return true;
    return gw_paced_bytes(heap) + more + cycle->last_promotion + left_to_eden(heap) > cycle->goal_bytes - runway;
}

void gw_pacing_ask_for_cycle(struct gw_heap *heap)
{
    if (!gw_pacing_wants_cycle(heap, 0)) return;
    heap->cycle.wanted = true;
    gw_thread_set_limit(heap->mutator->thread, NULL);
}

/* A cycle that steps are to end in time begins early enough: with half of the growth to spare, besides as much as the last one shows. */
bool gw_pacing_is_worth_starting(const struct gw_heap *heap)
{
    uint64_t growth = growth_bytes(heap), runway = heap->cycle.runway + growth / 2, most = growth / 8 * 7;
    return gw_paced_bytes(heap) >= heap->cycle.goal_bytes - (runway < most ? runway : most);
}

/* ---- The account ----------------------------------------------------------------------------------- */

static uint64_t excess_bytes(const struct gw_heap *heap)
{
    uint64_t used = gw_paced_bytes(heap), goal = heap->cycle.goal_bytes;
    return used > goal ? used - goal : 0;
}

void gw_pacing_begin(struct gw_heap *heap)
{
    struct gw_cycle *cycle = &heap->cycle;
    uint64_t used = gw_paced_bytes(heap), live = cycle->live_bytes < used ? cycle->live_bytes : used;
    uint64_t waits = heap->eden.stepped_at ? 2 * heap->eden.bytes : 0; /* of allocation, for minor collections that no step has time for */
    uint64_t left = gw_left_of(cycle->goal_bytes, used + waits);
    uint64_t least = growth_bytes(heap) / 8;
    cycle->rate = (double)(live + (used - live) / 2) / (0.8 * (double)(left > least ? left : least));
    cycle->debt = heap->eden.stepped_at ? -cycle->rate * (double)heap->eden.bytes : 0;
    cycle->unexamined = cycle->came_bytes = 0;
    cycle->slices_left = SLICES;
}

void gw_pacing_charge(struct gw_heap *heap, uint64_t bytes)
{
    struct gw_cycle *cycle = &heap->cycle;
    if (cycle->phase == GW_PHASE_IDLE) return;
    uint64_t excess = excess_bytes(heap);
    cycle->unexamined += cycle->disabled || bytes < excess ? bytes : excess;
    cycle->debt += cycle->rate * (double)bytes;
    cycle->came_bytes += bytes;
    cycle->slices_left = SLICES;
}

void gw_pacing_credit(struct gw_heap *heap, uint64_t bytes)
{
    heap->cycle.debt -= (double)bytes;
}

void gw_pacing_credit_turn(struct gw_heap *heap, uint64_t bytes)
{
    struct gw_cycle *cycle = &heap->cycle;
    double least = -cycle->rate * (double)heap->eden.bytes, debt = cycle->debt - (double)bytes;
    if (cycle->debt > least) cycle->debt = debt > least ? debt : least;
}

/* As much is promoted each time that eden is full, and once more on the way to that. */
bool gw_pacing_is_behind(const struct gw_heap *heap, uint64_t turn)
{
    const struct gw_cycle *cycle = &heap->cycle;
    double times = 1 + (double)turn / (double)heap->eden.bytes;
    return cycle->phase != GW_PHASE_IDLE && cycle->debt + cycle->rate * times * (double)cycle->last_promotion > 0;
}

/* Work done in advance counts, but for no more than the rest of this cycle. */
struct gw_slice gw_pacing_next_slice(struct gw_heap *heap)
{
    struct gw_cycle *cycle = &heap->cycle;
    uint64_t limit = heap->options.pause_ns ? heap->options.pause_ns : DEFAULT_SLICE_NS;
    double excess = (double)excess_bytes(heap) / (double)growth_bytes(heap);
    double share = cycle->debt / cycle->slices_left;
    if (cycle->slices_left > 1) cycle->slices_left--;
    if (excess > 0) share = (double)UINT64_MAX / 2;
    return (struct gw_slice){share > 0 ? (uint64_t)share : 0, limit + (uint64_t)(8 * excess * (double)limit)};
}

bool gw_pacing_is_beyond_goal(const struct gw_heap *heap)
{
    return excess_bytes(heap) > 0;
}

/* ---- Time ------------------------------------------------------------------------------------------ */

/* Of any so long a time the program keeps a fifth, or of twice as long as a slice may be, if that is more. */
#define WINDOW_NS UINT64_C(2000000)

/* The next stop is a minor collection, and so near that it will belong to this one. */
static uint64_t kept_for_minor(const struct gw_heap *heap, uint64_t now)
{
    size_t used = gw_heap_eden_used(heap), usable = heap->nursery.usable_bytes;
    bool last = used + gw_pacing_slice_bytes(heap) >= usable, near = now < heap->pauses.last_end + 2 * GW_ONE_STOP_NS;
    return last && near ? gw_eden_size_minor_ns(heap, usable) : 0;
}

/* Where minor collections alone take the time there would never be any for slices. */
static bool is_starved(const struct gw_heap *heap)
{
    return gw_pacing_is_beyond_goal(heap) || heap->cycle.debt > heap->cycle.rate * (double)heap->eden.bytes;
}

uint64_t gw_pacing_time_for_slice(const struct gw_heap *heap, uint64_t now, uint64_t limit)
{
    if (is_starved(heap)) return limit;
    uint64_t left = gw_left_of(limit, gw_pauses_joined_ns(&heap->pauses, now) + kept_for_minor(heap, now));
    uint64_t window = 2 * limit > WINDOW_NS ? 2 * limit : WINDOW_NS;
    uint64_t share = gw_left_of(window / 5 * 4, gw_pauses_within(&heap->pauses, now, window));
    return left < share ? left : share;
}

bool gw_pacing_is_overdrawn(const struct gw_heap *heap)
{
    return !heap->cycle.disabled && excess_bytes(heap) > heap->cycle.goal_bytes / 2;
}

/* The account, or the program, may ask for each minor collection before an eighth of eden is used: by its size no slice would come. */
size_t gw_pacing_slice_bytes(const struct gw_heap *heap)
{
    size_t whole = heap->eden.bytes, filled = heap->eden.filled;
    return (filled && filled < whole ? filled : whole) / SLICES + 1;
}

uint64_t gw_pacing_slices_for(const struct gw_heap *heap, size_t bytes)
{
    return bytes / (heap->eden.bytes / SLICES);
}

void gw_pacing_check(const struct gw_heap *heap)
{
    const struct gw_cycle *cycle = &heap->cycle;
    if (cycle->goal_bytes <= cycle->live_bytes)
        gw_fatal("pacing: the goal of %lu bytes leaves no growth over %lu", (unsigned long)cycle->goal_bytes,
                 (unsigned long)cycle->live_bytes);
    if (cycle->phase != GW_PHASE_IDLE && cycle->slices_left == 0) gw_fatal("pacing: no slices are left");
}
