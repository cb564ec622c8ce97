/* Logarithm and exponential function by series. */
#include "profile/poisson.h"

/* Of 0 < x <= 1: x = m * 2^-e with 1/2 < m <= 1; log m = 2 atanh((m - 1) / (m + 1)), whose series is short as the argument is at most
 * a third. */
static double logarithm(double x)
{
    const double log_of_2 = 0.69314718055994531;
    double result = 0;
    for (; x <= 0.5; x *= 2) result -= log_of_2;
    double t = (x - 1) / (x + 1), square = t * t, sum = 0;
    for (int n = 19; n >= 1; n -= 2) sum = sum * square + 1.0 / n;
    return result + 2 * t * sum;
}

/* 1 - exp(-x) of x >= 0: by the series where x is small, by doubling back from there otherwise, as 1 - exp(-2x) is q(2 - q). */
static double share(double x)
{
    unsigned doublings = 0;
    if (x > 40) return 1;
    for (; x > 0.5; x /= 2) doublings++;
    double sum = 0;
    for (int n = 14; n >= 1; n--) sum = x / n * (1 - sum);
    for (; doublings; doublings--) sum *= 2 - sum;
    return sum;
}

/* xorshift64* (Marsaglia 2003, Vigna 2016). */
static uint64_t next_random(uint64_t *random)
{
    *random ^= *random >> 12;
    *random ^= *random << 25;
    *random ^= *random >> 27;
    return *random * UINT64_C(2685821657736338717);
}

uint64_t gw_poisson_distance(uint64_t *random, uint64_t rate)
{
    double uniform = (double)((next_random(random) >> 11) + 1) / 9007199254740992.0; /* 2^53: more than 0, at most 1 */
    return 1 + (uint64_t)(-logarithm(uniform) * (double)rate);
}

double gw_poisson_weight(uint64_t bytes, uint64_t rate)
{
    return 1 / share((double)bytes / (double)rate);
}
