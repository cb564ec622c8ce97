/* The major cycle: a state machine whose every phase has a cursor.
 *
 *     idle -> roots -> mark -> ephemerons -> remark -> weak -> sweep -> return -> idle
 *
 * A cycle begins with an empty nursery: collect.c runs a minor collection that promotes everything, so that the snapshot of the
 * roots is exact: what is unreachable then is freed by the cycle's end. From then on minor collections shade what they see
 * (mark.h). When nothing grey is left the cycle waits in `remark` for the next minor collection, which promotes everything, because weak
 * references are settled for old objects alone: if that one leaves nothing grey either, the marks are final, otherwise marking goes on.
 */
#ifndef GW_CONTROL_CYCLE_H
#define GW_CONTROL_CYCLE_H

#include "heap/heap.h"

struct gw_entry;

/* Starts a cycle. The cycle must be idle and the nursery empty. */
void gw_cycle_begin(struct gw_heap *heap);

/* Does up to `units` pieces of the current phase's work and moves on when it is finished. The roots phase is one piece; in
 * the remark phase there is nothing to do. */
void gw_cycle_step(struct gw_heap *heap, const struct gw_entry *entry, size_t units);

/* The same for the marker, while the program runs: a unit of what it may do, which is marking, sweeping and giving memory back. What phase
 * comes next is the program's to say. False: there is nothing. `slots`: of marking, as one unit. */
bool gw_cycle_step_beside(struct gw_heap *heap, size_t slots);

/* To be called after each minor collection. */
void gw_cycle_after_minor(struct gw_heap *heap);

#endif
