/* What an object file holds: code, frame maps, call sites. */
#ifndef GW_BENCH_OBJECT_SIZES_H
#define GW_BENCH_OBJECT_SIZES_H

#include <stdbool.h>
#include <stddef.h>

struct object_sizes {
    size_t text, maps; /* bytes in executable sections, and in sections named gw_maps */
    size_t sites;      /* call sites that the maps describe */
};

/* Adds what one 64-bit ELF object file holds. False, after a message that names the file, when it is not one or its
 * maps make no sense. */
bool object_sizes_add(const char *path, struct object_sizes *sizes);

#endif
