/* Ranges for stacks, and the pool. Owns the guard; knows nothing of what runs there. */
#include "mutator/stack_memory.h"

#include "arch/valgrind.h"

#include <string.h>

/* A frame larger than this may step over it: compilers probe such frames where they are asked to (-fstack-clash-protection). */
#define GUARD_BYTES ((size_t)64 << 10)

/* What is pooled holds on to its memory. A program that makes and ends stacks all the time has few at once; one that has many does not make
 * them all the time. */
#define WORTH_KEEPING 128

/* What an instrumented program has noted about frames that were left without returning (AddressSanitizer). */
__attribute__((weak)) void __asan_unpoison_memory_region(const volatile void *memory, size_t bytes);
/* Native memory that frames of a stack that waits refer to is no leak. */
__attribute__((weak)) void __lsan_register_root_region(const void *low, size_t bytes);
__attribute__((weak)) void __lsan_unregister_root_region(const void *low, size_t bytes);

static size_t whole_bytes(size_t bytes)
{
    return GUARD_BYTES + bytes + gw_stack_marks_bytes(bytes) + bytes;
}

static struct gw_pooled *pooled_at(uintptr_t low, size_t bytes)
{
    return (struct gw_pooled *)(low + bytes) - 1;
}

static uintptr_t low_of(const struct gw_pooled *pooled)
{
    return (uintptr_t)(pooled + 1) - pooled->bytes;
}

static __attribute__((noinline)) uintptr_t reserve(size_t bytes) /* beside the pool, which is the short way */
{
    if (bytes > SIZE_MAX / 4) return 0;
    char *range = gw_reserve(whole_bytes(bytes), 4096);
    if (!range) return 0;
    if (!gw_guard(range, GUARD_BYTES)) {
        gw_release(range, whole_bytes(bytes));
        return 0;
    }
    gw_valgrind_stack((uintptr_t)range + GUARD_BYTES, bytes);
    if (__lsan_register_root_region) __lsan_register_root_region(range + GUARD_BYTES, bytes);
    return (uintptr_t)range + GUARD_BYTES;
}

uintptr_t gw_stack_memory_take(struct gw_stack_pool *pool, size_t bytes)
{
    for (struct gw_pooled **link = &pool->first; *link; link = &(*link)->next) {
        struct gw_pooled *found = *link;
        if (found->bytes != bytes) continue;
        *link = found->next;
        pool->count--;
        return low_of(found);
    }
    return reserve(bytes);
}

void gw_stack_memory_put(struct gw_stack_pool *pool, uintptr_t low, size_t bytes, bool marked)
{
    uint8_t *marks = gw_stack_marks(low, bytes);
    if (marked && !gw_return_pages(marks, gw_stack_marks_bytes(bytes))) memset(marks, 0, gw_stack_marks_bytes(bytes));
    struct gw_pooled *pooled = pooled_at(low, bytes);
    if (__asan_unpoison_memory_region) __asan_unpoison_memory_region((const void *)low, bytes);
    *pooled = (struct gw_pooled){pool->first, bytes};
    pool->first = pooled;
    pool->count++;
}

static bool trim_to(struct gw_stack_pool *pool, size_t count)
{
    bool gone_some = pool->count > count;
    while (pool->count > count) {
        struct gw_pooled *gone = pool->first;
        size_t bytes = gone->bytes;
        pool->first = gone->next;
        pool->count--;
        if (__lsan_unregister_root_region) __lsan_unregister_root_region((void *)low_of(gone), bytes);
        gw_release((char *)low_of(gone) - GUARD_BYTES, whole_bytes(bytes));
    }
    return gone_some;
}

bool gw_stack_pool_trim(struct gw_stack_pool *pool)
{
    return trim_to(pool, WORTH_KEEPING);
}

void gw_stack_pool_destroy(struct gw_stack_pool *pool)
{
    trim_to(pool, 0);
}
