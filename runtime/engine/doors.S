/* The write barrier's doors: see arch/, and engine/barrier.h for what they lead to. */
#include "arch/doors.h"

        .text
        barrier_doors
        end_doors
