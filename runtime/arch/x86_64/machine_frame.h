/* One frame as the stack walker sees it on this machine, and leaving it by its unwind information.
 *
 * For each callee-saved register the walker tracks not its value but its home: the address where the value that
 * belongs to the frame lives at the moment, an entry stub's push or a callee's save slot. A root in a register is
 * therefore a slot like any other.
 */
#ifndef GW_ARCH_X86_64_MACHINE_FRAME_H
#define GW_ARCH_X86_64_MACHINE_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Callee-saved registers in the order of struct gw_entry. */
enum gw_saved_register { GW_RBX, GW_RBP, GW_R12, GW_R13, GW_R14, GW_R15, GW_SAVED_REGISTERS };

struct gw_machine_frame {
    uintptr_t pc; /* return address into the frame's function */
    uintptr_t sp; /* stack pointer just after the call returned */
    uintptr_t *home[GW_SAVED_REGISTERS];
};

/* A cursor over the frames outwards of one machine frame. */
struct gw_unwinder {
    uintptr_t *home[16]; /* of each register by DWARF number; NULL: its value is not known */
    uintptr_t pc, sp;
    bool interrupted; /* the last step left a signal's frame: `pc` is an instruction and not a return address */
};

enum gw_unwound {
    GW_UNWOUND_FRAME,   /* `frame` is the caller now */
    GW_UNWOUND_END,     /* unwind information says that there is no caller */
    GW_UNWOUND_NO_INFO, /* no, or contradictory, unwind information for frame->pc */
};

/* Points the cursor at `frame`, of which the callee-saved registers, rsp and rip are known. */
void gw_unwinder_start(struct gw_unwinder *unwinder, const struct gw_machine_frame *frame);

/* Steps cursor and `frame` one frame outwards. `frame` must be where the cursor is; the registry's read lock is held
 * (modules.h). */
enum gw_unwound gw_unwinder_step(struct gw_unwinder *unwinder, struct gw_machine_frame *frame);

/* Index of a DWARF register number in `home`, or -1 when it is not callee-saved. */
static inline int gw_saved_register_of_dwarf(unsigned dwarf)
{
    static const int8_t index[16] = {-1, -1, -1, GW_RBX, -1,     -1,     GW_RBP, -1,
                                     -1, -1, -1, -1,     GW_R12, GW_R13, GW_R14, GW_R15};
    return dwarf < 16 ? index[dwarf] : -1;
}

#endif
