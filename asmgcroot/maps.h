/* Writes the extra assembler file: a macro that labels each call, frame maps in the project's format (docs/abi.md), and
 * the module record. It is assembled in front of the compiler's file, which it does not change by a byte: `as maps.s
 * in.s -o out.o`. */
#ifndef GW_ASMGCROOT_MAPS_H
#define GW_ASMGCROOT_MAPS_H

#include "follow.h"

#include <stdio.h>

struct maps {
    FILE *out; /* the body, while functions are read */
    unsigned records;
    uint64_t sites, roots;
    VECTOR(uint8_t) bytes;         /* of one site */
    VECTOR(uint32_t) first_record; /* of each section, + 1; or 0 */
};

/* Adds a function's maps. `analysed` has a frame and `follow` roots only if the function has markers. False after a
 * complaint. */
bool maps_add(struct maps *maps, const struct analysed *analysed, const struct follow *follow);
/* Writes the whole file: what was added, around it what belongs to the file. */
void maps_free(struct maps *maps);
void maps_write(const struct maps *maps, const struct source *source, struct text body, FILE *out);

#endif
