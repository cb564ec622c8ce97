/* Where stacks of the runtime's begin and end: no door, for nobody calls it. */
#include "arch/doors.h"

        .text
        stack_base gw_stack_base, gw_stack_ended, gw_stack_has_left, gw_stack_personality
        end_doors
