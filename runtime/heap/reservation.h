/* Address ranges from the operating system. Reserved memory reads as zero, costs nothing until touched, and can be
 * given back page by page; how much is really used is the heap limit's business. */
#ifndef GW_HEAP_RESERVATION_H
#define GW_HEAP_RESERVATION_H

#include <stddef.h>

/* `bytes` of zero memory aligned to `alignment` (a power of two of at least a page), or NULL. */
void *gw_reserve(size_t bytes, size_t alignment);
void gw_release(void *memory, size_t bytes);

/* Gives the pages back; they read as zero when touched again. */
void gw_return_pages(void *memory, size_t bytes);

/* Asks for large pages where the range holds whole ones of GW_HUGE_PAGE_BYTES: fewer faults and fewer misses of the TLB, for memory
 * that will be used from end to end. */
#define GW_HUGE_PAGE_BYTES ((size_t)2 << 20)
void gw_prefer_huge_pages(void *memory, size_t bytes);

size_t gw_machine_memory(void);

#endif
