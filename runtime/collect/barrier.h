/* Slow paths of the write barrier. None of them is a safepoint. */
#ifndef GW_COLLECT_BARRIER_H
#define GW_COLLECT_BARRIER_H

#include <stddef.h>

/* What gw_barrier_slow calls: `object` has GW_HEADER_TRACK set, `slot` is the address being stored to. */
void gw_barrier_record(void *object, void *slot);

#endif
