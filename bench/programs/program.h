/* What every benchmark program starts from. One source serves all root finders: under the plug-in references are found
 * by themselves; for GCC each call that may collect names the references that are needed after it, CALL(x = f(y), a,
 * b), and stores into objects are written SET(object, field, value). With DEMO_MALLOC and DEMO_BOEHM (see memory.h)
 * both mean nothing.
 *
 * A program takes one number, its size, and prints what it computed: the same under every variant and in every
 * language.
 */
#ifndef GW_BENCH_PROGRAM_H
#define GW_BENCH_PROGRAM_H

#include "memory.h"
#include <sys/resource.h>
#include <unistd.h>

/* Park and Miller's generator: exact in every language's numbers. */
struct random {
    long seed;
};

/* From 0 to `bound` - 1; `bound` is far below 2^31. */
static inline long random_below(struct random *random, long bound)
{
    random->seed = random->seed * 16807 % 2147483647;
    return random->seed % bound;
}

/* Checksums stay below 2^31, so that products stay below 2^53. */
static inline long checksum(long sum, long value)
{
    return (sum * 31 + value) % 1000000007;
}

/* Deep recursion wants more stack than the usual 8 MB: starts the program anew with `bytes` of it, once. */
static inline void need_stack(size_t bytes, char **argv)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_STACK, &limit) || limit.rlim_cur >= bytes) return;
    limit.rlim_cur = limit.rlim_max < bytes ? limit.rlim_max : bytes;
    if (setrlimit(RLIMIT_STACK, &limit) == 0 && !getenv("GW_BENCH_STACK") && setenv("GW_BENCH_STACK", "1", 1) == 0)
        execv("/proc/self/exe", argv);
}

#endif
