/* The major cycle: a state machine whose every phase has a cursor.
 *
 *     idle -> roots -> mark -> sweep -> return -> idle
 *
 * A cycle begins and marking ends with an empty nursery: the caller runs a minor collection that promotes everything,
 * so that marking deals with old objects alone.
 */
#ifndef GW_COLLECT_MAJOR_H
#define GW_COLLECT_MAJOR_H

#include "heap/heap.h"
#include "roots/stack_walk.h"

/* Starts a cycle. The cycle must be idle and the nursery empty. */
void gw_major_begin(struct gw_heap *heap);

/* Does up to `units` pieces of the current phase's work and moves on when it is finished. The roots phase is one piece.
 * True while the cycle is not idle. */
bool gw_major_step(struct gw_heap *heap, const struct gw_entry *entry, size_t units);

#endif
