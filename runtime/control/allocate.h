/* Allocation where the fast path does not suffice: what its doors lead to. */
#ifndef GW_CONTROL_ALLOCATE_H
#define GW_CONTROL_ALLOCATE_H

#include <greywave/greywave.h>

struct gw_entry;

void *gw_alloc_from(const struct gw_type *type, const struct gw_entry *entry);
/* The same for the runtime's own objects; `count` elements if the type has any. NULL when out of memory. */
struct gw_heap;
void *gw_alloc_object(struct gw_heap *heap, const struct gw_type *type, size_t count, const struct gw_entry *entry);
void *gw_alloc_array_from(const struct gw_type *type, size_t count, const struct gw_entry *entry);
char *gw_alloc_room_from(size_t bytes, const struct gw_entry *entry);

#endif
