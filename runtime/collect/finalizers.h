/* Finalizer queues in collections.
 *
 * Minor: registered young objects that nothing reaches are put in order among themselves, kept, and the first of each chain
 * delivered. Major: the same for old ones, in steps, by collect/finalizer_order.h. What is ready is strong: young entries are
 * roots of every collection, old ones are marked with a cursor.
 */
#ifndef GW_COLLECT_FINALIZERS_H
#define GW_COLLECT_FINALIZERS_H

#include "collect/evacuation.h"
#include "roots/stack_walk.h"

/* Young objects that are ready. */
void gw_finalizers_visit_young(struct gw_heap *heap, gw_field_visitor *visit, void *context);

/* Moves on to the old ones, of which gw_finalizers_mark_some marks a few. False when there are none left. */
void gw_finalizers_begin_marking(struct gw_heap *heap);
bool gw_finalizers_mark_some(struct gw_heap *heap);

/* In a minor collection, when weak references are cleared. */
void gw_finalizers_finish_minor(const struct gw_evacuation *evacuation);

/* Tells the owners of queues that something has become ready; at the end of a collection. */
void gw_finalizers_notify(struct gw_heap *heap);

/* Runs finalizers of the default queue, where the program opted in to have them run at allocation. */
void gw_finalizers_at_allocation(struct gw_heap *heap, const struct gw_entry *entry);

void gw_finalizers_check(const struct gw_heap *heap);

/* Calls `visit` for what a dead object keeps alive: its fields and, if it is an ephemeron whose key `is_dead` denies to be
 * dead, its value. */
typedef bool gw_dead_test(void *context, uintptr_t word);
GW_ALWAYS_INLINE void gw_each_strong_word(uintptr_t ref, const struct gw_type *type, gw_field_visitor *visit, gw_dead_test *is_dead,
                                          void *context)
{
    gw_each_field(ref, type, visit, context);
    if (gw_likely(!gw_is_cell(type))) return;
    struct gw_cell *cell = (struct gw_cell *)ref;
    if (gw_kind_is_ephemeron(gw_cell_kind_of(type)) && cell->key && !is_dead(context, cell->key)) visit(context, &cell->value);
}

#endif
