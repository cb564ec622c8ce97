/* Weak cells in collections: waiting for keys, clearing, and the lists. See heap/weak_cells.h.
 *
 * Major cycle: at the end of marking gw_ephemerons_step looks at each cell once, then at those that are woken, until nothing is
 * grey. Remark goes on with that, because it may find keys alive. Then the marks are final and gw_weak_step works, while the
 * program runs: cells with dead keys are cleared, finalizers ordered, long weak references cleared, dead cells dropped. In
 * that time a read of a dead key that has not been cleared yet gives NULL.
 *
 * Minor collection: the same on the list of cells that have to do with young objects, in one go.
 */
#ifndef GW_COLLECT_WEAK_H
#define GW_COLLECT_WEAK_H

#include "collect/evacuation.h"
#include "roots/stack_walk.h"

/* Marking begins. */
void gw_ephemerons_begin(struct gw_heap *heap);

/* Marks what is ready in finalizer queues and the values of ephemerons, and what follows from them. True when nothing grey
 * is left. A unit costs about what marking a slot does. */
bool gw_ephemerons_step(struct gw_heap *heap, size_t units);

/* Marking has ended. */
void gw_weak_begin(struct gw_heap *heap);
bool gw_weak_step(struct gw_heap *heap, size_t units);

/* After a minor collection has moved what is reachable from roots and recorded writes: all that follows for weak cells,
 * finalizers and identity hashes. */
void gw_weak_finish_minor(const struct gw_evacuation *evacuation);

/* Moves everything that follows from what has been moved, through ephemerons too. */
void gw_weak_settle_minor(const struct gw_evacuation *evacuation);

/* Whether an old object was not reached although the marks are final. */
GW_ALWAYS_INLINE bool gw_is_unmarked(const struct gw_heap *heap, uintptr_t word)
{
    return gw_is_reference(word) && gw_old_contains(&heap->old, word) &&
           !gw_bit_get(heap->old.marks, gw_granule(&heap->old, word));
}

/* A word read from a weak cell of `kind`, for the program: a dead object is never handed out. */
uintptr_t gw_weak_read(struct gw_heap *heap, enum gw_cell_kind kind, uintptr_t word);

/* A new young cell that holds the heap's arguments KEY and VALUE; 0 when out of memory. May collect. */
uintptr_t gw_cell_new(struct gw_heap *heap, enum gw_cell_kind kind, const struct gw_entry *entry);

/* Sets the value of an ephemeron or entry. False when native memory is out. */
bool gw_cell_set_value(struct gw_heap *heap, struct gw_cell *cell, uintptr_t value);

/* Clears the words of a cell at the program's wish. */
void gw_cell_clear(struct gw_heap *heap, struct gw_cell *cell);

/* Fatal when a list or word contradicts the state of the heap. */
void gw_weak_check(const struct gw_heap *heap);

#endif
