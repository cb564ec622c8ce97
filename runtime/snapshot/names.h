/* Names in a snapshot: each is a number from its first use on, and all are written at the end, as text. What is kept of one is a word, so
 * that a snapshot takes no memory by the length of names, nor by how often they are used. */
#ifndef GW_SNAPSHOT_NAMES_H
#define GW_SNAPSHOT_NAMES_H

#include "base/address_table.h"
#include "snapshot/json_file.h"
#include <greywave/abi.h>

/* Names that are always there, by their numbers. The first ones are those of enum gw_root_kind, plus 1. */
enum gw_fixed_name {
    GW_NAME_ROOT,
    GW_NAME_KINDS,
    GW_NAME_EXTERNAL = GW_NAME_KINDS + 12,
    GW_NAME_SHADOW_STACK,
    GW_NAME_ARGUMENT,
    GW_NAME_OTHERS_VARIABLES,
    GW_NAME_TARGET,
    GW_NAME_KEY,
    GW_NAME_VALUE,
    GW_NAME_NEXT,
    GW_FIXED_NAMES,
};

/* What the word of a name is. */
enum gw_name_kind {
    GW_NAME_OF_TYPE = 1, /* struct gw_type */
    GW_NAME_OF_CODE,     /* a return address */
    GW_NAME_OF_DATA,     /* an address of native memory */
    GW_NAME_OF_ACCESSOR, /* the function that leads to a thread-local variable */
    GW_NAME_OF_OFFSET,   /* bytes from the start of an object */
};

struct gw_names {
    struct gw_address_table table; /* by kind and word; number: the name's */
    const struct gw_type *last_type;
    uint64_t last_number;
    bool failed; /* no native memory */
};

/* Two types of one name have one number: who reads a snapshot counts objects by the names of their types. */
uint64_t gw_name_number(struct gw_names *names, enum gw_name_kind kind, uintptr_t word);

GW_ALWAYS_INLINE uint64_t gw_name_of_type(struct gw_names *names, const struct gw_type *type)
{
    if (type == names->last_type) return names->last_number;
    names->last_type = type;
    return names->last_number = gw_name_number(names, GW_NAME_OF_TYPE, (uintptr_t)type);
}

/* All of them, as the elements of an array. */
void gw_names_write(const struct gw_names *names, struct gw_json_file *file);
void gw_names_destroy(struct gw_names *names);

#endif
