/* Weak cells made, and what the doors of gw_weak_new and gw_ephemeron_new lead to. */
#ifndef GW_API_WEAK_H
#define GW_API_WEAK_H

#include "heap/heap.h"
#include <greywave/greywave.h>

struct gw_entry;

/* A new young cell that holds the heap's arguments KEY and VALUE; 0 when out of memory. May collect. */
uintptr_t gw_cell_new(struct gw_heap *heap, enum gw_cell_kind kind, const struct gw_entry *entry);

struct gw_weak *gw_weak_new_from(void *target, gw_weak_kind kind, const struct gw_entry *entry);
struct gw_ephemeron *gw_ephemeron_new_from(void *key, void *value, const struct gw_entry *entry);

#endif
