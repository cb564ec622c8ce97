/* Reading section gw_maps (docs/abi.md): bytes to function records, sites and their roots.
 *
 * Bounds-checked: whatever the bytes are, nothing outside them is read, and what is not understood ends in an error in
 * words. Used by module registration on live memory and by gw-maps on a file, hence the separate address.
 */
#ifndef GW_ROOTS_MAP_READER_H
#define GW_ROOTS_MAP_READER_H

#include "roots/image.h"

struct gw_map_reader {
    const uint8_t *begin, *at, *end;
    uintptr_t address; /* run-time address of `begin` */
    const char *error; /* NULL while all is well; `at` stays where it went wrong */
    const struct gw_map_machine *machine;
};

struct gw_map_function {
    uintptr_t start;
    uint64_t code_size;
    enum gw_frame_shape shape;
    bool marks;
    uint64_t site_count, sites_read;
    uintptr_t last_return_address;
    struct gw_map_reader sites;
};

struct gw_map_site {
    uintptr_t return_address;
    bool repeats; /* the same roots as the previous site: the collector of roots was left as it was */
};

/* Of this machine's maps; who reads those of another one says so in `machine`, and in the struct gw_site_roots. */
struct gw_map_reader gw_map_reader_on(const void *bytes, size_t size, uintptr_t address);

/* Reads the next function record and steps over its sites. False at the end or on an error. */
bool gw_map_next_function(struct gw_map_reader *reader, struct gw_map_function *function);

/* Reads the function's next site, its roots into `roots`, settled. False at the end or on an error in
 * function->sites.error. */
bool gw_map_next_site(struct gw_map_function *function, struct gw_map_site *site, struct gw_site_roots *roots);

/* Reads a whole section into an unsealed image. GW_ERROR_MAP with the offset and what is wrong. */
gw_status gw_map_read_image(const void *bytes, size_t size, uintptr_t address, struct gw_image *image);

#endif
