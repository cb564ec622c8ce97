/* Address ranges from the operating system. Reserved memory reads as zero, costs nothing until touched, and can be
 * given back page by page; how much is really used is the heap limit's business. */
#ifndef GW_OS_LINUX_MEMORY_H
#define GW_OS_LINUX_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What the system maps memory in: 4 KB, on AArch64 also 16 or 64. */
size_t gw_page_bytes(void);

/* `bytes` of zero memory aligned to `alignment`, a power of two, and to a page; or NULL. */
void *gw_reserve(size_t bytes, size_t alignment);

/* `memory` may be NULL. Where the system refuses to unmap it (a process may have so many mappings and no more), the
 * range stays, and at least its pages go. */
void gw_release(void *memory, size_t bytes);

/* Gives whole pages back: true, and they read as zero when touched again. False: these are not whole pages, or the system refused, as it
 * does for locked memory (mlock), and what the range holds is any mixture of what it was and zero. */
bool gw_return_pages(void *memory, size_t bytes);

/* Asks the system now for all pages that the range touches; what they hold stays. False: it has not got so many. */
bool gw_touch_pages(void *memory, size_t bytes);

/* Whole pages that nobody may touch from now on: who does ends with a signal. Costs no mapping of its own where the system can do without
 * (Linux 6.13). False: the system refused. */
bool gw_guard(void *memory, size_t bytes);

/* Asks for large pages where the range holds whole ones of GW_HUGE_PAGE_BYTES: fewer faults and fewer misses of the
 * TLB, for memory that will be used from end to end. */
#define GW_HUGE_PAGE_BYTES ((size_t)2 << 20)
void gw_prefer_huge_pages(void *memory, size_t bytes);

/* The opposite, for memory whose faults are waited for: clearing a large page takes 0.1 to 0.2 ms. */
void gw_prefer_small_pages(void *memory, size_t bytes);

/* Reads the word at an address of which nothing is known. A system call: for checks. */
enum gw_peek {
    GW_PEEK_READ,
    GW_PEEK_NOTHING,   /* there is no memory that can be read */
    GW_PEEK_FORBIDDEN, /* a sandbox does not let the process ask */
};
enum gw_peek gw_peek(uintptr_t address, uint64_t *word);

#endif
