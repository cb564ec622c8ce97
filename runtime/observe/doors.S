/* Doors of those that look at the caller's frames: see api/doors.S. */
#include "arch/doors.h"

        .text
        door greywave_path_to, gw_path_to_from, 3
        door greywave_heap_snapshot, gw_heap_snapshot_from, 1
        end_doors
