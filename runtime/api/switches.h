/* What the doors of gw_stack_switch and its like lead to. */
#ifndef GW_API_SWITCHES_H
#define GW_API_SWITCHES_H

#include "heap/heap.h"

struct gw_entry;

/* Where another stack was left, to go on there; and whether gw_stack_has_left is to be called then: where threads share the heap this one
 * is inside as long as it stands on the stack that it leaves, for another one may be waiting to go on on that, or for its memory. */
struct gw_continuation {
    struct gw_entry *entry;
    uintptr_t inside;
};

struct gw_continuation gw_stack_switch_from(struct gw_stack *to, const struct gw_entry *entry);
struct gw_continuation gw_stack_yield_from(const struct gw_entry *entry);

/* The function of the running stack has returned; gw_stack_has_left is to be called. */
struct gw_entry *gw_stack_ended(void);
void gw_stack_has_left(void);
void *gw_stack_switch_by_from(struct gw_stack *to, void *(*function)(void *), void *argument, struct gw_entry *entry);
int gw_stack_personality(int version, int actions, uint64_t class, void *exception, void *context);

/* What the entry stub of gw_stack_new calls. */
struct gw_stack *gw_stack_new_from(size_t bytes, gw_stack_function *function, void *argument, const struct gw_entry *entry);

/* A stack of this heap that was not freed; fatal, in the name of `function`, for any other. */
struct gw_stack *gw_known_stack(const struct gw_stack *stack, const struct gw_heap *heap, const char *function);

#endif
