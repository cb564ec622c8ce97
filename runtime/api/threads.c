/* Threads that are outside, and calls for which all stop. */
#include "api/threads.h"

#include "base/report.h"
#include "control/stops.h"
#include "heap/callbacks.h"

#include <errno.h>
#include <greywave/greywave.h>

/* What the function has left in errno is the caller's to read. */
static void come_back(struct gw_heap *const *heap)
{
    int error = errno;
    gw_world_come_back(*heap);
    errno = error;
}

static void *call_outside(struct gw_heap *heap, const struct gw_entry *entry, void *(*function)(void *), void *argument)
{
    struct gw_heap *left __attribute__((cleanup(come_back))) = heap;
    gw_world_go_outside(left, entry);
    return function(argument);
}

void *gw_outside_call_from(void *(*function)(void *), void *argument, const struct gw_entry *entry)
{
    struct gw_heap *heap GW_INSIDE = gw_heap_to_collect("gw_outside_call", entry);
    gw_refuse_null((const void *)(uintptr_t)function, "gw_outside_call");
    return call_outside(heap, entry, function, argument);
}

/* Whether one of the words is an address in the heap: of an object, which may not move under the call. */
static bool lead_into_heap(const struct gw_heap *heap, const uintptr_t *words, size_t bytes)
{
    for (size_t i = 0; i < bytes / sizeof *words; i++)
        if (gw_heap_contains(heap, words[i])) return true;
    return false;
}

/* Where the runtime is at work there is nothing to leave: the others have stopped, and will not wait. */
static bool may_leave(const void *arguments, size_t bytes)
{
    const struct gw_heap *heap = gw_current_thread.heap;
    return heap && !gw_current_thread.mutator->callback.what && !lead_into_heap(heap, arguments, bytes);
}

void *gw_blocking_call_from(void *(*function)(void *), void *arguments, size_t bytes, const struct gw_entry *entry)
{
    return may_leave(arguments, bytes) ? gw_outside_call_from(function, arguments, entry) : function(arguments);
}

/* ---- Stops ----------------------------------------------------------------------------------------- */

void *gw_stopped_call_from(void *(*function)(void *), void *argument, const struct gw_entry *entry)
{
    struct gw_heap *heap GW_INSIDE = gw_heap_to_collect("gw_stopped_call", entry);
    gw_refuse_null((const void *)(uintptr_t)function, "gw_stopped_call");
    return gw_call_stopped(heap, function, argument, entry);
}

void gw_set_stop_handler(gw_stop_handler *handler, void *data)
{
    struct gw_heap *heap GW_INSIDE = gw_heap_inside("gw_set_stop_handler");
    heap->stop_handler = handler;
    heap->stop_data = data;
}

/* A signal may have interrupted anything, the runtime too. Of others nothing is touched: their records come and go. */
void gw_request_stop(struct gw_heap *heap)
{
    struct gw_thread *thread = &gw_current_thread;
    __atomic_store_n(&heap->stop_requested, true, __ATOMIC_RELAXED);
    if (thread->heap != heap) return;
    __atomic_store_n(&thread->poll, 1, __ATOMIC_RELAXED);
    gw_thread_set_limit(thread, NULL);
}
