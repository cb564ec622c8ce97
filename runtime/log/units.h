/* Units for eyes. */
#ifndef GW_LOG_UNITS_H
#define GW_LOG_UNITS_H

#include <stdint.h>

static inline double gw_ms(uint64_t ns)
{
    return (double)ns / 1e6;
}

static inline double gw_mb(uint64_t bytes)
{
    return (double)bytes / 1048576;
}

#endif
