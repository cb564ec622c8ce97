/* A minor collection under way, for the parts of it that come after roots and fields: weak words, finalizers, identity. */
#ifndef GW_ENGINE_EVACUATION_H
#define GW_ENGINE_EVACUATION_H

#include "heap/heap.h"

struct gw_evacuation {
    struct gw_heap *heap;
    uintptr_t from; /* what is vacated lies in it, */
    size_t from_bytes;
    unsigned vacated;           /* in these parts of the nursery: enum gw_young */
    gw_field_visitor *evacuate; /* (minor, slot): moves the object that the slot refers to */
    void (*drain)(void *minor); /* moves what the moved objects refer to */
    void *minor;
};

/* A young object of before, where it was: one that has grown old there is none any more. */
GW_ALWAYS_INLINE bool gw_is_vacated(const struct gw_evacuation *evacuation, uintptr_t word)
{
    const struct gw_old_space *old = &evacuation->heap->old;
    if (word - evacuation->from >= evacuation->from_bytes || (word & GW_IMMEDIATE_MASK)) return false;
    return (old->blocks.young[gw_block_of(&old->blocks, word)] & evacuation->vacated) && gw_is_young_in_blocks(old, word);
}

/* One that has neither moved nor grown old where it is: so far it is dead. Every list of young objects asks this, and nothing else. */
GW_ALWAYS_INLINE bool gw_is_left_behind(const struct gw_evacuation *evacuation, uintptr_t word)
{
    return gw_is_vacated(evacuation, word) && !(*gw_header(word) & GW_HEADER_FORWARDED);
}

/* Where an object is now that is not left behind. */
GW_ALWAYS_INLINE uintptr_t gw_moved_to(const struct gw_evacuation *evacuation, uintptr_t word)
{
    return gw_is_vacated(evacuation, word) ? *gw_header(word) & ~(uint64_t)GW_IMMEDIATE_MASK : word;
}

#endif
