/* The only file that maps memory, but for the file whose symbols name a function in a message. */
#define _GNU_SOURCE /* MAP_ANONYMOUS, MAP_NORESERVE, MADV_DONTNEED, process_vm_readv, syscall */
#include "os/linux/memory.h"

#include "base/compiler.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

size_t gw_page_bytes(void)
{
    return (size_t)sysconf(_SC_PAGESIZE);
}

/* MAP_NORESERVE: the range is address space, not a claim on memory. In whole pages: what is left of one could not be given back. */
void *gw_reserve(size_t bytes, size_t alignment)
{
    size_t page = gw_page_bytes();
    if (alignment < page) alignment = page;
    if (bytes > SIZE_MAX - alignment - page) return NULL;
    bytes = gw_round_up(bytes, page);
    size_t padded = bytes + alignment;
    char *start = mmap(NULL, padded, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (start == MAP_FAILED) return NULL;
    char *aligned = (char *)(((uintptr_t)start + alignment - 1) & ~(uintptr_t)(alignment - 1));
    if (aligned > start) gw_release(start, (size_t)(aligned - start));
    size_t tail = padded - (size_t)(aligned - start) - bytes;
    if (tail) gw_release(aligned + bytes, tail);
    return aligned;
}

/* In whole pages, as it was reserved: who watches our calls would take the rest of the last page for still ours. */
void gw_release(void *memory, size_t bytes)
{
    bytes = gw_round_up(bytes, gw_page_bytes());
    if (memory && munmap(memory, bytes) != 0) gw_return_pages(memory, bytes);
}

bool gw_return_pages(void *memory, size_t bytes)
{
    bool whole = !(((uintptr_t)memory | bytes) & (gw_page_bytes() - 1)); /* or the system would take what is beside it on the last one */
    return whole && madvise(memory, bytes, MADV_DONTNEED) == 0;
}

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif

/* Before Linux 5.14 each page is written to, as it is. */
bool gw_touch_pages(void *memory, size_t bytes)
{
    size_t page = gw_page_bytes();
    char *from = (char *)((uintptr_t)memory & ~(page - 1)), *to = (char *)gw_round_up((uintptr_t)memory + bytes, page);
    if (madvise(from, (size_t)(to - from), MADV_POPULATE_WRITE) == 0) return true;
    if (errno != EINVAL) return false;
    for (volatile char *at = from; at < to; at += page) *at = *at;
    return true;
}

#ifndef MADV_GUARD_INSTALL
#define MADV_GUARD_INSTALL 102
#endif

/* Pages that are protected one by one are mappings of their own, of which a process may have some 65,000. */
bool gw_guard(void *memory, size_t bytes)
{
    return madvise(memory, bytes, MADV_GUARD_INSTALL) == 0 || mprotect(memory, bytes, PROT_NONE) == 0;
}

/* Advice: a kernel without huge pages, or none at hand, goes on with small ones. */
void gw_prefer_huge_pages(void *memory, size_t bytes)
{
    (void)madvise(memory, bytes, MADV_HUGEPAGE);
}

void gw_prefer_small_pages(void *memory, size_t bytes)
{
    (void)madvise(memory, bytes, MADV_NOHUGEPAGE);
}

/* Where nobody may ask for a copy, a sandbox or an emulator of user programs: the kernel reads a signal mask before it finds that there is
 * no such thing to do with one. */
static enum gw_peek peek_by_mask(uintptr_t address, uint64_t *word)
{
    if (syscall(SYS_rt_sigprocmask, -1, address, NULL, sizeof *word) != 0 && errno != EINVAL)
        return errno == EFAULT ? GW_PEEK_NOTHING : GW_PEEK_FORBIDDEN;
    memcpy(word, (const void *)address, sizeof *word);
    return GW_PEEK_READ;
}

/* The copy that a debugger would ask for, of ourselves: it needs no descriptor, and an address that cannot be read is an error, not a
 * signal. */
enum gw_peek gw_peek(uintptr_t address, uint64_t *word)
{
    struct iovec to = {word, sizeof *word}, from = {(void *)address, sizeof *word};
    if (process_vm_readv(getpid(), &to, 1, &from, 1, 0) == (ssize_t)sizeof *word) return GW_PEEK_READ;
    return errno == EFAULT ? GW_PEEK_NOTHING : peek_by_mask(address, word);
}
