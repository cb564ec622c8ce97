/* The mark loop.
 *
 * The stack holds references of grey objects. A large object is traced in spans: the span's successor waits on the stack
 * as two words, the object and above it `bytes into it << 3 | 1`. The stack is bounded: an object it turns away is grey all the same,
 * its block is flagged, and when the stack has run empty the flagged blocks' marked objects are traced again, a few at a time.
 * Each such round marks something new or ends, so marking terminates.
 *
 * Work is counted in slots looked at. An object without cards has at most SPAN_SLOTS or so of them, and one with cards is traced in spans,
 * which bounds a piece whatever the heap looks like; only a trace function of the program's is indivisible.
 */
#include "engine/mark.h"

#include "roots/slot.h"

#define SPAN_SLOTS 128
_Static_assert(SPAN_SLOTS * 8 >= GW_CARDS_FROM_BYTES, "smaller objects are traced whole");

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
        mark->retrace_idle = 0;
        return;
    }
    mark->stack[mark->depth++] = ref;
}

#define RETRACE_GRANULES 512 /* of a flagged block in one piece */
#define RETRACE_BLOCKS 1024  /* looked through for the next flagged one in one piece */

/* While the program runs a word may be read that is half written, or whose tag is of another one: it may lead anywhere. What the program is
 * about to write it has recorded. */
GW_ALWAYS_INLINE bool leads_nowhere(const struct gw_heap *heap, uintptr_t ref)
{
    size_t granule = gw_granule(&heap->old, ref);
    return !gw_bit_get(heap->old.marks, granule) && !gw_bit_get(heap->old.starts, granule);
}

/* White to grey; an object without references is black at once. A young one's bit is set. */
GW_ALWAYS_INLINE void shade(struct gw_heap *heap, uintptr_t ref)
{
    if (gw_unlikely(heap->mark.beside) && leads_nowhere(heap, ref)) return;
    if (!gw_bit_take(heap->old.marks, gw_granule(&heap->old, ref))) return;
    if (gw_unlikely(heap->cells.old_awaiting.active)) gw_awaiting_wake(&heap->cells.old_awaiting, &heap->cells.old, ref);
    const struct gw_type *type = gw_object_type(ref);
    heap->mark.live_bytes += gw_object_bytes(ref, type);
    if (gw_type_has_references(type)) push(heap, ref);
}

GW_ALWAYS_INLINE unsigned queued(const struct gw_mark *mark)
{
    return mark->queue_tail - mark->queue_head;
}

GW_ALWAYS_INLINE uintptr_t dequeue(struct gw_mark *mark)
{
    return mark->queue[mark->queue_head++ % GW_PREFETCH_SLOTS];
}

/* An object's first fields often lie in the next cache line: without them tracing waits for what shading did not. */
GW_ALWAYS_INLINE void enqueue(struct gw_heap *heap, uintptr_t ref)
{
    struct gw_mark *mark = &heap->mark;
    __builtin_prefetch(&heap->old.marks[gw_granule(&heap->old, ref) >> 6], 1);
    __builtin_prefetch(gw_header(ref));
    __builtin_prefetch((const char *)ref + 24);
    if (gw_unlikely(queued(mark) == GW_PREFETCH_SLOTS)) shade(heap, dequeue(mark));
    mark->queue[mark->queue_tail++ % GW_PREFETCH_SLOTS] = ref;
}

GW_ALWAYS_INLINE void mark_slot(void *context, uintptr_t *slot)
{
    struct gw_heap *heap = context;
    uintptr_t ref = gw_slot_word(slot);
    if (!(ref & GW_IMMEDIATE_MASK) && gw_in_blocks(&heap->old, ref)) enqueue(heap, ref);
}

void gw_mark_slot(void *heap, uintptr_t *slot)
{
    mark_slot(heap, slot);
}

void gw_mark_shade_slow(struct gw_heap *heap, uintptr_t ref)
{
    shade(heap, ref);
}

/* Where the span from byte `from` on ends. The fixed part and the elements are apart; few slots that lie far apart are one span. */
static size_t span_end(const struct gw_type *type, size_t from)
{
    bool runs = type->flags & GW_TYPE_RUNS, fixed = from < type->size;
    size_t dense = from + SPAN_SLOTS * 8;
    if (fixed) return (!runs && type->offset_count <= SPAN_SLOTS) || dense > type->size ? type->size : dense;
    return !runs && type->element_offset_count <= 2 ? from + SPAN_SLOTS * (size_t)type->element_size : dense;
}

static size_t slots_between(const struct gw_type *type, size_t from, size_t to)
{
    bool runs = type->flags & GW_TYPE_RUNS;
    if (from < type->size && !runs && type->offset_count <= SPAN_SLOTS) return type->offset_count;
    if (from >= type->size && !runs && type->element_offset_count <= 2)
        return (to - from) / type->element_size * type->element_offset_count;
    return (to - from) / 8;
}

/* The tracing functions return how many slots they looked at, and one for coming here. */
static size_t trace_span(struct gw_heap *heap, uintptr_t ref, const struct gw_type *type, size_t from)
{
    struct gw_mark *mark = &heap->mark;
    size_t end = gw_referring_bytes(type, gw_object_bytes(ref, type) - GW_HEADER_SIZE), to = span_end(type, from);
    if (to < end) {
        mark->stack[mark->depth++] = ref;
        mark->stack[mark->depth++] = to << 3 | 1;
    } else {
        to = end;
    }
    gw_each_field_within(ref, type, ref + from, ref + to, mark_slot, heap);
    return 1 + slots_between(type, from, to);
}

static size_t trace_custom(struct gw_heap *heap, uintptr_t ref, const struct gw_type *type)
{
    gw_each_field(ref, type, mark_slot, heap);
    return 1 + gw_object_bytes(ref, type) / 8;
}

/* The last field first: what the first refers to is then on top of the stack, and objects are traced in the order in which
 * most programs made them. */
GW_ALWAYS_INLINE size_t trace(struct gw_heap *heap, uintptr_t ref)
{
    uint64_t header = __atomic_load_n(gw_header(ref), __ATOMIC_RELAXED);
    const struct gw_type *type = gw_header_type(header);
    if (gw_unlikely(header & GW_HEADER_CARDS)) return trace_span(heap, ref, type, 0);
    if (gw_unlikely(type->trace)) return trace_custom(heap, ref, type);
    uint64_t length = type->element_offset_count ? gw_object_length(ref, type) : 0;
    if (length) gw_each_element_field(ref, type, 0, length, mark_slot, heap);
    for (uint32_t i = type->offset_count; i-- > 0;) mark_slot(heap, (uintptr_t *)(ref + type->offsets[i]));
    return 1 + type->offset_count + length * type->element_offset_count;
}

GW_ALWAYS_INLINE size_t trace_top(struct gw_heap *heap)
{
    struct gw_mark *mark = &heap->mark;
    uintptr_t word = mark->stack[--mark->depth];
    if (gw_likely(!(word & 1))) return trace(heap, word);
    uintptr_t array = mark->stack[--mark->depth];
    return trace_span(heap, array, gw_object_type(array), word >> 3);
}

/* Shades what waits in the queue, until there is something to trace. */
static void refill_stack(struct gw_heap *heap)
{
    struct gw_mark *mark = &heap->mark;
    while (!mark->depth && queued(mark)) shade(heap, dequeue(mark));
}

void gw_mark_flush(struct gw_heap *heap)
{
    while (queued(&heap->mark)) shade(heap, dequeue(&heap->mark));
}

/* ---- Objects the stack turned away ------------------------------------------------------------------ */

/* Looks for the next flagged block; `overflowed` goes when a whole round found none. */
static size_t find_retrace(struct gw_heap *heap)
{
    struct gw_block_space *blocks = &heap->old.blocks;
    struct gw_mark *mark = &heap->mark;
    for (unsigned i = 0; i < RETRACE_BLOCKS; i++) {
        if (mark->retrace_block >= blocks->top) mark->retrace_block = 0;
        struct gw_block *block = &blocks->blocks[mark->retrace_block];
        if (block->retrace) {
            block->retrace = false;
            mark->retrace_from = gw_granule(&heap->old, (uintptr_t)gw_block_address(blocks, mark->retrace_block));
            mark->retrace_end = mark->retrace_from + (GW_BLOCK_BYTES >> GW_GRANULE_SHIFT);
            mark->retrace_idle = 0;
            return 1;
        }
        mark->retrace_block++;
        if (++mark->retrace_idle > blocks->top) {
            mark->overflowed = false;
            return 1;
        }
    }
    return RETRACE_BLOCKS / 64;
}

/* Traces the marked objects in the next part of the block at hand, which may turn others away in turn, even here. */
static size_t retrace_part(struct gw_heap *heap)
{
    struct gw_mark *mark = &heap->mark;
    size_t part = mark->retrace_from + RETRACE_GRANULES, end = part < mark->retrace_end ? part : mark->retrace_end;
    size_t slots = 1, granule = gw_bit_next(heap->old.marks, mark->retrace_from, end);
    if (granule < end) {
        if (gw_bit_get(heap->old.starts, granule)) slots += trace(heap, heap->old.base + (granule << GW_GRANULE_SHIFT));
        granule++;
    }
    mark->retrace_from = granule;
    return slots;
}

static size_t retrace(struct gw_heap *heap)
{
    return heap->mark.retrace_from < heap->mark.retrace_end ? retrace_part(heap) : find_retrace(heap);
}

/* ---- Steps ----------------------------------------------------------------------------------------- */

void gw_mark_begin(struct gw_heap *heap)
{
    struct gw_mark *mark = &heap->mark;
    uintptr_t *stack = mark->stack;
    *mark = (struct gw_mark){.stack = stack, .capacity = mark->capacity};
    gw_nursery_begin_marking(&heap->nursery);
}

bool gw_mark_is_done(const struct gw_heap *heap)
{
    const struct gw_mark *mark = &heap->mark;
    return !mark->depth && !queued(mark) && !mark->overflowed && mark->retrace_from >= mark->retrace_end;
}

bool gw_mark_step(struct gw_heap *heap, size_t slots)
{
    struct gw_mark *mark = &heap->mark;
    for (size_t seen = 0; seen < slots;) {
        if (gw_unlikely(!mark->depth)) refill_stack(heap);
        if (mark->depth) seen += trace_top(heap);
        else if (!gw_mark_is_done(heap)) seen += retrace(heap);
        else return true;
    }
    gw_mark_flush(heap);
    return gw_mark_is_done(heap);
}

/* A trace function is the program's, and runs on its threads alone. */
static bool may_trace_beside(const struct gw_mark *mark)
{
    uintptr_t word = mark->stack[mark->depth - 1];
    return word & 1 || !gw_object_type(word)->trace;
}

bool gw_mark_beside(struct gw_heap *heap, size_t slots)
{
    struct gw_mark *mark = &heap->mark;
    size_t seen = 0;
    mark->beside = true;
    while (seen < slots && mark->depth && may_trace_beside(mark)) {
        seen += trace_top(heap);
        if (!mark->depth) refill_stack(heap);
    }
    gw_mark_flush(heap);
    mark->beside = false;
    return mark->depth && may_trace_beside(mark);
}

void gw_mark_black(struct gw_heap *heap, uintptr_t ref, size_t bytes)
{
    if (gw_bit_take(heap->old.marks, gw_granule(&heap->old, ref))) heap->mark.live_bytes += bytes;
}

void gw_mark_again(struct gw_heap *heap, uintptr_t ref)
{
    if (gw_is_marking(heap) && gw_is_marked(heap, ref)) push(heap, ref);
}

void gw_mark_new(struct gw_heap *heap, uintptr_t ref)
{
    if (gw_is_marking(heap)) gw_mark_shade(heap, ref);
    else if (heap->cycle.phase == GW_PHASE_WEAK) gw_mark_kept(heap, ref);
}

void gw_mark_kept(struct gw_heap *heap, uintptr_t ref)
{
    gw_mark_black(heap, ref, gw_object_bytes(ref, gw_object_type(ref)));
}

bool gw_mark_is_grey(const struct gw_heap *heap, uintptr_t ref)
{
    const struct gw_mark *mark = &heap->mark;
    for (size_t i = 0; i < mark->depth; i++)
        if (mark->stack[i] == ref) return true;
    size_t granule = gw_granule(&heap->old, ref);
    if (granule >= mark->retrace_from && granule < mark->retrace_end) return true;
    return heap->old.blocks.blocks[gw_block_of(&heap->old.blocks, ref)].retrace;
}
