/* Global roots. Owns nothing: reads the gw_globals records of the registered modules, and calls the accessors of
 * thread-local variables on the calling thread. */
#include "roots/globals.h"
#include "roots/global_records.h"
#include "roots/modules.h"

static void visit_record(const struct gw_global_record *record, gw_slot_visitor *visit, void *context)
{
    char *block = gw_global_variable(record);
    for (uint32_t i = 0; i < record->count; i++, block += record->stride)
        for (uint32_t k = 0; k < record->offset_count; k++) visit(context, (uintptr_t *)(block + record->offsets[k]));
}

void gw_visit_globals(gw_slot_visitor *visit, void *context)
{
    const struct gw_registry *registry = gw_registry_read();
    for (const struct gw_registered *known = registry->modules; known; known = known->next) {
        const struct gw_module *module = known->module;
        if (!module) continue;
        for (const uint8_t *at = module->globals_begin; at < module->globals_end;) {
            visit_record((const struct gw_global_record *)at, visit, context);
            at += gw_global_record_size(at, module->globals_end);
        }
    }
    gw_registry_read_end();
}

bool gw_thread_locals_add_to(struct gw_root_index *index)
{
    bool added = true;
    const struct gw_registry *registry = gw_registry_read();
    for (const struct gw_registered *known = registry->modules; known && added; known = known->next)
        added = !known->module || gw_globals_add_to(index, known->module, GW_GLOBAL_THREAD_LOCAL);
    gw_registry_read_end();
    return added;
}
