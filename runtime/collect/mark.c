/* The mark loop.
 *
 * The stack holds references of grey objects. A long array is traced in spans: the span's successor waits on the stack
 * as two words, the array and above it `index << 3 | 1`. The stack is bounded: an object it turns away is grey all the same,
 * its block is flagged, and when the stack has run empty the flagged blocks' marked objects are traced again. Each such
 * round marks something new or ends, so marking terminates.
 */
#include "collect/mark.h"

#define SPAN_ELEMENTS 128

static bool stack_is_full(const struct gw_mark *mark)
{
    return mark->depth + 4 > mark->capacity; /* leaves room for a span's two words */
}

static void push(struct gw_heap *heap, uintptr_t ref)
{
    struct gw_mark *mark = &heap->mark;
    if (gw_unlikely(stack_is_full(mark))) {
        heap->old.blocks.blocks[gw_block_of(&heap->old.blocks, ref)].retrace = true;
        mark->overflowed = true;
        return;
    }
    mark->stack[mark->depth++] = ref;
}

/* White to grey; an object without references is black at once. */
GW_ALWAYS_INLINE void shade(struct gw_heap *heap, uintptr_t ref)
{
    if (!gw_bit_take(heap->old.marks, gw_granule(&heap->old, ref))) return;
    if (gw_unlikely(heap->cells.old_awaiting.active)) gw_awaiting_wake(&heap->cells.old_awaiting, &heap->cells.old, ref);
    const struct gw_type *type = gw_object_type(ref);
    heap->mark.live_bytes += gw_object_bytes(ref, type);
    if (gw_type_has_references(type)) push(heap, ref);
}

GW_ALWAYS_INLINE void enqueue(struct gw_heap *heap, uintptr_t ref)
{
    struct gw_mark *mark = &heap->mark;
    __builtin_prefetch(&heap->old.marks[gw_granule(&heap->old, ref) >> 6], 1);
    __builtin_prefetch(gw_header(ref));
    uintptr_t due = mark->queue[mark->queue_at];
    mark->queue[mark->queue_at] = ref;
    mark->queue_at = (mark->queue_at + 1) % GW_PREFETCH_SLOTS;
    if (due) shade(heap, due);
}

GW_ALWAYS_INLINE void mark_slot(void *context, uintptr_t *slot)
{
    struct gw_heap *heap = context;
    uintptr_t ref = *slot;
    if (!(ref & GW_IMMEDIATE_MASK) && gw_old_contains(&heap->old, ref)) enqueue(heap, ref);
}

void gw_mark_slot(void *heap, uintptr_t *slot)
{
    mark_slot(heap, slot);
}

static void trace_span(struct gw_heap *heap, uintptr_t ref, const struct gw_type *type, uint64_t from)
{
    struct gw_mark *mark = &heap->mark;
    uint64_t length = gw_object_length(ref, type), to = from + SPAN_ELEMENTS;
    if (to < length) {
        mark->stack[mark->depth++] = ref;
        mark->stack[mark->depth++] = to << 3 | 1;
    } else {
        to = length;
    }
    gw_each_element_field(ref, type, from, to, mark_slot, heap);
}

static void trace(struct gw_heap *heap, uintptr_t ref)
{
    const struct gw_type *type = gw_object_type(ref);
    if (type->element_offset_count && !type->trace) {
        gw_each_fixed_field(ref, type, mark_slot, heap);
        trace_span(heap, ref, type, 0);
    } else {
        gw_each_field(ref, type, mark_slot, heap);
    }
}

static void trace_top(struct gw_heap *heap)
{
    struct gw_mark *mark = &heap->mark;
    uintptr_t word = mark->stack[--mark->depth];
    if (gw_unlikely(word & 1)) {
        uintptr_t array = mark->stack[--mark->depth];
        trace_span(heap, array, gw_object_type(array), word >> 3);
    } else {
        trace(heap, word);
    }
}

/* The stack is empty: shades what is still in the prefetch queue. */
static void flush_queue(struct gw_heap *heap)
{
    for (unsigned i = 0; i < GW_PREFETCH_SLOTS; i++) {
        uintptr_t due = heap->mark.queue[i];
        heap->mark.queue[i] = 0;
        if (due) shade(heap, due);
    }
}

static void retrace_block(struct gw_heap *heap, uint32_t block)
{
    struct gw_old_space *old = &heap->old;
    size_t begin = gw_granule(old, (uintptr_t)gw_block_address(&old->blocks, block));
    size_t end = begin + (GW_BLOCK_BYTES >> GW_GRANULE_SHIFT);
    old->blocks.blocks[block].retrace = false;
    for (size_t granule = gw_bit_next(old->marks, begin, end); granule < end;
         granule = gw_bit_next(old->marks, granule + 1, end))
        trace(heap, old->base + (granule << GW_GRANULE_SHIFT));
}

/* The stack is empty: traces the marked objects of the next block that had some turned away. */
static void retrace_next(struct gw_heap *heap)
{
    struct gw_block_space *blocks = &heap->old.blocks;
    for (uint32_t i = 0; i < blocks->top; i++) {
        if (!blocks->blocks[i].retrace) continue;
        retrace_block(heap, i);
        return;
    }
    heap->mark.overflowed = false;
}

void gw_mark_begin(struct gw_heap *heap)
{
    struct gw_mark *mark = &heap->mark;
    mark->depth = 0;
    mark->overflowed = false;
    mark->live_bytes = 0;
    mark->queue_at = 0;
    memset(mark->queue, 0, sizeof mark->queue);
}

/* The queue is emptied before the program runs on, so that what is discovered is at least grey between steps. */
bool gw_mark_step(struct gw_heap *heap, size_t units)
{
    struct gw_mark *mark = &heap->mark;
    while (units--) {
        if (!mark->depth) flush_queue(heap);
        if (mark->depth)
            trace_top(heap);
        else if (mark->overflowed)
            retrace_next(heap);
        else
            return true;
    }
    flush_queue(heap);
    return false;
}

static bool is_marked(const struct gw_heap *heap, uintptr_t ref)
{
    return gw_bit_get(heap->old.marks, gw_granule(&heap->old, ref));
}

void gw_mark_again(struct gw_heap *heap, uintptr_t ref)
{
    if (gw_is_marking(heap) && is_marked(heap, ref)) push(heap, ref);
}

void gw_mark_elements_again(struct gw_heap *heap, uintptr_t array, uint64_t from, uint64_t to)
{
    if (!gw_is_marking(heap) || !is_marked(heap, array)) return;
    const struct gw_type *type = gw_object_type(array);
    if (from == 0) gw_each_fixed_field(array, type, mark_slot, heap);
    gw_each_element_field(array, type, from, to, mark_slot, heap);
    flush_queue(heap);
}

void gw_mark_new(struct gw_heap *heap, uintptr_t ref)
{
    if (gw_is_marking(heap))
        shade(heap, ref);
    else if (heap->cycle.phase == GW_PHASE_WEAK)
        gw_mark_kept(heap, ref);
}

void gw_mark_kept(struct gw_heap *heap, uintptr_t ref)
{
    if (gw_bit_take(heap->old.marks, gw_granule(&heap->old, ref)))
        heap->mark.live_bytes += gw_object_bytes(ref, gw_object_type(ref));
}

bool gw_mark_is_grey(const struct gw_heap *heap, uintptr_t ref)
{
    const struct gw_mark *mark = &heap->mark;
    for (size_t i = 0; i < mark->depth; i++)
        if (mark->stack[i] == ref) return true;
    return heap->old.blocks.blocks[gw_block_of(&heap->old.blocks, ref)].retrace;
}
