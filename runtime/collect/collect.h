/* When to collect: the one place that starts collections, times them and verifies around them. */
#ifndef GW_COLLECT_COLLECT_H
#define GW_COLLECT_COLLECT_H

#include "heap/heap.h"
#include "roots/stack_walk.h"

/* A minor collection, and a major cycle when the old generation has grown beyond its goal or the nursery could not be
 * reopened whole. */
void gw_collect_young(struct gw_heap *heap, const struct gw_entry *entry);

/* A minor collection, nothing else. */
void gw_collect_minor(struct gw_heap *heap, const struct gw_entry *entry);

/* Finishes the cycle under way, if any, then runs a whole one: afterwards only what is reachable now is left. */
void gw_collect_full(struct gw_heap *heap, const struct gw_entry *entry);

/* Finishes the cycle under way, or runs a whole one when there is none. */
void gw_collect_cycle(struct gw_heap *heap, const struct gw_entry *entry);

/* What the entry stubs call. */
void gw_collect_from(gw_collection kind, const struct gw_entry *entry);
struct gw_step *gw_collect_step_from(struct gw_step *step, uint64_t budget_ns, const struct gw_entry *entry);
void gw_poll_from(const struct gw_entry *entry);

#endif
