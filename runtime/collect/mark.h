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

GW_ALWAYS_INLINE bool gw_is_marking(const struct gw_heap *heap)
{
    return heap->cycle.phase >= GW_PHASE_ROOTS && heap->cycle.phase <= GW_PHASE_REMARK;
}

/* The rest does nothing outside marking.
 *
 * A recorded object was written to: if it is black, it is grey again. */
void gw_mark_again(struct gw_heap *heap, uintptr_t ref);

/* The same for the dirty part of an array: what elements [from, to) refer to is marked, if the array is. */
void gw_mark_elements_again(struct gw_heap *heap, uintptr_t array, uint64_t from, uint64_t to);

/* An object that came to the old generation while marking goes on is grey; black while the marks are final and not swept by. */
void gw_mark_new(struct gw_heap *heap, uintptr_t ref);

/* Marks a white object when the marks are final; what it refers to is the caller's to mark. */
void gw_mark_kept(struct gw_heap *heap, uintptr_t ref);

/* Whether a marked object still waits to be traced, for verification; slow. */
bool gw_mark_is_grey(const struct gw_heap *heap, uintptr_t ref);

#endif
