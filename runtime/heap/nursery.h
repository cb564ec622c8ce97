/* The nursery: bump allocation in one of two halves of a fixed part of the heap's range.
 *
 * A minor collection vacates the half in use. Survivors go to the old generation or, while they are younger than the
 * age limit, to the start of the other half, where allocation then goes on. The second half stays untouched memory
 * unless survivors age, everything is to move always, or vacated memory is to stay poisoned for one more round.
 */
#ifndef GW_HEAP_NURSERY_H
#define GW_HEAP_NURSERY_H

#include "heap/object.h"

struct gw_nursery {
    char *base;          /* of half 0; half 1 follows */
    size_t half_bytes;
    unsigned half;       /* in use */
    size_t usable_bytes; /* of the half in use: less than half_bytes when the heap limit is near */
    char *resume;        /* where allocation goes on when a thread attaches */
};

GW_ALWAYS_INLINE char *gw_nursery_half(const struct gw_nursery *nursery, unsigned half)
{
    return nursery->base + half * nursery->half_bytes;
}

GW_ALWAYS_INLINE char *gw_nursery_limit(const struct gw_nursery *nursery)
{
    return gw_nursery_half(nursery, nursery->half) + nursery->usable_bytes;
}

/* Whether an address lies in either half. */
GW_ALWAYS_INLINE bool gw_nursery_contains(const struct gw_nursery *nursery, uintptr_t address)
{
    return address - (uintptr_t)nursery->base < 2 * nursery->half_bytes;
}

/* Calls `visit` for each object of [from, to). A zero word is padding. */
typedef void gw_young_visitor(void *context, uintptr_t ref);
void gw_nursery_each_object(char *from, char *to, gw_young_visitor *visit, void *context);

#endif
