/* Allocation, and what its entry stubs call. */
#ifndef GW_COLLECT_ALLOCATE_H
#define GW_COLLECT_ALLOCATE_H

#include "roots/stack_walk.h"
#include <greywave/greywave.h>

/* The stubs of gw_alloc_from and gw_alloc_array_from. They save the caller's registers, which the fast path in front of them has no
 * need of. */
void *gw_alloc_slow(const struct gw_type *type);
void *gw_alloc_array_slow(const struct gw_type *type, size_t count);

void *gw_alloc_from(const struct gw_type *type, const struct gw_entry *entry);
/* The same for the runtime's own objects; `count` elements if the type has any. NULL when out of memory. */
struct gw_heap;
void *gw_alloc_object(struct gw_heap *heap, const struct gw_type *type, size_t count, const struct gw_entry *entry);
void *gw_alloc_array_from(const struct gw_type *type, size_t count, const struct gw_entry *entry);
char *gw_alloc_room_from(size_t bytes, const struct gw_entry *entry);

#endif
