/* One frame as the stack walker sees it, and leaving it by its unwind information. Which registers there are is arch/'s to say.
 *
 * For each callee-saved register the walker tracks not its value but its home: the address where the value that
 * belongs to the frame lives at the moment, an entry stub's push or a callee's save slot. A root in a register is
 * therefore a slot like any other.
 */
#ifndef GW_ROOTS_UNWINDER_H
#define GW_ROOTS_UNWINDER_H

#include "arch/registers.h"

#include <stdbool.h>

struct gw_machine_frame {
    uintptr_t pc; /* return address into the frame's function */
    uintptr_t sp; /* stack pointer just after the call returned */
    uintptr_t *home[GW_SAVED_REGISTERS];
};

/* The frame that called a door. Visitors may update what is pushed: the door reloads from there. */
static inline struct gw_machine_frame gw_frame_outside(const struct gw_entry *entry)
{
    struct gw_machine_frame frame = {.pc = gw_code_address(entry->return_address), .sp = (uintptr_t)(entry + 1)};
    for (int r = 0; r < GW_SAVED_REGISTERS; r++) frame.home[r] = (uintptr_t *)(uintptr_t)entry + r;
    return frame;
}

/* A cursor over the frames outwards of one machine frame. */
struct gw_unwinder {
    uintptr_t *home[GW_DWARF_GENERAL]; /* of each register by DWARF number; NULL: its value is not known */
    uintptr_t pc, sp;
    bool interrupted; /* the last step left a signal's frame: `pc` is an instruction and not a return address */
};

enum gw_unwound {
    GW_UNWOUND_FRAME,   /* `frame` is the caller now */
    GW_UNWOUND_END,     /* there is no caller: unwind information says so, or the frame is one that has none and begins a stack */
    GW_UNWOUND_NO_INFO, /* no, or contradictory, unwind information for frame->pc */
};

/* Points the cursor at `frame`, of which the callee-saved registers, stack pointer and return address are known. */
void gw_unwinder_start(struct gw_unwinder *unwinder, const struct gw_machine_frame *frame);

/* Steps cursor and `frame` one frame outwards. `frame` must be where the cursor is; the registry's read lock is held
 * (modules.h). */
enum gw_unwound gw_unwinder_step(struct gw_unwinder *unwinder, struct gw_machine_frame *frame);

#endif
