/* Where the stack is that this thread runs on. Known once a heap has been attached to the thread: its own, at first, then whatever
 * the program switches to with gw_stack_switch and its like (mutator/stacks.h).
 *
 * References on a stack that the program switches to by itself, without a word, are not found, so whoever needs a stack walked asks here
 * first, and asks again where the walk ended.
 */
#ifndef GW_MUTATOR_NATIVE_STACK_H
#define GW_MUTATOR_NATIVE_STACK_H

#include "spaces/object.h"
#include <greywave/greywave.h>

struct gw_native_stack {
    uintptr_t low;         /* lowest address that it may grow down to */
    size_t bytes;          /* from there to its end; 0: not known, no heap was ever attached to this thread */
    uintptr_t start;       /* stack pointer of its outermost frame; 0 until a walk has come there, as gw_attach's does. Not needed for the
                              first thread's */
    struct gw_stack *made; /* NULL: the thread's own */
    bool unmarked;         /* some of its variables have no mark although others may write to them (mutator/stack_marks.h) */
};

extern GW_THREAD_LOCAL struct gw_native_stack gw_native_stack __attribute__((tls_model("initial-exec")));

/* Whether an address lies on the running stack, in use or not. A few instructions. */
GW_ALWAYS_INLINE bool gw_on_native_stack(uintptr_t address)
{
    return address - gw_native_stack.low < gw_native_stack.bytes;
}

/* Looks where the thread's own stack is; nothing to do after the first time. Opens no file. GW_ERROR_MEMORY, GW_ERROR_STATE. */
gw_status gw_native_stack_find(void);

/* A walk from `address` has come to the start of this stack. Under a limit that was raised, or none, it may have grown beyond what
 * was known; a signal handler's stack is another one. */
void gw_native_stack_extend(uintptr_t address);

/* Whether a walk that ended with the stack pointer `sp` has come to the start of `stack`. The first one shows where that is. True
 * where the stack is not known. */
bool gw_native_stack_starts_at(struct gw_native_stack *stack, uintptr_t sp);

/* Whether no walk has shown where this thread's stack starts, and nothing else does. */
bool gw_native_stack_wants_start(void);

#endif
