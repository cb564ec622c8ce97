#include "statistics.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { RESAMPLES = 4000 };

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

double median(const double *values, size_t count)
{
    double sorted[MOST_RUNS];
    memcpy(sorted, values, count * sizeof *values);
    qsort(sorted, count, sizeof *sorted, compare);
    return count % 2 ? sorted[count / 2] : (sorted[count / 2 - 1] + sorted[count / 2]) / 2;
}

double smallest(const double *values, size_t count)
{
    double result = values[0];
    for (size_t i = 1; i < count; i++)
        if (values[i] < result) result = values[i];
    return result;
}

double largest(const double *values, size_t count)
{
    double result = values[0];
    for (size_t i = 1; i < count; i++)
        if (values[i] > result) result = values[i];
    return result;
}

struct interval ratio_interval(const double *values, const double *baseline, size_t count)
{
    static double ratios[RESAMPLES];
    double a[MOST_RUNS], b[MOST_RUNS];
    uint64_t random = 88172645463325252u;
    for (size_t sample = 0; sample < RESAMPLES; sample++) {
        for (size_t i = 0; i < count; i++) {
            random ^= random << 13, random ^= random >> 7, random ^= random << 17;
            size_t round = (size_t)(random >> 11) % count;
            a[i] = values[round];
            b[i] = baseline[round];
        }
        ratios[sample] = median(a, count) / median(b, count);
    }
    qsort(ratios, RESAMPLES, sizeof *ratios, compare);
    return (struct interval){ratios[RESAMPLES / 40], ratios[RESAMPLES - RESAMPLES / 40 - 1]};
}
