/* Stacks of the program's own: coroutines, generators, fibers, on stacks that the runtime makes or that the program brings.
 *
 *     static void GW *numbers(void GW *limit, void GW *unused)
 *     {
 *         for (...) gw_stack_yield(number);
 *         return NULL;
 *     }
 *     gw_stack *generator = gw_stack_new(0, numbers, limit);
 *     while ((number = gw_stack_switch(generator, NULL)), !gw_stack_is_done(generator)) ...
 *     gw_stack_free(generator);
 *
 * References in frames of a stack that waits are found, and updated when their objects move. A minor collection looks at a stack once after
 * it has run and not again while it waits, unless what it refers to is still young or others may write to its variables. Variables of other
 * compilers' functions may be written to by anybody, and so may those whose address is known elsewhere.
 *
 * What belongs to a stack: its frames, scopes of handles (gw_scope_begin), words of the shadow stack, exceptions that are being handled.
 * What belongs to the thread and stays: everything else, such as the signal mask, errno and thread-local variables.
 *
 * A stack belongs to the heap that was attached when it was made, and, once it has begun, to the thread on which it began, because
 * compilers keep addresses of thread-local variables in frames; gw_stack_unbind lets it go on on others. It is a root until it has ended or
 * is freed: what it refers to stays alive, and so does a cycle that leads through a stack. Nobody frees a stack but the program; a
 * destructor (types.h) may, and gw_heap_destroy frees those that are left. Freeing a stack that waits runs nothing of it: no destructor of
 * C++, no cleanup. A stack that was freed is refused in words, until another one takes its place.
 *
 * Where none of these functions may be called: in functions that may not collect (greywave.h), but gw_stack_free, gw_stack_current,
 * gw_stack_bounds, gw_stack_is_done and gw_stack_unbind.
 */
#ifndef GREYWAVE_STACKS_H
#define GREYWAVE_STACKS_H

#include <greywave/abi.h>
#include <greywave/status.h>
#include <stdbool.h>

#pragma GCC visibility push(default)

#ifdef __cplusplus
extern "C" {
#endif

/* A stack that is known to the heap of the thread that made it. */
typedef struct gw_stack gw_stack;

/* ---- Stacks that the runtime makes ------------------------------------------------------------------ */

/* What runs on a stack. It is given the argument of gw_stack_new and the value of the first switch to it. When it returns the stack has
 * ended, and its result is the value of the switch that is waiting in the stack's resumer: the one that called gw_stack_switch for it last.
 * An exception that leaves it ends the process in words. */
typedef void GW *gw_stack_function(void GW *argument, void GW *value);

/* For gw_stack_new: what a stack has that is asked for with 0 bytes, and the least that one may have. */
#define GW_STACK_BYTES ((size_t)64 << 10)
#define GW_STACK_LEAST_BYTES ((size_t)16 << 10)

/* Makes a stack on which function(argument, …) will run; nothing runs yet. `bytes`: what its frames may take, those of the runtime
 * included, rounded up to whole pages; at least GW_STACK_LEAST_BYTES, and 0 for GW_STACK_BYTES. Memory is taken page by page as it is used.
 * Beyond its end lie pages that end the process with a signal. Memory of a stack that has ended or was freed is used again.
 *
 * When there are twice as many stacks as a cycle has left, and a thousand, the next allocation starts a cycle, for they may belong to
 * objects that are dead. Where the system gives no memory it is collected at once, fully, and tried again as long as that frees stacks, but
 * within gw_no_collect_begin and gw_no_collect_end. A safepoint. NULL: the system gives no memory all the same (65,530 mappings by default,
 * which are two a stack before Linux 6.13), or processor and system guard return addresses (CET shadow stacks), which is not supported. */
gw_stack *gw_stack_new(size_t bytes, gw_stack_function *function, void GW *argument);

/* Leaves the running stack and goes on on `to`: one of gw_stack_new that has not begun, or one that waits in gw_stack_switch or
 * gw_stack_yield, where `value` is the result. Returns the value that is handed over by whoever comes back here. `value` is a reference,
 * null or an immediate. The running stack becomes the resumer of `to`. A safepoint. Anything else ends the process in words: a stack that
 * runs, has ended or was freed, of another heap, bound to another thread, that was left by gw_stack_switch_by. */
void GW *gw_stack_switch(gw_stack *to, void GW *value);

/* The same to the running stack's resumer, which keeps its own. Ends the process in words where there is none any more. */
void GW *gw_stack_yield(void GW *value);

/* The running stack; of the thread's own too. Never NULL while a heap is attached. */
GW_NOCOLLECT gw_stack *gw_stack_current(void);

/* Where its frames may lie, for an overflow check of the program's own: gives the lowest address, and in `*bytes`, which may be NULL, how
 * many bytes from there on. The runtime, called from a frame, wants up to GW_STACK_LEAST_BYTES below it, and C functions what they want.
 * Bounds of a stack of gw_stack_new or gw_stack_add stay the same until it ends; NULL and 0 afterwards. Those of the process's first thread
 * follow RLIMIT_STACK as it was when a heap was attached, 64 MB where there is no limit, and grow when a collection finds it beyond. */
GW_NOCOLLECT void *gw_stack_bounds(const gw_stack *stack, size_t *bytes);

/* Whether its function has returned. */
GW_NOCOLLECT bool gw_stack_is_done(const gw_stack *stack);

/* From now on the stack, of either kind, may go on on any thread that has its heap attached, wherever it was left: for schedulers that
 * spread coroutines over threads. Called on any of them, before it begins or later.
 *
 * Who continues it must know that it has been left: so it is handed over by the one that goes on then (the scheduler that it has yielded
 * to, say), through a lock or an atomic of the program's. Continuing one that still runs ends the process in words; where the program
 * switches by itself nobody notices. gw_stack_yield goes to the stack that has switched to it last, on whatever thread.
 *
 * In its functions nothing that belongs to a thread may be kept across a switch: locks that know who holds them, and addresses of
 * thread-local variables, which compilers keep by themselves as long as they are in one function. So read and write such variables, errno
 * too, in functions that do not switch and are not inlined (__attribute__((noinline))). What compiled code of the plug-in and the macros of
 * roots.h need of the thread they find anew each time.
 *
 * GW_ERROR_STATE: it is a thread's own stack; or this is AArch64, where compiled code keeps the thread's address. */
GW_NOCOLLECT gw_status gw_stack_unbind(gw_stack *stack);

/* Ends the life of a stack that does not run, of either kind. NULL is allowed. GW_ERROR_STATE: it runs, or is a thread's own. */
GW_NOCOLLECT gw_status gw_stack_free(gw_stack *stack);

/* ---- Stacks that the program brings ----------------------------------------------------------------- */

/* Makes a stack of the program's own known: `bytes` bytes from `low` on, its whole extent, which stay the program's. It is not on any other
 * stack. Nothing of it is looked at before it is first entered by gw_stack_switch_by. Freed by gw_stack_free, which must come before the
 * memory is used for anything else. NULL: GW_ERROR_ARGUMENT, GW_ERROR_MEMORY. */
GW_NOCOLLECT gw_stack *gw_stack_add(void *low, size_t bytes);

/* Calls function(argument), which is to switch to the stack `to` in the program's own way (swapcontext, a library's or assembler's), from
 * the running stack, which may be the thread's own, one of gw_stack_add, or one of gw_stack_new. Gives its result, when the program has
 * switched back to here in the same way. Every switch between stacks is made through this function, or announced by gw_stack_leave; a
 * stack is continued in the way in which it was left. What comes back without a word ends the process in words. Registers are kept by this
 * function, so that `function` itself needs no frame maps; it must hold no references, nor what runs between it and the switch. A
 * safepoint. */
void *gw_stack_switch_by(gw_stack *to, void *(*function)(void *), void *argument);

/* The running stack, one of gw_stack_add, is about to be left for good and `to` to be continued: the last thing that a function on it does
 * before it returns to what it was started by. It has ended then; to use the memory for another, free it and add it again. */
GW_NOCOLLECT void gw_stack_leave(gw_stack *to);

#ifdef __cplusplus
}
#endif

#pragma GCC visibility pop
#endif
