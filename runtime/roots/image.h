/* The decoded maps of one registered module: its code ranges, its call sites and their frame maps.
 *
 * A producer (map_reader, stackmaps_v3) collects one site's roots in a struct gw_site_roots and adds it; the image
 * keeps a compact copy and shares it between sites with the same roots: frames have few shapes. Sealing sorts and
 * checks; a sealed image does not change. All memory belongs to the image.
 */
#ifndef GW_ROOTS_IMAGE_H
#define GW_ROOTS_IMAGE_H

#include "roots/frame_map.h"
#include <greywave/greywave.h>

/* The code of one function with maps: a return address in it that is not a site is fatal. Empty for a function that was made at run
 * time and holds no references. */
struct gw_code_range {
    uintptr_t start, end;
    bool marks; /* it marks those of its variables that others may store references to (docs/abi.md) */
};

struct gw_site {
    uintptr_t return_address;
    const struct gw_frame_map *map;
};

struct gw_image {
    struct gw_code_range *ranges;
    size_t range_count, range_room;
    struct gw_site *sites;
    size_t site_count, site_room;
    struct gw_storage *storage;         /* chunks that hold the frame maps */
    const struct gw_frame_map **recent; /* until sealed: maps by hash of their roots, to share equal ones */
};

/* One site's roots while a producer collects them. The vectors are kept from site to site. */
struct gw_site_roots {
    const struct gw_map_machine *machine; /* NULL: the one that this is compiled for */
    enum gw_frame_shape shape;
    struct gw_frame_map map; /* counts; the pointers alias the vectors below */
    uint32_t *slots;
    struct gw_derived *derived;
    struct gw_location *bases;
    struct gw_region *regions;
    uint32_t *region_offsets;
    uint32_t slot_room, derived_room, base_room, region_room, offset_room, offset_count;
    bool out_of_memory; /* sticky: an addition was lost */
};

void gw_site_roots_clear(struct gw_site_roots *roots, enum gw_frame_shape shape, bool marks);
void gw_site_roots_free(struct gw_site_roots *roots);
/* A base root. Words above the stack pointer become slots. Adding the same one twice is allowed only before _settle. */
void gw_site_roots_base(struct gw_site_roots *roots, struct gw_location location);
void gw_site_roots_derived(struct gw_site_roots *roots, struct gw_location base, struct gw_location derived);
/* Starts a region; its offsets (words) follow. */
void gw_site_roots_region(struct gw_site_roots *roots, struct gw_location start, uint32_t count, uint32_t stride);
void gw_site_roots_region_offset(struct gw_site_roots *roots, uint32_t offset);
/* The frame mark. False when the site has one already, or `location` is a register. */
bool gw_site_roots_mark(struct gw_site_roots *roots, struct gw_location location);
/* Sorts and drops repeated bases and derived pointers, and a mark that is a root; returns how many it dropped. Call once, after the last
 * addition.
 */
uint32_t gw_site_roots_settle(struct gw_site_roots *roots);

/* Adds a function's code. */
gw_status gw_image_add_range(struct gw_image *image, uintptr_t start, uintptr_t end, bool marks);
/* Adds a site with a copy of `roots`, or, when `roots` is NULL, with the same map as the previous site. */
gw_status gw_image_add_site(struct gw_image *image, uintptr_t return_address, const struct gw_site_roots *roots);
/* Sorts ranges and checks that neither they nor sites overlap. GW_ERROR_MAP when they do. */
gw_status gw_image_seal(struct gw_image *image);
void gw_image_free(struct gw_image *image);

/* The range that holds a call whose return address is `pc`, or NULL. Sealed images only. */
const struct gw_code_range *gw_image_find_range(const struct gw_image *image, uintptr_t pc);

/* Whether there is a range that begins at `start`. Sealed images only. */
bool gw_image_describes(const struct gw_image *image, uintptr_t start);

bool gw_image_check(const struct gw_image *image);

#endif
