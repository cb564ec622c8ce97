/* Pinned objects: they stay alive and where they are until unpinned as often as pinned.
 *
 * Old objects never move, so that pinning one only counts it here, and any number of them does no harm. A young object is listed besides:
 * the next minor collection lets it grow old where it is. Where the heap limit leaves no room for what that may cost, or a minor collection
 * costs next to nothing, one promotes it first. */
#ifndef GW_HEAP_PINS_H
#define GW_HEAP_PINS_H

#include "base/address_table.h"
#include "base/word_list.h"

struct gw_pins {
    struct gw_address_table table; /* number: how often */
    struct gw_word_list young;     /* pinned since the last minor collection, when they were young */
    size_t mark_cursor;            /* entries before it were marked by the cycle under way */
};

#endif
