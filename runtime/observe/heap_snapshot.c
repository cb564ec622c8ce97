/* Snapshots that the program asks for. */
#include "observe/heap_snapshot.h"

#include "base/report.h"
#include "heap/entered.h"
#include "snapshot/snapshot.h"

gw_status gw_heap_snapshot_from(const char *path, const struct gw_entry *entry)
{
    struct gw_heap *heap = gw_heap_entered("gw_heap_snapshot", entry);
    if (!path) return gw_fail(GW_ERROR_ARGUMENT, "gw_heap_snapshot: no name of a file");
    return gw_snapshot_write(heap, entry, path);
}
