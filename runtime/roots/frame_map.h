/* What is live in one frame at one return address, decoded: the form that the walker replays, whichever producer
 * described it. Built once when a module registers, then constant.
 *
 * Nearly every root is a slot above the stack pointer, so those are a plain array of word indices. The rest is kept
 * apart, in the order in which the walker needs it.
 */
#ifndef GW_ROOTS_FRAME_MAP_H
#define GW_ROOTS_FRAME_MAP_H

#include "abi/map_format.h"
#include "arch/registers.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Where one word is: in memory at [reg + offset], or in the callee-saved register `reg` itself. */
struct gw_location {
    int32_t offset; /* bytes, a multiple of 8; 0 for a register */
    uint8_t reg;    /* DWARF number */
    uint8_t in_register;
    uint16_t zero;
};

/* A pointer into an object, and the base root that it moves with. */
struct gw_derived {
    struct gw_location base, derived;
};

/* Blocks of references on the stack: an array or struct variable. */
struct gw_region {
    struct gw_location start;
    uint32_t count, stride; /* blocks; words from one to the next */
    uint32_t offset_count;
    uint32_t first_offset; /* index into the map's region offsets, which are words from the start of a block */
};

struct gw_frame_map {
    const uint32_t *slots; /* base roots at sp + 8 * slot, ascending */
    const struct gw_derived *derived;
    const struct gw_location *bases; /* base roots that are not above the stack pointer */
    const struct gw_region *regions;
    const uint32_t *region_offsets;
    uint32_t slot_count, derived_count, base_count, region_count;
    struct gw_location mark; /* the frame mark (docs/abi.md), no root; all zero: the call has none */
    uint8_t shape;           /* enum gw_frame_shape */
    bool plain;              /* no roots but slots and registers: `bases` holds nothing else */
    bool marks;              /* the function marks those of its variables that others may store references to (docs/abi.md) */
};

static inline bool gw_frame_map_has_mark(const struct gw_frame_map *map)
{
    return map->mark.reg != 0;
}

/* What `plain` has to say, by the rest of the map. */
bool gw_frame_map_is_plain(const struct gw_frame_map *map);

/* Base roots in the map, counting each word of a region. */
uint64_t gw_frame_map_root_count(const struct gw_frame_map *map);

bool gw_location_equal(struct gw_location a, struct gw_location b);

/* A location that a map of the machine may name: a register of its frames, an offset that is a multiple of 8. */
bool gw_location_check(const struct gw_map_machine *machine, struct gw_location location);

/* [sp + offset], offset not negative. */
static inline bool gw_location_is_slot(const struct gw_map_machine *machine, struct gw_location location)
{
    return !location.in_register && location.reg == machine->stack_pointer && location.offset >= 0;
}

/* Of this machine: ascending slots, known locations, regions inside their offsets, a mark in memory. */
bool gw_frame_map_check(const struct gw_frame_map *map);

#endif
