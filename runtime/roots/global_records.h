/* Records of section gw_globals. */
#ifndef GW_ROOTS_GLOBAL_RECORDS_H
#define GW_ROOTS_GLOBAL_RECORDS_H

#include "roots/root_index.h"
#include <greywave/greywave.h>

/* Size of the record at `at` when all of it lies before `end`, else 0. */
size_t gw_global_record_size(const uint8_t *at, const uint8_t *end);

/* Checks a module's records before anything is visited: GW_ERROR_MAP names the record and what is wrong. */
gw_status gw_globals_validate(const struct gw_module *module);

/* Where the variable is; a thread-local one's accessor is called on this thread. */
char *gw_global_variable(const struct gw_global_record *record);

/* Bytes of the variable, without cards; where its cards are, which it has. */
static inline size_t gw_global_bytes(const struct gw_global_record *record)
{
    return (size_t)record->count * record->stride;
}

/* Puts the variables of a module's records of one kind (GW_GLOBAL_VARIABLE or GW_GLOBAL_THREAD_LOCAL, with cards or not) into an index.
 * False when native memory is out: take them out again. */
bool gw_globals_add_to(struct gw_root_index *index, const struct gw_module *module, uint32_t kind);

/* Takes out those that are not thread-local. */
void gw_globals_remove_from(struct gw_root_index *index, const struct gw_module *module);

#endif
