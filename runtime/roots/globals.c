/* Global roots. Owns nothing: reads the gw_globals records of the registered modules, and calls the accessors of
 * thread-local variables on the calling thread. Records are checked when their module registers. */
#include "roots/globals.h"
#include "observe/report.h"
#include "roots/modules.h"

/* Size of the record at `at` when all of it lies before `end`, else 0. */
static size_t record_size(const uint8_t *at, const uint8_t *end)
{
    size_t left = (size_t)(end - at);
    if (left < sizeof(struct gw_global_record)) return 0;
    const struct gw_global_record *record = (const struct gw_global_record *)at;
    size_t offsets = record->offset_count;
    if (offsets > (left - sizeof *record) / sizeof record->offsets[0]) return 0;
    return sizeof *record + offsets * sizeof record->offsets[0];
}

static const char *complaint(const struct gw_global_record *record)
{
    if (record->kind != GW_GLOBAL_VARIABLE && record->kind != GW_GLOBAL_THREAD_LOCAL) return "is of unknown kind";
    if (record->stride % 8) return "has a stride that is not a multiple of 8";
    for (uint32_t i = 0; i < record->offset_count; i++) {
        if (record->offsets[i] % 8) return "has a reference that is not 8-byte aligned";
        if (record->count > 1 && record->offsets[i] >= record->stride) return "has a reference beyond its block";
    }
    return NULL;
}

gw_status gw_globals_validate(const struct gw_module *module)
{
    const uint8_t *begin = module->globals_begin, *end = module->globals_end;
    if ((uintptr_t)begin % 4) return gw_fail(GW_ERROR_MAP, "section gw_globals is not 4-byte aligned");
    for (const uint8_t *at = begin; at < end;) {
        size_t size = record_size(at, end);
        if (!size) return gw_fail(GW_ERROR_MAP, "the global record at byte %zu is cut off", (size_t)(at - begin));
        const char *wrong = complaint((const struct gw_global_record *)at);
        if (wrong) return gw_fail(GW_ERROR_MAP, "the global record at byte %zu %s", (size_t)(at - begin), wrong);
        at += size;
    }
    return GW_OK;
}

static char *variable_of(const struct gw_global_record *record)
{
    uintptr_t target = (uintptr_t)&record->address + (uintptr_t)(intptr_t)record->address;
    if (record->kind == GW_GLOBAL_VARIABLE) return (char *)target;
    return ((void *(*)(void))target)();
}

static void visit_record(const struct gw_global_record *record, gw_slot_visitor *visit, void *context)
{
    char *block = variable_of(record);
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
            at += record_size(at, module->globals_end);
        }
    }
    gw_registry_read_end();
}
