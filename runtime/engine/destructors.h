/* Young objects with destructors. Old ones are found by sweeping: their blocks are flagged. */
#ifndef GW_ENGINE_DESTRUCTORS_H
#define GW_ENGINE_DESTRUCTORS_H

#include "engine/evacuation.h"

/* Room for one more; false when native memory is out. To be called before the object is allocated. */
bool gw_destructible_reserve(struct gw_destructible *list);
void gw_destructible_add(struct gw_destructible *list, uintptr_t ref);

/* Makes sweeping look at an object that came to the old generation with a destructor. */
void gw_destructible_promote(struct gw_heap *heap, uintptr_t ref);

/* After a minor collection, before the vacated memory is reused: runs the destructors of those that were left behind. */
void gw_destructible_sweep(const struct gw_evacuation *evacuation);

#endif
