/* Allocation profiles: where the program allocates, and what of it is still alive, from samples. */
#ifndef GW_PROFILE_PROFILE_H
#define GW_PROFILE_PROFILE_H

#include "heap/heap.h"
#include "heap/samples.h"

struct gw_entry;

/* From now on allocations of the heap, which is attached here and not sampled, are sampled, each `rate` bytes on average.
 * GW_ERROR_MEMORY. */
gw_status gw_profile_begin(struct gw_heap *heap, uint64_t rate);

/* By option profile=FILE; what goes wrong is said on stderr. */
void gw_profile_begin_by_option(struct gw_heap *heap);

/* Whether one of the next `bytes` of a heap with samples is to be sampled. */
GW_ALWAYS_INLINE bool gw_profile_is_due(const struct gw_heap *heap, uint64_t bytes)
{
    return gw_heap_allocated_bytes(heap) + bytes >= heap->samples->due;
}

/* Takes a sample if one is due, and sets the limit. */
void gw_profile_look(struct gw_heap *heap, const struct gw_entry *entry, uintptr_t object, uint64_t bytes);

/* An object of a heap with samples was allocated out of line. What does not lie in the nursery brings the next sampled byte nearer. */
GW_ALWAYS_INLINE void gw_profile_note(struct gw_heap *heap, const struct gw_entry *entry, uintptr_t object, uint64_t bytes)
{
    bool in_nursery = (char *)gw_header(object) + bytes == heap->mutator->thread->alloc;
    if (!in_nursery || gw_profile_is_due(heap, 0)) gw_profile_look(heap, entry, object, bytes);
}

/* Writes the profile of option profile=FILE, unless there is none. What goes wrong is said on stderr. */
void gw_profile_write_by_option(struct gw_heap *heap);

#endif
