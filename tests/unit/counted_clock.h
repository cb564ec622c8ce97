/* The runtime's clock for tests of what it does with time: it advances when it is looked at, by as much as the test says, so that they
 * find the same on every machine, however much else that does. The test links with --wrap=clock_gettime. */
#ifndef COUNTED_CLOCK_H
#define COUNTED_CLOCK_H

#include <stdint.h>
#include <time.h>

static uint64_t look_ns = 1000; /* of the processor, from one look to the next: what a slice finds time for is a matter of looks */
static uint64_t others_ns;      /* that the machine gives to other programs meanwhile */

int __wrap_clock_gettime(clockid_t clock, struct timespec *now);
int __wrap_clock_gettime(clockid_t clock, struct timespec *now)
{
    static uint64_t processor_ns, machine_ns;
    processor_ns += look_ns;
    machine_ns += look_ns + others_ns;
    uint64_t ns = clock == CLOCK_THREAD_CPUTIME_ID ? processor_ns : machine_ns;
    *now = (struct timespec){.tv_sec = (time_t)(ns / 1000000000), .tv_nsec = (long)(ns % 1000000000)};
    return 0;
}

#endif
