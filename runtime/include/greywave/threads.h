/* Threads that share a heap.
 *
 *     gw_attach(heap);                    on each thread, before it touches the heap; a thread that ends detaches by itself
 *     gw_outside_call(wait_for, work);    around whatever may last: a lock, a queue, a system call that blocks, a join; gwcc -pthread does
 * so by itself for the C library's functions that wait, and those declared GW_BLOCKING (abi.h)
 *
 * Any number of threads attach to one heap; they may come and go. What one allocates another may use: references pass from thread to thread
 * through variables and objects as the language's memory model has it, ordered by the program's locks and atomics. A reference that is read
 * while another thread writes it without any order is the old or the new one, on x86-64 (docs/threads.md: the memory model, and what
 * AArch64 asks for). Objects are the program's to guard: a weak map, a container, a field that two threads change. The functions of the
 * runtime may be called by all threads at once, but for those that say otherwise.
 *
 * To collect, the thread that needs it stops the others: each goes on to its next safepoint and waits there. A thread that runs long
 * without one keeps all others waiting: loops of compiled code need polls (gwcc --polls, or gw_poll below), and code that blocks must be
 * called through gw_outside_call. When a thread has a heap to itself it never waits for anybody, and nothing of this costs anything.
 *
 * gw_heap_walk and gw_referrers look at the whole heap without a safepoint, so while several threads are attached they want the others to
 * rest: a function that gw_stopped_call runs may call them, elsewhere they end the process in words. gw_heap_snapshot and gw_path_to stop
 * the others by themselves.
 *
 * Code of the program that the runtime calls in the middle of something (trace functions, destructors, hooks, notify functions) runs while
 * the others are stopped, and an out-of-memory handler keeps them from collecting: such code waits for no other thread.
 *
 * Stacks of the program's own (stacks.h) stay on the thread on which they began, unless they are unbound (gw_stack_unbind).
 */
#ifndef GREYWAVE_THREADS_H
#define GREYWAVE_THREADS_H

#include <greywave/abi.h>

#pragma GCC visibility push(default)

#ifdef __cplusplus
extern "C" {
#endif

/* Calls function(argument), during which this thread is outside: other threads collect without waiting for it. The function touches no
 * reference and calls nothing of the runtime but gw_handle_copy and gw_handle_free, which is refused in words; `argument` and the result
 * are not followed, so a reference is handed over as a handle. An exception may leave it, a longjmp may not. A safepoint, and the
 * function's end may wait for a collection. */
void *gw_outside_call(void *(*function)(void *), void *argument);

/* A safepoint for a loop that may run long and neither allocates nor calls what does, where the compiler puts none: GCC never, clang
 * without --polls. A load and a branch unless somebody asks. To be called by threads that have a heap. */
static inline void gw_poll(void)
{
    if (__builtin_expect(__atomic_load_n(&gw_current_thread.poll, __ATOMIC_RELAXED) != 0, 0)) gw_poll_slow();
}

/* Calls function(argument), during which all other threads that have the heap attached rest at safepoints, or are outside: to look at the
 * heap or its threads' data as they are at one moment, or to change what all threads use without a lock, code and tables. It may call what
 * neither allocates nor collects, and what looks at the whole heap: gw_heap_walk, gw_referrers, gw_path_to, gw_heap_snapshot, gw_verify. It
 * waits for no other thread, which may hold any lock, and must return: an exception that leaves it ends the process, and after a longjmp so
 * does the next safepoint. The argument and the result are not followed: native memory, or a handle. A safepoint. */
void *gw_stopped_call(void *(*function)(void *), void *argument);

/* Asks for a stop, from anywhere: a signal handler too, on whatever thread, with a heap or none. The next safepoint of the heap's at which
 * somebody looks calls the handler of gw_set_stop_handler, as gw_stopped_call does, once for all requests until then; where none is set
 * nothing happens. A thread that has the heap attached looks at its next poll or allocation when it asks itself, as in a handler that runs
 * on it; otherwise one that does not ask looks when its piece of eden is used up, or it collects. A thread that is outside looks when it is
 * back. The heap must exist. */
GW_NOCOLLECT void gw_request_stop(struct gw_heap *heap);

/* For the attached heap; NULL: none. */
typedef void gw_stop_handler(void *data);
GW_NOCOLLECT void gw_set_stop_handler(gw_stop_handler *handler, void *data);

#ifdef __cplusplus
}
#endif

#pragma GCC visibility pop
#endif
