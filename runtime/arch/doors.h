/* The doors of the machine that this is compiled for: see its room. For assembler. */
#if defined(__x86_64__)
#include "arch/x86_64/doors.h"
#elif defined(__aarch64__)
#include "arch/aarch64/doors.h"
#else
#error "Greywave runs on x86-64 and AArch64: arch/ has no room for this machine"
#endif
