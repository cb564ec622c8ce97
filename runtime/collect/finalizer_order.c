/* The stages of finding the order: gather, trace each candidate and settle what it reached, deliver, forget. */
#include "collect/finalizer_order.h"

#include "collect/finalizers.h"
#include "collect/mark.h"
#include "collect/weak.h"
#include "heap/reservation.h"

#define SPAN_ELEMENTS 128
#define AT_ONCE 16
#define SETTLED_AT_ONCE 256
#define STATE 3
#define CANDIDATE 4

static uint8_t *state_of(const struct gw_heap *heap, uintptr_t ref)
{
    return &heap->finalizers.order.states[gw_granule(&heap->old, ref)];
}

static unsigned state(const struct gw_heap *heap, uintptr_t ref)
{
    return *state_of(heap, ref) & STATE;
}

bool gw_finalizer_order_reserve(struct gw_heap *heap)
{
    struct gw_finalizer_order *order = &heap->finalizers.order;
    if (gw_likely(order->queue != NULL)) return true;
    order->states_bytes = heap->bytes >> GW_GRANULE_SHIFT;
    order->queue_bytes = heap->bytes / GW_SMALLEST_CELL * sizeof *order->queue;
    if (!order->states) order->states = gw_reserve(order->states_bytes, 4096);
    if (!order->states) return false;
    order->queue = gw_reserve(order->queue_bytes, 4096);
    return order->queue != NULL;
}

void gw_finalizer_order_begin(struct gw_heap *heap)
{
    struct gw_finalizer_order *order = &heap->finalizers.order;
    order->stage = GW_ORDER_GATHER;
    order->cursor = order->kept = order->head = order->count = 0;
    order->element = 0;
}

/* ---- Gathering ------------------------------------------------------------------------------------- */

static void gather(struct gw_heap *heap)
{
    struct gw_finalizers *finalizers = &heap->finalizers;
    struct gw_finalizer_order *order = &finalizers->order;
    struct gw_registration registration = finalizers->old.at[order->cursor++];
    if (gw_finalizers_forget_closed(finalizers, &registration)) return;
    if (gw_is_unmarked(heap, registration.object))
        gw_registrations_add(&finalizers->dying, registration);
    else
        finalizers->old.at[order->kept++] = registration;
}

static bool gather_step(struct gw_heap *heap)
{
    struct gw_finalizers *finalizers = &heap->finalizers;
    struct gw_finalizer_order *order = &finalizers->order;
    for (int i = 0; i < AT_ONCE && order->cursor < finalizers->old.count; i++) gather(heap);
    if (order->cursor < finalizers->old.count) return false;
    finalizers->old.count = order->kept;
    return true;
}

/* ---- Tracing --------------------------------------------------------------------------------------- */

static void reach(struct gw_heap *heap, uintptr_t ref)
{
    struct gw_finalizer_order *order = &heap->finalizers.order;
    order->queue[order->count++] = ref;
    heap->old.blocks.blocks[gw_block_of(&heap->old.blocks, ref)].ordered = true;
}

/* Marked and in state 0: alive without any finalizer. */
static void reach_slot(void *context, uintptr_t *slot)
{
    struct gw_heap *heap = context;
    uintptr_t ref = *slot;
    if (!gw_is_reference(ref) || !gw_old_contains(&heap->old, ref)) return;
    uint8_t *at = state_of(heap, ref);
    if ((*at & 1) || (*at == 0 && !gw_is_unmarked(heap, ref))) return;
    if (*at == 0) gw_mark_kept(heap, ref);
    ++*at;
    reach(heap, ref);
}

static bool is_dead_old(void *heap, uintptr_t word)
{
    return gw_is_unmarked(heap, word);
}

/* The object at the queue's head, or the next span of its elements. */
static void trace_head(struct gw_heap *heap)
{
    struct gw_finalizer_order *order = &heap->finalizers.order;
    uintptr_t ref = order->queue[order->head];
    const struct gw_type *type = gw_object_type(ref);
    if (!type->element_offset_count || type->trace) {
        gw_each_strong_word(ref, type, reach_slot, is_dead_old, heap);
        order->head++;
        return;
    }
    if (order->element == 0) gw_each_fixed_field(ref, type, reach_slot, heap);
    uint64_t length = gw_object_length(ref, type), end = order->element + SPAN_ELEMENTS;
    gw_each_element_field(ref, type, order->element, end < length ? end : length, reach_slot, heap);
    order->element = end < length ? end : 0;
    if (end >= length) order->head++;
}

/* Begins with the next candidate. False when there is none. */
static bool next_candidate(struct gw_heap *heap)
{
    struct gw_finalizer_order *order = &heap->finalizers.order;
    const struct gw_registrations *dying = &heap->finalizers.dying;
    for (int i = 0; i < AT_ONCE && order->cursor < dying->count; i++) {
        uintptr_t ref = dying->at[order->cursor++].object;
        if (state(heap, ref)) continue;
        gw_mark_kept(heap, ref);
        *state_of(heap, ref) = CANDIDATE | 1;
        reach(heap, ref);
        return true;
    }
    return order->cursor < dying->count;
}

static bool trace_step(struct gw_heap *heap)
{
    struct gw_finalizer_order *order = &heap->finalizers.order;
    if (order->count == 0) return !next_candidate(heap);
    for (int i = 0; i < AT_ONCE && order->head < order->count; i++) trace_head(heap);
    if (order->head == order->count) order->stage = GW_ORDER_SETTLE;
    return false;
}

static void settle_step(struct gw_heap *heap)
{
    struct gw_finalizer_order *order = &heap->finalizers.order;
    for (int i = 0; i < SETTLED_AT_ONCE && order->count; i++) {
        uint8_t *at = state_of(heap, order->queue[--order->count]);
        if ((*at & STATE) == 1) ++*at;
    }
    if (order->count) return;
    order->head = 0;
    order->stage = GW_ORDER_TRACE;
}

/* ---- Delivering ------------------------------------------------------------------------------------ */

/* Behind no young entry it is not visited by minor collections. */
static void deliver(struct gw_registration registration)
{
    struct gw_finalizer_queue *queue = registration.queue;
    bool none_young = queue->young_from == queue->ready.count;
    gw_finalizers_deliver(registration);
    if (none_young) queue->young_from++;
}

static bool deliver_step(struct gw_heap *heap)
{
    struct gw_finalizers *finalizers = &heap->finalizers;
    struct gw_finalizer_order *order = &finalizers->order;
    for (int i = 0; i < AT_ONCE && order->cursor < finalizers->dying.count; i++) {
        struct gw_registration registration = finalizers->dying.at[order->cursor++];
        uint8_t at = *state_of(heap, registration.object);
        if (gw_finalizers_forget_closed(finalizers, &registration)) continue;
        if (at == (CANDIDATE | 2))
            deliver(registration);
        else
            gw_registrations_add(&finalizers->old, registration);
    }
    if (order->cursor < finalizers->dying.count) return false;
    finalizers->dying.count = 0;
    return true;
}

/* ---- The stages ------------------------------------------------------------------------------------ */

/* The states of one block lie in one page. */
static bool forget_step(struct gw_heap *heap)
{
    struct gw_finalizer_order *order = &heap->finalizers.order;
    struct gw_block_space *blocks = &heap->old.blocks;
    for (int i = 0; i < AT_ONCE && order->cursor < blocks->top; i++) {
        struct gw_block *block = &blocks->blocks[order->cursor];
        if (block->ordered) {
            uintptr_t first = (uintptr_t)gw_block_address(blocks, (uint32_t)order->cursor);
            memset(state_of(heap, first), 0, GW_BLOCK_BYTES >> GW_GRANULE_SHIFT);
            block->ordered = false;
        }
        order->cursor++;
    }
    return order->cursor == blocks->top;
}

static void begin_stage(struct gw_finalizer_order *order, enum gw_order_stage stage)
{
    order->stage = stage;
    order->cursor = 0;
}

/* One unit; true when the last stage is finished. */
static bool step(struct gw_heap *heap)
{
    struct gw_finalizer_order *order = &heap->finalizers.order;
    switch (order->stage) {
    case GW_ORDER_GATHER:
        if (gather_step(heap)) begin_stage(order, GW_ORDER_TRACE);
        return !heap->finalizers.dying.count && order->stage == GW_ORDER_TRACE;
    case GW_ORDER_TRACE:
        if (trace_step(heap)) begin_stage(order, GW_ORDER_DELIVER);
        return false;
    case GW_ORDER_SETTLE: settle_step(heap); return false;
    case GW_ORDER_DELIVER:
        if (deliver_step(heap)) begin_stage(order, GW_ORDER_FORGET);
        return false;
    case GW_ORDER_FORGET: break;
    }
    return forget_step(heap);
}

bool gw_finalizer_order_step(struct gw_heap *heap, size_t units)
{
    while (units--)
        if (step(heap)) return true;
    return false;
}
