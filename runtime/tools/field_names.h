/* Names of fields by the debug information of the programs that a snapshot names: a snapshot itself knows their offsets. */
#ifndef GW_TOOLS_FIELD_NAMES_H
#define GW_TOOLS_FIELD_NAMES_H

#include "tools/heap_file.h"

struct field_names;

/* For a snapshot, which stays. NULL: no memory. */
struct field_names *field_names_open(const struct heap_file *file);
void field_names_close(struct field_names *names);

/* The field of an object, whose type is a string of the snapshot, where the edge's string says "+16": such as "next", or "left.keys[2]".
 * NULL: nobody knows. Kept until the end. */
const char *field_name(struct field_names *names, uint32_t type, uint32_t offset);

/* Writes the snapshot once more to the file `path`, with names. False, with a message. */
bool field_names_write(struct field_names *names, const char *path);

#endif
