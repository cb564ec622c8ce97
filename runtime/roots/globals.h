/* Roots in the global and thread-local variables of every registered module. */
#ifndef GW_ROOTS_GLOBALS_H
#define GW_ROOTS_GLOBALS_H

#include "roots/slot.h"

/* Visits them all; thread-local ones are those of the calling thread. */
void gw_visit_globals(gw_slot_visitor *visit, void *context);

#endif
