/* The stages of finding the order: gather, trace each candidate and settle what it reached, deliver, forget. */
#include "life/finalizer_order.h"

#include "life/finalizers.h"
#include "engine/mark.h"
#include "os/linux/memory.h"

#define SPAN_BYTES 1024 /* of a large object at once */
#define AT_ONCE 16
#define SETTLED_AT_ONCE 256
#define STATE 3
#define CANDIDATE 4
#define COUNT_ONE 8 /* of references from other dead objects; COUNT_MOST is for good */
#define COUNT_MOST 0xf8

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
    order->scanned = 0;
}

/* Room for all registrations there are; later ones reserve theirs. */
bool gw_finalizer_order_set_whole_chains(struct gw_heap *heap, bool on)
{
    struct gw_finalizers *finalizers = &heap->finalizers;
    size_t all = finalizers->young.count + finalizers->old.count + finalizers->dying.count;
    if (on && !gw_address_table_reserve(&finalizers->order.by_object, all)) return false;
    finalizers->order.whole_chains = on;
    return true;
}

/* ---- Gathering ------------------------------------------------------------------------------------- */

static void gather(struct gw_heap *heap)
{
    struct gw_finalizers *finalizers = &heap->finalizers;
    struct gw_finalizer_order *order = &finalizers->order;
    struct gw_registration registration = finalizers->old.at[order->cursor++];
    if (gw_finalizers_forget_closed(finalizers, &registration)) return;
    if (!gw_is_unmarked(heap, registration.object)) {
        finalizers->old.at[order->kept++] = registration;
        return;
    }
    if (order->whole_chains) gw_address_add(&order->by_object, registration.object, finalizers->dying.count);
    gw_registrations_add(&finalizers->dying, registration);
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

static void count_edge(const struct gw_finalizer_order *order, uintptr_t to, uint8_t *at)
{
    if (order->counting && to != order->from && (*at & COUNT_MOST) != COUNT_MOST) *at += COUNT_ONE;
}

/* Marked and in state 0: alive without any finalizer. */
static void reach_slot(void *context, uintptr_t *slot)
{
    struct gw_heap *heap = context;
    uintptr_t ref = *slot;
    if (!gw_is_reference(ref) || !gw_old_contains(&heap->old, ref)) return;
    uint8_t *at = state_of(heap, ref);
    if (*at == 0 && !gw_is_unmarked(heap, ref)) return;
    count_edge(&heap->finalizers.order, ref, at);
    if (*at & 1) return;
    if (!(*at & STATE)) gw_mark_kept(heap, ref);
    ++*at;
    reach(heap, ref);
}

static bool is_dead_old(void *heap, uintptr_t word)
{
    return gw_is_unmarked(heap, word);
}

/* The object at the queue's head, or the next span of one that is large. */
static void trace_head(struct gw_heap *heap, gw_field_visitor *visit)
{
    struct gw_finalizer_order *order = &heap->finalizers.order;
    uintptr_t ref = order->queue[order->head];
    const struct gw_type *type = gw_object_type(ref);
    order->from = ref;
    order->counting = state(heap, ref) == 1;
    if (!(*gw_header(ref) & GW_HEADER_CARDS)) {
        gw_each_strong_word(ref, type, visit, is_dead_old, heap);
        order->head++;
        return;
    }
    size_t bytes = gw_referring_bytes(type, gw_object_bytes(ref, type) - GW_HEADER_SIZE), end = order->scanned + SPAN_BYTES;
    gw_each_field_within(ref, type, ref + order->scanned, ref + (end < bytes ? end : bytes), visit, heap);
    order->scanned = end < bytes ? end : 0;
    if (end >= bytes) order->head++;
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
    for (int i = 0; i < AT_ONCE && order->head < order->count; i++) trace_head(heap, reach_slot);
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

/* ---- Whole chains ---------------------------------------------------------------------------------- */

/* An object that no dead object refers to any more, the eliminated ones apart, may follow them in the queue. Nothing of a cycle is
 * ever eliminated, nor what a cycle reaches: that waits for later collections (Kahn 1962). The count of an object that has been
 * eliminated is COUNT_MOST. */
static void eliminate(struct gw_heap *heap, uintptr_t ref, uint8_t *at)
{
    *at |= COUNT_MOST;
    reach(heap, ref);
}

static void uncount_slot(void *context, uintptr_t *slot)
{
    struct gw_heap *heap = context;
    uintptr_t ref = *slot;
    if (!gw_is_reference(ref) || !gw_old_contains(&heap->old, ref) || ref == heap->finalizers.order.from) return;
    uint8_t *at = state_of(heap, ref);
    if (!(*at & COUNT_MOST) || (*at & COUNT_MOST) == COUNT_MOST) return;
    *at -= COUNT_ONE;
    if (!(*at & COUNT_MOST)) eliminate(heap, ref, at);
}

/* First the candidates that nothing refers to, then what they have left without a reference. */
static bool eliminate_step(struct gw_heap *heap)
{
    struct gw_finalizer_order *order = &heap->finalizers.order;
    const struct gw_registrations *dying = &heap->finalizers.dying;
    for (int i = 0; i < AT_ONCE && order->cursor < dying->count; i++) {
        uintptr_t ref = dying->at[order->cursor++].object;
        uint8_t *at = state_of(heap, ref);
        if (*at == (CANDIDATE | 2)) eliminate(heap, ref, at);
    }
    if (order->cursor < dying->count) return false;
    for (int i = 0; i < AT_ONCE && order->head < order->count; i++) trace_head(heap, uncount_slot);
    return order->head == order->count;
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

/* Eliminated objects, in the order in which they were. What is delivered leaves `dying` as null. */
static bool follow_step(struct gw_heap *heap)
{
    struct gw_finalizers *finalizers = &heap->finalizers;
    struct gw_finalizer_order *order = &finalizers->order;
    for (int i = 0; i < AT_ONCE && order->cursor < order->count; i++) {
        uintptr_t ref = order->queue[order->cursor++];
        for (struct gw_address_entry *entry; (entry = gw_address_find(&order->by_object, ref));) {
            struct gw_registration *registration = &finalizers->dying.at[entry->number];
            gw_address_remove(&order->by_object, entry);
            if (!gw_finalizers_forget_closed(finalizers, registration)) deliver(*registration);
            registration->object = 0;
        }
    }
    if (order->cursor < order->count) return false;
    order->head = order->count = 0;
    return true;
}

/* The entry of a registration that is not delivered as part of a chain. */
static void forget_entry(struct gw_finalizer_order *order, uintptr_t object)
{
    struct gw_address_entry *entry = gw_address_find(&order->by_object, object);
    if (entry) gw_address_remove(&order->by_object, entry);
}

static bool deliver_step(struct gw_heap *heap)
{
    struct gw_finalizers *finalizers = &heap->finalizers;
    struct gw_finalizer_order *order = &finalizers->order;
    for (int i = 0; i < AT_ONCE && order->cursor < finalizers->dying.count; i++) {
        struct gw_registration registration = finalizers->dying.at[order->cursor++];
        if (!registration.object) continue;
        uint8_t at = *state_of(heap, registration.object);
        if (order->whole_chains) forget_entry(order, registration.object);
        if (gw_finalizers_forget_closed(finalizers, &registration)) continue;
        if ((at & (CANDIDATE | STATE)) == (CANDIDATE | 2)) deliver(registration);
        else gw_registrations_add(&finalizers->old, registration);
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
        if (trace_step(heap)) begin_stage(order, order->whole_chains ? GW_ORDER_ELIMINATE : GW_ORDER_DELIVER);
        return false;
    case GW_ORDER_SETTLE: settle_step(heap); return false;
    case GW_ORDER_ELIMINATE:
        if (eliminate_step(heap)) begin_stage(order, GW_ORDER_FOLLOW);
        return false;
    case GW_ORDER_FOLLOW:
        if (follow_step(heap)) begin_stage(order, GW_ORDER_DELIVER);
        return false;
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
