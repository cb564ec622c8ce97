/* Marking: the tri-colour abstraction over side mark bits.
 *
 * White: mark bit clear. Grey: bit set, in the mark stack (or in a block flagged `retrace`). Black: bit set, traced.
 * References wait in a short queue while their mark word and header are prefetched; a white one found there turns grey.
 * Only old objects have colours: young ones are all looked at by the minor collection that ends marking.
 */
#ifndef GW_COLLECT_MARK_H
#define GW_COLLECT_MARK_H

#include "heap/heap.h"

void gw_mark_begin(struct gw_heap *heap);

/* A slot visitor (context: the heap): the old object it refers to will be marked. */
void gw_mark_slot(void *heap, uintptr_t *slot);

/* Does up to `units` pieces of work, each at most some microseconds long; true when nothing grey is left. */
bool gw_mark_step(struct gw_heap *heap, size_t units);

/* A recorded object was written to: if it is black, it is grey again. Does nothing outside marking. */
void gw_mark_again(struct gw_heap *heap, uintptr_t ref);

#endif
