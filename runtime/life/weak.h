/* Weak cells in collections: waiting for keys, clearing, and the lists. See heap/weak_cells.h.
 *
 * Major cycle: at the end of marking (life/closure.h) each cell is looked at once, then those that are woken, until nothing is
 * grey. Remark goes on with that, because it may find keys alive. Then the marks are final (life/settle.h).
 *
 * Minor collection: the same on the list of cells that have to do with young objects, in one go (life/after_moving.h).
 */
#ifndef GW_LIFE_WEAK_H
#define GW_LIFE_WEAK_H

#include "engine/evacuation.h"

/* Marks values whose keys live. False when there is nothing to look at. */
bool gw_weak_look_at_some(struct gw_heap *heap);

/* When marks are final: clears words that died; drops dead cells, and clears long references. True when all cells were looked at. */
bool gw_weak_clear_step(struct gw_heap *heap, size_t units);
bool gw_weak_end_step(struct gw_heap *heap, size_t units);

/* A minor collection, in this order. The cells of young objects wait for their keys; */
void gw_weak_begin_minor(const struct gw_evacuation *evacuation);

/* everything that follows from what has been moved is moved, through ephemerons too; */
void gw_weak_settle_minor(const struct gw_evacuation *evacuation);

/* dead words are cleared; */
void gw_weak_clear_minor(const struct gw_evacuation *evacuation);

/* and the lists hold what is left. */
void gw_weak_end_minor(const struct gw_evacuation *evacuation);

/* Sets the value of an ephemeron or entry. False when native memory is out. */
bool gw_cell_set_value(struct gw_heap *heap, struct gw_cell *cell, uintptr_t value);

/* Clears the words of a cell at the program's wish. */
void gw_cell_clear(struct gw_heap *heap, struct gw_cell *cell);

/* Fatal when a list or word contradicts the state of the heap. */
void gw_weak_check(const struct gw_heap *heap);

#endif
