/* Freezing: a full collection, then everything that is left is permanent. */
#include "api/freeze.h"

#include "heap/callbacks.h"
#include "control/stops.h"
#include "control/pacing.h"

/* The second collection has next to nothing to look at; it sets the goal by what is not frozen. */
void gw_freeze_from(const struct gw_entry *entry)
{
    struct gw_heap *heap GW_STOPPED = gw_heap_to_collect("gw_freeze", entry);
    gw_world_stop_surely(heap, entry);
    gw_collect_full(heap, entry);
    gw_nursery_give_old(&heap->nursery);
    gw_heap_begin_pieces(heap);
    gw_freeze_blocks(&heap->old, &heap->frozen);
    gw_collect_full(heap, entry);
}

void gw_unfreeze_from(const struct gw_entry *entry)
{
    struct gw_heap *heap GW_STOPPED = gw_heap_to_collect("gw_unfreeze", entry);
    gw_world_stop_surely(heap, entry);
    gw_finish_cycle(heap, entry);
    uint64_t bytes = heap->frozen.bytes;
    gw_unfreeze_blocks(&heap->old, &heap->frozen);
    gw_pacing_follow_unfrozen(heap, bytes);
}

struct gw_frozen gw_frozen_objects(void)
{
    struct gw_heap *heap GW_INSIDE = gw_heap_inside("gw_frozen_objects");
    const struct gw_frozen_blocks *frozen = &heap->frozen;
    return (struct gw_frozen){frozen->objects, frozen->bytes};
}
