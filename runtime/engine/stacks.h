/* References on stacks that wait. Those of the running one are engine/roots.c's. */
#ifndef GW_ENGINE_STACKS_H
#define GW_ENGINE_STACKS_H

#include "heap/heap.h"
#include "roots/known_stack.h"

/* For minor collections: those that have changed since the last one, as gw_visit_young_roots says. */
void gw_visit_changed_stacks(struct gw_heap *heap, gw_slot_visitor *visit, void *context);

/* For visitors that change nothing: all of them, or those that are not listed as changed. */
void gw_visit_waiting_stacks(struct gw_heap *heap, gw_slot_visitor *visit, void *context);
void gw_visit_unchanged_stacks(struct gw_heap *heap, gw_slot_visitor *visit, void *context);

/* A cycle begins: all stacks that wait are to be looked at. They have not run since a minor collection that promoted everything; one
 * that runs before its turn is looked at by the minor collections that follow. */
void gw_mark_stacks_begin(struct gw_heap *heap);

/* Marks what up to `count` of them refer to; true when none is left. */
bool gw_mark_stacks_step(struct gw_heap *heap, size_t count);

/* What the walk of a stack has come to must be where the stack starts. */
void gw_check_stack_start(struct gw_native_stack *bounds, uintptr_t end);

#endif
