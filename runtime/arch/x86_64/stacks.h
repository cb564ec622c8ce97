/* What lies on a stack that was left by gw_stack_switch: a struct gw_entry, as doors push it, and below it a word with the control words
 * of the vector unit and of the x87. A stack that has not begun is laid out as if it had been left by its outermost frame, the one of
 * `base` (doors.h), which finds what it needs in registers. */
#ifndef GW_ARCH_X86_64_STACKS_H
#define GW_ARCH_X86_64_STACKS_H

#include "arch/x86_64/registers.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* Whether a stack may go on on another thread than the one on which it was left: compiled code finds what is its thread's by a segment
 * register, each time anew. */
#define GW_STACKS_MAY_MOVE 1

/* Bytes that stay free above the stack pointer of the outermost frame, so that it lies on the stack. */
#define GW_STACK_BASE_BYTES ((size_t)16)

/* Where the outermost frame's stack pointer is. `end`: of the stack, aligned to 16 bytes. */
static inline uintptr_t gw_stack_base_sp(uintptr_t end)
{
    return end - GW_STACK_BASE_BYTES;
}

/* Lays out a stack that ends at `end`, and gives the entry at which gw_stack_switch goes on: in `base`, which calls function(argument, the
 * value that it is given). The control words are the caller's. */
static inline struct gw_entry *gw_stack_lay_out(uintptr_t end, const char *base, uintptr_t function, uintptr_t argument)
{
    struct {
        uint32_t vector, x87;
        struct gw_entry entry;
    } first = {.entry = {.rbx = function, .r12 = argument, .return_address = (uintptr_t)base}};
    uint16_t x87;
    __asm__("stmxcsr %0" : "=m"(first.vector));
    __asm__("fnstcw %0" : "=m"(x87));
    first.x87 = x87;
    char *place = (char *)gw_stack_base_sp(end) - sizeof first;
    memset(place + sizeof first, 0, GW_STACK_BASE_BYTES);
    memcpy(place, &first, sizeof first);
    return (struct gw_entry *)(place + offsetof(__typeof__(first), entry));
}

/* The argument of a stack that has not begun: a root. */
static inline uintptr_t *gw_stack_argument(struct gw_entry *entry)
{
    return &entry->r12;
}

/* And the function that it will call. */
static inline uintptr_t gw_stack_first_function(const struct gw_entry *entry)
{
    return entry->rbx;
}

/* Whether the processor keeps return addresses on a stack of its own (CET), which a switch would have to change too. */
static inline bool gw_returns_are_guarded(void)
{
    uintptr_t guard = 0;
    __asm__("rdsspq %0" : "+r"(guard)); /* does nothing where there is none */
    return guard != 0;
}

#endif
