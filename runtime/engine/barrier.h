/* Slow paths of the write barrier. None of them is a safepoint. */
#ifndef GW_ENGINE_BARRIER_H
#define GW_ENGINE_BARRIER_H

#include <stddef.h>

/* What the barrier's doors call. `slot` is the address being stored to; the object may have been recorded already. */
void gw_barrier_record(void *object, void *slot);

/* The same for any slots in the object's first GW_FRONT_BYTES bytes. */
void gw_barrier_record_front(void *object);

#endif
