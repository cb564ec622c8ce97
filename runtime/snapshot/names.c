/* Numbers of names, and their texts. */
#include "snapshot/names.h"

#include "os/linux/loaded_code.h"
#include "verify/root_places.h"

#include <limits.h>
#include <stdio.h>

static const char *const fixed[GW_FIXED_NAMES] = {
    [GW_NAME_ROOT] = "",
    [GW_NAME_KINDS + GW_ROOT_FRAME] = "(frames)",
    [GW_NAME_KINDS + GW_ROOT_WAITING_FRAME] = "(frames of stacks that wait)",
    [GW_NAME_KINDS + GW_ROOT_SHADOW] = "(shadow stacks)",
    [GW_NAME_KINDS + GW_ROOT_VARIABLE] = "(variables)",
    [GW_NAME_KINDS + GW_ROOT_STATIC] = "(static objects)",
    [GW_NAME_KINDS + GW_ROOT_RANGE] = "(registered roots)",
    [GW_NAME_KINDS + GW_ROOT_HANDLE] = "(handles)",
    [GW_NAME_KINDS + GW_ROOT_SCOPED_HANDLE] = "(handles of scopes)",
    [GW_NAME_KINDS + GW_ROOT_PINNED] = "(pinned objects)",
    [GW_NAME_KINDS + GW_ROOT_READY] = "(ready for their finalizers)",
    [GW_NAME_KINDS + GW_ROOT_RUNTIME] = "(arguments of the runtime)",
    [GW_NAME_KINDS + GW_ROOT_FROZEN] = "(frozen objects)",
    [GW_NAME_EXTERNAL] = "(external memory)",
    [GW_NAME_SHADOW_STACK] = "shadow stack",
    [GW_NAME_ARGUMENT] = "argument of a stack that has not begun",
    [GW_NAME_OTHERS_VARIABLES] = "thread-local variables of another thread",
    [GW_NAME_TARGET] = "target",
    [GW_NAME_KEY] = "key",
    [GW_NAME_VALUE] = "value",
    [GW_NAME_NEXT] = "next",
};
_Static_assert(GW_NAME_EXTERNAL == GW_NAME_KINDS + (int)GW_ROOT_KINDS, "a name for each kind of root");

#define KIND_SHIFT 60

static enum gw_name_kind kind_of(uintptr_t key)
{
    return (enum gw_name_kind)(key >> KIND_SHIFT);
}

static uintptr_t word_of(uintptr_t key)
{
    return key & ((UINT64_C(1) << KIND_SHIFT) - 1);
}

static const char *type_name(uintptr_t word)
{
    const char *name = ((const struct gw_type *)word)->name;
    return name ? name : "?";
}

/* The number of a type that came earlier and has the same name, or `number`. */
static uint64_t number_of_namesake(const struct gw_address_table *table, uintptr_t word, uint64_t number)
{
    for (size_t i = 0; i < table->count; i++) {
        const struct gw_address_entry *entry = &table->entries[i];
        if (kind_of(entry->object) == GW_NAME_OF_TYPE && !strcmp(type_name(word_of(entry->object)), type_name(word))) return entry->number;
    }
    return number;
}

uint64_t gw_name_number(struct gw_names *names, enum gw_name_kind kind, uintptr_t word)
{
    uintptr_t key = (uintptr_t)kind << KIND_SHIFT | word;
    const struct gw_address_entry *known = gw_address_find(&names->table, key);
    if (known) return known->number;
    if (!gw_address_table_reserve(&names->table, names->table.count + 1)) {
        names->failed = true;
        return GW_NAME_ROOT;
    }
    uint64_t number = GW_FIXED_NAMES + names->table.count;
    if (kind == GW_NAME_OF_TYPE) number = number_of_namesake(&names->table, word, number);
    gw_address_add(&names->table, key, number);
    return number;
}

/* ---- Texts ----------------------------------------------------------------------------------------- */

#define ACCESSOR "gw.address." /* followed by the variable's name, where the plug-in made it */

static void write_accessor(struct gw_json_file *file, uintptr_t word, char *text, size_t size)
{
    gw_name_place(word + 1, GW_PLACE_CODE, text, size); /* an address in the function, as a return address is */
    gw_json_string(file, strncmp(text, ACCESSOR, strlen(ACCESSOR)) ? text : text + strlen(ACCESSOR));
}

static void write_name(struct gw_json_file *file, uintptr_t key)
{
    char text[2 * PATH_MAX];
    uintptr_t word = word_of(key);
    switch (kind_of(key)) {
    case GW_NAME_OF_TYPE: gw_json_string(file, type_name(word)); return;
    case GW_NAME_OF_CODE: gw_name_place(word, GW_PLACE_CODE, text, sizeof text); break;
    case GW_NAME_OF_DATA: gw_name_place(word, GW_PLACE_DATA, text, sizeof text); break;
    case GW_NAME_OF_ACCESSOR: write_accessor(file, word, text, sizeof text); return;
    case GW_NAME_OF_OFFSET: snprintf(text, sizeof text, "+%lu", (unsigned long)word); break;
    }
    gw_json_string(file, text);
}

void gw_names_write(const struct gw_names *names, struct gw_json_file *file)
{
    for (size_t i = 0; i < GW_FIXED_NAMES; i++) {
        if (i) gw_json_text(file, ",\n");
        gw_json_string(file, fixed[i]);
    }
    for (size_t i = 0; i < names->table.count; i++) {
        gw_json_text(file, ",\n");
        write_name(file, names->table.entries[i].object);
    }
}

void gw_names_destroy(struct gw_names *names)
{
    gw_address_table_destroy(&names->table);
}
