/* A minor collection's state: what moves, where to, and what has been found. Of minor.c, and of parallel_copy.c for a part of it. */
#ifndef GW_ENGINE_MOVING_H
#define GW_ENGINE_MOVING_H

#include "heap/heap.h"

struct gw_minor {
    struct gw_heap *heap;
    uintptr_t from; /* what is vacated lies here: an eden and the survivor space beside it, */
    size_t from_bytes;
    unsigned vacated;            /* in these parts of the nursery (enum gw_young): blocks of others may lie between when it is scattered */
    char *to, *to_next, *to_end; /* survivors that stay young */
    char *to_scanned;
    unsigned age_limit;                                              /* objects of at least this age are promoted */
    size_t again;                                                    /* bytes promoted of objects that had survived one */
    bool large_stay;                                                 /* large objects grow old where they are, rather than be promoted */
    void (*evacuate_young)(struct gw_minor *minor, uintptr_t *slot); /* for a reference into the range */
    bool marks_new;                                                  /* what is promoted has to be marked */
    bool marking;               /* a major cycle is marking: old referents are shaded on the way, see mark.h */
    bool saw_young;             /* a visited slot refers to a survivor in the nursery */
    uint64_t cards, cards_left; /* scanned; and with a reference to a survivor in the nursery */
    struct gw_recorded_work work;
};

/* Header flags of an object that grows old. */
GW_ALWAYS_INLINE uint64_t gw_old_flags(const struct gw_type *type, uint64_t header, size_t bytes)
{
    return GW_HEADER_TRACK | (header & GW_HEADER_HASHED) | gw_cards_flag(type, bytes);
}

/* The header of a survivor that stays young. */
GW_ALWAYS_INLINE uint64_t gw_older_header(uint64_t header)
{
    bool grows_older = gw_header_age(header) < GW_AGE_IN_PLACE - 1;
    return header + (grows_older ? UINT64_C(1) << GW_HEADER_AGE_SHIFT : 0);
}

/* Whether an address in the range of what is vacated lies in a block of it. */
GW_ALWAYS_INLINE bool gw_is_in_vacated_block(const struct gw_minor *minor, uintptr_t ref)
{
    const struct gw_block_space *blocks = &minor->heap->old.blocks;
    return blocks->young[gw_block_of(blocks, ref)] & minor->vacated;
}

GW_ALWAYS_INLINE bool gw_stays_young(const struct gw_minor *minor, uintptr_t ref)
{
    return ref - (uintptr_t)minor->to < (uintptr_t)(minor->to_end - minor->to);
}

#endif
