/* What the entry stubs of the weak maps call. */
#ifndef GW_API_WEAK_MAP_H
#define GW_API_WEAK_MAP_H

#include <greywave/greywave.h>

struct gw_entry;

struct gw_weak_map *gw_weak_map_new_from(gw_weak_map_kind kind, const struct gw_entry *entry);
gw_status gw_weak_map_set_from(struct gw_weak_map *map, void *key, void *value, const struct gw_entry *entry);

#endif
