/* A growing list of durations in nanoseconds, and its quantiles. */
#ifndef GW_BENCH_STEP_TIMES_H
#define GW_BENCH_STEP_TIMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct times { /* all zero: empty */
    uint64_t *values;
    size_t count, capacity;
    bool sorted;
};

/* Running out of native memory ends the program with a message. */
void times_add(struct times *times, uint64_t ns);

/* The value that `share` of the others do not exceed: 0.5 the median, 1 the largest. 0 of none. Sorts the values. */
uint64_t times_quantile(struct times *times, double share);

#endif
