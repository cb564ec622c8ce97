/* What the door of gw_outside_call leads to. */
#ifndef GW_API_THREADS_H
#define GW_API_THREADS_H

struct gw_entry;

void *gw_outside_call_from(void *(*function)(void *), void *argument, const struct gw_entry *entry);

#endif
