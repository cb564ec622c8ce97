/* Records of section gw_globals, checked when their module registers. */
#include "roots/global_records.h"

#include "base/report.h"

size_t gw_global_record_size(const uint8_t *at, const uint8_t *end)
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
    if (record->kind & ~(GW_GLOBAL_THREAD_LOCAL | GW_GLOBAL_CARDS)) return "is of unknown kind";
    if (record->stride % 8) return "has a stride that is not a multiple of 8";
    for (uint32_t i = 0; i < record->offset_count; i++) {
        if (record->offsets[i] % 8) return "has a reference that is not 8-byte aligned";
        bool bounded = record->count > 1 || (record->kind & GW_GLOBAL_CARDS);
        if (bounded && record->offsets[i] >= record->stride) return "has a reference beyond its block";
    }
    return NULL;
}

gw_status gw_globals_validate(const struct gw_module *module)
{
    const uint8_t *begin = module->globals_begin, *end = module->globals_end;
    if ((uintptr_t)begin % 4) return gw_fail(GW_ERROR_MAP, "section gw_globals is not 4-byte aligned");
    for (const uint8_t *at = begin; at < end;) {
        size_t size = gw_global_record_size(at, end);
        if (!size) return gw_fail(GW_ERROR_MAP, "the global record at byte %zu is cut off", (size_t)(at - begin));
        const char *wrong = complaint((const struct gw_global_record *)at);
        if (wrong) return gw_fail(GW_ERROR_MAP, "the global record at byte %zu %s", (size_t)(at - begin), wrong);
        at += size;
    }
    return GW_OK;
}

char *gw_global_variable(const struct gw_global_record *record)
{
    uintptr_t target = (uintptr_t)&record->address + (uintptr_t)(intptr_t)record->address;
    if (!(record->kind & GW_GLOBAL_THREAD_LOCAL)) return (char *)target;
    return ((void *(*)(void))target)();
}

/* ---- In an index ----------------------------------------------------------------------------------- */

typedef bool record_action(struct gw_root_index *index, const struct gw_global_record *record);

/* An array of references, or of structs of nothing else, is one range. */
static bool is_dense(const struct gw_global_record *record)
{
    if (record->stride != record->offset_count * 8) return false;
    for (uint32_t k = 0; k < record->offset_count; k++)
        if (record->offsets[k] != k * 8) return false;
    return true;
}

static bool add_record(struct gw_root_index *index, const struct gw_global_record *record)
{
    uintptr_t block = (uintptr_t)gw_global_variable(record);
    if (is_dense(record)) return gw_root_index_add(index, block, (size_t)record->count * record->offset_count);
    for (uint32_t i = 0; i < record->count; i++, block += record->stride)
        for (uint32_t k = 0; k < record->offset_count; k++)
            if (!gw_root_index_add(index, block + record->offsets[k], 1)) return false;
    return true;
}

static bool remove_record(struct gw_root_index *index, const struct gw_global_record *record)
{
    uintptr_t block = (uintptr_t)gw_global_variable(record);
    if (is_dense(record)) gw_root_index_remove(index, block, (size_t)record->count * record->offset_count);
    for (uint32_t i = 0; i < record->count && !is_dense(record); i++, block += record->stride)
        for (uint32_t k = 0; k < record->offset_count; k++) gw_root_index_remove(index, block + record->offsets[k], 1);
    return true;
}

static bool each_record(const struct gw_module *module, uint32_t kind, record_action *act, struct gw_root_index *index)
{
    for (const uint8_t *at = module->globals_begin; at < module->globals_end;) {
        const struct gw_global_record *record = (const struct gw_global_record *)at;
        if ((record->kind & GW_GLOBAL_THREAD_LOCAL) == kind && !act(index, record)) return false;
        at += gw_global_record_size(at, module->globals_end);
    }
    return true;
}

bool gw_globals_add_to(struct gw_root_index *index, const struct gw_module *module, uint32_t kind)
{
    return each_record(module, kind, add_record, index);
}

void gw_globals_remove_from(struct gw_root_index *index, const struct gw_module *module)
{
    each_record(module, GW_GLOBAL_VARIABLE, remove_record, index);
}
