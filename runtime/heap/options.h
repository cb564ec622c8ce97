/* Heap options: defaults and text. */
#ifndef GW_HEAP_OPTIONS_H
#define GW_HEAP_OPTIONS_H

#include <greywave/greywave.h>

#define GW_DEFAULT_AGE GW_AGE_BY_SURVIVAL
#define GW_DEFAULT_NURSERY ((size_t)6 << 20)
#define GW_DEFAULT_LARGEST_NURSERY ((size_t)32 << 20)
#define GW_SMALLEST_NURSERY ((size_t)64 << 10)
#define GW_LARGEST_NURSERY ((size_t)1 << 30)
#define GW_SMALLEST_HEAP ((size_t)6 << 20)
#define GW_LARGEST_HEAP ((size_t)1 << 46)
#define GW_DEFAULT_GROWTH 80 /* percent */
#define GW_SMALLEST_GROWTH 10
#define GW_LARGEST_GROWTH 1000
#define GW_MOST_HELPERS 1
#define GW_LARGEST_PRETOUCH GW_LARGEST_HEAP
#define GW_LARGEST_AGE 14
#define GW_AGE_BY_SURVIVAL 15u /* one, or none while that pays better: control/aging.h */
#define GW_SMALLEST_PAUSE_NS UINT64_C(50000)
#define GW_LARGEST_PAUSE_NS UINT64_C(10000000000)

#define GW_DEFAULT_PROFILE_RATE ((size_t)512 << 10)
#define GW_SMALLEST_PROFILE_RATE ((size_t)1 << 10)
#define GW_LARGEST_PROFILE_RATE ((size_t)1 << 30)

void gw_options_default(struct gw_options *options);

/* Parses text on top of what `options` holds. */
gw_status gw_options_apply(const char *text, struct gw_options *options);

/* Whether every allocation takes its slow path. */
static inline bool gw_options_stress(const struct gw_options *options)
{
    return options->stress_every || options->stress_safepoint || options->stress_step;
}

/* What eden begins with, and may grow to; the same when the program chose it. */
size_t gw_first_eden(const struct gw_options *options);
size_t gw_largest_eden(const struct gw_options *options);

/* Fills zeros with defaults and refuses what the text may not say. */
gw_status gw_options_complete(struct gw_options *options);

#endif
