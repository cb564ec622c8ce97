/* See account.h. Compiled without vector registers: the barrier's slow path comes here. */
#include "heap/account.h"

#include "base/report.h"
#include "heap/heap.h"

/* Until a minor collection has shown them. */
#define FIRST_CARD_NS 200
#define FIRST_OBJECT_NS 40
#define FIRST_BYTE_PS 1000
#define FIRST_COPY_PS 1500
#define FIRST_ROOTS_NS 1000
#define ROOTS_RISE 8 /* times, at most: they may be a thousand frames or a million variables */
#define MARKING 3    /* times as much, while marking goes on */

/* What a minor collection takes that finds nothing. */
#define FLOOR_NS 15000

/* A minor collection for less would be paid for by nothing: what is left from the last one does not become less by another. */
#define LEAST_BYTES ((uint64_t)32 << 10)
#define LEAST_RECORDED 64
#define MOST_BETWEEN_LOOKS 256

#define FORGOTTEN 16 /* a price loses one part of so many each time */
#define FEW 16       /* a figure made of fewer is noise */

/* Copying is cheaper by the byte where there is more of it. The price that is to hold when a program changes its ways is kept long, and
 * rises slowly, or it would be that of the last page that the system took its time for. */
#define MUCH_COPIED ((uint64_t)64 << 10)
#define COPYING_FORGOTTEN 64
#define COPYING_RISES 8

void gw_account_init(struct gw_heap *heap)
{
    uint64_t pause = heap->options.pause_ns;
    heap->account = (struct gw_account){.most_ns = pause ? pause / 5 * 4 : GW_NO_PAUSE,
                                        .never_ns = pause ? pause / 5 * 8 : GW_NO_PAUSE,
                                        .byte_ps = FIRST_BYTE_PS,
                                        .copy_ps = FIRST_COPY_PS,
                                        .roots_ns = FIRST_ROOTS_NS,
                                        .prices = {{FIRST_CARD_NS, FIRST_OBJECT_NS}, {MARKING * FIRST_CARD_NS, MARKING * FIRST_OBJECT_NS}},
                                        .look_at_objects = UINT64_MAX};
}

/* ---- Prices ---------------------------------------------------------------------------------------- */

/* One figure may be the machine's doing and not the collector's, so a price does not follow it beyond `most`. */
static uint64_t next_price(uint64_t price, uint64_t shown, uint64_t most, uint64_t forgotten)
{
    uint64_t kept = price - price / forgotten;
    if (shown > most) shown = most;
    return shown > kept ? shown : kept;
}

static uint64_t next_price_of(uint64_t price, uint64_t count, uint64_t ns)
{
    return count < FEW ? price : next_price(price, ns / count + 1, 2 * price + 1, FORGOTTEN);
}

void gw_account_note(struct gw_heap *heap, const struct gw_recorded_work *work)
{
    struct gw_account *account = &heap->account;
    struct gw_prices *prices = &account->prices[work->marking];
    prices->card_ns = next_price_of(prices->card_ns, work->cards, work->cards_ns);
    prices->object_ns = next_price_of(prices->object_ns, work->objects, work->objects_ns);
    account->roots_ns = next_price(account->roots_ns, work->roots_ns, ROOTS_RISE * account->roots_ns, FORGOTTEN);
    account->last_ns = work->cards_ns + work->objects_ns + work->roots_ns;
    account->old_cards = work->left;
    account->old_objects = heap->recorded.remembered_count;
    account->new_cards = 0;
    account->end = NULL;
    for (struct gw_mutator *each = heap->mutators; each; each = each->next) each->armed = each->thread->card_budget = INT64_MAX;
}

void gw_account_note_copying(struct gw_heap *heap, uint64_t bytes, uint64_t ns)
{
    struct gw_account *account = &heap->account;
    uint64_t price = account->copy_ps;
    if (bytes < MUCH_COPIED) return;
    account->copy_ps = next_price(price, ns * 1000 / bytes + 1, price + price / COPYING_RISES + 1, COPYING_FORGOTTEN);
}

/* ---- What is expected ------------------------------------------------------------------------------ */

static const struct gw_prices *prices_now(const struct gw_heap *heap)
{
    return &heap->account.prices[gw_is_marking(heap)];
}

static uint64_t cards_of(const struct gw_mutator *mutator)
{
    return (uint64_t)(mutator->armed - __atomic_load_n(&mutator->thread->card_budget, __ATOMIC_RELAXED));
}

static uint64_t new_cards(const struct gw_heap *heap)
{
    uint64_t cards = heap->account.new_cards;
    for (const struct gw_mutator *each = heap->mutators; each; each = each->next) cards += cards_of(each);
    return cards;
}

/* What this thread has dirtied is counted, and what it may dirty before the next look is `most`. */
static void arm(struct gw_heap *heap, int64_t most)
{
    struct gw_mutator *mutator = heap->mutator;
    heap->account.new_cards += cards_of(mutator);
    mutator->armed = mutator->thread->card_budget = most;
}

static uint64_t objects(const struct gw_heap *heap)
{
    return heap->recorded.remembered_count + heap->recorded.whole_lines;
}

uint64_t gw_account_recorded_ns(const struct gw_heap *heap)
{
    const struct gw_prices *prices = prices_now(heap);
    return (heap->account.old_cards + new_cards(heap)) * prices->card_ns + objects(heap) * prices->object_ns;
}

static uint64_t fixed_ns(const struct gw_heap *heap)
{
    uint64_t roots = heap->account.roots_ns, most = heap->account.most_ns / 2;
    return FLOOR_NS + (roots < most ? roots : most) + gw_account_recorded_ns(heap);
}

uint64_t gw_account_expected_ns(const struct gw_heap *heap, uint64_t bytes)
{
    return fixed_ns(heap) + bytes * heap->account.byte_ps / 1000;
}

uint64_t gw_account_worst_ns(const struct gw_heap *heap)
{
    uint64_t young = gw_heap_survivor_bytes(heap) + gw_heap_eden_used(heap);
    return fixed_ns(heap) + young * heap->account.copy_ps / 1000;
}

/* Whether there is something that a minor collection would do away with. */
static bool is_worth_it(const struct gw_heap *heap)
{
    return gw_heap_eden_used(heap) >= LEAST_BYTES || new_cards(heap) >= LEAST_RECORDED ||
           objects(heap) >= heap->account.old_objects + LEAST_RECORDED;
}

bool gw_account_is_full(const struct gw_heap *heap)
{
    const struct gw_account *account = &heap->account;
    if (account->most_ns == GW_NO_PAUSE || !is_worth_it(heap)) return false;
    return gw_account_expected_ns(heap, gw_heap_eden_used(heap)) >= account->most_ns || gw_account_worst_ns(heap) >= account->never_ns;
}

/* ---- Looking --------------------------------------------------------------------------------------- */

static uint64_t limited(uint64_t count)
{
    return count < FEW ? FEW : count < MOST_BETWEEN_LOOKS ? count : MOST_BETWEEN_LOOKS;
}

/* Of eden, before one of the limits is reached. `left`: to the first. */
static uint64_t bytes_left(const struct gw_heap *heap, uint64_t left)
{
    const struct gw_account *account = &heap->account;
    uint64_t worst = gw_account_worst_ns(heap), bytes = left * 1000 / account->byte_ps;
    uint64_t at_worst = worst < account->never_ns ? (account->never_ns - worst) * 1000 / account->copy_ps : 0;
    return at_worst < bytes ? at_worst : bytes;
}

/* What is left may go to bytes, to cards or to objects: of each as many as would use up half, and all of it for bytes, which need no look.
 */
void gw_account_look(struct gw_heap *heap)
{
    struct gw_account *account = &heap->account;
    struct gw_thread *thread = heap->mutator->thread;
    const struct gw_prices *prices = prices_now(heap);
    arm(heap, INT64_MAX);
    if (account->most_ns == GW_NO_PAUSE) return;
    if (gw_account_is_full(heap)) gw_thread_set_limit(thread, NULL);
    uint64_t expected = gw_account_expected_ns(heap, gw_heap_eden_used(heap)),
             left = expected < account->most_ns ? account->most_ns - expected : 0;
    arm(heap, (int64_t)limited(left / (2 * prices->card_ns)));
    account->look_at_objects = heap->recorded.remembered_count + limited(left / (2 * prices->object_ns));
    account->end = NULL;
    if (heap->mutators->next) return; /* several threads come by whenever they want another piece */
    uint64_t bytes = bytes_left(heap, left), used = gw_heap_eden_used(heap);
    if (used + bytes < LEAST_BYTES) bytes = LEAST_BYTES - used;
    char *limit = gw_nursery_limit(&heap->nursery, heap->mutator->piece);
    account->end = bytes < (uint64_t)(limit - thread->alloc) ? thread->alloc + bytes : limit;
    if (thread->limit > account->end) gw_thread_set_limit(thread, account->end);
}

void gw_account_check(const struct gw_heap *heap)
{
    const struct gw_account *account = &heap->account;
    for (const struct gw_mutator *each = heap->mutators; each; each = each->next)
        if (each->thread->card_budget > each->armed)
            gw_fatal("account: %ld cards may still be dirtied, of %ld", (long)each->thread->card_budget, (long)each->armed);
    if (account->old_objects > GW_REMEMBERED_CAPACITY)
        gw_fatal("account: %lu objects were remembered when the last minor collection ended", (unsigned long)account->old_objects);
}
