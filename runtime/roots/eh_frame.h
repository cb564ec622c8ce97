/* Reading `.eh_frame` sections and their search tables, `.eh_frame_hdr`.
 *
 * System V ABI for x86-64, and the Linux Standard Base's chapter on exception frames. A section is common entries (CIE)
 * and one entry for each function (FDE), which names its common entry by distance. Owns nothing, reads within what it
 * is given.
 */
#ifndef GW_ROOTS_EH_FRAME_H
#define GW_ROOTS_EH_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A place in some bytes. Once `failed`, reads give zero. */
struct gw_reader {
    const uint8_t *at, *end;
    bool failed;
};

uint64_t gw_read_bytes(struct gw_reader *reader, size_t count); /* at most 8, little endian */
int64_t gw_read_signed(struct gw_reader *reader, size_t count); /* 1, 2, 4 or 8 */
uint64_t gw_read_uleb(struct gw_reader *reader);
int64_t gw_read_sleb(struct gw_reader *reader);
/* Steps over `count` bytes and returns where they begin. */
const uint8_t *gw_read_over(struct gw_reader *reader, uint64_t count);
/* A pointer of a DW_EH_PE encoding: absolute, or relative to itself. */
uintptr_t gw_read_pointer(struct gw_reader *reader, unsigned encoding);

/* One function: where its code starts, how long it is, and where its entry (FDE) stands. */
struct gw_unwind_entry {
    uintptr_t start;
    uintptr_t size;
    uintptr_t entry;
};

/* What a function's entry says. */
struct gw_unwind_program {
    struct gw_reader common, own; /* instructions of the common entry, then of the function's */
    uintptr_t start, size;        /* of the function's code */
    uint64_t code_unit;
    int64_t data_unit;
    unsigned encoding; /* of code addresses */
    bool is_signal;    /* the frame of a signal's handler: its caller was interrupted, and did not call */
};

/* Reads the entries of an `.eh_frame` section at its run-time address into `entries`, up to `room`; returns how many
 * there are, or SIZE_MAX when the section is corrupt or encoded in a way that is not supported. */
size_t gw_unwind_entries(const void *section, size_t size, struct gw_unwind_entry *entries, size_t room);

/* The entry whose code holds `pc`, by the search table at `header` (a loaded image's PT_GNU_EH_FRAME segment). */
bool gw_unwind_search(const void *header, uintptr_t pc, struct gw_unwind_program *program);

/* The program of an entry that gw_unwind_entries found. */
bool gw_unwind_program(uintptr_t entry, struct gw_unwind_program *program);

#endif
