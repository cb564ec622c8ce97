/* The end of marking: what has no root but lives, and what follows from it, until nothing is grey. */
#ifndef GW_LIFE_CLOSURE_H
#define GW_LIFE_CLOSURE_H

#include "heap/heap.h"

/* Marking begins. */
void gw_closure_begin(struct gw_heap *heap);

/* Marks what is ready in finalizer queues, pinned, or frozen and written to, the values of ephemerons, and what follows from them. True
 * when nothing grey is left. A unit costs about what marking a slot does. */
bool gw_closure_step(struct gw_heap *heap, size_t units);

#endif
