/* What the doors of gw_stack_switch and its like lead to. Those that continue another stack give the entry where it was left. */
#ifndef GW_API_SWITCHES_H
#define GW_API_SWITCHES_H

#include "heap/heap.h"

struct gw_entry;

struct gw_entry *gw_stack_switch_from(struct gw_stack *to, const struct gw_entry *entry);
struct gw_entry *gw_stack_yield_from(const struct gw_entry *entry);
struct gw_entry *gw_stack_ended(void);
void gw_stack_has_left(void);
void *gw_stack_switch_by_from(struct gw_stack *to, void *(*function)(void *), void *argument, struct gw_entry *entry);
int gw_stack_personality(int version, int actions, uint64_t class, void *exception, void *context);

/* What the entry stub of gw_stack_new calls. */
struct gw_stack *gw_stack_new_from(size_t bytes, gw_stack_function *function, void *argument, const struct gw_entry *entry);

/* A stack of this heap that was not freed; fatal, in the name of `function`, for any other. */
struct gw_stack *gw_known_stack(const struct gw_stack *stack, const struct gw_heap *heap, const char *function);

#endif
