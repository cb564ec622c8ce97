/* Sizing eden. Decisions 0017 (for a pause) and 0018 (by what is copied). */
#include "control/eden_size.h"

#include "base/report.h"

#define PAUSE_SHARE 0.8       /* of the target is aimed at: lengths vary */
#define GROWTH_FOR_PAUSE 1.25 /* at most, from one minor collection to the next: survival may change */

#define MUCH 0.125     /* of eden copied: it may grow */
#define LITTLE 0.03125 /* it shrinks, to stay in the cache */
#define PAYS 0.8       /* of the share copied before is the most that keeps it grown */
#define FIRST_WAIT 4
#define MOST_FAILURES 4

static void set_size(struct gw_heap *heap, double bytes)
{
    struct gw_eden_size *eden = &heap->eden;
    size_t whole = heap->nursery.eden_bytes, size = bytes < (double)whole ? (size_t)bytes & ~(size_t)4095 : whole;
    eden->bytes = size < eden->least ? eden->least : size;
}

/* ---- Costs ----------------------------------------------------------------------------------------- */

/* A minor collection costs what it copies, eden's survivors and those of the last, so its cost for a byte of eden is known one
 * collection late: what followed each figure would swing. The highest figure counts. The size of eden, which is to hold a promise,
 * forgets it slowly; the guess whether the next one fits into a step, where being wrong either way costs the same, quickly. */
static double remember_highest(double highest, double cost, double forgotten)
{
    highest -= highest * forgotten;
    return cost > highest ? cost : highest;
}

/* Until a minor collection has shown them. */
#define FIRST_COPY_COST 1.0
#define FIRST_SURVIVOR_COST 1.5
#define FIRST_LEAST_NS 15000.0

#define ENOUGH ((size_t)16 << 10) /* copied, to tell what a byte costs; who copies less tells what the rest does */

static double least_ns(const struct gw_eden_size *eden)
{
    return eden->least_ns > 0 ? eden->least_ns : FIRST_LEAST_NS;
}

/* What survived before has left the cache since, and is promoted to memory that nobody has touched: it has a price of its own, which
 * collections tell that copy mostly such. */
static double *cost_told_by(struct gw_eden_size *eden, size_t of_eden, size_t copied)
{
    return of_eden < copied / 2 ? &eden->survivor_cost : &eden->copy_cost;
}

void gw_eden_size_note_copying(struct gw_heap *heap, size_t used, size_t of_eden, size_t copied, uint64_t ns)
{
    struct gw_eden_size *eden = &heap->eden;
    if (used) eden->survival = remember_highest(eden->survival, (double)of_eden / (double)used, 1.0 / 4);
    if (copied < ENOUGH) {
        double copying = eden->copy_cost * (double)copied, rest = (double)ns > copying ? (double)ns - copying : 1;
        eden->least_ns = remember_highest(eden->least_ns, rest, 1.0 / 4);
        return;
    }
    double copying = (double)ns > least_ns(eden) ? (double)ns - least_ns(eden) : 1, *cost = cost_told_by(eden, of_eden, copied);
    *cost = remember_highest(*cost, copying / (double)copied, 1.0 / 4);
    gw_account_note_copying(heap, copied, (uint64_t)copying);
}

/* Bytes that may be expected. */
static double copied_of_eden(const struct gw_heap *heap, size_t used)
{
    double share = heap->stats.minor_collections ? heap->eden.survival : 1;
    return share * (double)used;
}

uint64_t gw_eden_size_minor_ns(const struct gw_heap *heap, size_t used)
{
    const struct gw_eden_size *eden = &heap->eden;
    double of_eden = eden->copy_cost > 0 ? eden->copy_cost : FIRST_COPY_COST;
    double again = eden->survivor_cost > 0 ? eden->survivor_cost : FIRST_SURVIVOR_COST;
    double copying = of_eden * copied_of_eden(heap, used) + again * (double)gw_heap_survivor_bytes(heap);
    return gw_account_recorded_ns(heap) + heap->account.roots_ns + (uint64_t)(least_ns(eden) + copying);
}

#define CHEAP_FROM ((size_t)16384) /* bytes allocated */
#define CHEAP_COPY 1024            /* bytes copied */

bool gw_eden_size_minor_is_cheap(const struct gw_heap *heap)
{
    size_t used = gw_heap_eden_used(heap);
    return used >= CHEAP_FROM && (double)gw_heap_survivor_bytes(heap) + copied_of_eden(heap, used) <= CHEAP_COPY;
}

static void note_cost(struct gw_heap *heap, size_t used, uint64_t ns)
{
    size_t least = gw_nursery_smallest_eden(&heap->nursery), bytes = used > least ? used : least;
    double cost = (double)ns / (double)bytes;
    heap->eden.highest_cost = remember_highest(heap->eden.highest_cost, cost, 1.0 / 64);
    heap->eden.recent_cost = remember_highest(heap->eden.recent_cost, cost, 1.0 / 4);
    heap->account.byte_ps = (uint64_t)(1000 * heap->eden.highest_cost) + 1;
}

/* ---- For a pause ----------------------------------------------------------------------------------- */

/* A deep stack does not become cheaper with eden, so there is a least size. */
static void size_for_pause(struct gw_heap *heap)
{
    double bytes = PAUSE_SHARE * (double)heap->options.pause_ns / heap->eden.highest_cost;
    double most = GROWTH_FOR_PAUSE * (double)heap->eden.bytes;
    set_size(heap, bytes < most ? bytes : most);
}

/* ---- By what is copied ----------------------------------------------------------------------------- */

static void try_twice(struct gw_heap *heap, double share, double most)
{
    struct gw_eden_size *eden = &heap->eden;
    double twice = 2 * (double)eden->bytes;
    if (eden->bytes == heap->nursery.eden_bytes || 0.75 * twice > most) return;
    eden->on_trial = true;
    eden->share_before = share;
    set_size(heap, twice < most ? twice : most);
}

static void end_trial(struct gw_heap *heap, double share)
{
    struct gw_eden_size *eden = &heap->eden;
    eden->on_trial = false;
    if (share <= PAYS * eden->share_before) {
        eden->failures = 0;
        return;
    }
    set_size(heap, (double)eden->bytes / 2);
    eden->wait = FIRST_WAIT << eden->failures;
    if (eden->failures < MOST_FAILURES) eden->failures++;
}

/* Collections of a small part of eden, for other reasons, tell nothing. One collection decides a trial: averages of several were slower
 * to grow and to go back, and cost more than single figures that mislead (decision 0018). Where survivors die old they would do so with any
 * eden. */
static void size_by_copying(struct gw_heap *heap, size_t used, size_t copied)
{
    struct gw_eden_size *eden = &heap->eden;
    if (used < eden->bytes / 2) return;
    double share = (double)copied / (double)used, most = GW_UNASKED_PAUSE_NS / eden->recent_cost;
    if (eden->on_trial) end_trial(heap, share);
    if (eden->wait) eden->wait--;
    else if (share > MUCH && !heap->aging.spell) try_twice(heap, share, most);
    else if (share < LITTLE) set_size(heap, 0.75 * (double)eden->bytes);
    if ((double)eden->bytes > most) set_size(heap, most);
}

/* ---- The interface --------------------------------------------------------------------------------- */

void gw_eden_size_note_filled(struct gw_heap *heap)
{
    heap->eden.filled = gw_highest_of_late(heap->eden.filled, gw_heap_eden_used(heap));
}

void gw_eden_size_note_minor(struct gw_heap *heap, size_t used, size_t copied, uint64_t ns)
{
    note_cost(heap, used, ns ? ns : 1);
    if (heap->options.pause_ns) size_for_pause(heap);
    else if (!gw_heap_may_pause(heap)) set_size(heap, (double)heap->eden.least);
    else if (heap->eden.least < heap->nursery.eden_bytes) size_by_copying(heap, used, copied);
}

uint64_t gw_eden_size_note_step(struct gw_heap *heap)
{
    uint64_t allocated = gw_heap_allocated_bytes(heap), turn = allocated - heap->eden.stepped_at;
    heap->eden.stepped_at = allocated;
    return turn;
}

bool gw_eden_size_minor_is_due(const struct gw_heap *heap, uint64_t turn, uint64_t budget_ns)
{
    size_t used = gw_heap_eden_used(heap);
    bool fits = gw_eden_size_minor_ns(heap, used) <= budget_ns;
    if (!fits || (used < gw_nursery_smallest_eden(&heap->nursery) && !gw_account_is_full(heap))) return false;
    if (turn >= heap->nursery.usable_bytes) return false; /* one comes before the next step, whatever this one does */
    double turns = 1 + 1.5 * (double)turn / (double)(used + 1), later = turns * (double)used;
    double more = (turns - 1) * (double)gw_account_recorded_ns(heap);
    return later > (double)heap->nursery.usable_bytes || more + (double)gw_eden_size_minor_ns(heap, (size_t)later) > (double)budget_ns;
}

void gw_eden_size_check(const struct gw_heap *heap)
{
    const struct gw_eden_size *eden = &heap->eden;
    if (eden->bytes > heap->nursery.eden_bytes || eden->bytes < eden->least)
        gw_fatal("eden: %zu bytes in use, for a size from %zu to %zu", eden->bytes, eden->least, heap->nursery.eden_bytes);
}
