/* How much is in use, how much may be allocated before a collection, and what makes allocation look there earlier. */
#include "heap/heap.h"

#include "heap/options.h"

/* ---- In use ---------------------------------------------------------------------------------------- */

unsigned gw_heap_edens(const struct gw_heap *heap)
{
    return heap->options.stress_move || heap->options.poison ? 2 : 1;
}

size_t gw_heap_young_bytes(const struct gw_heap *heap)
{
    return gw_heap_survivor_bytes(heap) + gw_nursery_used(&heap->nursery, heap->mutator.thread->alloc);
}

uint64_t gw_heap_allocated_bytes(const struct gw_heap *heap)
{
    return heap->stats.allocated_bytes + (uint64_t)(heap->mutator.thread->alloc - heap->nursery.resume);
}

uint64_t gw_heap_used_bytes(const struct gw_heap *heap)
{
    uint64_t old = (uint64_t)heap->old.blocks.used << GW_BLOCK_SHIFT;
    return heap->eden.bytes * gw_heap_edens(heap) + gw_heap_survivor_bytes(heap) + old;
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

bool gw_heap_next_piece(struct gw_heap *heap, size_t bytes)
{
    struct gw_thread *thread = heap->mutator.thread;
    struct gw_nursery *nursery = &heap->nursery;
    char *left = thread->alloc;
    if (!gw_nursery_next_piece(nursery, left, bytes)) return false;
    heap->stats.allocated_bytes += (uint64_t)(left - nursery->resume);
    thread->alloc = nursery->resume = nursery->at.from;
    if (heap->cycle.assist_at) heap->cycle.assist_at = thread->alloc + (heap->cycle.assist_at - left);
    if (heap->account.end) gw_account_look(heap); /* it may have ended where the piece did */
    gw_heap_set_limit(heap);
    return true;
}

/* ---- The limit of inline allocation ---------------------------------------------------------------- */

char *gw_heap_room_end(const struct gw_heap *heap)
{
    char *end = gw_nursery_limit(&heap->nursery), *assist = heap->cycle.assist_at, *account = heap->account.end;
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

bool gw_heap_wants_minor(const struct gw_heap *heap)
{
    return too_much_recorded(&heap->recorded) || too_much_registered(heap) || heap->cycle.wanted || gw_account_is_full(heap);
}

void gw_heap_set_limit(struct gw_heap *heap)
{
    struct gw_thread *thread = heap->mutator.thread;
    bool slow = heap->mutator.callback.what || gw_options_stress(&heap->options) || gw_heap_wants_minor(heap) ||
                gw_finalizers_want_allocation(&heap->finalizers);
    thread->limit = slow ? NULL : gw_heap_room_end(heap);
    __atomic_signal_fence(__ATOMIC_SEQ_CST);
    if (*(volatile uintptr_t *)&thread->poll) thread->limit = NULL; /* asked now or before */
}
