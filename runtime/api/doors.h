/* Doors that only the runtime itself goes through. */
#ifndef GW_API_DOORS_H
#define GW_API_DOORS_H

#include <greywave/greywave.h>

/* The doors of gw_alloc_from and gw_alloc_array_from. They save the caller's registers, which the fast path in front of them has no
 * need of. */
void *gw_alloc_slow(const struct gw_type *type);
void *gw_alloc_array_slow(const struct gw_type *type, size_t count);

#endif
