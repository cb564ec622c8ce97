/* The door of gw_path_to: see api/doors.S. */
#include "arch/doors.h"

        .text
        door greywave_path_to, gw_path_to_from, 3
        end_doors
