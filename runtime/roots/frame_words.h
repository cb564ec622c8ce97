/* Where a location of a frame map is in a frame on the stack. */
#ifndef GW_ROOTS_FRAME_WORDS_H
#define GW_ROOTS_FRAME_WORDS_H

#include "roots/unwinder.h"
#include "roots/frame_map.h"
#include "roots/slot.h"

static inline uintptr_t *gw_frame_word(const struct gw_machine_frame *frame, struct gw_location location)
{
    if (location.reg == GW_DWARF_SP) return (uintptr_t *)(frame->sp + (uintptr_t)(intptr_t)location.offset);
    uintptr_t *home = frame->home[gw_saved_register_of_dwarf(location.reg)];
    if (location.in_register) return home;
    return (uintptr_t *)(*home + (uintptr_t)(intptr_t)location.offset);
}

/* Visits the map's roots other than slots above the stack pointer, and returns how many there are. */
uint64_t gw_frame_visit_uncommon(const struct gw_machine_frame *frame, const struct gw_frame_map *map, gw_slot_visitor *visit,
                                 void *context);

#endif
