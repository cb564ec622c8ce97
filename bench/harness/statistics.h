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

/* What two variants took. Run i of both was made in the same round, by code laid out as number i % layouts of that many; 0 is 1. */
struct pair {
    const double *values, *baseline;
    size_t count, layouts; /* as many layouts as runs at most */
};

/* median(values) / median(baseline); of several layouts the geometric mean of that in each. */
double ratio_of_pair(const struct pair *pair);

/* The 95 % bootstrap interval of that ratio. Rounds are what is resampled, since whatever disturbed a round disturbed both; where there are
 * several layouts, first those are, since which of them a reader will have nobody knows. Always the same for the same numbers. */
struct interval ratio_interval(const struct pair *pair);

/* The geometric mean over `programs` of their ratios, and its 95 % bootstrap interval: resampled within each program; the
 * programs themselves are taken as given. */
struct mean {
    double value;
    struct interval interval;
};
struct mean geometric_mean_of_ratios(const struct pair *pairs, size_t programs);

/* Two measurements made at different times: the 98 % bootstrap interval of median(after) / median(before), each
 * resampled by itself. */
struct interval change_interval(const double *before, size_t before_count, const double *after, size_t after_count);

#endif
