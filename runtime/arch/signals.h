/* Frames of signals on the machine that this is compiled for. */
#ifndef GW_ARCH_SIGNALS_H
#define GW_ARCH_SIGNALS_H

#if defined(__aarch64__)
#include "arch/aarch64/signals.h"
#else
#include <stddef.h>
#include <stdint.h>

/* Elsewhere what a handler returns to has unwind information. */
static inline uintptr_t *gw_signal_registers(uintptr_t pc, uintptr_t sp)
{
    (void)pc;
    (void)sp;
    return NULL;
}
#endif

#endif
