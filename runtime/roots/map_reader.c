/* The decoder of gw_maps. Owns nothing; every read goes through read_byte, which checks the bound. After the first
 * error a reader yields zeros, so that callers test once at the end of an item. */
#include "roots/map_reader.h"
#include "abi/map_format.h"
#include "base/report.h"

#include <string.h>

#define ENTRY_LIMIT (1u << 24) /* more entries than this in one site is a corrupt count */

struct gw_map_reader gw_map_reader_on(const void *bytes, size_t size, uintptr_t address)
{
    return (struct gw_map_reader){
        .begin = bytes, .at = bytes, .end = (const uint8_t *)bytes + size, .address = address, .machine = &GW_MAPS_HERE};
}

static void fail(struct gw_map_reader *reader, const char *error)
{
    if (!reader->error) reader->error = error;
}

static size_t left(const struct gw_map_reader *reader)
{
    return (size_t)(reader->end - reader->at);
}

static uint8_t read_byte(struct gw_map_reader *reader)
{
    if (reader->error) return 0;
    if (reader->at == reader->end) {
        fail(reader, "the record ends in the middle of an item");
        return 0;
    }
    return *reader->at++;
}

static uint64_t read_uleb(struct gw_map_reader *reader)
{
    uint64_t value = 0;
    for (unsigned shift = 0;; shift += 7) {
        uint8_t byte = read_byte(reader);
        uint64_t bits = byte & 0x7f;
        if (shift > 63 || (shift == 63 && bits > 1)) {
            fail(reader, "a number does not fit 64 bits");
            return 0;
        }
        value |= bits << shift;
        if (!(byte & 0x80)) return value;
    }
}

/* A number that must stay below `limit`. */
static uint32_t read_small(struct gw_map_reader *reader, uint64_t limit, const char *error)
{
    uint64_t value = read_uleb(reader);
    if (value < limit) return (uint32_t)value;
    fail(reader, error);
    return 0;
}

static int32_t read_i32(struct gw_map_reader *reader)
{
    uint32_t value = 0;
    for (int i = 0; i < 4; i++) value |= (uint32_t)read_byte(reader) << (8 * i);
    return (int32_t)value;
}

bool gw_map_next_function(struct gw_map_reader *reader, struct gw_map_function *function)
{
    if (reader->error || reader->at == reader->end) return false;
    if (read_byte(reader) != GW_MAP_RECORD_MARK) fail(reader, "a function record does not start with 'g'");
    uintptr_t field = reader->address + (uintptr_t)(reader->at - reader->begin);
    *function = (struct gw_map_function){.start = field + (uintptr_t)(intptr_t)read_i32(reader)};
    function->code_size = read_small(reader, UINT32_MAX, "a function's code is larger than 4 GB");
    uint64_t body = read_uleb(reader);
    if (!reader->error && body > left(reader)) fail(reader, "a function record is longer than the section");
    if (reader->error) return false;

    function->last_return_address = function->start;
    function->sites = *reader;
    function->sites.end = reader->at + body;
    uint64_t flags = read_uleb(&function->sites);
    uint64_t shape = flags & GW_MAP_SHAPE;
    function->shape = shape < GW_FRAME_SHAPES ? (enum gw_frame_shape)shape : GW_FRAME_FIXED;
    function->marks = flags & GW_MAP_MARKS;
    if (shape >= GW_FRAME_SHAPES || flags > (GW_MAP_SHAPE | GW_MAP_MARKS)) fail(&function->sites, "a function record has unknown flags");
    function->site_count = read_uleb(&function->sites);
    if (function->site_count > left(&function->sites) / 2) fail(&function->sites, "more sites than bytes for them");
    if (!function->site_count && left(&function->sites)) fail(&function->sites, "bytes follow the last site");
    if (function->sites.error) {
        reader->at = function->sites.at;
        fail(reader, function->sites.error);
        return false;
    }
    reader->at += body;
    return true;
}

static struct gw_location checked(struct gw_map_reader *reader, struct gw_location location)
{
    if (!reader->error && !gw_location_check(reader->machine, location)) fail(reader, "a root is in an unknown register or unaligned");
    return location;
}

/* [r + zigzag(z)] */
static struct gw_location read_register_slot(struct gw_map_reader *reader, uint64_t reg)
{
    uint64_t z = read_small(reader, UINT32_MAX, "a stack offset is out of range");
    struct gw_location location = {.offset = (int32_t)gw_map_unzigzag(z), .reg = reg < GW_MAP_REGISTERS ? (uint8_t)reg : 0};
    return checked(reader, location);
}

static struct gw_location read_register(struct gw_map_reader *reader)
{
    uint64_t reg = read_uleb(reader);
    return checked(reader, (struct gw_location){.reg = reg < GW_MAP_REGISTERS ? (uint8_t)reg : 0, .in_register = 1});
}

#define SLOT_LIMIT (UINT64_C(1) << 28)

/* The location that entry word `e` starts: kinds 0 to 2, and subkind 0 of kind 3. */
static struct gw_location read_location(struct gw_map_reader *reader, uint64_t e)
{
    uint64_t x = gw_map_entry_x(e);
    enum gw_map_kind kind = gw_map_entry_kind(e);
    if (kind == GW_MAP_REGISTER_SLOT) return read_register_slot(reader, x);
    if (kind == GW_MAP_OTHER) {
        if (x != GW_MAP_IN_REGISTER) fail(reader, "an entry of unknown kind");
        return read_register(reader);
    }
    if (x >= SLOT_LIMIT) fail(reader, "a stack offset is out of range");
    int32_t offset = x < SLOT_LIMIT ? (int32_t)(x * 8) : 0;
    if (kind == GW_MAP_SP_SLOT) return (struct gw_location){.offset = offset, .reg = (uint8_t)reader->machine->stack_pointer};
    return (struct gw_location){.offset = -offset, .reg = (uint8_t)reader->machine->frame_pointer};
}

static void read_region(struct gw_map_reader *reader, struct gw_site_roots *roots)
{
    uint64_t reg = read_uleb(reader);
    struct gw_location start = read_register_slot(reader, reg);
    uint32_t count = read_small(reader, UINT32_MAX / 8, "a region has too many blocks");
    uint32_t stride = read_small(reader, UINT32_MAX / 8, "a region's stride is out of range");
    uint32_t offsets = read_small(reader, left(reader) + 1, "a region has more offsets than bytes for them");
    if (reader->error) return;
    gw_site_roots_region(roots, start, count, stride);
    for (uint32_t i = 0; i < offsets; i++) {
        uint32_t offset = read_small(reader, UINT32_MAX / 8, "a region's offset is out of range");
        if (count > 1 && offset >= stride) fail(reader, "a region's offset is beyond its stride");
        if (reader->error) return;
        gw_site_roots_region_offset(roots, offset);
    }
}

/* Derived pointers name their base by entry number, which may still be to come: entries are read twice, first for
 * the bases' locations by number, then for the derived ones. */
struct entry {
    uint64_t kind; /* of enum gw_map_kind, or OTHER(subkind) */
    uint64_t base; /* of a derived pointer */
    struct gw_location location;
};

#define OTHER(subkind) ((uint64_t)GW_MAP_OTHER + (subkind))
enum { DERIVED = OTHER(GW_MAP_DERIVED), REGION = OTHER(GW_MAP_REGION), MARK = OTHER(GW_MAP_FRAME_MARK) };

static struct entry read_entry(struct gw_map_reader *reader, struct gw_site_roots *roots)
{
    uint64_t e = read_uleb(reader);
    enum gw_map_kind kind = gw_map_entry_kind(e);
    struct entry entry = {.kind = kind == GW_MAP_OTHER ? OTHER(gw_map_entry_x(e)) : kind};
    if (entry.kind == DERIVED) {
        entry.base = read_uleb(reader);
        entry.location = read_location(reader, read_uleb(reader));
    } else if (entry.kind == REGION) {
        read_region(reader, roots);
    } else if (entry.kind == MARK) {
        entry.location = read_location(reader, read_uleb(reader));
    } else {
        entry.location = read_location(reader, e);
    }
    return entry;
}

/* Finds base entry number `wanted` among the site's `count` entries from `reader` on. */
static struct gw_location find_base(struct gw_map_reader reader, uint64_t count, uint64_t wanted, const char **error)
{
    struct gw_site_roots unused = {0};
    struct entry entry = {.kind = REGION};
    for (uint64_t i = 0; i < count && i <= wanted && !reader.error; i++) entry = read_entry(&reader, &unused);
    gw_site_roots_free(&unused);
    if (wanted >= count || reader.error || entry.kind == DERIVED || entry.kind == REGION || entry.kind == MARK)
        *error = "a derived pointer names a base that is not one of its site's roots";
    return entry.location;
}

static void read_entries(struct gw_map_reader *reader, uint64_t count, struct gw_site_roots *roots)
{
    struct gw_map_reader first = *reader;
    for (uint64_t i = 0; i < count && !reader->error; i++) {
        struct entry entry = read_entry(reader, roots);
        if (reader->error) return;
        if (entry.kind == DERIVED) {
            const char *error = NULL;
            struct gw_location base = find_base(first, count, entry.base, &error);
            if (error) fail(reader, error);
            gw_site_roots_derived(roots, base, entry.location);
        } else if (entry.kind == MARK) {
            if (!gw_site_roots_mark(roots, entry.location)) fail(reader, "a site has two frame marks, or one in a register");
        } else if (entry.kind != REGION) {
            gw_site_roots_base(roots, entry.location);
        }
    }
}

bool gw_map_next_site(struct gw_map_function *function, struct gw_map_site *site, struct gw_site_roots *roots)
{
    struct gw_map_reader *reader = &function->sites;
    if (reader->error || function->sites_read == function->site_count) return false;
    uint64_t step = read_uleb(reader);
    uint64_t so_far = function->last_return_address - function->start;
    if (step == 0 || step > function->code_size - so_far) fail(reader, "a site is outside its function");
    *site = (struct gw_map_site){.return_address = function->last_return_address + step};
    uint64_t head = read_small(reader, ENTRY_LIMIT, "a site has too many roots");
    site->repeats = head == GW_MAP_SAME_ROOTS;
    if (site->repeats && function->sites_read == 0) fail(reader, "a function's first site repeats the roots of none");
    if (!site->repeats) {
        if (head - GW_MAP_ENTRIES > left(reader)) fail(reader, "more roots than bytes for them");
        gw_site_roots_clear(roots, function->shape, function->marks);
        read_entries(reader, head - GW_MAP_ENTRIES, roots);
        if (gw_site_roots_settle(roots)) fail(reader, "a site lists a word twice");
    }
    function->last_return_address = site->return_address;
    if (++function->sites_read == function->site_count && left(reader)) fail(reader, "bytes follow the last site");
    return !reader->error;
}

static gw_status read_function(struct gw_map_function *function, struct gw_site_roots *roots, struct gw_image *image)
{
    gw_status status = gw_image_add_range(image, function->start, function->start + function->code_size, function->marks);
    struct gw_map_site site;
    while (status == GW_OK && gw_map_next_site(function, &site, roots))
        status = gw_image_add_site(image, site.return_address, site.repeats ? NULL : roots);
    return status;
}

gw_status gw_map_read_image(const void *bytes, size_t size, uintptr_t address, struct gw_image *image)
{
    struct gw_map_reader reader = gw_map_reader_on(bytes, size, address);
    struct gw_map_function function = {0};
    struct gw_site_roots roots = {0};
    gw_status status = GW_OK;
    while (status == GW_OK && gw_map_next_function(&reader, &function)) {
        status = read_function(&function, &roots, image);
        if (function.sites.error) {
            reader.error = function.sites.error;
            reader.at = function.sites.at;
        }
    }
    gw_site_roots_free(&roots);
    if (status != GW_OK || !reader.error) return status;
    return gw_fail(GW_ERROR_MAP, "frame maps are corrupt at byte %zu of %zu: %s", (size_t)(reader.at - reader.begin), size, reader.error);
}
