/* Everything reachable, once more: into a bitmap, and changing nothing else. Serves whoever looks at the heap without collecting.
 *
 * The stack is small and fixed: where it is full, what should have come onto it is noted in a second bitmap and looked for afterwards, so
 * that a heap of any size and shape takes two bits a granule at most. */
#ifndef GW_VERIFY_TRACE_H
#define GW_VERIFY_TRACE_H

#include "heap/heap.h"
#include "roots/slot.h"

#define GW_TRACE_WORDS ((size_t)1 << 15)

struct gw_trace {
    struct gw_heap *heap;
    uint64_t *reached; /* one bit a granule of the heap's range */
    uint64_t *waiting; /* the same: reached, and not on the stack; NULL until that was full */
    size_t bytes;      /* of each */
    size_t first_waiting;
    uintptr_t *stack;
    size_t depth;
    bool failed; /* no native memory */
};

/* Bytes of a bitmap for the heap's range, and of the part of it that blocks in use can have bits in. */
size_t gw_trace_bitmap_bytes(const struct gw_heap *heap);
size_t gw_trace_used_bytes(const struct gw_heap *heap);

/* `reached` is zero where it is used, and the caller's. False: no native memory, or no address range. */
bool gw_trace_begin(struct gw_trace *trace, struct gw_heap *heap, uint64_t *reached);

/* A visitor for roots: the context is the trace. */
void gw_trace_slot(void *context, uintptr_t *slot);

/* Goes on to all that is reachable from there: by references, by ephemerons whose keys are reached, and what is frozen. False: native
 * memory was out. To be called once, after all roots; frees all but the bitmap. */
bool gw_trace_end(struct gw_trace *trace);

GW_ALWAYS_INLINE bool gw_trace_has(const struct gw_heap *heap, const uint64_t *reached, uintptr_t ref)
{
    return gw_bit_get(reached, gw_granule(&heap->old, ref));
}

/* Frozen objects are alive whatever refers to them: visits a word with the address of each. */
void gw_visit_frozen(struct gw_heap *heap, gw_field_visitor *visit, void *context);

#endif
