/* Calls that the walker can find again, or begin at: see arch/calls.h. */
#include "arch/aarch64/doors.h"

        .text

/* Calls x1 with x2. What it may leave behind by longjmp is known by its frame: the address at x0, and where it returns to. */
        .hidden gw_call_marked
        begin_entry gw_call_marked
        push_record
        mov     x3, sp
        str     x3, [x0]
        mov     x0, x2
        blr     x1
        .globl  gw_call_marked_returns
        .hidden gw_call_marked_returns
gw_call_marked_returns:
        pop_record
        ret
        end_entry gw_call_marked

/* Calls x0 with x1 and the address of the caller's registers, as collecting_entry pushes them. */
        .hidden gw_call_with_entry
        begin_entry gw_call_with_entry
        push_entry
        mov     x9, x0
        mov     x0, x1
        mov     x1, sp
        blr     x9
        pop_entry
        end_entry gw_call_with_entry

        end_doors
