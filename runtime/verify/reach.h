/* Everything reachable, found by a search of its own that changes nothing: for looking in, not for collecting.
 *
 * Entries of the table are in the order of a breadth-first search; the number of each is that of the entry it was reached from,
 * counted from 1, or 0 for what a root refers to. Static objects are not listed. Ephemerons lead to their values. */
#ifndef GW_VERIFY_REACH_H
#define GW_VERIFY_REACH_H

#include "heap/heap.h"

struct gw_entry;

/* Fills the empty `table`, until `wanted` has been reached if it is not 0. False when native memory is out. */
bool gw_reach(struct gw_heap *heap, const struct gw_entry *entry, uintptr_t wanted, struct gw_address_table *table);

/* Visits what is held without being a slot of gw_visit_roots: pinned objects, and those that wait in finalizer queues. */
void gw_visit_held(struct gw_heap *heap, gw_field_visitor *visit, void *context);
void gw_visit_pinned(struct gw_heap *heap, gw_field_visitor *visit, void *context);
void gw_visit_ready(struct gw_heap *heap, gw_field_visitor *visit, void *context);

/* Visits what `ref` refers to: its fields, and the value of an ephemeron. */
void gw_each_referent(uintptr_t ref, gw_field_visitor *visit, void *context);

/* Calls `visit` for every object that is not known to be dead. */
void gw_each_object(const struct gw_heap *heap, gw_object_visitor *visit, void *context);

/* Whether the word at `place`, in an object of the heap, is one that the collector follows, by what the object's type says. Goes through
 * all objects, of a heap that no other thread is attached to. */
bool gw_is_followed(const struct gw_heap *heap, uintptr_t place);

#endif
