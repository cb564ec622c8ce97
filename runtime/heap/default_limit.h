/* The heap limit where the program names none: what the process may have, less what it holds and what a heap of that
 * size needs beside its objects. */
#ifndef GW_HEAP_DEFAULT_LIMIT_H
#define GW_HEAP_DEFAULT_LIMIT_H

#include "os/linux/limits.h"
#include <greywave/greywave.h>

struct gw_default_limit {
    size_t bytes;
    struct gw_os_limit by; /* what decided; without a name: nothing is known of the system */
};

struct gw_default_limit gw_default_limit(const struct gw_options *options);

/* What a heap with the limit `bytes` needs in all: in address space, or in memory once everything is touched. */
uint64_t gw_heap_cost(const struct gw_options *options, uint64_t bytes, bool in_address_space);

/* One line on stderr: the limit that was chosen, and why. */
void gw_default_limit_tell(const struct gw_default_limit *limit, size_t chosen);

#endif
