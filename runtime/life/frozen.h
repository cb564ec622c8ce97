/* Frozen objects in the major cycle. */
#ifndef GW_LIFE_FROZEN_H
#define GW_LIFE_FROZEN_H

#include "heap/heap.h"

/* Turns objects of frozen blocks that were written to grey; false when there are none left. */
void gw_frozen_begin_marking(struct gw_heap *heap);
bool gw_frozen_mark_some(struct gw_heap *heap);

#endif
