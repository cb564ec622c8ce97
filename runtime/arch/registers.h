/* The registers of the machine that this is compiled for. */
#ifndef GW_ARCH_REGISTERS_H
#define GW_ARCH_REGISTERS_H

#if defined(__x86_64__)
#include "arch/x86_64/registers.h"
#elif defined(__aarch64__)
#include "arch/aarch64/registers.h"
#else
#error "Greywave runs on x86-64 and AArch64: arch/ has no room for this machine"
#endif

#endif
