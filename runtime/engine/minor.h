/* The minor collection: empties the nursery. */
#ifndef GW_ENGINE_MINOR_H
#define GW_ENGINE_MINOR_H

#include "engine/evacuation.h"

struct gw_entry;

typedef void gw_after_moving_function(const struct gw_evacuation *evacuation);

enum gw_survivors { GW_SURVIVORS_AGE, GW_SURVIVORS_PROMOTE };

/* Whether the heap's marker is called to copy as well (parallel_copy.h), and waited for a little. */
enum gw_copiers { GW_COPY_ALONE, GW_COPY_WITH_MARKER, GW_COPY_SURELY_WITH_MARKER };

/* Moves every young object reachable from roots and recorded writes: to the old generation, or to the other survivor space
 * while it is younger than the heap's age limit and `survivors` allows. Afterwards no old object is recorded unless it
 * still refers to a young one, and everything recorded that was marked is grey again. `after` does what
 * follows from that for words that keep nothing alive, before what was left behind is given up. */
void gw_minor_collect(struct gw_heap *heap, const struct gw_entry *entry, enum gw_survivors survivors, enum gw_copiers copiers,
                      gw_after_moving_function *after);

#endif
