/* Roots of one call as text. */
#include "tools/maps_text.h"

#include "tools/maps_file.h"

static const char *register_name(const struct gw_map_machine *machine, unsigned dwarf)
{
    static const char *const x86_64[GW_MAP_REGISTERS] = {
        [3] = "rbx", [6] = "rbp", [7] = "rsp", [12] = "r12", [13] = "r13", [14] = "r14", [15] = "r15"};
    static const char *const aarch64[GW_MAP_REGISTERS] = {
        [19] = "x19", [20] = "x20", [21] = "x21", [22] = "x22", [23] = "x23", [24] = "x24",
        [25] = "x25", [26] = "x26", [27] = "x27", [28] = "x28", [29] = "x29", [31] = "sp"};
    const char *const *names = maps_are_of(machine, &gw_map_x86_64) ? x86_64 : aarch64;
    return dwarf < GW_MAP_REGISTERS && names[dwarf] ? names[dwarf] : "?";
}

static void write_location(FILE *out, const struct gw_map_machine *machine, struct gw_location location)
{
    if (location.in_register) fputs(register_name(machine, location.reg), out);
    else fprintf(out, "[%s%+d]", register_name(machine, location.reg), location.offset);
}

static void write_region(FILE *out, const struct gw_map_machine *machine, const struct gw_frame_map *map, const struct gw_region *region)
{
    fprintf(out, " ");
    write_location(out, machine, region->start);
    fprintf(out, "{%u x %u bytes:", region->count, region->stride * 8);
    for (uint32_t i = 0; i < region->offset_count; i++)
        fprintf(out, "%s+%u", i ? "," : " ", map->region_offsets[region->first_offset + i] * 8);
    fprintf(out, "}");
}

void maps_write_roots(FILE *out, const struct gw_map_machine *machine, const struct gw_frame_map *map)
{
    for (uint32_t i = 0; i < map->slot_count; i++)
        fprintf(out, " [%s+%u]", register_name(machine, machine->stack_pointer), map->slots[i] * 8);
    for (uint32_t i = 0; i < map->base_count; i++) {
        fprintf(out, " ");
        write_location(out, machine, map->bases[i]);
    }
    for (uint32_t i = 0; i < map->region_count; i++) write_region(out, machine, map, &map->regions[i]);
    for (uint32_t i = 0; i < map->derived_count; i++) {
        fprintf(out, " ");
        write_location(out, machine, map->derived[i].derived);
        fprintf(out, "<-");
        write_location(out, machine, map->derived[i].base);
    }
    if (!gw_frame_map_root_count(map)) fprintf(out, " -");
    if (!gw_frame_map_has_mark(map)) return;
    fprintf(out, " mark");
    write_location(out, machine, map->mark);
}
