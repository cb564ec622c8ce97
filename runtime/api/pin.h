/* What the door of gw_pin leads to. */
#ifndef GW_API_PIN_H
#define GW_API_PIN_H

struct gw_entry;

void *gw_pin_from(void *object, const struct gw_entry *entry);

#endif
