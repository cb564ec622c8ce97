/* A word to Valgrind, for the machine that this is compiled for. */
#ifndef GW_ARCH_VALGRIND_H
#define GW_ARCH_VALGRIND_H

#if defined(__x86_64__)
#include "arch/x86_64/valgrind.h"
#else
#error "Greywave runs on x86-64: arch/ has no room for this machine"
#endif

#endif
