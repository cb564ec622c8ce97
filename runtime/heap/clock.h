/* The clock that pauses and budgets are measured with. */
#ifndef GW_HEAP_CLOCK_H
#define GW_HEAP_CLOCK_H

#include <stdint.h>
#include <time.h>

static inline uint64_t gw_now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * UINT64_C(1000000000) + (uint64_t)now.tv_nsec;
}

/* Of this thread: what a pause took of the processor, whatever else the machine did meanwhile. A system call. */
static inline uint64_t gw_processor_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (uint64_t)now.tv_sec * UINT64_C(1000000000) + (uint64_t)now.tv_nsec;
}

#endif
