/* The clock that pauses and budgets are measured with. */
#ifndef GW_OS_LINUX_CLOCK_H
#define GW_OS_LINUX_CLOCK_H

#include <stdint.h>
#include <time.h>

/* A clock that the system refuses (a sandbox may) stands still: what is measured with it took no time. */
static inline uint64_t gw_clock_ns(clockid_t clock)
{
    struct timespec now;
    if (clock_gettime(clock, &now) != 0) return 0;
    return (uint64_t)now.tv_sec * UINT64_C(1000000000) + (uint64_t)now.tv_nsec;
}

static inline uint64_t gw_now_ns(void)
{
    return gw_clock_ns(CLOCK_MONOTONIC);
}

/* Of this thread: what a pause took of the processor, whatever else the machine did meanwhile. A system call. */
static inline uint64_t gw_processor_ns(void)
{
    return gw_clock_ns(CLOCK_THREAD_CPUTIME_ID);
}

#endif
