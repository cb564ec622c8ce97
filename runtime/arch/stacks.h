/* Stacks that the runtime makes, on the machine that this is compiled for: how one is laid out before it begins. */
#ifndef GW_ARCH_STACKS_H
#define GW_ARCH_STACKS_H

#if defined(__x86_64__)
#include "arch/x86_64/stacks.h"
#elif defined(__aarch64__)
#include "arch/aarch64/stacks.h"
#else
#error "Greywave runs on x86-64 and AArch64: arch/ has no room for this machine"
#endif

#endif
