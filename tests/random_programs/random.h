/* A stream of pseudo-random numbers: SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators,
 * 2014). */
#ifndef GW_RANDOM_PROGRAMS_RANDOM_H
#define GW_RANDOM_PROGRAMS_RANDOM_H

#include <stdbool.h>
#include <stdint.h>

struct random {
    uint64_t state;
};

static inline uint64_t random_word(struct random *random)
{
    uint64_t z = random->state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

/* In [0, bound). */
static inline int random_below(struct random *random, int bound)
{
    return (int)(random_word(random) % (uint64_t)bound);
}

/* In [least, most]. */
static inline int random_between(struct random *random, int least, int most)
{
    return least + random_below(random, most - least + 1);
}

static inline bool random_chance(struct random *random, int percent)
{
    return random_below(random, 100) < percent;
}

#endif
