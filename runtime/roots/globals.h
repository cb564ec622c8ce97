/* Roots in the global and thread-local variables of every registered module. */
#ifndef GW_ROOTS_GLOBALS_H
#define GW_ROOTS_GLOBALS_H

#include "roots/slot.h"
#include <greywave/greywave.h>

/* Visits them all; thread-local ones are those of the calling thread. */
void gw_visit_globals(gw_slot_visitor *visit, void *context);

/* Checks a module's records before anything is visited: GW_ERROR_MAP names the record and what is wrong. */
gw_status gw_globals_validate(const struct gw_module *module);

#endif
