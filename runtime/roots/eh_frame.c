/* Entries of `.eh_frame`. Nothing is read outside an entry's own length; a common entry ends before the entry that
 * names it or within the section. */
#include "roots/eh_frame.h"

#include "arch/registers.h"

#include <string.h>

enum {
    ENCODING_RELATIVE = 0x10, /* to where the pointer stands */
    ENCODING_OF_TABLE = 0x3b, /* 32 bits, relative to the search table's header */
    ENCODING_OMITTED = 0xff,
    FORMAT_MASK = 0x0f,
    BASE_MASK = 0x70,
    INDIRECT = 0x80,
};

#define LONGEST_HEADER 20 /* bytes of a search table's header */

/* ---- Numbers ---------------------------------------------------------------------------------------- */

uint64_t gw_read_bytes(struct gw_reader *reader, size_t count)
{
    uint64_t value = 0;
    if (reader->failed || (size_t)(reader->end - reader->at) < count) {
        reader->failed = true;
        return 0;
    }
    memcpy(&value, reader->at, count);
    reader->at += count;
    return value;
}

int64_t gw_read_signed(struct gw_reader *reader, size_t count)
{
    unsigned unused = 64 - 8 * (unsigned)count;
    return (int64_t)(gw_read_bytes(reader, count) << unused) >> unused;
}

/* Bits beyond 64 are lost. `*bits`: how many there were. */
static uint64_t read_leb(struct gw_reader *reader, unsigned *bits, bool *negative)
{
    uint64_t value = 0, byte;
    *bits = 0;
    do {
        byte = gw_read_bytes(reader, 1);
        if (*bits < 64) value |= (byte & 0x7f) << *bits;
        *bits += 7;
    } while (byte & 0x80);
    *negative = byte & 0x40;
    return value;
}

uint64_t gw_read_uleb(struct gw_reader *reader)
{
    unsigned bits;
    bool negative;
    return read_leb(reader, &bits, &negative);
}

int64_t gw_read_sleb(struct gw_reader *reader)
{
    unsigned bits;
    bool negative;
    uint64_t value = read_leb(reader, &bits, &negative);
    return (int64_t)(negative && bits < 64 ? value | ~UINT64_C(0) << bits : value);
}

const uint8_t *gw_read_over(struct gw_reader *reader, uint64_t count)
{
    const uint8_t *from = reader->at;
    if (reader->failed || count > (size_t)(reader->end - reader->at)) reader->failed = true;
    else reader->at += count;
    return from;
}

/* Bytes that a pointer of this encoding takes; 0 when it is not supported. */
static size_t encoded_size(unsigned encoding)
{
    switch (encoding & FORMAT_MASK) {
    case 0x00: /* absolute pointer */
    case 0x04: /* udata8 */
    case 0x0c: return 8;
    case 0x03: /* udata4 */
    case 0x0b: return 4;
    default: return 0;
    }
}

uintptr_t gw_read_pointer(struct gw_reader *reader, unsigned encoding)
{
    uintptr_t base = (encoding & BASE_MASK) == ENCODING_RELATIVE ? (uintptr_t)reader->at : 0;
    size_t size = encoded_size(encoding);
    if (!size || (encoding & BASE_MASK & ~ENCODING_RELATIVE) || encoding & INDIRECT) reader->failed = true;
    if (reader->failed) return 0;
    return base + (encoding & 0x08 ? (uintptr_t)gw_read_signed(reader, size) : gw_read_bytes(reader, size));
}

/* ---- Common entries --------------------------------------------------------------------------------- */

/* What the letters of the augmentation say; `reader` stands behind its length. */
static void read_augmentation(struct gw_reader *reader, const char *letters, struct gw_unwind_program *program)
{
    for (; *letters && !reader->failed; letters++) {
        if (*letters == 'R') program->encoding = (unsigned)gw_read_bytes(reader, 1);
        else if (*letters == 'S') program->is_signal = true;
        else if (*letters == 'L') gw_read_bytes(reader, 1);
        else if (*letters == 'P') gw_read_over(reader, encoded_size((unsigned)gw_read_bytes(reader, 1)));
        else if (*letters != 'B') return; /* unknown: the length tells where the instructions are */
    }
}

/* `reader` stands behind the common entry's id. */
static bool read_common(struct gw_reader reader, struct gw_unwind_program *program, bool *has_length)
{
    unsigned version = (unsigned)gw_read_bytes(&reader, 1);
    const char *letters = (const char *)reader.at;
    while (gw_read_bytes(&reader, 1)) {
    }
    program->code_unit = gw_read_uleb(&reader);
    program->data_unit = gw_read_sleb(&reader);
    uint64_t return_register = version == 1 ? gw_read_bytes(&reader, 1) : gw_read_uleb(&reader);
    if (reader.failed || (version != 1 && version != 3) || return_register != GW_DWARF_RETURN) return false;
    *has_length = *letters == 'z';
    if (*letters && !*has_length) return false;
    if (*has_length) {
        uint64_t length = gw_read_uleb(&reader);
        struct gw_reader augmentation = {.at = gw_read_over(&reader, length), .end = reader.at, .failed = reader.failed};
        read_augmentation(&augmentation, letters + 1, program);
        if (augmentation.failed) return false;
    }
    program->common = reader;
    return !reader.failed;
}

/* The rest of the entry at `at`, behind its length; `end`: of what may be read. */
static struct gw_reader entry_at(const uint8_t *at, const uint8_t *end)
{
    struct gw_reader reader = {.at = at, .end = end};
    uint64_t length = gw_read_bytes(&reader, 4);
    if (length < 4 || length > (size_t)(reader.end - reader.at)) reader.failed = true; /* 64-bit lengths, too */
    else reader.end = reader.at + length;
    return reader;
}

/* `reader` stands at an entry's distance to its common entry, which begins at `lowest` or later. */
static bool read_entry(struct gw_reader reader, const uint8_t *lowest, const uint8_t *end, struct gw_unwind_program *program)
{
    const uint8_t *here = reader.at;
    uint64_t distance = gw_read_bytes(&reader, 4);
    if (reader.failed || distance > (uintptr_t)here - (uintptr_t)lowest) return false;
    struct gw_reader common = entry_at(here - distance, end);
    bool has_length = false;
    if (gw_read_bytes(&common, 4) != 0 || common.failed || !read_common(common, program, &has_length)) return false;
    program->start = gw_read_pointer(&reader, program->encoding);
    program->size = gw_read_pointer(&reader, program->encoding & FORMAT_MASK);
    if (has_length) gw_read_over(&reader, gw_read_uleb(&reader));
    program->own = reader;
    return !reader.failed;
}

/* ---- Finding ---------------------------------------------------------------------------------------- */

size_t gw_unwind_entries(const void *section, size_t size, struct gw_unwind_entry *entries, size_t room)
{
    const uint8_t *at = section, *end = at + size;
    size_t count = 0;
    while (end - at >= 4 && memcmp(at, "\0\0\0", 4) != 0) {
        struct gw_reader reader = entry_at(at, end), id = reader;
        struct gw_unwind_program program = {.encoding = 0};
        struct gw_unwind_entry entry = {.entry = (uintptr_t)at};
        bool common = gw_read_bytes(&id, 4) == 0;
        if (id.failed || (!common && !read_entry(reader, section, end, &program))) return SIZE_MAX;
        at = reader.end;
        if (common) continue;
        entry.start = program.start;
        entry.size = program.size;
        if (count < room) entries[count] = entry;
        count++;
    }
    return count;
}

/* The search table: pairs of distances from the header, sorted by where the code starts. */
struct table_pair {
    int32_t start, entry;
};

/* The last pair whose code starts at `distance` or before, or NULL. */
static const struct table_pair *search(const struct table_pair *pairs, size_t count, int64_t distance)
{
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (pairs[middle].start <= distance) low = middle + 1;
        else high = middle;
    }
    return low ? &pairs[low - 1] : NULL;
}

bool gw_unwind_program(uintptr_t entry, struct gw_unwind_program *program)
{
    const uint8_t *at = (const uint8_t *)entry, *end = at + UINT32_MAX; /* entries say how long they are */
    struct gw_reader reader = entry_at(at, end);
    *program = (struct gw_unwind_program){.encoding = 0};
    return !reader.failed && read_entry(reader, NULL, end, program);
}

bool gw_unwind_search(const void *header, uintptr_t pc, struct gw_unwind_program *program)
{
    struct gw_reader reader = {.at = header, .end = (const uint8_t *)header + LONGEST_HEADER};
    unsigned version = (unsigned)gw_read_bytes(&reader, 1), section_encoding = (unsigned)gw_read_bytes(&reader, 1);
    unsigned count_encoding = (unsigned)gw_read_bytes(&reader, 1), table_encoding = (unsigned)gw_read_bytes(&reader, 1);
    if (version != 1 || table_encoding != ENCODING_OF_TABLE || count_encoding == ENCODING_OMITTED) return false;
    gw_read_pointer(&reader, section_encoding);
    uint64_t count = gw_read_pointer(&reader, count_encoding);
    if (reader.failed) return false;
    const struct table_pair *pair = search((const void *)reader.at, count, (int64_t)(pc - (uintptr_t)header));
    return pair && gw_unwind_program((uintptr_t)header + (uintptr_t)(intptr_t)pair->entry, program) && pc - program->start < program->size;
}
