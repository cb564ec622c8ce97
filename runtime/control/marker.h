/* The marker: a thread of the runtime's own that marks old objects, and sweeps, while the program runs (option helpers=1), and copies while
 * minor collections do (engine/parallel_copy.h).
 *
 * It runs no program code, stops nobody, and looks at old objects alone. Roots, young objects and the changes from one phase to the next
 * stay with the program's threads, in the slices and minor collections that they have anyway; what the marker has done counts as done by
 * them, so that while it keeps up their slices find nothing owed.
 *
 * What makes that sound is what makes slices sound (engine/mark.h): a reference that is stored into an object that was traced is recorded
 * by the barrier, one that is taken out is seen by the minor collection that ends marking. That holds at whatever moment the slot is read.
 * Everything else that the two have in common is changed by who holds `at_work` (heap/world.h): the marker while it works, or the
 * program's thread that is inside the runtime. The barrier, checks and handles go beside it: they write flags into headers, of which the
 * marker reads others, and lists and tables that the marker knows nothing of.
 *
 * After Dijkstra, Lamport, Martin, Scholten and Steffens, "On-the-fly garbage collection" (1978), with the shading left to a later rescan
 * as in Boehm, Demers and Shenker, "Mostly parallel garbage collection" (1991).
 */
#ifndef GW_CONTROL_MARKER_H
#define GW_CONTROL_MARKER_H

#include "heap/heap.h"

/* For a heap that nothing is attached to: starts the thread, if the options ask for it; where the system has no thread to give the program
 * does it all. */
void gw_marker_start(struct gw_heap *heap);

/* It has gone when this returns. */
void gw_marker_end(struct gw_heap *heap);

/* From inside: it may find something to do when this thread has gone out. */
void gw_marker_offer(struct gw_heap *heap);

/* Whether there is one, and it has nothing to do: what keeps a cycle from going on is the program's to do. */
GW_ALWAYS_INLINE bool gw_marker_waits(const struct gw_heap *heap)
{
    bool works = __atomic_load_n(&heap->marker.work, __ATOMIC_RELAXED) & GW_MARKER_MARKS;
    return heap->marker.exists && !works && !heap->marker.offered;
}

#endif
