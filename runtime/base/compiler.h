/* What the compiler is told beside the language, and rounding. */
#ifndef GW_BASE_COMPILER_H
#define GW_BASE_COMPILER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define GW_ALWAYS_INLINE static inline __attribute__((always_inline))
#define gw_likely(x) __builtin_expect(!!(x), 1)
#define gw_unlikely(x) __builtin_expect(!!(x), 0)

GW_ALWAYS_INLINE size_t gw_round_up(size_t bytes, size_t unit)
{
    return (bytes + unit - 1) & ~(unit - 1);
}

#endif
