/* What tests that write maps and run on stacks of their own must know of the machine. */
#ifndef MACHINE_REGISTERS_H
#define MACHINE_REGISTERS_H

#include "arch/registers.h"

/* DWARF numbers of the stack pointer, the frame pointer, two that calls preserve and one that they do not. */
#define SP_NUMBER GW_DWARF_SP
#define FP_NUMBER (GW_MAPS_HERE.frame_pointer)
#if defined(__x86_64__)
enum { KEPT = 3, KEPT_TOO = 12, SCRATCH = 0 };
#else
enum { KEPT = 19, KEPT_TOO = 28, SCRATCH = 0 };
#endif

/* The control register of calculations, where the direction of rounding and exceptions that were found stand; the latter, on AArch64, in
 * another one. */
#if defined(__x86_64__)
enum { ROUNDING = 0x6000, DOWN = 0x2000, FOUND = 0x3f, INEXACT = 0x20, UNDERFLOW = 0x10 };

static inline unsigned control_words(void)
{
    unsigned vector;
    __asm__ volatile("stmxcsr %0" : "=m"(vector));
    return vector;
}

static inline void set_control_words(unsigned vector)
{
    __asm__ volatile("ldmxcsr %0" : : "m"(vector));
}
#else
enum { ROUNDING = 0xc00000, DOWN = 0x800000, FOUND = 0x1f, INEXACT = 0x10, UNDERFLOW = 0x08 };

static inline unsigned control_words(void)
{
    uint64_t control, found;
    __asm__ volatile("mrs %0, fpcr\n\tmrs %1, fpsr" : "=r"(control), "=r"(found));
    return (unsigned)(control & ~(uint64_t)FOUND) | (unsigned)(found & FOUND);
}

static inline void set_control_words(unsigned both)
{
    __asm__ volatile("msr fpcr, %0\n\tmsr fpsr, %1" : : "r"((uint64_t)(both & ~(unsigned)FOUND)), "r"((uint64_t)(both & FOUND)));
}
#endif

/* That of the function which called the one that says so, after the call. */
#if defined(__x86_64__)
#define CALLERS_STACK_POINTER() ((uintptr_t)__builtin_dwarf_cfa())
#else
#include <unwind.h>

struct place_on_stack {
    unsigned frames_left;
    uintptr_t sp;
};

/* libgcc gives for each frame the stack pointer that it had at its call. */
static inline _Unwind_Reason_Code look_at_frame(struct _Unwind_Context *context, void *argument)
{
    struct place_on_stack *place = argument;
    place->sp = _Unwind_GetCFA(context);
    return place->frames_left-- ? _URC_NO_REASON : _URC_END_OF_STACK;
}

static inline __attribute__((always_inline)) uintptr_t callers_stack_pointer(void)
{
    struct place_on_stack place = {.frames_left = 1};
    _Unwind_Backtrace(look_at_frame, &place);
    return place.sp;
}
#define CALLERS_STACK_POINTER() callers_stack_pointer()
#endif

/* Makes a function save all registers that calls preserve. */
#if defined(__x86_64__)
#define SAVE_ALL_REGISTERS() __asm__ volatile("" ::: "rbx", "r12", "r13", "r14", "r15")
#else
#define SAVE_ALL_REGISTERS() __asm__ volatile("" ::: "x19", "x20", "x21", "x22", "x23", "x24", "x25", "x26", "x27", "x28")
#endif

#endif
