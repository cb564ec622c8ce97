/* Roots in the global and thread-local variables of every registered module. */
#ifndef GW_ROOTS_GLOBALS_H
#define GW_ROOTS_GLOBALS_H

#include "roots/root_index.h"
#include "roots/slot.h"
#include <greywave/greywave.h>

/* Visits them all; thread-local ones are those of the calling thread. */
void gw_visit_globals(gw_slot_visitor *visit, void *context);

/* Puts the calling thread's thread-local variables, of all modules, into an index. False when native memory is out. */
bool gw_thread_locals_add_to(struct gw_root_index *index);

#endif
