/* The decoded frame map's own arithmetic and checks. Owns no memory: maps live in a struct gw_image. */
#include "roots/frame_map.h"

uint64_t gw_frame_map_root_count(const struct gw_frame_map *map)
{
    uint64_t roots = (uint64_t)map->slot_count + map->base_count;
    for (uint32_t i = 0; i < map->region_count; i++) roots += (uint64_t)map->regions[i].count * map->regions[i].offset_count;
    return roots;
}

bool gw_frame_map_is_plain(const struct gw_frame_map *map)
{
    for (uint32_t i = 0; i < map->base_count; i++)
        if (!map->bases[i].in_register) return false;
    return !(map->derived_count | map->region_count);
}

bool gw_location_equal(struct gw_location a, struct gw_location b)
{
    return a.offset == b.offset && a.reg == b.reg && a.in_register == b.in_register;
}

bool gw_location_check(const struct gw_map_machine *machine, struct gw_location location)
{
    if (location.in_register) return gw_map_is_preserved(machine, location.reg) && location.offset == 0;
    return gw_map_is_of_frame(machine, location.reg) && location.offset % 8 == 0;
}

static bool is_location(struct gw_location location)
{
    return gw_location_check(&GW_MAPS_HERE, location);
}

bool gw_frame_map_check(const struct gw_frame_map *map)
{
    if (gw_frame_map_has_mark(map) && (map->mark.in_register || !is_location(map->mark))) return false;
    if (map->plain != gw_frame_map_is_plain(map)) return false;
    for (uint32_t i = 1; i < map->slot_count; i++)
        if (map->slots[i] <= map->slots[i - 1]) return false;
    for (uint32_t i = 0; i < map->base_count; i++)
        if (!is_location(map->bases[i])) return false;
    for (uint32_t i = 0; i < map->derived_count; i++)
        if (!is_location(map->derived[i].base) || !is_location(map->derived[i].derived)) return false;
    for (uint32_t i = 0; i < map->region_count; i++) {
        const struct gw_region *region = &map->regions[i];
        if (!is_location(region->start) || region->start.in_register) return false;
        for (uint32_t k = 0; k < region->offset_count; k++)
            if (region->count > 1 && map->region_offsets[region->first_offset + k] >= region->stride) return false;
    }
    return true;
}
