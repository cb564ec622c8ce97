/* Pinned objects in the major cycle. */
#ifndef GW_LIFE_PINS_H
#define GW_LIFE_PINS_H

#include "heap/heap.h"

/* Marks some pinned objects; false when there are none left. */
void gw_pins_begin_marking(struct gw_heap *heap);
bool gw_pins_mark_some(struct gw_heap *heap);

#endif
