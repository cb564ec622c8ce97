/* Roots in the global and thread-local variables of every registered module. */
#ifndef GW_ROOTS_GLOBALS_H
#define GW_ROOTS_GLOBALS_H

#include "roots/root_index.h"
#include "roots/slot.h"
#include <greywave/greywave.h>

/* Visits them all; thread-local ones are those of the calling thread. */
void gw_visit_globals(gw_slot_visitor *visit, void *context);

/* Puts the variables of a module's records into an index, or takes them out; but for thread-local ones. False when native
 * memory is out: take them out again. */
bool gw_globals_add_to(struct gw_root_index *index, const struct gw_module *module);
void gw_globals_remove_from(struct gw_root_index *index, const struct gw_module *module);

/* Puts the calling thread's thread-local variables, of all modules, into an index. */
bool gw_thread_locals_add_to(struct gw_root_index *index);

/* Checks a module's records before anything is visited: GW_ERROR_MAP names the record and what is wrong. */
gw_status gw_globals_validate(const struct gw_module *module);

#endif
