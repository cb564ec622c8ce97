/* Unwind entries of code that was made at run time. Owns the list of registered sections, which the registry's lock
 * guards. */
#include "roots/unwind_tables.h"
#include "base/report.h"
#include "os/linux/loaded_code.h"
#include "roots/modules.h"

#include <greywave/greywave.h>
#include <stdlib.h>

struct registered_table {
    struct registered_table *next;
    const void *section;
    size_t count;
    struct gw_unwind_entry entries[]; /* sorted by where the code starts */
};

static struct registered_table *tables;

static int compare_starts(const void *a, const void *b)
{
    const struct gw_unwind_entry *one = a, *two = b;
    return one->start < two->start ? -1 : one->start > two->start;
}

static struct registered_table *make_table(const void *section, size_t size, size_t count)
{
    struct registered_table *table = malloc(sizeof *table + count * sizeof *table->entries);
    if (!table) return NULL;
    *table = (struct registered_table){.section = section, .count = count};
    gw_unwind_entries(section, size, table->entries, count);
    qsort(table->entries, count, sizeof *table->entries, compare_starts);
    return table;
}

static struct registered_table **find_table(const void *section)
{
    struct registered_table **link = &tables;
    while (*link && (*link)->section != section) link = &(*link)->next;
    return link;
}

static gw_status publish(struct registered_table *table)
{
    gw_registry_write();
    bool known = *find_table(table->section) != NULL;
    if (!known) {
        table->next = tables;
        tables = table;
    }
    gw_registry_write_end();
    if (!known) return GW_OK;
    free(table);
    return gw_fail(GW_ERROR_STATE, "gw_unwind_register: this section is registered already");
}

gw_status gw_unwind_register(const void *eh_frame, size_t size)
{
    if (!eh_frame) return gw_fail(GW_ERROR_ARGUMENT, "gw_unwind_register: no section");
    size_t count = gw_unwind_entries(eh_frame, size, NULL, 0);
    if (count == SIZE_MAX) return gw_fail(GW_ERROR_MAP, "gw_unwind_register: %p is not an .eh_frame section that can be read", eh_frame);
    if (count == 0) return gw_fail(GW_ERROR_MAP, "gw_unwind_register: the section describes no function");
    struct registered_table *table = make_table(eh_frame, size, count);
    if (!table) return gw_fail(GW_ERROR_MEMORY, "no memory for %zu unwind entries", count);
    return publish(table);
}

gw_status gw_unwind_unregister(const void *eh_frame)
{
    gw_registry_write();
    struct registered_table **link = find_table(eh_frame), *table = *link;
    if (table) *link = table->next;
    gw_registry_write_end();
    if (!table) return gw_fail(GW_ERROR_ARGUMENT, "gw_unwind_unregister: %p is not registered", eh_frame);
    free(table);
    return GW_OK;
}

/* The last entry whose code starts at `pc` or before; it may end before it. */
static const struct gw_unwind_entry *search(const struct registered_table *table, uintptr_t pc)
{
    size_t low = 0, high = table->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (table->entries[middle].start <= pc) low = middle + 1;
        else high = middle;
    }
    return low ? &table->entries[low - 1] : NULL;
}

static const struct gw_unwind_entry *find_registered(uintptr_t pc)
{
    for (const struct registered_table *table = tables; table; table = table->next) {
        const struct gw_unwind_entry *entry = search(table, pc);
        if (entry && pc - entry->start < entry->size) return entry;
    }
    return NULL;
}

bool gw_unwind_knows_code(void)
{
    return tables;
}

uintptr_t gw_unwind_function_at(uintptr_t pc)
{
    const struct gw_unwind_entry *entry = find_registered(pc - 1);
    return entry ? entry->start : 0;
}

bool gw_unwind_find(uintptr_t pc, struct gw_unwind_program *program)
{
    const void *header = gw_os_unwind_header(pc);
    if (header) return gw_unwind_search(header, pc, program);
    const struct gw_unwind_entry *entry = find_registered(pc);
    return entry && gw_unwind_program(entry->entry, program);
}
