/* Memory of registrations and queues. */
#include "heap/finalizable.h"

#include "os/linux/memory.h"

#include <stdlib.h>

#define FIRST_CAPACITY 64

static bool reserve(struct gw_registrations *list, size_t count)
{
    if (count <= list->capacity) return true;
    size_t capacity = list->capacity ? list->capacity * 2 : FIRST_CAPACITY;
    if (capacity < count) capacity = count;
    struct gw_registration *at = realloc(list->at, capacity * sizeof *at);
    if (!at) return false;
    list->at = at;
    list->capacity = capacity;
    return true;
}

bool gw_finalizers_reserve(struct gw_finalizers *finalizers, struct gw_finalizer_queue *queue)
{
    size_t young = finalizers->young.count + 1;
    size_t all = young + finalizers->old.count + finalizers->dying.count;
    if (finalizers->order.whole_chains && !gw_address_table_reserve(&finalizers->order.by_object, all)) return false;
    return reserve(&finalizers->young, young) && reserve(&finalizers->old, all) && reserve(&finalizers->dying, all) &&
           reserve(&queue->ready, queue->ready.count + queue->registered + 1);
}

void gw_finalizers_init(struct gw_finalizers *finalizers)
{
    finalizers->queues = &finalizers->standard;
}

static void destroy_queue(struct gw_finalizers *finalizers, struct gw_finalizer_queue *queue)
{
    struct gw_finalizer_queue **link = &finalizers->queues;
    while (*link != queue) link = &(*link)->next;
    *link = queue->next;
    if (finalizers->mark_queue == queue) {
        finalizers->mark_queue = queue->next;
        finalizers->mark_cursor = 0;
    }
    free(queue->ready.at);
    if (queue != &finalizers->standard) free(queue);
}

void gw_finalizers_destroy(struct gw_finalizers *finalizers)
{
    while (finalizers->queues) destroy_queue(finalizers, finalizers->queues);
    free(finalizers->young.at);
    free(finalizers->old.at);
    free(finalizers->dying.at);
    gw_address_table_destroy(&finalizers->order.by_object);
    gw_release(finalizers->order.states, finalizers->order.states_bytes);
    gw_release(finalizers->order.queue, finalizers->order.queue_bytes);
}

bool gw_finalizers_forget_closed(struct gw_finalizers *finalizers, const struct gw_registration *registration)
{
    struct gw_finalizer_queue *queue = registration->queue;
    if (gw_likely(!queue->closed)) return false;
    if (--queue->registered == 0) destroy_queue(finalizers, queue);
    return true;
}

bool gw_finalizer_queue_take(struct gw_finalizer_queue *queue, struct gw_registration *taken)
{
    if (queue->head == queue->ready.count) return false;
    *taken = queue->ready.at[queue->head++];
    if (queue->young_from < queue->head) queue->young_from = queue->head;
    if (queue->head == queue->ready.count) queue->head = queue->ready.count = queue->young_from = 0;
    return true;
}

/* Entries before `young_from` refer to old objects, which never move. */
void gw_finalizers_visit_young(const struct gw_finalizers *finalizers, gw_field_visitor *visit, void *context)
{
    for (struct gw_finalizer_queue *queue = finalizers->queues; queue; queue = queue->next)
        for (size_t i = queue->young_from; i < queue->ready.count; i++) visit(context, &queue->ready.at[i].object);
}
