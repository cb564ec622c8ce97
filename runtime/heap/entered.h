/* What every door into the runtime does first: it asks for the heap, and whether this is the stack that collections walk. */
#ifndef GW_HEAP_ENTERED_H
#define GW_HEAP_ENTERED_H

#include "heap/world.h"
#include "mutator/native_stack.h"
#include "roots/stack_walk.h"

/* Fatal where `entry` lies on another stack than this thread's own and that does not lead back to it, as the stack of a signal handler
 * or a segment of a split stack does. */
void gw_check_other_stack(const char *what, const struct gw_entry *entry);

/* Looks for the start of this thread's stack, from here outwards. Where the search does not get to an end nothing is learnt. */
void gw_learn_stack_start(void);

_Noreturn void gw_refuse_other_stack(const char *what, uintptr_t sp);

/* The heap attached to this thread, inside (GW_INSIDE); fatal when there is none, or when the program has switched stacks: `what` was
 * called. */
GW_ALWAYS_INLINE struct gw_heap *gw_heap_entered(const char *what, const struct gw_entry *entry)
{
    struct gw_heap *heap = gw_heap_inside(what);
    if (gw_unlikely(!gw_on_native_stack((uintptr_t)entry))) gw_check_other_stack(what, entry);
    return heap;
}

#endif
