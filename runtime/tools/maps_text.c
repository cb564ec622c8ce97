/* Roots of one call as text. */
#include "tools/maps_text.h"

static const char *register_name(unsigned dwarf)
{
    static const char *const names[16] = {[3] = "rbx", [6] = "rbp", [7] = "rsp", [12] = "r12", [13] = "r13", [14] = "r14", [15] = "r15"};
    return dwarf < 16 && names[dwarf] ? names[dwarf] : "?";
}

static void write_location(FILE *out, struct gw_location location)
{
    if (location.in_register) fputs(register_name(location.reg), out);
    else fprintf(out, "[%s%+d]", register_name(location.reg), location.offset);
}

static void write_region(FILE *out, const struct gw_frame_map *map, const struct gw_region *region)
{
    fprintf(out, " ");
    write_location(out, region->start);
    fprintf(out, "{%u x %u bytes:", region->count, region->stride * 8);
    for (uint32_t i = 0; i < region->offset_count; i++)
        fprintf(out, "%s+%u", i ? "," : " ", map->region_offsets[region->first_offset + i] * 8);
    fprintf(out, "}");
}

void maps_write_roots(FILE *out, const struct gw_frame_map *map)
{
    for (uint32_t i = 0; i < map->slot_count; i++) fprintf(out, " [rsp+%u]", map->slots[i] * 8);
    for (uint32_t i = 0; i < map->base_count; i++) {
        fprintf(out, " ");
        write_location(out, map->bases[i]);
    }
    for (uint32_t i = 0; i < map->region_count; i++) write_region(out, map, &map->regions[i]);
    for (uint32_t i = 0; i < map->derived_count; i++) {
        fprintf(out, " ");
        write_location(out, map->derived[i].derived);
        fprintf(out, "<-");
        write_location(out, map->derived[i].base);
    }
    if (!gw_frame_map_root_count(map)) fprintf(out, " -");
    if (!gw_frame_map_has_mark(map)) return;
    fprintf(out, " mark");
    write_location(out, map->mark);
}
