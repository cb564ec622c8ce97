/* What the doors of gw_outside_call and its like lead to. */
#ifndef GW_API_THREADS_H
#define GW_API_THREADS_H

#include <stddef.h>

struct gw_entry;

void *gw_outside_call_from(void *(*function)(void *), void *argument, const struct gw_entry *entry);
void *gw_stopped_call_from(void *(*function)(void *), void *argument, const struct gw_entry *entry);
void *gw_blocking_call_from(void *(*function)(void *), void *arguments, size_t bytes, const struct gw_entry *entry);

#endif
