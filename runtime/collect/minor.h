/* The minor collection: empties the nursery. */
#ifndef GW_COLLECT_MINOR_H
#define GW_COLLECT_MINOR_H

#include "heap/heap.h"
#include "roots/stack_walk.h"

enum gw_survivors { GW_SURVIVORS_AGE, GW_SURVIVORS_PROMOTE };

/* Moves every young object reachable from roots and recorded writes: to the old generation, or to the other survivor space
 * while it is younger than the heap's age limit and `survivors` allows. Afterwards no old object is recorded unless it
 * still refers to a young one, and everything recorded that was marked is grey again. */
void gw_minor_collect(struct gw_heap *heap, const struct gw_entry *entry, enum gw_survivors survivors);

#endif
