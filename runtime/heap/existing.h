/* Which heaps there are, and to which threads they are attached: known to the process and not to the heap alone, so that a heap that was
 * destroyed is told from one that exists, and two threads that ask for the same heap at once do not both get it. Any thread. */
#ifndef GW_HEAP_EXISTING_H
#define GW_HEAP_EXISTING_H

#include "heap/world.h"

/* GW_ERROR_MEMORY. */
gw_status gw_existing_add(struct gw_heap *heap);

/* The heap exists no more, and is the caller's to free. GW_ERROR_ARGUMENT: it did not exist; GW_ERROR_STATE: it is attached. */
gw_status gw_existing_remove(struct gw_heap *heap);

/* This thread is about to attach the heap, which is there until gw_existing_leave; `first`: nobody else has, or is about to.
 * GW_ERROR_ARGUMENT, GW_ERROR_STATE. */
gw_status gw_existing_expect(struct gw_heap *heap, bool *first);

/* This thread has nothing more to do with the heap: nothing may be read or written of it afterwards. */
void gw_existing_leave(struct gw_heap *heap);

/* Calls look(context, heap) for each heap but `except` that a thread of this process has or may get. Meanwhile no heap is made, destroyed,
 * attached or detached: one that is attached nowhere may be looked into. */
typedef void gw_heap_look(void *context, struct gw_heap *heap);
void gw_existing_each_other(const struct gw_heap *except, gw_heap_look *look, void *context);

/* The lock that all of these take, for what threads tell each other of a heap. */
void gw_existing_lock(void);
void gw_existing_unlock(void);

/* What gw_refuse_other_heaps does for an object that is not of the heap attached here. */
void gw_look_in_other_heaps(uintptr_t ref, const char *function);

/* Fatal, in the name of `function`, for an object of another heap. `heap` is the one attached here; its own objects, static ones,
 * immediates and null are what a program may hand in. */
GW_ALWAYS_INLINE void gw_refuse_other_heaps(const struct gw_heap *heap, const void *object, const char *function)
{
    uintptr_t ref = (uintptr_t)object;
    if (gw_unlikely(gw_is_reference(ref) && !gw_heap_contains(heap, ref))) gw_look_in_other_heaps(ref, function);
}

/* The heap attached here, for `function`, which was given `object`; inside (GW_INSIDE). gw_heap_for_handle: the marker goes on. */
GW_ALWAYS_INLINE struct gw_heap *gw_heap_for(const void *object, const char *function)
{
    struct gw_heap *heap = gw_heap_inside(function);
    gw_refuse_other_heaps(heap, object, function);
    return heap;
}

GW_ALWAYS_INLINE struct gw_heap *gw_heap_for_handle(const void *object, const char *function)
{
    struct gw_heap *heap = gw_heap_beside_marker(function);
    gw_refuse_other_heaps(heap, object, function);
    return heap;
}

#endif
