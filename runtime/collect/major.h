/* The major cycle: a state machine whose every phase has a cursor.
 *
 *     idle -> roots -> mark -> ephemerons -> remark -> weak -> sweep -> return -> idle
 *
 * A cycle begins with an empty nursery, and so does remark, the atomic end of marking: collect.c runs a minor collection
 * that promotes everything before either, so that marking deals with old objects alone. Between them the program runs on:
 * what it writes to is recorded by the barrier and turned grey again by minor collections, what is promoted is grey.
 */
#ifndef GW_COLLECT_MAJOR_H
#define GW_COLLECT_MAJOR_H

#include "heap/heap.h"
#include "roots/stack_walk.h"

/* Starts a cycle. The cycle must be idle and the nursery empty. */
void gw_major_begin(struct gw_heap *heap);

/* Does up to `units` pieces of the current phase's work and moves on when it is finished. The roots and remark phases are
 * one piece each. True while the cycle is not idle. */
bool gw_major_step(struct gw_heap *heap, const struct gw_entry *entry, size_t units);

#endif
