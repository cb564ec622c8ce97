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

static size_t layouts_of(const struct pair *pair)
{
    return pair->layouts ? pair->layouts : 1;
}

/* How many of the rounds were in this layout. */
static size_t rounds_in(const struct pair *pair, size_t layout)
{
    return (pair->count - layout - 1) / layouts_of(pair) + 1;
}

/* The ratio of the medians of the same rounds of both in one layout: of all, or, where there are random numbers, drawn with repetition. */
static double ratio_in(const struct pair *pair, size_t layout, uint64_t *random)
{
    double a[MOST_RUNS], b[MOST_RUNS];
    size_t rounds = rounds_in(pair, layout);
    for (size_t i = 0; i < rounds; i++) {
        size_t round = layout + (random ? (size_t)next_random(random) % rounds : i) * layouts_of(pair);
        a[i] = pair->values[round];
        b[i] = pair->baseline[round];
    }
    return median(a, rounds) / median(b, rounds);
}

double ratio_of_pair(const struct pair *pair)
{
    double sum = 0;
    for (size_t layout = 0; layout < layouts_of(pair); layout++) sum += log(ratio_in(pair, layout, NULL));
    return exp(sum / (double)layouts_of(pair));
}

static double resampled_logarithm(const struct pair *pair, uint64_t *random)
{
    size_t layouts = layouts_of(pair);
    double sum = 0;
    for (size_t i = 0; i < layouts; i++) sum += log(ratio_in(pair, layouts > 1 ? (size_t)next_random(random) % layouts : 0, random));
    return sum / (double)layouts;
}

struct mean geometric_mean_of_ratios(const struct pair *pairs, size_t programs)
{
    double samples[RESAMPLES], logarithm = 0;
    uint64_t random = SEED;
    for (size_t sample = 0; sample < RESAMPLES; sample++) {
        double sum = 0;
        for (size_t i = 0; i < programs; i++) sum += resampled_logarithm(&pairs[i], &random);
        samples[sample] = exp(sum / (double)programs);
    }
    for (size_t i = 0; i < programs; i++) logarithm += log(ratio_of_pair(&pairs[i]));
    return (struct mean){exp(logarithm / (double)programs), middle(samples, 0.95)};
}

struct interval ratio_interval(const struct pair *pair)
{
    return geometric_mean_of_ratios(pair, 1).interval;
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
