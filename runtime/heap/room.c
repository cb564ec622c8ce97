/* How much is in use, how much may be allocated before a collection, and what makes allocation look there earlier. */
#include "heap/heap.h"
#include "heap/world.h"

#include "heap/options.h"
#include "heap/samples.h"

/* ---- In use ---------------------------------------------------------------------------------------- */

unsigned gw_heap_edens(const struct gw_heap *heap)
{
    return heap->options.stress_move || heap->options.poison ? 2 : 1;
}

size_t gw_heap_young_bytes(const struct gw_heap *heap)
{
    return gw_heap_survivor_bytes(heap) + gw_heap_eden_used(heap);
}

uint64_t gw_heap_used_bytes(const struct gw_heap *heap)
{
    uint64_t old = (uint64_t)heap->old.blocks.used << GW_BLOCK_SHIFT;
    return heap->eden.bytes * gw_heap_edens(heap) + gw_heap_survivor_bytes(heap) + old;
}

void gw_heap_stats(const struct gw_heap *heap, struct gw_stats *stats)
{
    *stats = heap->stats;
    if (heap->mutators) stats->allocated_bytes = gw_heap_allocated_bytes(heap);
    stats->heap_bytes = gw_heap_used_bytes(heap);
    if (stats->heap_bytes > stats->peak_heap_bytes) stats->peak_heap_bytes = stats->heap_bytes;
    if (!stats->major_collections) stats->live_bytes = heap->old.used_bytes;
    stats->goal_bytes = heap->cycle.goal_bytes;
    stats->external_bytes = heap->external_bytes > 0 ? (uint64_t)heap->external_bytes : 0;
    stats->longest_pause_ns = heap->pauses.longest_ns;
}

void gw_heap_each_young(const struct gw_heap *heap, gw_young_visitor *visit, void *context)
{
    gw_nursery_each_young(&heap->nursery, visit, context);
    for (const struct gw_mutator *mutator = heap->mutators; mutator; mutator = mutator->next)
        gw_nursery_each_object(mutator->piece.from, mutator->thread->alloc, visit, context);
}

void gw_heap_poison_vacated(const struct gw_heap *heap)
{
    gw_nursery_poison(&heap->nursery);
    for (const struct gw_mutator *mutator = heap->mutators; mutator; mutator = mutator->next)
        gw_nursery_poison_piece(&heap->nursery, mutator->piece, mutator->thread->alloc);
}

/* ---- The nursery's limit --------------------------------------------------------------------------- */

/* At worst every byte of the nursery is promoted, an eighth is lost to rounding, and each size class opens a block. */
static size_t promotable_bytes(const struct gw_heap *heap)
{
    uint32_t blocks = heap->old.max_blocks - heap->old.blocks.used;
    if (heap->old.blocks.used > heap->old.max_blocks || blocks <= GW_SIZE_CLASSES) return 0;
    return ((size_t)(blocks - GW_SIZE_CLASSES) << GW_BLOCK_SHIFT) / 9 * 8 & ~(size_t)7;
}

uint32_t gw_heap_spare_blocks(const struct gw_heap *heap)
{
    size_t spare = promotable_bytes(heap), young = heap->eden.bytes + heap->nursery.survivor_bytes;
    return spare > young ? (uint32_t)((spare - young) >> GW_BLOCK_SHIFT) : 0;
}

/* At worst each block of the survivor space in use has to be kept for a pinned object, beside what is promoted. */
bool gw_heap_may_pin(const struct gw_heap *heap)
{
    return gw_heap_spare_blocks(heap) > heap->nursery.survivor_blocks;
}

void gw_heap_open_nursery(struct gw_heap *heap)
{
    struct gw_nursery *nursery = &heap->nursery;
    size_t room = promotable_bytes(heap);
    size_t survivors = gw_heap_survivor_bytes(heap);
    room = room > survivors ? room - survivors : 0;
    nursery->usable_bytes = room < heap->eden.bytes ? room : heap->eden.bytes;
    gw_heap_set_limit(heap);
}

/* ---- Pieces of eden -------------------------------------------------------------------------------- */

static void count_allocated(struct gw_heap *heap, struct gw_mutator *mutator)
{
    heap->stats.allocated_bytes += (uint64_t)(mutator->thread->alloc - mutator->counted_from);
    mutator->counted_from = mutator->thread->alloc;
}

void gw_heap_count_allocated(struct gw_heap *heap)
{
    for (struct gw_mutator *mutator = heap->mutators; mutator; mutator = mutator->next) count_allocated(heap, mutator);
}

#define LEAST_PIECE ((size_t)32 << 10)
#define PIECES_OF_EDEN 8 /* for each thread: what is left of them when eden is full is a part of as many */

size_t gw_heap_piece_bytes(const struct gw_heap *heap)
{
    size_t bytes = heap->eden.bytes / PIECES_OF_EDEN / (__atomic_load_n(&heap->world.attached, __ATOMIC_RELAXED) + 1);
    return bytes > LEAST_PIECE ? bytes : LEAST_PIECE;
}

/* Of the next one. Two threads at least: the lone one's piece leaves nothing for who comes. */
static size_t most_bytes(const struct gw_heap *heap)
{
    return gw_world_is_shared(heap) ? gw_heap_piece_bytes(heap) : SIZE_MAX;
}

static void begin_piece(struct gw_mutator *mutator)
{
    mutator->thread->alloc = mutator->counted_from = mutator->piece.from;
}

void gw_heap_take_piece(struct gw_heap *heap)
{
    struct gw_mutator *mutator = heap->mutator;
    mutator->piece = (struct gw_piece){0};
    gw_nursery_next_piece(&heap->nursery, &mutator->piece, NULL, 0, most_bytes(heap));
    begin_piece(mutator);
}

void gw_heap_return_piece(struct gw_heap *heap)
{
    struct gw_mutator *mutator = heap->mutator;
    count_allocated(heap, mutator);
    gw_nursery_return_piece(&heap->nursery, mutator->piece, mutator->thread->alloc);
    mutator->piece = (struct gw_piece){0};
    begin_piece(mutator);
}

void gw_heap_begin_pieces(struct gw_heap *heap)
{
    for (struct gw_mutator *mutator = heap->mutators; mutator; mutator = mutator->next) {
        mutator->piece = (struct gw_piece){0};
        begin_piece(mutator);
    }
    gw_heap_take_piece(heap);
}

bool gw_heap_next_piece(struct gw_heap *heap, size_t bytes)
{
    struct gw_mutator *mutator = heap->mutator;
    struct gw_thread *thread = mutator->thread;
    char *left = thread->alloc;
    count_allocated(heap, mutator);
    if (!gw_nursery_next_piece(&heap->nursery, &mutator->piece, left, bytes, most_bytes(heap))) return false;
    heap->cycle.given_bytes += gw_piece_bytes(mutator->piece);
    begin_piece(mutator);
    if (heap->cycle.assist_at) heap->cycle.assist_at = thread->alloc + (heap->cycle.assist_at - left);
    if (heap->account.end) gw_account_look(heap); /* it may have ended where the piece did */
    gw_heap_set_limit(heap);
    return true;
}

/* ---- The limit of inline allocation ---------------------------------------------------------------- */

char *gw_heap_room_end(const struct gw_heap *heap)
{
    char *end = gw_nursery_limit(&heap->nursery, heap->mutator->piece), *assist = heap->cycle.assist_at, *account = heap->account.end;
    if (account && account < end) end = account;
    return assist && assist < end ? assist : end;
}

static bool too_much_recorded(const struct gw_recorded *recorded)
{
    return recorded->overflowed || recorded->remembered_count >= GW_REMEMBERED_HIGH || recorded->listed_count >= GW_REMEMBERED_HIGH;
}

/* Registered objects that die together must fit in a survivor space, or they fill the old generation until its next cycle. */
static bool too_much_registered(const struct gw_heap *heap)
{
    return heap->finalizers.young_bytes > gw_heap_survivor_room(heap) / 4 * 3;
}

const char *gw_heap_wants_minor(const struct gw_heap *heap)
{
    if (too_much_recorded(&heap->recorded)) return "much was written to old objects";
    if (too_much_registered(heap)) return "many young objects have finalizers";
    if (heap->cycle.wanted) return "a cycle is due";
    return gw_account_is_full(heap) ? "as much as the pause allows" : NULL;
}

/* The object with the byte that is sampled next is allocated out of line. Not a reason to do anything else: room_end knows nothing of it.
 */
static char *before_sample(const struct gw_heap *heap, char *end)
{
    char *resume = heap->mutator->counted_from;
    uint64_t due = heap->samples->due, allocated = heap->stats.allocated_bytes;
    uint64_t left = due > allocated ? due - allocated - 1 : 0;
    return end > resume && left < (uint64_t)(end - resume) ? resume + left : end;
}

void gw_heap_set_limit(struct gw_heap *heap)
{
    struct gw_thread *thread = heap->mutator->thread;
    bool slow = heap->mutator->callback.what || gw_options_stress(&heap->options) || gw_heap_wants_minor(heap) ||
                gw_finalizers_want_allocation(&heap->finalizers);
    char *end = slow ? NULL : gw_heap_room_end(heap);
    gw_thread_set_limit(thread, heap->samples && end ? before_sample(heap, end) : end);
    __atomic_signal_fence(__ATOMIC_SEQ_CST);
    if (gw_thread_is_asked(thread)) gw_thread_set_limit(thread, NULL); /* now or before */
}

void gw_heap_answer_poll(struct gw_heap *heap)
{
    uintptr_t *poll = &heap->mutator->thread->poll;
    __atomic_store_n(poll, 0, __ATOMIC_RELAXED);
    __atomic_signal_fence(__ATOMIC_SEQ_CST);
    if (gw_stop_is_requested(heap)) __atomic_store_n(poll, 1, __ATOMIC_RELAXED);
    gw_heap_set_limit(heap);
}
