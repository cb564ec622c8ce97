/* Snapshots that the program asks for. */
#include "observe/heap_snapshot.h"

#include "base/report.h"
#include "heap/callbacks.h"
#include "snapshot/snapshot.h"

gw_status gw_heap_snapshot_from(const char *path, const struct gw_entry *entry)
{
    struct gw_heap *heap GW_STOPPED = gw_heap_to_stop("gw_heap_snapshot", entry, NULL, 0);
    if (!path) return gw_fail(GW_ERROR_ARGUMENT, "gw_heap_snapshot: no name of a file");
    return gw_snapshot_write(heap, entry, path);
}
