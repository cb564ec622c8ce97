/* Threads that share a heap: one of them at a time is inside the runtime, and one may stop the others.
 *
 * What compiled code does by itself, it does side by side: each thread has a piece of eden of its own, and records of its own that compiled
 * code writes to (struct gw_thread). Everything else of a heap is changed by the thread that is inside. While a single thread is attached
 * nobody takes the lock: `watched` is clear then, and all that a door does is to look at it.
 *
 *     running    compiled code, native code that was called without a word, or inside the runtime
 *     resting    at a safepoint: its stack may be walked from `entry` outwards, and what it refers to may move
 *
 * A thread comes to rest whenever it likes, and runs again only while it holds the lock and nobody stops the world. Who stops it says so
 * (`stop`, and each thread's poll and limit), lets go of the lock, waits until all others rest, and takes the lock again. All changes of
 * `stop`, and of another thread's poll and limit, are made by the thread that holds the lock: so none can be lost when a thread refills its
 * piece, or comes back from outside.
 *
 * A marker (control/marker.h) looks at the heap while compiled code runs. The thread that is inside has it parked, but in the barrier, in
 * checks and where handles are used: those have nothing to do with marking. A heap that has one is watched all the time.
 *
 * The second thread that attaches turns `watched` on; the first one has to come to rest for that, since until then it may be inside without
 * the lock. A thread that stops the world and finds itself alone turns it off again. */
#ifndef GW_HEAP_WORLD_H
#define GW_HEAP_WORLD_H

#include "heap/heap.h"

/* Slow parts of what follows. */
void gw_world_enter(struct gw_heap *heap);
void gw_world_enter_beside(struct gw_heap *heap);
struct gw_heap *gw_world_enter_from_outside(const char *what);
void gw_world_leave(struct gw_heap *heap);
void gw_world_arrive(struct gw_heap *heap, const struct gw_entry *entry);

GW_ALWAYS_INLINE bool gw_world_is_watched(const struct gw_heap *heap)
{
    return __atomic_load_n(&heap->world.watched, __ATOMIC_RELAXED);
}

/* What every function of the interface declares its heap with, when it changes or reads what other threads change: it is inside until it
 * returns, whatever way that is.
 *
 *     struct gw_heap *heap GW_INSIDE = gw_heap_inside("gw_disable");
 */
#define GW_INSIDE __attribute__((cleanup(gw_heap_left)))

GW_ALWAYS_INLINE struct gw_heap *gw_heap_inside(const char *what)
{
    struct gw_heap *heap = gw_heap_here(what);
    if (gw_unlikely(gw_world_is_watched(heap))) gw_world_enter(heap);
    return heap;
}

/* The same for functions that neither read nor write anything that marking or sweeping does, and that programs call all the time: the
 * marker goes on. */
GW_ALWAYS_INLINE struct gw_heap *gw_heap_beside_marker(const char *what)
{
    struct gw_heap *heap = gw_heap_here(what);
    if (gw_unlikely(gw_world_is_watched(heap))) gw_world_enter_beside(heap);
    return heap;
}

GW_ALWAYS_INLINE void gw_heap_left(struct gw_heap *const *heap)
{
    if (*heap && gw_unlikely(gw_world_is_watched(*heap))) gw_world_leave(*heap);
}

/* As gw_heap_beside_marker, for functions that a thread may call outside, too, where it goes on resting: they neither give it a reference
 * nor take one from it. Outside the lock is taken whether the world is watched or not, for that may change at any moment. */
#define GW_INSIDE_FROM_ANYWHERE __attribute__((cleanup(gw_heap_left_for_anywhere)))

GW_ALWAYS_INLINE struct gw_heap *gw_heap_from_anywhere(const char *what)
{
    return gw_likely(gw_current_thread.heap != NULL) ? gw_heap_beside_marker(what) : gw_world_enter_from_outside(what);
}

GW_ALWAYS_INLINE void gw_heap_left_for_anywhere(struct gw_heap *const *heap)
{
    if (gw_unlikely(gw_current_thread.mutator->depth)) gw_world_leave(*heap);
}

/* Around code of the program that may do anything, from inside: other threads may come in meanwhile. The code may leave by longjmp. */
unsigned gw_world_step_out(struct gw_heap *heap);
void gw_world_step_in(struct gw_heap *heap, unsigned depth);

/* From inside, at a safepoint: all other threads rest when this returns true, until gw_world_start is called as often. False: another
 * thread wanted the same, and has had its way while this one rested; whatever was read of the heap before may have changed. */
bool gw_world_stop(struct gw_heap *heap, const struct gw_entry *entry);
void gw_world_start(struct gw_heap *heap);

/* From inside, at a safepoint: this thread rests until it comes back, whatever it does; the runtime knows no heap of it meanwhile. */
void gw_world_go_outside(struct gw_heap *heap, const struct gw_entry *entry);
void gw_world_come_back(struct gw_heap *heap);

/* From inside, at a safepoint: lets another thread have its way, if one waits for this. */
void gw_world_let_stop(struct gw_heap *heap, const struct gw_entry *entry);

/* Until this thread has stopped the others. */
GW_ALWAYS_INLINE void gw_world_stop_surely(struct gw_heap *heap, const struct gw_entry *entry)
{
    while (!gw_world_stop(heap, entry)) continue;
}

/* Whether other threads are attached. */
GW_ALWAYS_INLINE bool gw_world_is_shared(const struct gw_heap *heap)
{
    return heap->mutators && heap->mutators->next;
}

/* From inside: whether this thread has stopped the others. */
bool gw_world_is_stopped(const struct gw_heap *heap);

/* Calls all threads to a safepoint, as any thread may (abi.h); not while one of them is inside. */
void gw_world_call_all(struct gw_heap *heap);

/* Fatal in the name of `function`, which looks at the whole heap and is no safepoint, so that it cannot stop other threads, unless they
 * have stopped. */
void gw_refuse_while_shared(const struct gw_heap *heap, const char *function);

/* A thread comes, which has no mutator of the heap yet: it is let in when nobody stops the world; then its mutator is added, which runs.
 * Where that leaves it alone it holds no lock from then on. */
void gw_world_let_in(struct gw_heap *heap);
void gw_world_join(struct gw_heap *heap, struct gw_mutator *mutator);

/* It goes, from inside, where it has come whether the world is watched or not, for a thread that waits for this one may read the list. It
 * is inside until it is let out, but no longer one of those that run when its mutator has been taken from the list. */
struct gw_mutator *gw_world_part(struct gw_heap *heap);
void gw_world_let_out(struct gw_heap *heap);

/* Before a fork, and after it in the parent, and in the child: there this thread is the only one, and what the others had of eden holds
 * nothing that anybody refers to. */
void gw_world_hold_for_fork(struct gw_heap *heap);
void gw_world_release_after_fork(struct gw_heap *heap);
void gw_world_survive_fork(struct gw_heap *heap);

/* The same for a heap of other threads, or of none: no marker works for it any more. */
void gw_world_note_left_by_fork(struct gw_heap *heap);

/* Fatal when the number of threads that run is not what their records say, or one that rests is inside. */
void gw_world_check(const struct gw_heap *heap);

#endif
