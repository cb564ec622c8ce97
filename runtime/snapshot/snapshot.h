/* Heap snapshots: files that Chrome's developer tools open. */
#ifndef GW_SNAPSHOT_SNAPSHOT_H
#define GW_SNAPSHOT_SNAPSHOT_H

#include "heap/heap.h"

struct gw_entry;

/* Writes a snapshot of the heap to the file `path`. `entry` NULL: the running stack is left out. Never collects. GW_ERROR_ARGUMENT: the
 * file cannot be made, or written; GW_ERROR_MEMORY; GW_ERROR_STATE: a collection is running, or the heap has more
 * nodes than the format can number. */
gw_status gw_snapshot_write(struct gw_heap *heap, const struct gw_entry *entry, const char *path);

/* Writes the snapshot of option snapshot=FILE, unless it was written before, or there is none. What goes wrong is said on stderr. */
void gw_snapshot_by_option(struct gw_heap *heap, const struct gw_entry *entry);

#endif
