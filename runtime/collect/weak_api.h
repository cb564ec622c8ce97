/* What the entry stubs of gw_weak_new, gw_ephemeron_new and the weak maps call. */
#ifndef GW_COLLECT_WEAK_API_H
#define GW_COLLECT_WEAK_API_H

#include "roots/stack_walk.h"
#include <greywave/greywave.h>

struct gw_weak *gw_weak_new_from(void *target, gw_weak_kind kind, const struct gw_entry *entry);
struct gw_ephemeron *gw_ephemeron_new_from(void *key, void *value, const struct gw_entry *entry);

#endif
