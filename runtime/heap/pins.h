/* Pinned objects: they stay alive and where they are until unpinned as often as pinned.
 *
 * Old objects never move, so that pinning one only counts it here, and any number of them does no harm. A young object
 * is promoted by itself, in a minor collection, before it is pinned. */
#ifndef GW_HEAP_PINS_H
#define GW_HEAP_PINS_H

#include "base/address_table.h"

struct gw_pins {
    struct gw_address_table table; /* number: how often */
    uintptr_t promote;             /* the next minor collection promotes it whatever its age; 0: none */
    size_t mark_cursor;            /* entries before it were marked by the cycle under way */
};

#endif
