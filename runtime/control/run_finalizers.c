/* Finalizers of the default queue, and telling the owners of the others. */
#include "control/run_finalizers.h"

#include "base/report.h"
#include "heap/callbacks.h"
#include "os/linux/clock.h"

static struct gw_finalizer_queue *queue_with_news(const struct gw_finalizers *finalizers)
{
    struct gw_finalizer_queue *queue = finalizers->queues;
    while (queue && !queue->news) queue = queue->next;
    return queue;
}

/* From the front each time: the function may make queues and free them, its own too. */
void gw_finalizers_notify(struct gw_heap *heap)
{
    struct gw_finalizer_queue *queue;
    heap->finalizers.look = true;
    while ((queue = queue_with_news(&heap->finalizers))) {
        queue->news = false;
        if (queue->notify) GW_MUST_RETURN("a notify function", queue->notify(queue->data));
    }
}

/* Other threads may come in meanwhile. */
static void run_finalizer(struct gw_heap *heap, const struct gw_registration *taken)
{
    unsigned depth = gw_world_step_out(heap);
    taken->function((void *)taken->object);
    if (gw_current_thread.heap != heap) gw_fatal("a finalizer has detached the heap that it was called for");
    gw_world_step_in(heap, depth);
}

/* The entry is off the queue before its finalizer is called, which need not return. */
size_t gw_finalizers_run(struct gw_heap *heap, size_t max, uint64_t budget_ns)
{
    uint64_t start = budget_ns == UINT64_MAX ? 0 : gw_now_ns();
    struct gw_registration taken;
    size_t ran = 0;
    while (ran < max && gw_finalizer_queue_take(&heap->finalizers.standard, &taken)) {
        ran++;
        run_finalizer(heap, &taken);
        if (budget_ns != UINT64_MAX && gw_now_ns() - start >= budget_ns) break;
    }
    return ran;
}

/* Only what is ready now: a finalizer may make others so, again and again. */
static void run_ready(void *context)
{
    struct gw_heap *heap = context;
    const struct gw_finalizer_queue *standard = &heap->finalizers.standard;
    gw_finalizers_run(heap, standard->ready.count - standard->head, UINT64_MAX);
}

/* One at a time: a finalizer that allocates does not start others. What became ready meanwhile waits for the next collection, so that
 * finalizers which register again do not keep the program from going on. */
void gw_finalizers_at_allocation(struct gw_heap *heap, const struct gw_entry *entry)
{
    struct gw_finalizers *finalizers = &heap->finalizers;
    if (gw_likely(!gw_finalizers_want_allocation(finalizers))) return;
    uintptr_t *running = &heap->mutator->finalizer;
    if (!*running || !gw_call_is_running_from(*running, entry)) {
        gw_call_marked(running, run_ready, heap);
        *running = 0;
    }
    finalizers->look = false;
    gw_heap_set_limit(heap);
}
