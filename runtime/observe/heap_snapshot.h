/* What the entry stub of gw_heap_snapshot calls. */
#ifndef GW_OBSERVE_HEAP_SNAPSHOT_H
#define GW_OBSERVE_HEAP_SNAPSHOT_H

#include <greywave/greywave.h>

struct gw_entry;

gw_status gw_heap_snapshot_from(const char *path, const struct gw_entry *entry);

#endif
