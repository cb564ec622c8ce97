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

void gw_destructible_sweep(const struct gw_evacuation *evacuation)
{
    struct gw_heap *heap = evacuation->heap;
    struct gw_destructible *list = &heap->destructible;
    size_t kept = 0;
    for (size_t i = 0; i < list->count; i++) {
        uintptr_t ref = list->young[i];
        if (gw_is_left_behind(evacuation, ref)) {
            gw_call_destructor(gw_object_type(ref), ref);
            continue;
        }
        ref = gw_moved_to(evacuation, ref);
        if (gw_is_young(&heap->old, ref)) list->young[kept++] = ref;
        else gw_destructible_promote(heap, ref);
    }
    list->count = kept;
}
