/* After marking, while the program runs: what the final marks mean for weak words, finalizers and identity hashes.
 *
 * Cells with dead keys are cleared, finalizers ordered, long weak references cleared, dead cells dropped. In that time a read of
 * a dead key that has not been cleared yet gives NULL. */
#ifndef GW_LIFE_SETTLE_H
#define GW_LIFE_SETTLE_H

#include "heap/heap.h"

/* Marking has ended. */
void gw_settle_begin(struct gw_heap *heap);

/* True when all is settled. */
bool gw_settle_step(struct gw_heap *heap, size_t units);

/* A word read from a weak cell of `kind`, for the program: a dead object is never handed out. */
uintptr_t gw_weak_read(struct gw_heap *heap, enum gw_cell_kind kind, uintptr_t word);

#endif
