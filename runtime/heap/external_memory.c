/* Native memory that objects of a heap keep alive, as the program tells it. Pacing reads it. */
#include "heap/heap.h"

void gw_external_memory(ptrdiff_t bytes)
{
    gw_heap_here("gw_external_memory")->external_bytes += bytes;
}

size_t gw_external_memory_bytes(void)
{
    int64_t bytes = gw_heap_here("gw_external_memory_bytes")->external_bytes;
    return bytes > 0 ? (size_t)bytes : 0;
}
