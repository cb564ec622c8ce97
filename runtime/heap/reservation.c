/* The only file that calls mmap. */
#include "heap/reservation.h"

#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

/* MAP_NORESERVE: the range is address space, not a claim on memory. */
void *gw_reserve(size_t bytes, size_t alignment)
{
    size_t padded = bytes + alignment;
    if (padded < bytes) return NULL;
    char *start = mmap(NULL, padded, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (start == MAP_FAILED) return NULL;
    char *aligned = (char *)(((uintptr_t)start + alignment - 1) & ~(uintptr_t)(alignment - 1));
    if (aligned > start) munmap(start, (size_t)(aligned - start));
    size_t tail = padded - (size_t)(aligned - start) - bytes;
    if (tail) munmap(aligned + bytes, tail);
    return aligned;
}

void gw_release(void *memory, size_t bytes)
{
    if (memory) munmap(memory, bytes);
}

void gw_return_pages(void *memory, size_t bytes)
{
    madvise(memory, bytes, MADV_DONTNEED);
}

/* Advice: a kernel without huge pages, or none at hand, goes on with small ones. */
void gw_prefer_huge_pages(void *memory, size_t bytes)
{
    madvise(memory, bytes, MADV_HUGEPAGE);
}

size_t gw_machine_memory(void)
{
    return (size_t)sysconf(_SC_PHYS_PAGES) * (size_t)sysconf(_SC_PAGESIZE);
}
