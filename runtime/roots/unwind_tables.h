/* Unwind entries of code that was made at run time, given to libunwind: it finds those of loaded images by itself.
 *
 * The public functions are gw_unwind_register and gw_unwind_unregister in greywave.h. Here: reading `.eh_frame`.
 */
#ifndef GW_ROOTS_UNWIND_TABLES_H
#define GW_ROOTS_UNWIND_TABLES_H

#include <stddef.h>
#include <stdint.h>

/* One function: where its code starts, how long it is, and where its entry (FDE) stands. */
struct gw_unwind_entry {
    uintptr_t start;
    uintptr_t size;
    uintptr_t entry;
};

/* Reads the entries of an `.eh_frame` section at its run-time address into `entries`, up to `room`; returns how many
 * there are, or SIZE_MAX when the section is corrupt or encoded in a way that is not supported. */
size_t gw_unwind_entries(const void *section, size_t size, struct gw_unwind_entry *entries, size_t room);

#endif
