/* Registrations of objects with finalizer queues, and what is ready in the queues.
 *
 * A registration is weak until its object dies; then the object is kept for delivery. `young` lists the registrations of young
 * objects, `old` the others, `dying` those of dead old objects while their order is looked for. Memory for the way from
 * one list to the next, and into the queue, is reserved when the program registers: collections cannot run short of it.
 */
#ifndef GW_HEAP_FINALIZABLE_H
#define GW_HEAP_FINALIZABLE_H

#include "base/address_table.h"
#include "spaces/object.h"
#include <greywave/greywave.h>

struct gw_registration {
    uintptr_t object;
    struct gw_finalizer_queue *queue;
    gw_finalizer *function; /* default queue only */
};

struct gw_registrations {
    struct gw_registration *at;
    size_t count, capacity;
};

struct gw_finalizer_queue {
    struct gw_finalizer_queue *next; /* of the heap's queues */
    struct gw_registrations ready;   /* strong; delivered from `head` on */
    size_t head;
    size_t young_from; /* entries before it refer to old objects */
    size_t registered; /* objects that may still come */
    gw_finalizer_notify *notify;
    void *data;
    bool news;   /* became ready since `notify` was called */
    bool closed; /* by gw_finalizer_queue_free; goes when nothing is registered any more */
};

/* Looks for the order of dead old objects, in steps. See life/finalizer_order.h. */
struct gw_finalizer_order {
    enum gw_order_stage {
        GW_ORDER_GATHER,
        GW_ORDER_TRACE,
        GW_ORDER_SETTLE,
        GW_ORDER_ELIMINATE,
        GW_ORDER_FOLLOW,
        GW_ORDER_DELIVER,
        GW_ORDER_FORGET
    } stage;
    uint8_t *states;  /* one for each granule of the heap; all zero outside the order stage */
    uintptr_t *queue; /* objects reached from one candidate */
    size_t states_bytes, queue_bytes;
    size_t head, count;
    size_t scanned;                    /* bytes of the large object at `head` that were looked at */
    uintptr_t from;                    /* object being traced */
    bool counting;                     /* for the first time: what it refers to is counted */
    bool whole_chains;                 /* gw_finalize_whole_chains */
    struct gw_address_table by_object; /* for whole chains: where in `dying` an object's registrations stand */
    size_t cursor, kept;
};

struct gw_finalizers {
    struct gw_registrations young, old, dying;
    struct gw_finalizer_queue *queues; /* the default queue is the last */
    struct gw_finalizer_queue standard;
    struct gw_finalizer_order order;
    size_t young_bytes;                    /* of young registered objects, since the last minor collection */
    struct gw_finalizer_queue *mark_queue; /* being marked by the cycle, from entry `mark_cursor` on */
    size_t mark_cursor;
    bool at_allocation; /* finalizers of the default queue run at allocation */
    bool look;          /* a collection has ended since allocation last looked for what is ready */
};

void gw_finalizers_init(struct gw_finalizers *finalizers);
void gw_finalizers_destroy(struct gw_finalizers *finalizers);

/* Room for one registration more wherever it may go; false when native memory is out. */
bool gw_finalizers_reserve(struct gw_finalizers *finalizers, struct gw_finalizer_queue *queue);

/* Whether the next allocation should run finalizers, or at least see whether it may. */
GW_ALWAYS_INLINE bool gw_finalizers_want_allocation(const struct gw_finalizers *finalizers)
{
    return finalizers->at_allocation && finalizers->look && finalizers->standard.head != finalizers->standard.ready.count;
}

GW_ALWAYS_INLINE void gw_registrations_add(struct gw_registrations *list, struct gw_registration registration)
{
    list->at[list->count++] = registration;
}

/* The registration's object is dead and may be delivered now. */
GW_ALWAYS_INLINE void gw_finalizers_deliver(struct gw_registration registration)
{
    struct gw_finalizer_queue *queue = registration.queue;
    queue->registered--;
    queue->news = true;
    gw_registrations_add(&queue->ready, registration);
}

/* Takes the next entry off the queue; false when there is none. */
bool gw_finalizer_queue_take(struct gw_finalizer_queue *queue, struct gw_registration *taken);

/* Young objects that are ready: roots of every collection. */
void gw_finalizers_visit_young(const struct gw_finalizers *finalizers, gw_field_visitor *visit, void *context);

/* A registration of a queue that was freed: forgotten, and the queue with the last of them. True when it was. */
bool gw_finalizers_forget_closed(struct gw_finalizers *finalizers, const struct gw_registration *registration);

#endif
