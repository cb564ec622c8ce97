/* Marking: the tri-colour abstraction over side mark bits.
 *
 * White: mark bit clear. Grey: bit set, in the mark stack (or in a block flagged `retrace`). Black: bit set, traced.
 * References wait in a short queue while their mark word and header are prefetched; a white one found there turns grey.
 *
 * Only old objects have colours. While marking goes on every mark bit of a young block is set, but of objects that have grown old there:
 * marking takes a young object for one that it has marked, and need not ask which it is.
 *
 * A minor collection during marking shades what it looks at anyway: the referents of roots, of
 * promoted objects and of recorded black ones. So after one that promotes everything nothing but grey objects refers to white
 * ones, and marking is done when such a collection leaves nothing grey. No object is traced twice, recorded ones included, and
 * what is promoted is black: the white objects only become fewer, so marking ends however fast the program writes.
 */
#ifndef GW_ENGINE_MARK_H
#define GW_ENGINE_MARK_H

#include "heap/heap.h"

void gw_mark_begin(struct gw_heap *heap);

/* A slot visitor (context: the heap): the old object it refers to will be marked. */
void gw_mark_slot(void *heap, uintptr_t *slot);

/* Traces until it has looked at `slots` slots, or a few more; true when nothing grey is left. */
bool gw_mark_step(struct gw_heap *heap, size_t slots);

/* The same while the program runs, and false when there is nothing that may be traced so. The program's barrier is all that is needed: a
 * field that it writes after it was read here is recorded, and read again by the minor collection that ends marking. */
bool gw_mark_beside(struct gw_heap *heap, size_t slots);

/* What was discovered turns grey: before the program runs on, for a young object among it may move, and its block may grow old without it.
 */
void gw_mark_flush(struct gw_heap *heap);
bool gw_mark_is_done(const struct gw_heap *heap);

GW_ALWAYS_INLINE bool gw_is_marked(const struct gw_heap *heap, uintptr_t ref)
{
    return gw_bit_get(heap->old.marks, gw_granule(&heap->old, ref));
}

/* Whether an old object was not reached although the marks are final. */
GW_ALWAYS_INLINE bool gw_is_unmarked(const struct gw_heap *heap, uintptr_t word)
{
    return gw_is_reference(word) && gw_old_contains(&heap->old, word) && !gw_bit_get(heap->old.marks, gw_granule(&heap->old, word));
}

/* Whether what comes to the old generation has to be marked: the marks are being made, or final and not swept by. */
GW_ALWAYS_INLINE bool gw_marks_new(const struct gw_heap *heap)
{
    return heap->cycle.phase >= GW_PHASE_ROOTS && heap->cycle.phase <= GW_PHASE_WEAK;
}

/* White to grey, at once: for old objects found outside the mark loop, while marking goes on. */
void gw_mark_shade_slow(struct gw_heap *heap, uintptr_t ref);
GW_ALWAYS_INLINE void gw_mark_shade(struct gw_heap *heap, uintptr_t ref)
{
    if (!gw_is_marked(heap, ref)) gw_mark_shade_slow(heap, ref);
}

/* A new object of the old generation is black while gw_marks_new: it is fresh, or the minor collection that promotes it
 * shades what it refers to. */
void gw_mark_black(struct gw_heap *heap, uintptr_t ref, size_t bytes);

/* Makes a black object grey again; nothing outside marking. For what is marked without having been traced: frozen objects. */
void gw_mark_again(struct gw_heap *heap, uintptr_t ref);

/* An old object that the program, or a part of the collector, has come by while marking goes on turns grey; when the marks are final
 * it is black. */
void gw_mark_new(struct gw_heap *heap, uintptr_t ref);

/* Marks a white object when the marks are final; what it refers to is the caller's to mark. */
void gw_mark_kept(struct gw_heap *heap, uintptr_t ref);

/* Whether a marked object still waits to be traced, for verification; slow. */
bool gw_mark_is_grey(const struct gw_heap *heap, uintptr_t ref);

#endif
