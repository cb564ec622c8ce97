/* Finalizer queues in collections.
 *
 * Minor: registered young objects that nothing reaches are put in order among themselves, kept, and the first of each chain
 * delivered. Major: the same for old ones, in steps, by life/finalizer_order.h. What is ready is strong: young entries are
 * roots of every collection, old ones are marked with a cursor.
 */
#ifndef GW_LIFE_FINALIZERS_H
#define GW_LIFE_FINALIZERS_H

#include "engine/evacuation.h"

/* What is ready and old: gw_finalizers_mark_some marks a few. False when there are none left. */
void gw_finalizers_begin_marking(struct gw_heap *heap);
bool gw_finalizers_mark_some(struct gw_heap *heap);

/* In a minor collection, when weak references are cleared; and when all that follows from it has been moved. */
void gw_finalizers_deliver_young(const struct gw_evacuation *evacuation);
void gw_finalizers_end_minor(struct gw_heap *heap);

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
