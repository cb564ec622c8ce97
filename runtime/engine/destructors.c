/* Destructors of young objects: a list of them, looked through after each minor collection. */
#include "engine/destructors.h"

#include <stdlib.h>

bool gw_destructible_reserve(struct gw_destructible *list)
{
    if (list->count < list->capacity) return true;
    size_t capacity = list->capacity ? list->capacity * 2 : 256;
    uintptr_t *young = realloc(list->young, capacity * sizeof *young);
    if (!young) return false;
    list->young = young;
    list->capacity = capacity;
    return true;
}

void gw_destructible_add(struct gw_destructible *list, uintptr_t ref)
{
    list->young[list->count++] = ref;
}

void gw_destructible_promote(struct gw_heap *heap, uintptr_t ref)
{
    heap->old.blocks.blocks[gw_block_of(&heap->old.blocks, ref)].destructors = true;
}

void gw_destructible_sweep(struct gw_heap *heap)
{
    struct gw_destructible *list = &heap->destructible;
    size_t kept = 0;
    for (size_t i = 0; i < list->count; i++) {
        uint64_t header = *gw_header(list->young[i]);
        if (!(header & GW_HEADER_FORWARDED)) {
            gw_call_destructor(gw_header_type(header), list->young[i]);
            continue;
        }
        uintptr_t moved = header & ~(uint64_t)GW_IMMEDIATE_MASK;
        if (gw_nursery_contains(&heap->nursery, moved)) list->young[kept++] = moved;
        else gw_destructible_promote(heap, moved);
    }
    list->count = kept;
}
