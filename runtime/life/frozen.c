/* Marking from what is frozen. */
#include "life/frozen.h"

#include "engine/mark.h"

#define AT_ONCE 256 /* blocks that have nothing to trace */

void gw_frozen_begin_marking(struct gw_heap *heap)
{
    heap->frozen.mark_cursor = 0;
}

static void mark_objects(struct gw_heap *heap, uint32_t block)
{
    struct gw_old_space *old = &heap->old;
    size_t begin = gw_granule(old, (uintptr_t)gw_block_address(&old->blocks, block));
    size_t end = begin + (GW_BLOCK_BYTES >> GW_GRANULE_SHIFT);
    for (size_t granule = gw_bit_next(old->marks, begin, end); granule < end; granule = gw_bit_next(old->marks, granule + 1, end)) {
        uintptr_t ref = old->base + (granule << GW_GRANULE_SHIFT);
        if (gw_type_has_references(gw_object_type(ref))) gw_mark_again(heap, ref);
    }
}

bool gw_frozen_mark_some(struct gw_heap *heap)
{
    struct gw_frozen_blocks *frozen = &heap->frozen;
    const struct gw_block_space *blocks = &heap->old.blocks;
    if (!frozen->objects) return false;
    for (int i = 0; i < AT_ONCE && frozen->mark_cursor < blocks->top; i++) {
        uint32_t block = frozen->mark_cursor++;
        if (!blocks->blocks[block].frozen || !blocks->blocks[block].written) continue;
        mark_objects(heap, block);
        return true;
    }
    return frozen->mark_cursor < blocks->top;
}
