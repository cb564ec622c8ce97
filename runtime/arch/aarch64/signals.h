/* What a signal's handler returns to has no unwind information in Linux on AArch64 (the source of its vdso says why): it is
 * known by its two instructions, as debuggers and libgcc know it. */
#ifndef GW_ARCH_AARCH64_SIGNALS_H
#define GW_ARCH_AARCH64_SIGNALS_H

#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <ucontext.h>

/* As the kernel lays it out. */
struct gw_signal_frame {
    siginfo_t info;
    ucontext_t context;
};

/* The registers that a signal interrupted, by their DWARF numbers, and behind the stack pointer the place that it interrupted, where its
 * handler returns to `pc` with the stack pointer at `sp`. NULL: `pc` is no such place. */
static inline uintptr_t *gw_signal_registers(uintptr_t pc, uintptr_t sp)
{
    enum { SET_NUMBER = 0xd2801168 /* mov x8, #__NR_rt_sigreturn */, CALL_SYSTEM = 0xd4000001 /* svc #0 */ };
    const uint32_t *code = (const uint32_t *)pc;
    if (code[0] != (uint32_t)SET_NUMBER || code[1] != (uint32_t)CALL_SYSTEM) return NULL;
    mcontext_t *interrupted = &((struct gw_signal_frame *)sp)->context.uc_mcontext;
    _Static_assert(offsetof(mcontext_t, pc) == offsetof(mcontext_t, regs) + 32 * 8, "registers, stack pointer, place");
    return (uintptr_t *)interrupted->regs;
}

#endif
