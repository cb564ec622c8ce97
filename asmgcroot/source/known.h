/* What is remembered of a function after it was read, for its callers: by its name, of this file. */
#ifndef GW_ASMGCROOT_KNOWN_H
#define GW_ASMGCROOT_KNOWN_H

#include "text/statement.h"

struct source;

struct known_function {
    struct text name;
    uint16_t writes; /* general registers it or its callees may change */
    uint32_t vector_writes;
    uint8_t mask_writes;
    bool never_collects; /* declared, or inferred from its calls */
    bool declared;
    bool read;              /* defined in this file */
    bool typed;             /* declared a function here: its label begins one */
    struct text stands_for; /* what it is another name for, or empty */
};

/* NULL when the file has not defined it so far and it was not declared. */
const struct known_function *source_known(const struct source *source, struct text name);
void source_remember(struct source *source, struct known_function known);
/* Its index in `known`, where it is entered if need be. */
uint32_t source_number(struct source *source, struct text name);

#endif
