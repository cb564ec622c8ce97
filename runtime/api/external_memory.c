/* Native memory that objects keep: counted towards the goal, and worked for like promoted bytes. */
#include "control/pacing.h"
#include "heap/world.h"

/* A program that allocates much native memory for few objects would not fill the nursery for a long time: the next allocation
 * sees that a cycle is wanted. */
void gw_external_memory(ptrdiff_t bytes)
{
    struct gw_heap *heap GW_INSIDE = gw_heap_inside("gw_external_memory");
    heap->external_bytes += bytes;
    if (bytes > 0) gw_pacing_charge(heap, (uint64_t)bytes);
    else gw_pacing_follow_external(heap);
    gw_pacing_ask_for_cycle(heap);
}

size_t gw_external_memory_bytes(void)
{
    struct gw_heap *heap GW_INSIDE = gw_heap_inside("gw_external_memory_bytes");
    int64_t bytes = heap->external_bytes;
    return bytes > 0 ? (size_t)bytes : 0;
}
