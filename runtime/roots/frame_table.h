/* From return address to frame map and recipe: an open-addressed hash over all registered modules.
 *
 * A recipe says how the walker gets from a managed frame to its caller without evaluating unwind information. It is learnt on the
 * first visit and only written once; several threads may race to do so. The table itself changes only under the
 * registry's write lock (modules.h), walkers hold the read lock.
 */
#ifndef GW_ROOTS_FRAME_TABLE_H
#define GW_ROOTS_FRAME_TABLE_H

#include "roots/unwinder.h"
#include "roots/image.h"
#include <stdatomic.h>

/* gw_recipe.cfa below GW_CFA_DISTANCE is one of these; from there on it is the distance from sp to the CFA in words,
 * plus GW_CFA_DISTANCE. */
#define GW_CFA_UNKNOWN 0u            /* not learnt yet, or does not fit a recipe */
#define GW_CFA_WRITING 1u            /* another thread is about to publish it */
#define GW_CFA_FROM_FRAME_POINTER 2u /* plus the distance from there in words */
#define GW_CFA_DISTANCE 64u

struct gw_recipe {
    _Atomic uint32_t cfa;
    gw_words_below saved[GW_SAVED_REGISTERS]; /* where the frame saved its caller's registers, or 0 */
};

struct gw_frame {
    uintptr_t return_address; /* 0: free */
    const struct gw_frame_map *map;
    struct gw_recipe recipe;
};

_Static_assert(sizeof(struct gw_frame) == 32, "two frames a cache line");

struct gw_frame_table {
    struct gw_frame *frames; /* 2^(64 - shift), at most half of them used */
    size_t count;
    unsigned shift;
};

static inline size_t gw_frame_table_start(const struct gw_frame_table *table, uintptr_t return_address)
{
    return (size_t)((return_address * UINT64_C(0x9e3779b97f4a7c15)) >> table->shift);
}

/* The frame for `return_address`, or NULL. */
static inline struct gw_frame *gw_frame_table_find(const struct gw_frame_table *table, uintptr_t return_address)
{
    if (!table->count) return NULL;
    size_t mask = (SIZE_MAX >> table->shift);
    for (size_t i = gw_frame_table_start(table, return_address);; i = (i + 1) & mask) {
        struct gw_frame *frame = &table->frames[i];
        if (!frame->return_address) return NULL;
        if (frame->return_address == return_address) return frame;
    }
}

/* Adds all sites of a sealed image, or none: GW_ERROR_MAP when a return address is there already, GW_ERROR_MEMORY. */
gw_status gw_frame_table_add(struct gw_frame_table *table, const struct gw_image *image);
/* Removes all sites of an image that was added. */
void gw_frame_table_remove(struct gw_frame_table *table, const struct gw_image *image);
void gw_frame_table_free(struct gw_frame_table *table);

/* Publishes what was learnt. Losing a race is fine: both threads learnt the same. */
void gw_recipe_publish(struct gw_recipe *recipe, uint32_t cfa, const gw_words_below saved[GW_SAVED_REGISTERS]);

/* Every frame is reachable from its hash, the count is right, at least half of the table is free. */
bool gw_frame_table_check(const struct gw_frame_table *table);

#endif
