/* The statistics of the attached heap. */
#include "heap/heap.h"

void gw_get_stats(struct gw_stats *stats)
{
    struct gw_heap *heap = gw_heap_here("gw_get_stats");
    *stats = heap->stats;
    stats->allocated_bytes += (uint64_t)(heap->thread->alloc - heap->nursery.resume);
    stats->heap_bytes = gw_heap_used_bytes(heap);
    if (stats->heap_bytes > stats->peak_heap_bytes) stats->peak_heap_bytes = stats->heap_bytes;
    if (!stats->major_collections) stats->live_bytes = heap->old.used_bytes;
}
