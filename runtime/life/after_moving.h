/* What follows in a minor collection when everything reachable from roots and recorded writes has been moved: values of
 * ephemerons, dead keys, finalizers, long weak references, identity hashes. */
#ifndef GW_LIFE_AFTER_MOVING_H
#define GW_LIFE_AFTER_MOVING_H

#include "engine/evacuation.h"

/* To be handed to gw_minor_collect. */
void gw_after_moving(const struct gw_evacuation *evacuation);

#endif
