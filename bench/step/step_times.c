#include "step_times.h"

#include <stdio.h>
#include <stdlib.h>

void times_add(struct times *times, uint64_t ns)
{
    if (times->count == times->capacity) {
        times->capacity = times->capacity ? 2 * times->capacity : 4096;
        times->values = realloc(times->values, times->capacity * sizeof *times->values);
        if (!times->values) {
            fputs("out of memory for durations\n", stderr);
            exit(3);
        }
    }
    times->values[times->count++] = ns;
    times->sorted = false;
}

static int compare(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

uint64_t times_quantile(struct times *times, double share)
{
    if (times->count == 0) return 0;
    if (!times->sorted) qsort(times->values, times->count, sizeof *times->values, compare);
    times->sorted = true;
    return times->values[(size_t)(share * (double)(times->count - 1))];
}
