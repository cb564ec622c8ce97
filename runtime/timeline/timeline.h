/* The collector's work as a timeline for Perfetto: a span for each time that the program waits, what was done in it inside that, and
 * counters at its end. The same facts that hooks are told. */
#ifndef GW_TIMELINE_TIMELINE_H
#define GW_TIMELINE_TIMELINE_H

#include "heap/heap.h"

/* Begins one for the heap, which has none, and is attached here. `add`: to what the file holds; otherwise that is replaced.
 * GW_ERROR_ARGUMENT: the file cannot be made; GW_ERROR_MEMORY. */
gw_status gw_timeline_open(struct gw_heap *heap, const char *path, bool add);

/* By option trace=FILE, which several heaps may share; what goes wrong is said on stderr. */
void gw_timeline_open_by_option(struct gw_heap *heap);

/* Ends it, if there is one. GW_ERROR_ARGUMENT: not all could be written. */
gw_status gw_timeline_close(struct gw_heap *heap);

/* Hands to the system all that was done, if there is one: outside stops. */
void gw_timeline_flush(struct gw_heap *heap);

/* These are called for a heap with a timeline only. Times are of CLOCK_MONOTONIC, in ns, and names constants. */

/* The program waits from `start` on, if gw_timeline_end_stop follows: otherwise nothing was done. Less than GW_ONE_STOP_NS after the last
 * stop it is the same one. */
void gw_timeline_begin_stop(struct gw_heap *heap, uint64_t start, const char *name);
void gw_timeline_end_stop(struct gw_heap *heap, uint64_t end);

/* Spans in it. */
void gw_timeline_begin_minor(struct gw_heap *heap, uint64_t start);
void gw_timeline_end_minor(struct gw_heap *heap, uint64_t end, uint64_t allocated, uint64_t promoted);
void gw_timeline_begin_phase(struct gw_heap *heap, uint64_t start);
void gw_timeline_end_phase(struct gw_heap *heap, uint64_t end);

#endif
