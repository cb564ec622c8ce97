/* What the compiler is told beside the language, and small arithmetic. */
#ifndef GW_BASE_COMPILER_H
#define GW_BASE_COMPILER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define GW_ALWAYS_INLINE static inline __attribute__((always_inline))
#define gw_likely(x) __builtin_expect(!!(x), 1)
#define gw_unlikely(x) __builtin_expect(!!(x), 0)

/* A variable that lies in its section without a gap behind it, which clang's address sanitizer would leave; GCC's leaves sections alone. */
#ifdef __clang__
#define GW_DENSE __attribute__((no_sanitize("address")))
#else
#define GW_DENSE
#endif

GW_ALWAYS_INLINE size_t gw_round_up(size_t bytes, size_t unit)
{
    return (bytes + unit - 1) & ~(unit - 1);
}

/* What is left of a limit; nothing when more was taken. */
GW_ALWAYS_INLINE uint64_t gw_left_of(uint64_t limit, uint64_t taken)
{
    return limit > taken ? limit - taken : 0;
}

/* The highest figure of late, now that there is another one: each forgets a quarter of those before. */
GW_ALWAYS_INLINE uint64_t gw_highest_of_late(uint64_t highest, uint64_t figure)
{
    uint64_t kept = highest - highest / 4;
    return figure > kept ? figure : kept;
}

#endif
