/* Arithmetic of sampling, without the mathematical library, which programs would have to link. Exact to 9 digits. */
#ifndef GW_PROFILE_POISSON_H
#define GW_PROFILE_POISSON_H

#include <stdint.h>

/* A distance to the next sampled byte, at least 1: exponentially distributed with the mean `rate`. Changes the generator's state, which is
 * not 0. */
uint64_t gw_poisson_distance(uint64_t *random, uint64_t rate);

/* How many objects of `bytes` each stand behind one that was sampled: 1 / (1 - exp(-bytes / rate)). */
double gw_poisson_weight(uint64_t bytes, uint64_t rate);

#endif
