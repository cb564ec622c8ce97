/* Queues in collections: marking, and the minor collection's order. */
#include "life/finalizers.h"

#include "base/report.h"
#include "engine/mark.h"

/* ---- What is ready --------------------------------------------------------------------------------- */

static void find_first_young(const struct gw_heap *heap, struct gw_finalizer_queue *queue)
{
    while (queue->young_from < queue->ready.count && !gw_is_young(&heap->old, queue->ready.at[queue->young_from].object))
        queue->young_from++;
}

void gw_finalizers_begin_marking(struct gw_heap *heap)
{
    heap->finalizers.mark_queue = heap->finalizers.queues;
    heap->finalizers.mark_cursor = 0;
}

bool gw_finalizers_mark_some(struct gw_heap *heap)
{
    struct gw_finalizers *finalizers = &heap->finalizers;
    struct gw_finalizer_queue *queue = finalizers->mark_queue;
    if (!queue) return false;
    if (finalizers->mark_cursor < queue->head) finalizers->mark_cursor = queue->head;
    for (int i = 0; i < 16 && finalizers->mark_cursor < queue->ready.count; i++)
        gw_mark_slot(heap, &queue->ready.at[finalizers->mark_cursor++].object);
    if (finalizers->mark_cursor < queue->ready.count) return true;
    finalizers->mark_queue = queue->next;
    finalizers->mark_cursor = 0;
    return true;
}

/* ---- Order among the dead of a minor collection ---------------------------------------------------- */

/* The order is found before anything dead is moved, on the objects where they lie. The header of each tells how far it has
 * got, in bits that no header of a live object has:
 *
 *     0 not reached; 1 reached from the candidate at work; 2 from one candidate; 3 from several
 *
 * An object is a candidate if it is still in state 0 when its turn comes. A candidate that ends in state 2 is reached from no
 * other, and is delivered; of a cycle whichever came first. Each object is traced twice at most. (After Rigo, PyPy's
 * finalizer order.) */
#define STATE_SHIFT GW_HEADER_ORDER_SHIFT
#define STATE_MASK (UINT64_C(3) << STATE_SHIFT)
#define CANDIDATE (UINT64_C(4) << STATE_SHIFT)

static unsigned state_of(uintptr_t ref)
{
    return (*gw_header(ref) & STATE_MASK) >> STATE_SHIFT;
}

static void set_state(uintptr_t ref, uint64_t state)
{
    *gw_header(ref) = (*gw_header(ref) & ~STATE_MASK) | state << STATE_SHIFT;
}

/* The stack of the minor collection is empty now, and has room for every young object. */
static void reach(const struct gw_evacuation *evacuation, uintptr_t ref)
{
    struct gw_heap *heap = evacuation->heap;
    heap->promotion.stack[heap->promotion.depth++] = ref;
}

static bool is_dead_young(void *context, uintptr_t word)
{
    return gw_is_left_behind(context, word);
}

static void reach_slot(void *context, uintptr_t *slot)
{
    const struct gw_evacuation *evacuation = context;
    if (!gw_is_left_behind(evacuation, *slot)) return;
    unsigned state = state_of(*slot);
    if (state & 1) return;
    set_state(*slot, state + 1);
    reach(evacuation, *slot);
}

static void order_candidate(const struct gw_evacuation *evacuation, uintptr_t candidate)
{
    struct gw_heap *heap = evacuation->heap;
    set_state(candidate, 1);
    *gw_header(candidate) |= CANDIDATE;
    reach(evacuation, candidate);
    for (size_t i = 0; i < heap->promotion.depth; i++)
        gw_each_strong_word(heap->promotion.stack[i], gw_object_type(heap->promotion.stack[i]), reach_slot, is_dead_young,
                            (void *)evacuation);
    while (heap->promotion.depth) {
        uintptr_t ref = heap->promotion.stack[--heap->promotion.depth];
        if (state_of(ref) == 1) set_state(ref, 2);
    }
}

static void forget_slot(void *context, uintptr_t *slot)
{
    const struct gw_evacuation *evacuation = context;
    if (!gw_is_left_behind(evacuation, *slot) || !state_of(*slot)) return;
    *gw_header(*slot) &= ~(STATE_MASK | CANDIDATE);
    reach(evacuation, *slot);
}

static void forget_states(const struct gw_evacuation *evacuation, uintptr_t *object)
{
    struct gw_heap *heap = evacuation->heap;
    forget_slot((void *)evacuation, object);
    while (heap->promotion.depth) {
        uintptr_t ref = heap->promotion.stack[--heap->promotion.depth];
        gw_each_strong_word(ref, gw_object_type(ref), forget_slot, is_dead_young, (void *)evacuation);
    }
}

/* ---- Minor collection ------------------------------------------------------------------------------ */

/* The dead are gathered behind those that a major cycle may be at work on. */
static void gather_dead(const struct gw_evacuation *evacuation)
{
    struct gw_finalizers *finalizers = &evacuation->heap->finalizers;
    size_t kept = 0;
    for (size_t i = 0; i < finalizers->young.count; i++) {
        struct gw_registration *registration = &finalizers->young.at[i];
        if (gw_finalizers_forget_closed(finalizers, registration)) continue;
        if (gw_is_left_behind(evacuation, registration->object)) {
            gw_registrations_add(&finalizers->dying, *registration);
            continue;
        }
        registration->object = gw_moved_to(evacuation, registration->object);
        if (gw_is_young(&evacuation->heap->old, registration->object)) finalizers->young.at[kept++] = *registration;
        else gw_registrations_add(&finalizers->old, *registration);
    }
    finalizers->young.count = kept;
}

static void keep_registered(const struct gw_evacuation *evacuation, const struct gw_registration *registration)
{
    struct gw_finalizers *finalizers = &evacuation->heap->finalizers;
    bool young = gw_is_young(&evacuation->heap->old, registration->object);
    gw_registrations_add(young ? &finalizers->young : &finalizers->old, *registration);
}

struct edge_search {
    const struct gw_evacuation *evacuation;
    bool found;
};

static void note_dead_slot(void *context, uintptr_t *slot)
{
    struct edge_search *search = context;
    search->found |= gw_is_left_behind(search->evacuation, *slot);
}

static bool edge_to_dead_key(void *context, uintptr_t word)
{
    return gw_is_left_behind(((struct edge_search *)context)->evacuation, word);
}

static bool refers_to_dead(const struct gw_evacuation *evacuation, uintptr_t ref)
{
    struct edge_search search = {evacuation, false};
    gw_each_strong_word(ref, gw_object_type(ref), note_dead_slot, edge_to_dead_key, &search);
    return search.found;
}

/* Lone objects, the usual case, are all first: a look at their fields is cheaper than finding that out. */
static bool none_refers_to_dead(const struct gw_evacuation *evacuation, const struct gw_registration *dead, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (refers_to_dead(evacuation, dead[i].object)) return false;
    return true;
}

static void find_order(const struct gw_evacuation *evacuation, struct gw_registration *dead, size_t count)
{
    if (none_refers_to_dead(evacuation, dead, count)) {
        for (size_t i = 0; i < count; i++) dead[i].object |= 1;
        return;
    }
    for (size_t i = 0; i < count; i++)
        if (state_of(dead[i].object) == 0) order_candidate(evacuation, dead[i].object);
    for (size_t i = 0; i < count; i++) {
        uint64_t header = *gw_header(dead[i].object);
        bool first = (header & CANDIDATE) && state_of(dead[i].object) == 2;
        dead[i].object |= first;
    }
    for (size_t i = 0; i < count; i++) {
        uintptr_t object = dead[i].object & ~(uintptr_t)1;
        forget_states(evacuation, &object);
    }
}

void gw_finalizers_deliver_young(const struct gw_evacuation *evacuation)
{
    struct gw_finalizers *finalizers = &evacuation->heap->finalizers;
    size_t before = finalizers->dying.count;
    finalizers->young_bytes = 0;
    gather_dead(evacuation);
    struct gw_registration *dead = &finalizers->dying.at[before];
    size_t count = finalizers->dying.count - before;
    find_order(evacuation, dead, count);
    for (size_t i = 0; i < count; i++) {
        bool first = dead[i].object & 1;
        dead[i].object &= ~(uintptr_t)1;
        evacuation->evacuate(evacuation->minor, &dead[i].object);
        if (first) gw_finalizers_deliver(dead[i]);
        else keep_registered(evacuation, &dead[i]);
    }
    finalizers->dying.count = before;
}

void gw_finalizers_end_minor(struct gw_heap *heap)
{
    for (struct gw_finalizer_queue *queue = heap->finalizers.queues; queue; queue = queue->next) find_first_young(heap, queue);
}

/* ---- Checking -------------------------------------------------------------------------------------- */

static void check_registration(const struct gw_heap *heap, const struct gw_registration *registration, const char *list, bool young)
{
    uintptr_t ref = registration->object;
    bool is_young = gw_is_young(&heap->old, ref);
    if (!is_young && !gw_old_is_object(&heap->old, ref)) gw_fatal("finalizers, %s: %p is no object", list, (void *)ref);
    if (is_young != young) gw_fatal("finalizers: %p stands in the wrong list, %s", (void *)ref, list);
}

static void check_ready(const struct gw_heap *heap, const struct gw_finalizer_queue *queue)
{
    if (queue->head > queue->ready.count || queue->young_from < queue->head || queue->young_from > queue->ready.count)
        gw_fatal("a finalizer queue of %zu is at %zu, its young part at %zu", queue->ready.count, queue->head, queue->young_from);
    for (size_t i = queue->head; i < queue->ready.count; i++) {
        uintptr_t ref = queue->ready.at[i].object;
        bool young = gw_is_young(&heap->old, ref);
        if (young ? i < queue->young_from : !gw_old_is_object(&heap->old, ref))
            gw_fatal("a finalizer queue holds %p, which is no object it may hold there", (void *)ref);
    }
}

void gw_finalizers_check(const struct gw_heap *heap)
{
    const struct gw_finalizers *finalizers = &heap->finalizers;
    const struct gw_finalizer_order *order = &finalizers->order;
    bool gathering = heap->cycle.phase == GW_PHASE_WEAK && heap->cells.stage == GW_WEAK_ORDER && order->stage == GW_ORDER_GATHER;
    for (size_t i = 0; i < finalizers->young.count; i++) check_registration(heap, &finalizers->young.at[i], "young", true);
    for (size_t i = 0; i < finalizers->old.count; i++)
        if (!gathering || i < order->kept || i >= order->cursor) check_registration(heap, &finalizers->old.at[i], "old", false);
    for (const struct gw_finalizer_queue *queue = finalizers->queues; queue; queue = queue->next) check_ready(heap, queue);
}
