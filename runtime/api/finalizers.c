/* Finalizer queues as the program sees them. */
#include "base/report.h"
#include "control/run_finalizers.h"
#include "heap/world.h"
#include "life/finalizer_order.h"
#include "life/settle.h"

#include <stdlib.h>

gw_finalizer_queue *gw_finalizer_queue_new(gw_finalizer_notify *notify, void *data)
{
    struct gw_heap *heap GW_INSIDE = gw_heap_inside("gw_finalizer_queue_new");
    struct gw_finalizers *finalizers = &heap->finalizers;
    struct gw_finalizer_queue *queue = calloc(1, sizeof *queue);
    if (!queue) {
        gw_fail(GW_ERROR_MEMORY, "no native memory for a finalizer queue");
        return NULL;
    }
    *queue = (struct gw_finalizer_queue){.next = finalizers->queues, .notify = notify, .data = data};
    finalizers->queues = queue;
    return queue;
}

/* Whether it is a queue of the program's, of this heap, and not freed. There are few. */
static bool is_open(const struct gw_finalizers *finalizers, const struct gw_finalizer_queue *queue)
{
    const struct gw_finalizer_queue *known = finalizers->queues;
    while (known && known != queue) known = known->next;
    return known && !known->closed && known != &finalizers->standard;
}

/* The heap attached here, inside, which has the queue. */
static struct gw_heap *heap_of(const struct gw_finalizer_queue *queue, const char *function)
{
    struct gw_heap *heap = gw_heap_inside(function);
    gw_refuse_null(queue, function);
    if (!is_open(&heap->finalizers, queue))
        gw_fatal("%s: %p is no queue of the heap that is attached here: freed before, or another heap's", function, (const void *)queue);
    return heap;
}

void gw_finalizer_queue_free(gw_finalizer_queue *queue)
{
    if (!queue) return;
    struct gw_heap *heap GW_INSIDE = heap_of(queue, "gw_finalizer_queue_free");
    queue->closed = true;
    queue->notify = NULL;
    queue->head = queue->ready.count = queue->young_from = 0;
    queue->registered++; /* as if this were a registration: the last one takes the queue along */
    gw_finalizers_forget_closed(&heap->finalizers, &(struct gw_registration){.queue = queue});
}

/* Under a collection at every allocation nothing may be moved from here either; this never collects. */
static gw_status register_object(struct gw_heap *heap, struct gw_finalizer_queue *queue, uintptr_t object, gw_finalizer *function)
{
    struct gw_finalizers *finalizers = &heap->finalizers;
    if (!gw_is_reference(object) || !gw_heap_contains(heap, object))
        return gw_fail(GW_ERROR_ARGUMENT, "a finalizer for %p, which is no object of this thread's heap", (void *)object);
    if (!gw_finalizers_reserve(finalizers, queue) || !gw_finalizer_order_reserve(heap))
        return gw_fail(GW_ERROR_MEMORY, "no native memory to register a finalizer");
    struct gw_registration registration = {object, queue, function};
    queue->registered++;
    if (!gw_is_young(&heap->old, object)) {
        gw_registrations_add(&finalizers->old, registration);
        return GW_OK;
    }
    gw_registrations_add(&finalizers->young, registration);
    finalizers->young_bytes += gw_object_bytes(object, gw_object_type(object));
    if (gw_unlikely(gw_heap_wants_minor(heap))) gw_thread_set_limit(heap->mutator->thread, NULL); /* allocation looks at its slow path */
    return GW_OK;
}

gw_status gw_finalize_with(gw_finalizer_queue *queue, void *object)
{
    struct gw_heap *heap GW_INSIDE = gw_heap_inside("gw_finalize_with");
    if (!queue) return gw_fail(GW_ERROR_ARGUMENT, "gw_finalize_with: no queue");
    if (!is_open(&heap->finalizers, queue))
        return gw_fail(GW_ERROR_ARGUMENT, "gw_finalize_with: the queue is none of the heap's that is attached here, or was freed");
    return register_object(heap, queue, (uintptr_t)object, NULL);
}

gw_status gw_finalize(void *object, gw_finalizer *function)
{
    struct gw_heap *heap GW_INSIDE = gw_heap_inside("gw_finalize");
    if (!function) return gw_fail(GW_ERROR_ARGUMENT, "gw_finalize: no function");
    return register_object(heap, &heap->finalizers.standard, (uintptr_t)object, function);
}

/* A cycle that is at work on the order ends with what it began. */
gw_status gw_finalize_whole_chains(bool on)
{
    struct gw_heap *heap GW_INSIDE = gw_heap_inside("gw_finalize_whole_chains");
    while (heap->cycle.phase == GW_PHASE_WEAK && heap->cells.stage == GW_WEAK_ORDER) gw_settle_step(heap, 1);
    if (gw_finalizer_order_set_whole_chains(heap, on)) return GW_OK;
    return gw_fail(GW_ERROR_MEMORY, "no native memory to deliver chains of finalizable objects whole");
}

void *gw_finalizer_queue_next(gw_finalizer_queue *queue)
{
    struct gw_registration taken;
    struct gw_heap *heap GW_INSIDE = heap_of(queue, "gw_finalizer_queue_next");
    (void)heap;
    return gw_finalizer_queue_take(queue, &taken) ? (void *)taken.object : NULL;
}

size_t gw_finalizer_queue_length(const gw_finalizer_queue *queue)
{
    struct gw_heap *heap GW_INSIDE = heap_of(queue, "gw_finalizer_queue_length");
    (void)heap;
    return queue->ready.count - queue->head;
}

size_t gw_run_finalizers(size_t max, uint64_t budget_ns)
{
    struct gw_heap *heap GW_INSIDE = gw_heap_inside("gw_run_finalizers");
    return gw_finalizers_run(heap, max, budget_ns);
}

void gw_run_finalizers_at_allocation(bool on)
{
    struct gw_heap *heap GW_INSIDE = gw_heap_inside("gw_run_finalizers_at_allocation");
    heap->finalizers.at_allocation = heap->finalizers.look = on;
    gw_heap_set_limit(heap);
}
