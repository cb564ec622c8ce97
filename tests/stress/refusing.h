/* A system that refuses to take pages back now and then, as it does for locked memory: madvise comes here (--wrap). */
#ifndef GW_STRESS_REFUSING_H
#define GW_STRESS_REFUSING_H

#include <errno.h>
#include <stddef.h>
#include <stdint.h>

static uint64_t refusing, madvise_calls, madvise_refused; /* refuses one call in `refusing`; 0: none */

int __real_madvise(void *memory, size_t bytes, int advice);
int __wrap_madvise(void *memory, size_t bytes, int advice);

/* A generator of its own, so that a refusal changes nothing of the run but memory. */
int __wrap_madvise(void *memory, size_t bytes, int advice)
{
    uint64_t mixed = ++madvise_calls * UINT64_C(0x9e3779b97f4a7c15);
    if (!refusing || (mixed >> 32) % refusing) return __real_madvise(memory, bytes, advice);
    madvise_refused++;
    errno = EINVAL;
    return -1;
}

#endif
