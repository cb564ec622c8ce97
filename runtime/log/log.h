/* What the collector says on stderr: option log, a line for each collection, for eyes or as JSON; and option stats, a summary. */
#ifndef GW_LOG_LOG_H
#define GW_LOG_LOG_H

#include "heap/heap.h"

/* Called for a heap with `log` only. A minor collection has ended, that took so long and found so many bytes young; */
void gw_log_minor(struct gw_heap *heap, uint64_t ns, uint64_t young_before);

/* a cycle has ended. */
void gw_log_cycle(struct gw_heap *heap);

/* Of all that the heap has done. */
void gw_log_summary(const struct gw_heap *heap);

#endif
