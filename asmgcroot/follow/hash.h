/* For tables of numbers. */
#ifndef GW_ASMGCROOT_HASH_H
#define GW_ASMGCROOT_HASH_H

#include <stdint.h>

static inline uint64_t mixed(uint64_t a)
{
    a *= 0x9e3779b97f4a7c15u;
    return a ^ a >> 29;
}

#endif
