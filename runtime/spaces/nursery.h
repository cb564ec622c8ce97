/* The nursery: an eden for bump allocation, and two spaces for survivors that are too young to be promoted.
 *
 *     survivors 0 | eden 0 | survivors 1 | eden 1
 *
 * A minor collection vacates the eden and the survivor space in use, which always lie side by side: one compare tells
 * whether an object is to move. Survivors go to the old generation or, below the age limit, to the other survivor space.
 * Allocation goes on in the same eden, which stays in cache; eden 1 is used in turn with eden 0 only while vacated memory
 * is to stay poisoned, or everything is to move always. Unused parts are never touched.
 */
#ifndef GW_SPACES_NURSERY_H
#define GW_SPACES_NURSERY_H

#include "spaces/object.h"

struct gw_nursery {
    char *base;
    size_t eden_bytes, survivor_bytes; /* of one */
    unsigned eden, survivor;           /* in use: 0 or 1 */
    size_t usable_bytes;               /* of the eden: less than all of it when the heap limit is near */
    char *survivors_end;               /* end of the objects in the survivor space in use */
    char *resume;                      /* where allocation goes on when a thread attaches */
};

GW_ALWAYS_INLINE char *gw_survivors(const struct gw_nursery *nursery, unsigned which)
{
    return nursery->base + which * (nursery->survivor_bytes + nursery->eden_bytes);
}

GW_ALWAYS_INLINE char *gw_eden(const struct gw_nursery *nursery, unsigned which)
{
    return gw_survivors(nursery, which) + nursery->survivor_bytes;
}

GW_ALWAYS_INLINE size_t gw_nursery_bytes(const struct gw_nursery *nursery)
{
    return 2 * (nursery->survivor_bytes + nursery->eden_bytes);
}

GW_ALWAYS_INLINE char *gw_nursery_limit(const struct gw_nursery *nursery)
{
    return gw_eden(nursery, nursery->eden) + nursery->usable_bytes;
}

/* Whether an address lies in any part of the nursery. */
GW_ALWAYS_INLINE bool gw_nursery_contains(const struct gw_nursery *nursery, uintptr_t address)
{
    return address - (uintptr_t)nursery->base < gw_nursery_bytes(nursery);
}

GW_ALWAYS_INLINE size_t gw_nursery_used(const struct gw_nursery *nursery, const char *alloc)
{
    return (size_t)(alloc - gw_eden(nursery, nursery->eden));
}

/* What a pause target may shrink eden to, and what it begins with: nothing is known about the program yet. */
#define GW_SMALLEST_EDEN ((size_t)256 << 10)

static inline size_t gw_nursery_smallest_eden(const struct gw_nursery *nursery)
{
    return nursery->eden_bytes < GW_SMALLEST_EDEN ? nursery->eden_bytes : GW_SMALLEST_EDEN;
}

/* The size of the parts for an eden of `eden_bytes`. */
void gw_nursery_init(struct gw_nursery *nursery, size_t eden_bytes);

/* Calls `visit` for each object of [from, to). A zero word is padding. */
typedef void gw_young_visitor(void *context, uintptr_t ref);
void gw_nursery_each_object(char *from, char *to, gw_young_visitor *visit, void *context);

/* Calls `visit` for every young object; `alloc` is the allocation pointer. */
void gw_nursery_each_young(const struct gw_nursery *nursery, char *alloc, gw_young_visitor *visit, void *context);

/* Fatal when a pointer lies outside its part, or the vacated parts are not in the order the layout promises. */
void gw_nursery_check(const struct gw_nursery *nursery, const char *alloc);

#endif
