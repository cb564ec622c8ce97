/* Medians, and how far to trust a ratio of medians. All arrays are the caller's and are left as they were. */
#ifndef GW_BENCH_STATISTICS_H
#define GW_BENCH_STATISTICS_H

#include <stddef.h>

enum { MOST_RUNS = 1000 };

/* `count` is from 1 to MOST_RUNS. */
double median(const double *values, size_t count);
double smallest(const double *values, size_t count);
double largest(const double *values, size_t count);

struct interval {
    double low, high;
};

/* The 95 % bootstrap interval of median(values) / median(baseline). Run i of both was made in the same round, so rounds
 * are what is resampled: whatever disturbed a round disturbed both. Always the same for the same numbers. */
struct interval ratio_interval(const double *values, const double *baseline, size_t count);

/* The geometric mean over `programs` of median(values[i]) / median(baseline[i]), and its 95 % bootstrap interval:
 * rounds are resampled within each program; the programs themselves are taken as given. */
struct mean {
    double value;
    struct interval interval;
};
struct mean geometric_mean_of_ratios(const double *const *values, const double *const *baseline, size_t programs, size_t count);

/* Two measurements made at different times: the 98 % bootstrap interval of median(after) / median(before), each
 * resampled by itself. */
struct interval change_interval(const double *before, size_t before_count, const double *after, size_t after_count);

#endif
