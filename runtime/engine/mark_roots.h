/* A cycle's roots, in pieces.
 *
 * Frames of the running stack and what else the program may change unseen are looked at in one piece when the cycle begins. Handles,
 * variables, registered ranges and static objects may be a million, so each kind has a cursor. Whatever the cursor has not reached yet is
 * marked when it comes there; whatever is set behind it, or moved from in front of it to behind, counts as changed, and the next minor
 * collection reads and shades it, as the last one of the cycle does: marking does not end before it (decision 0015).
 */
#ifndef GW_ENGINE_MARK_ROOTS_H
#define GW_ENGINE_MARK_ROOTS_H

#include "heap/heap.h"

struct gw_entry;

/* Marks what the running stack refers to; all other roots are to be looked at. */
void gw_mark_roots_begin(struct gw_heap *heap, const struct gw_entry *entry);

/* Marks what about `words` of the others refer to; true when none is left. */
bool gw_mark_roots_step(struct gw_heap *heap, size_t words);

/* Static objects were taken out of their list: it is to be read from its beginning. */
void gw_mark_roots_again(struct gw_heap *heap);

#endif
