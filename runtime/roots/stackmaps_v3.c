/* The converter of stock stack maps. Owns nothing; bounds-checked like map_reader.
 *
 * A statepoint's record lists: calling convention, flags, number of deopt values, the deopt values, then (base,
 * derived) pairs, then allocas. Constants are null, undef or immediates and never roots. Offsets are those of RSP at
 * the call, or of RBP or RBX in frames that are realigned or of variable size. */
#include "roots/stackmaps_v3.h"
#include "base/report.h"

#include <string.h>

enum { REGISTER = 1, DIRECT, INDIRECT, CONSTANT, CONSTANT_INDEX };

#define ID_OVERFLOWED UINT64_MAX
#define STACK_SIZE_DYNAMIC UINT64_MAX

struct bytes {
    const uint8_t *begin, *at, *end;
    const char *error;
};

struct header {
    uint32_t functions, constants, records;
    const uint8_t *function_table, *constant_table;
};

struct v3_location {
    unsigned kind, size, reg;
    int32_t offset;
};

static const void *take(struct bytes *bytes, size_t size)
{
    static const uint8_t zeros[24];
    if (!bytes->error && (size_t)(bytes->end - bytes->at) < size) bytes->error = "the section ends in the middle of an item";
    if (bytes->error) return zeros;
    const void *item = bytes->at;
    bytes->at += size;
    return item;
}

static uint16_t take_u16(struct bytes *bytes)
{
    uint16_t value;
    memcpy(&value, take(bytes, 2), 2);
    return value;
}

static uint32_t take_u32(struct bytes *bytes)
{
    uint32_t value;
    memcpy(&value, take(bytes, 4), 4);
    return value;
}

static uint64_t take_u64(struct bytes *bytes)
{
    uint64_t value;
    memcpy(&value, take(bytes, 8), 8);
    return value;
}

static void take_padding(struct bytes *bytes)
{
    size_t off = (size_t)(bytes->at - bytes->begin) % 8;
    if (off) take(bytes, 8 - off);
}

/* A table of `count` items; an absurd count is an error, not a long way to read. */
static const uint8_t *take_table(struct bytes *bytes, uint32_t count, size_t size)
{
    if (!bytes->error && count > (size_t)(bytes->end - bytes->at) / size) bytes->error = "a table is longer than the section";
    if (bytes->error) return NULL;
    const uint8_t *table = bytes->at;
    bytes->at += (size_t)count * size;
    return table;
}

static struct header take_header(struct bytes *bytes)
{
    struct header header = {0};
    const uint8_t *version = take(bytes, 1);
    if (!bytes->error && *version != 3) bytes->error = "not version 3";
    take(bytes, 3);
    header.functions = take_u32(bytes);
    header.constants = take_u32(bytes);
    header.records = take_u32(bytes);
    header.function_table = take_table(bytes, header.functions, 24);
    header.constant_table = take_table(bytes, header.constants, 8);
    return header;
}

static struct v3_location take_location(struct bytes *bytes)
{
    struct v3_location location = {.kind = *(const uint8_t *)take(bytes, 1)};
    take(bytes, 1);
    location.size = take_u16(bytes);
    location.reg = take_u16(bytes);
    take(bytes, 2);
    location.offset = (int32_t)take_u32(bytes);
    return location;
}

static uint64_t take_constant(struct bytes *bytes, const struct header *header)
{
    struct v3_location location = take_location(bytes);
    if (location.kind == CONSTANT) return (uint64_t)(int64_t)location.offset;
    uint64_t value = 0;
    if (location.kind != CONSTANT_INDEX) bytes->error = bytes->error ? bytes->error : "a record is not a statepoint";
    else if ((uint32_t)location.offset >= header->constants) bytes->error = "a constant is not in the pool";
    else memcpy(&value, header->constant_table + 8 * (size_t)(uint32_t)location.offset, 8);
    return value;
}

static bool is_constant(struct v3_location location)
{
    return location.kind == CONSTANT || location.kind == CONSTANT_INDEX;
}

/* Word `word` of the value at `from`. */
static struct gw_location word_of(struct bytes *bytes, struct v3_location from, unsigned word)
{
    struct gw_location location = {.reg = from.reg < GW_MAP_REGISTERS ? (uint8_t)from.reg : 0};
    if (from.kind == REGISTER) location.in_register = 1;
    else location.offset = from.offset + 8 * (int32_t)word;
    bool known = (from.kind == REGISTER && from.size == 8) || (from.kind == INDIRECT && from.size && from.size % 8 == 0);
    if (!bytes->error && !known) bytes->error = "a root is of unknown kind or size (an alloca in gc-live?)";
    if (!bytes->error && !gw_location_check(&GW_MAPS_HERE, location)) bytes->error = "a root is in a register that calls do not preserve";
    return location;
}

static void take_pair(struct bytes *bytes, struct gw_site_roots *roots)
{
    struct v3_location base = take_location(bytes), derived = take_location(bytes);
    if (bytes->error || is_constant(base)) return;
    bool same = is_constant(derived) || (base.kind == derived.kind && base.reg == derived.reg && base.offset == derived.offset);
    if (!is_constant(derived) && base.size != derived.size) bytes->error = "a derived vector is not as long as its base";
    if (base.offset > INT32_MAX - 65536 || derived.offset > INT32_MAX - 65536) bytes->error = "a stack offset is out of range";
    for (unsigned word = 0; word * 8 < base.size && !bytes->error; word++) {
        struct gw_location base_word = word_of(bytes, base, word);
        gw_site_roots_base(roots, base_word);
        if (!same) gw_site_roots_derived(roots, base_word, word_of(bytes, derived, word));
    }
    if (!base.size) word_of(bytes, base, 0);
}

/* Returns the site's offset from its function. */
static uint32_t take_record(struct bytes *bytes, const struct header *header, struct gw_site_roots *roots)
{
    uint64_t id = take_u64(bytes);
    if (id == ID_OVERFLOWED && !bytes->error) bytes->error = "a record overflowed: more than 65,535 locations at one call";
    uint32_t offset = take_u32(bytes);
    take(bytes, 2);
    unsigned locations = take_u16(bytes);
    if (locations < 3 && !bytes->error) bytes->error = "a record is not a statepoint";
    if (bytes->error) return offset;
    take_constant(bytes, header);
    take_constant(bytes, header);
    uint64_t deopts = take_constant(bytes, header);
    locations -= 3;
    if (deopts > locations && !bytes->error) bytes->error = "a record has more deopt values than locations";
    for (uint64_t i = 0; i < deopts && !bytes->error; i++) take_location(bytes);
    locations -= (unsigned)deopts;
    if (locations % 2 && !bytes->error) bytes->error = "an alloca in gc-live: its layout is unknown";
    for (unsigned i = 0; i < locations / 2 && !bytes->error; i++) take_pair(bytes, roots);
    take_padding(bytes);
    take(bytes, 2);
    unsigned live_outs = take_u16(bytes);
    for (unsigned i = 0; i < live_outs && !bytes->error; i++) take(bytes, 4);
    take_padding(bytes);
    gw_site_roots_settle(roots);
    return offset;
}

static gw_status take_function(struct bytes *bytes, const struct header *header, uint32_t index, struct gw_site_roots *roots,
                               struct gw_image *image)
{
    uint64_t words[3]; /* address, stack size, records */
    memcpy(words, header->function_table + 24 * (size_t)index, sizeof words);
    uintptr_t start = words[0], end = start;
    gw_status status = GW_OK;
    for (uint64_t i = 0; i < words[2] && status == GW_OK; i++) {
        gw_site_roots_clear(roots, words[1] == STACK_SIZE_DYNAMIC ? GW_FRAME_DYNAMIC : GW_FRAME_FIXED, false);
        uint32_t offset = take_record(bytes, header, roots);
        uintptr_t return_address = start + offset;
        if (!bytes->error && (!offset || return_address < start)) bytes->error = "a site is outside its function";
        if (bytes->error) break;
        status = gw_image_add_site(image, return_address, roots);
        if (return_address > end) end = return_address;
    }
    return status == GW_OK ? gw_image_add_range(image, start, end, false) : status;
}

static gw_status take_section(struct bytes *bytes, struct gw_site_roots *roots, struct gw_image *image)
{
    struct header header = take_header(bytes);
    uint64_t records = 0;
    gw_status status = GW_OK;
    for (uint32_t i = 0; i < header.functions && status == GW_OK && !bytes->error; i++) {
        uint64_t count;
        memcpy(&count, header.function_table + 24 * (size_t)i + 16, 8);
        records += count;
        if (count > header.records || records > header.records) bytes->error = "functions claim more records than there are";
        else status = take_function(bytes, &header, i, roots, image);
    }
    if (!bytes->error && status == GW_OK && records != header.records) bytes->error = "a record belongs to no function";
    return status;
}

gw_status gw_stackmaps_read_image(const void *section, size_t size, const char *name, struct gw_image *image)
{
    struct bytes bytes = {.begin = section, .at = section, .end = (const uint8_t *)section + size};
    struct gw_site_roots roots = {0};
    gw_status status = GW_OK;
    while (status == GW_OK && !bytes.error && bytes.at < bytes.end) status = take_section(&bytes, &roots, image);
    gw_site_roots_free(&roots);
    if (status != GW_OK || !bytes.error) return status;
    return gw_fail(GW_ERROR_MAP, "%s: stack maps are corrupt or not supported at byte %zu of %zu: %s", name ? name : "?",
                   (size_t)(bytes.at - bytes.begin), size, bytes.error);
}
