/* When finalizers run. */
#ifndef GW_CONTROL_RUN_FINALIZERS_H
#define GW_CONTROL_RUN_FINALIZERS_H

#include "heap/heap.h"

struct gw_entry;

/* Tells the owners of queues that something has become ready; at the end of a collection. */
void gw_finalizers_notify(struct gw_heap *heap);

/* Runs up to `max` finalizers of the default queue, and no further one once `budget_ns` are over; returns how many ran. */
size_t gw_finalizers_run(struct gw_heap *heap, size_t max, uint64_t budget_ns);

/* Runs them where the program opted in to have them run at allocation. */
void gw_finalizers_at_allocation(struct gw_heap *heap, const struct gw_entry *entry);

#endif
