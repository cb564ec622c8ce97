/* The program's code, run by the runtime: what it may do, and how it may end.
 *
 * Trace functions, destructors, hooks and notify functions run in the middle of something. They must return: an exception that
 * leaves one ends the process at once, a longjmp at the next call that could allocate or collect.
 * Out-of-memory handlers and visitors may leave in both ways, and may not allocate. Finalizers and comparisons may do anything.
 *
 * While code runs that may not allocate, heap->mutator->callback says so and the nursery's limit is closed, so that inline allocation comes
 * by here. After a longjmp it still says so. Whether the call is still running is not guessed: it has a frame of a known kind
 * (gw_call_marked) at a noted place, which is looked for on the stack.
 */
#ifndef GW_HEAP_CALLBACKS_H
#define GW_HEAP_CALLBACKS_H

#include "arch/calls.h"
#include "heap/entered.h"

/* Whether that call is still on this thread's stack. Where the stack cannot be looked through it counts as running. */
bool gw_call_is_running_from(uintptr_t frame, const struct gw_entry *entry);

/* Whether there is one, and it has not been left. */
bool gw_callback_is_running(const struct gw_callback *callback);

/* Calls body(context), which calls code of the program that may leave, but neither allocate nor collect. `what` names that. */
void gw_call_restricted(struct gw_heap *heap, const char *what, gw_call_body *body, void *context);

/* For code that must return: until gw_unrestrict it may neither allocate nor collect. */
struct gw_callback gw_restrict(struct gw_heap *heap, const char *what);
void gw_unrestrict(struct gw_heap *heap, struct gw_callback before);

/* What gw_restrict is told while objects move or are freed, so that nobody may look at them: trace functions, destructors and notify
 * functions run then. Hooks run afterwards. */
#define GW_A_COLLECTION "a collection"
bool gw_is_collecting(const struct gw_heap *heap);

/* Ends the process in words where code that may not collect does, or was left when it must return. When it has been left and may be,
 * the heap is as if it had returned. */
void gw_leave_callback(struct gw_heap *heap, const char *what, const struct gw_entry *entry);

/* As gw_heap_entered, for doors that may collect, which are safepoints: this thread may rest here, and what the door was given and still
 * needs is in the mutator's arguments before. */
GW_ALWAYS_INLINE struct gw_heap *gw_heap_to_collect(const char *what, const struct gw_entry *entry)
{
    struct gw_heap *heap = gw_heap_here(what);
    if (gw_unlikely(!gw_on_native_stack((uintptr_t)entry))) gw_check_other_stack(what, entry);
    if (gw_unlikely(gw_world_is_watched(heap))) gw_world_arrive(heap, entry);
    if (gw_unlikely(heap->mutator->callback.what)) gw_leave_callback(heap, what, entry);
    return heap;
}

/* The same for doors that are given references: `count` words, which are brought up to date. */
GW_ALWAYS_INLINE struct gw_heap *gw_heap_to_collect_given(const char *what, const struct gw_entry *entry, uintptr_t *words, size_t count)
{
    bool watched = gw_world_is_watched(gw_heap_here(what));
    uintptr_t *arguments = gw_current_thread.mutator->arguments;
    if (gw_unlikely(watched)) memcpy(arguments, words, count * sizeof *words);
    struct gw_heap *heap = gw_heap_to_collect(what, entry);
    if (gw_likely(!watched)) return heap;
    memcpy(words, arguments, count * sizeof *words);
    memset(arguments, 0, count * sizeof *words);
    return heap;
}

/* For doors that look at the whole heap: as gw_heap_to_collect_given, and other threads have stopped until the caller returns (GW_STOPPED).
 * A lone thread may call them where it may not collect. */
#define GW_STOPPED __attribute__((cleanup(gw_heap_started)))
void gw_arrive_to_stop(struct gw_heap *heap, const char *what, const struct gw_entry *entry, uintptr_t *words, size_t count);

GW_ALWAYS_INLINE struct gw_heap *gw_heap_to_stop(const char *what, const struct gw_entry *entry, uintptr_t *words, size_t count)
{
    struct gw_heap *heap = gw_heap_here(what);
    if (gw_unlikely(!gw_on_native_stack((uintptr_t)entry))) gw_check_other_stack(what, entry);
    if (gw_unlikely(gw_world_is_watched(heap))) gw_arrive_to_stop(heap, what, entry, words, count);
    return heap;
}

GW_ALWAYS_INLINE void gw_heap_started(struct gw_heap *const *heap)
{
    gw_world_start(*heap);
    gw_heap_left(heap);
}

#endif
