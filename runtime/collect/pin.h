/* What the entry stub of gw_pin calls, and the marking of pinned objects. */
#ifndef GW_COLLECT_PIN_H
#define GW_COLLECT_PIN_H

#include "heap/heap.h"
#include "roots/stack_walk.h"

void *gw_pin_from(void *object, const struct gw_entry *entry);

/* Marks some pinned objects; false when there are none left. */
void gw_pins_begin_marking(struct gw_heap *heap);
bool gw_pins_mark_some(struct gw_heap *heap);

#endif
