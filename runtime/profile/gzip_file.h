/* A file in gzip's format (RFC 1952) whose data is stored as it is (RFC 1951, 3.2.4): readers want the format, not the saving, for which
 * every program would need a library. */
#ifndef GW_PROFILE_GZIP_FILE_H
#define GW_PROFILE_GZIP_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define GW_GZIP_MOST 65535 /* bytes that are written at once */

struct gw_gzip_file {
    int descriptor;
    uint32_t checksum, bytes; /* of what was written */
};

/* 0, or an errno. `add`: behind what the file holds, which readers take for one; otherwise that is replaced. */
int gw_gzip_open(struct gw_gzip_file *file, const char *path, bool add);

/* At most GW_GZIP_MOST bytes. 0, or an errno. A sink of packets. */
int gw_gzip_write(void *file, const char *bytes, size_t count);

/* 0, or an errno. */
int gw_gzip_close(struct gw_gzip_file *file);

#endif
