/* How objects are made, read and written. */
#ifndef GREYWAVE_OBJECTS_H
#define GREYWAVE_OBJECTS_H

#include <greywave/types.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#pragma GCC visibility push(default)

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Allocate -------------------------------------------------------------------------------------- */

/* A zeroed object, or NULL when the heap limit is reached, a full collection did not help and the out-of-memory
 * handler gave up. The limit counts as reached, too, when several cycles in a row left less than a thirty-second of what is live: the
 * program would do little but wait. May collect. Fatal when no heap is attached. */
void GW *gw_alloc(const struct gw_type *type);
void GW *gw_alloc_array(const struct gw_type *type, size_t count);

#if GW_ROOTS_IN_GCC_
/* The plug-in's inline allocation, written in C: folds to a few instructions where the type is known. */
__attribute__((always_inline)) static inline void *gw_alloc_inline_(const struct gw_type *type)
{
    if (__builtin_constant_p(type->size) && type->size && type->size <= 512 && !(type->flags & ~(GW_TYPE_RUNS | GW_TYPE_TAGS)) &&
        !type->element_size && !type->destroy) {
        struct gw_thread *thread = &gw_current_thread;
        size_t size = (type->size + 7u) & ~(size_t)7;
        char *header = thread->alloc, *end = header + GW_HEADER_SIZE + size;
        if (__builtin_expect(end <= __atomic_load_n(&thread->limit, __ATOMIC_RELAXED), 1)) {
            thread->alloc = end;
            *(uintptr_t *)header = (uintptr_t)type;
            return __builtin_memset(header + GW_HEADER_SIZE, 0, size);
        }
    }
    return gw_alloc(type);
}
#define gw_new(name) ((gw_typeof_##name GW *)gw_alloc_inline_(&gw_type_##name))
#else
/* An object of GW_TYPE(name, …) or its like, by gw_alloc, as a pointer to its C type. May collect. */
#define gw_new(name) ((gw_typeof_##name GW *)gw_alloc(&gw_type_##name))
#endif
/* An array of `count` elements, by gw_alloc_array, as a pointer to its C type. May collect. */
#define gw_new_array(name, count) ((gw_typeof_##name GW *)gw_alloc_array(&gw_type_##name, (count)))

/* Element count of an array object; 0 for one without elements. Never collects. */
GW_NOCOLLECT size_t gw_length(const void GW *object);
GW_NOCOLLECT const struct gw_type *gw_type_of(const void GW *object);
/* Whether the object, not null, is one of GW_TYPE(name, …). Compiled code calls nothing for any of the three. */
#define gw_is(object, name) (gw_type_of(object) == &gw_type_##name)

/* Called when an allocation of `bytes` failed after a full collection: drop what can be dropped and return true to
 * collect and try again, or false to let the allocation return NULL. May leave by longjmp or an exception: the allocation is then as if
 * it had not been tried. Allocating collected objects or collecting in one is fatal. */
typedef bool gw_oom_handler(void *data, size_t bytes);
GW_NOCOLLECT void gw_set_oom_handler(gw_oom_handler *handler, void *data);

/* A word as a value in a reference field. It is never followed, and its low three bits must not all be zero: one of which they are ends the
 * process by gw_refuse_immediate, with a message that names the caller. */
#ifdef __GREYWAVE__
GW_NOCOLLECT void gw_refuse_immediate(uintptr_t word) __attribute__((noreturn));
GW_NOCOLLECT void GW *gw_immediate_word(uintptr_t word);
#else
/* A program that is linked without the runtime, with malloc in its place, say, ends without words. */
GW_NOCOLLECT void gw_refuse_immediate(uintptr_t word) __attribute__((noreturn, weak));
static inline void *gw_immediate_word(uintptr_t word)
{
    if (!(word & GW_IMMEDIATE_MASK) && gw_refuse_immediate) gw_refuse_immediate(word);
    if (!(word & GW_IMMEDIATE_MASK)) __builtin_trap();
    return (void *)word;
}
#endif
#define gw_is_immediate(reference) (((uintptr_t)(reference) & GW_IMMEDIATE_MASK) != 0)
#define gw_small_integer(n) gw_immediate_word((uintptr_t)(n) << 3 | 1)
#define gw_small_integer_value(reference) ((intptr_t)(reference) >> 3)

/* ---- Write ----------------------------------------------------------------------------------------- */

/* Must precede a store of a reference into `object` at `slot`, with no safepoint between. Compiled code does this
 * by itself; C compiled without the plug-in uses GW_STORE. */
#if defined(__GREYWAVE__)
#define gw_write_barrier(object, slot) ((void)0)
#else
static inline void gw_write_barrier(void *object, void *slot)
{
    if (__builtin_expect(((unsigned char *)object)[-GW_HEADER_SIZE] & GW_HEADER_TRACK, 0)) gw_barrier_slow(object, slot);
}
#endif
#define GW_STORE(object, field, value) (gw_write_barrier((object), (void *)(uintptr_t)&(object)->field), (void)((object)->field = (value)))

/* Copies elements [from, from + count) of `source` to [to, to + count) of `target`, arrays of one type, which may be
 * the same object and overlap. Out of range is fatal. With barrier; never collects. */
GW_NOCOLLECT void gw_array_copy(void GW *target, size_t to, const void GW *source, size_t from, size_t count);

/* As qsort and qsort_r of the C library, and stable, but every element is in its place in the array whenever `compare`
 * runs, which may therefore collect while it sorts references. It may leave by longjmp or an exception: the array then holds its
 * elements in some order. Compiled code calls these in place of qsort and qsort_r
 * when the comparison may collect and the array is not known to hold no references. The array is native memory that the
 * collector knows: a variable, or registered roots. */
void gw_sort(void *base, size_t count, size_t size, int (*compare)(const void *, const void *));
void gw_sort_r(void *base, size_t count, size_t size, int (*compare)(const void *, const void *, void *), void *data);

#ifdef __cplusplus
}
#endif

#pragma GCC visibility pop
#endif
