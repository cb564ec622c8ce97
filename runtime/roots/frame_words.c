/* The rarer roots of a frame. */
#include "roots/frame_words.h"

static void visit_region(const struct gw_machine_frame *frame, const struct gw_frame_map *map, const struct gw_region *region,
                         gw_slot_visitor *visit, void *context)
{
    const uint32_t *offsets = map->region_offsets + region->first_offset;
    uintptr_t *block = gw_frame_word(frame, region->start);
    for (uint32_t i = 0; i < region->count; i++, block += region->stride)
        for (uint32_t k = 0; k < region->offset_count; k++) visit(context, block + offsets[k]);
}

uint64_t gw_frame_visit_uncommon(const struct gw_machine_frame *frame, const struct gw_frame_map *map, gw_slot_visitor *visit,
                                 void *context)
{
    for (uint32_t i = 0; i < map->base_count; i++) visit(context, gw_frame_word(frame, map->bases[i]));
    for (uint32_t i = 0; i < map->region_count; i++) visit_region(frame, map, &map->regions[i], visit, context);
    return gw_frame_map_root_count(map) - map->slot_count;
}
