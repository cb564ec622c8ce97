/* The order in which dead old objects are finalized, found in steps after marking.
 *
 * Registered objects that are unmarked are gathered; they and all they reach are dead, so the program cannot change them, and
 * the order can be looked for while it runs. States and rules are those of the minor collection (finalizers.c), kept in a
 * byte for each granule beside the heap: 0 not reached, 1 reached from the candidate at work, 2 from one candidate, 3 from several.
 * What is reached is marked: it lives on for its finalizers. Every object is traced twice at most, large arrays by spans.
 */
#ifndef GW_LIFE_FINALIZER_ORDER_H
#define GW_LIFE_FINALIZER_ORDER_H

#include "heap/heap.h"

/* Address space for states and queue, at the first registration; false when the operating system refuses it. */
bool gw_finalizer_order_reserve(struct gw_heap *heap);

void gw_finalizer_order_begin(struct gw_heap *heap);

/* Whether what a dead object reaches may be delivered behind it by the same cycle. No cycle may be looking for an order. */
bool gw_finalizer_order_set_whole_chains(struct gw_heap *heap, bool on);

/* True when everything that may be delivered has been. A unit takes some microseconds. */
bool gw_finalizer_order_step(struct gw_heap *heap, size_t units);

#endif
