/* Copying by two threads: the one that has stopped the others, and the heap's marker (option helpers=1), which has nothing to do meanwhile.
 *
 * Each copies to where the other does not: to holes in blocks of its own (gw_holes), and to a piece of the survivor space at a time. Who
 * copies an object first says so in its header, by compare and exchange; the other takes its own copy back. What was moved and waits to be
 * scanned lies on a stack for each; the lower half of it, the oldest and so the roots of the largest parts, is handed over when the other
 * has nothing to do. As in Flood, Detlefs, Shavit and Zhang, "Parallel garbage collection for shared memory multiprocessors" (2001), with
 * one place to hand things over instead of stealing.
 *
 * Objects that need more than that are left for a time when the other rests: those with cards or trace functions, and those with a referent
 * that lies in no cell, or is large and stays young. Nothing of this is done while a cycle marks, when what is copied is coloured besides.
 *
 * The marker need not come: it may be late, or wait elsewhere. Then this thread does it all.
 */
#ifndef GW_ENGINE_PARALLEL_COPY_H
#define GW_ENGINE_PARALLEL_COPY_H

#include "engine/moving.h"

/* A minor collection begins: calls the marker, if it can be of use. What is moved until gw_parallel_drain this thread moves alone.
 * `surely`: waits for it a little, so that it takes part in a small collection. */
void gw_parallel_begin(struct gw_minor *minor, bool surely);

/* Moves all that is reachable from what was moved so far, where gw_parallel_begin has called somebody: nothing is left to be scanned then.
 * `scan` is what this thread scans an object with when it is alone. */
void gw_parallel_drain(struct gw_minor *minor, void (*scan)(struct gw_minor *minor, uintptr_t ref));

/* The marker's thread has been called: it copies until there is nothing left, and returns at once when it is late. */
void gw_parallel_join(struct gw_heap *heap);

#endif
