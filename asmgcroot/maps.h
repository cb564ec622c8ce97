/* Frame maps of functions in the project's format (docs/abi.md), as assembler. */
#ifndef GW_ASMGCROOT_MAPS_H
#define GW_ASMGCROOT_MAPS_H

#include "follow/follow.h"

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
void maps_free(struct maps *maps);

#endif
