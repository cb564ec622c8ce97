#include "statistics.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { RESAMPLES = 4000 };
static const uint64_t SEED = 88172645463325252u; /* the same numbers give the same interval */

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

static uint64_t next_random(uint64_t *random)
{
    *random ^= *random << 13, *random ^= *random >> 7, *random ^= *random << 17;
    return *random >> 11;
}

/* Of `share` of the samples, as much left out below as above. Sorts them. */
static struct interval middle(double *samples, double share)
{
    size_t outside = (size_t)((1 - share) / 2 * RESAMPLES);
    qsort(samples, RESAMPLES, sizeof *samples, compare);
    return (struct interval){samples[outside], samples[RESAMPLES - outside - 1]};
}

/* The ratio of the medians of the same rounds of both, drawn at random with repetition. */
static double resampled_ratio(const double *values, const double *baseline, size_t count, uint64_t *random)
{
    double a[MOST_RUNS], b[MOST_RUNS];
    for (size_t i = 0; i < count; i++) {
        size_t round = (size_t)next_random(random) % count;
        a[i] = values[round];
        b[i] = baseline[round];
    }
    return median(a, count) / median(b, count);
}

struct interval ratio_interval(const double *values, const double *baseline, size_t count)
{
    double samples[RESAMPLES];
    uint64_t random = SEED;
    for (size_t sample = 0; sample < RESAMPLES; sample++) samples[sample] = resampled_ratio(values, baseline, count, &random);
    return middle(samples, 0.95);
}

struct mean geometric_mean_of_ratios(const double *const *values, const double *const *baseline, size_t programs, size_t count)
{
    double samples[RESAMPLES], logarithm = 0;
    uint64_t random = SEED;
    for (size_t sample = 0; sample < RESAMPLES; sample++) {
        double sum = 0;
        for (size_t i = 0; i < programs; i++) sum += log(resampled_ratio(values[i], baseline[i], count, &random));
        samples[sample] = exp(sum / (double)programs);
    }
    for (size_t i = 0; i < programs; i++) logarithm += log(median(values[i], count) / median(baseline[i], count));
    return (struct mean){exp(logarithm / (double)programs), middle(samples, 0.95)};
}

static double resampled_median(const double *values, size_t count, uint64_t *random)
{
    double drawn[MOST_RUNS];
    for (size_t i = 0; i < count; i++) drawn[i] = values[next_random(random) % count];
    return median(drawn, count);
}

struct interval change_interval(const double *before, size_t before_count, const double *after, size_t after_count)
{
    double samples[RESAMPLES];
    uint64_t random = SEED;
    for (size_t sample = 0; sample < RESAMPLES; sample++)
        samples[sample] = resampled_median(after, after_count, &random) / resampled_median(before, before_count, &random);
    return middle(samples, 0.98);
}
