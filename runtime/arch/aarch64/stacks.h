/* What lies on a stack that was left by gw_stack_switch: a struct gw_entry, as doors push it, and below it what else of registers is a
 * stack's own. A stack that has not begun is laid out as if it had been left by its outermost frame, the one of `base` (doors.h), which
 * finds what it needs in registers. */
#ifndef GW_ARCH_AARCH64_STACKS_H
#define GW_ARCH_AARCH64_STACKS_H

#include "arch/aarch64/registers.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct gw_left {
    uint64_t control; /* fpcr: rounding, traps; what fpsr says of calculations so far is the thread's */
    uint64_t zero;
    uint64_t d[8]; /* d8 to d15 */
    struct gw_entry entry;
};

/* Whether a stack may go on on another thread than the one on which it was left: compiled code reads the thread pointer into a register,
 * which LLVM and GCC keep across calls. */
#define GW_STACKS_MAY_MOVE 0

/* Bytes that stay free above the stack pointer of the outermost frame, so that it lies on the stack. */
#define GW_STACK_BASE_BYTES ((size_t)16)

/* Where the outermost frame's stack pointer is. `end`: of the stack, aligned to 16 bytes. */
static inline uintptr_t gw_stack_base_sp(uintptr_t end)
{
    return end - GW_STACK_BASE_BYTES;
}

/* Lays out a stack that ends at `end`, and gives the entry at which gw_stack_switch goes on: in `base`, which calls function(argument, the
 * value that it is given). The control register is the caller's. No frame record is older. */
static inline struct gw_entry *gw_stack_lay_out(uintptr_t end, const char *base, uintptr_t function, uintptr_t argument)
{
    struct gw_left first = {.entry = {.x19 = function, .x20 = argument, .return_address = (uintptr_t)base}};
    __asm__("mrs %0, fpcr" : "=r"(first.control));
    char *place = (char *)gw_stack_base_sp(end) - sizeof first;
    memset(place + sizeof first, 0, GW_STACK_BASE_BYTES);
    memcpy(place, &first, sizeof first);
    return (struct gw_entry *)(place + offsetof(struct gw_left, entry));
}

/* The argument of a stack that has not begun: a root. */
static inline uintptr_t *gw_stack_argument(struct gw_entry *entry)
{
    return &entry->x20;
}

/* And the function that it will call. */
static inline uintptr_t gw_stack_first_function(const struct gw_entry *entry)
{
    return entry->x19;
}

/* Whether the processor keeps return addresses on a stack of its own (GCS), which a switch would have to change too. The instruction
 * clears the bit of a feature that is enabled, and does nothing where there is none. */
static inline bool gw_returns_are_guarded(void)
{
    register uint64_t x16 __asm__("x16") = 1;
    __asm__("hint #40" : "+r"(x16)); /* chkfeat x16 */
    return x16 == 0;
}

#endif
