/* Unwind entries for libunwind. Owns the list of registered sections and their search tables.
 *
 * `.eh_frame`: System V ABI for x86-64, and the Linux Standard Base's chapter on exception frames. The search table has
 * the form of `.eh_frame_hdr`: pairs of 32-bit distances from the section, sorted by where the code starts. */
#define UNW_LOCAL_ONLY
#include "roots/unwind_tables.h"
#include "observe/report.h"

#include <greywave/greywave.h>
#include <libunwind.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct table_pair {
    int32_t start, entry;
};

struct registered_table {
    struct registered_table *next;
    const void *section;
    unw_dyn_info_t info;
    struct table_pair pairs[];
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct registered_table *tables;

/* ---- Reading ---------------------------------------------------------------------------------------- */

struct reader {
    const uint8_t *at, *end;
    bool failed;
};

enum { ENCODING_ABSOLUTE = 0x00, ENCODING_RELATIVE = 0x10, FORMAT_MASK = 0x0f, FORMAT_SDATA4 = 0x0b };

static uint64_t read_bytes(struct reader *reader, size_t count)
{
    uint64_t value = 0;
    if ((size_t)(reader->end - reader->at) < count) {
        reader->failed = true;
        return 0;
    }
    memcpy(&value, reader->at, count);
    reader->at += count;
    return value;
}

/* Signed or unsigned: only its length matters here. */
static void skip_leb(struct reader *reader)
{
    while (!reader->failed && (read_bytes(reader, 1) & 0x80)) {
    }
}

/* Bytes that a pointer of this encoding takes; 0 when it is not supported. */
static size_t encoded_size(unsigned encoding)
{
    switch (encoding & FORMAT_MASK) {
    case 0x00: /* absolute pointer */
    case 0x04: /* udata8 */
    case 0x0c: return 8;
    case 0x03: /* udata4 */
    case FORMAT_SDATA4: return 4;
    default: return 0;
    }
}

static uintptr_t read_pointer(struct reader *reader, unsigned encoding)
{
    uintptr_t here = (uintptr_t)reader->at, base = (encoding & 0x70) == ENCODING_RELATIVE ? here : 0;
    size_t size = encoded_size(encoding);
    if (!size || (encoding & 0x70 & ~ENCODING_RELATIVE) || encoding & 0x80) reader->failed = true;
    uint64_t value = reader->failed ? 0 : read_bytes(reader, size);
    if ((encoding & FORMAT_MASK) == FORMAT_SDATA4) value = (uint64_t)(int64_t)(int32_t)value;
    return base + value;
}

/* The encoding of code addresses that a common entry (CIE) prescribes; `reader` stands behind its id. */
static unsigned code_encoding(struct reader *reader)
{
    unsigned version = (unsigned)read_bytes(reader, 1), encoding = ENCODING_ABSOLUTE;
    const char *augmentation = (const char *)reader->at;
    while (!reader->failed && read_bytes(reader, 1)) {
    }
    skip_leb(reader); /* code alignment */
    skip_leb(reader); /* data alignment */
    if (version == 1) read_bytes(reader, 1);
    else skip_leb(reader); /* return address register */
    if (reader->failed || augmentation[0] != 'z') return encoding;
    skip_leb(reader);
    for (const char *letter = augmentation + 1; *letter && !reader->failed; letter++) {
        if (*letter == 'R') encoding = (unsigned)read_bytes(reader, 1);
        else if (*letter == 'L') read_bytes(reader, 1);
        else if (*letter == 'P') read_bytes(reader, encoded_size((unsigned)read_bytes(reader, 1)));
    }
    return encoding;
}

/* `id_at` is where the entry's distance to its common entry stands. */
static bool read_entry(const uint8_t *section, const uint8_t *id_at, const uint8_t *end, struct gw_unwind_entry *entry)
{
    uint32_t distance;
    memcpy(&distance, id_at, sizeof distance);
    if (distance > (size_t)(id_at - section)) return false;
    struct reader common = {.at = id_at - distance, .end = end};
    uint64_t length = read_bytes(&common, 4);
    if (length > (size_t)(end - common.at) || read_bytes(&common, 4) != 0) return false;
    unsigned encoding = code_encoding(&common);
    struct reader reader = {.at = id_at + 4, .end = end};
    entry->entry = (uintptr_t)id_at - 4;
    entry->start = read_pointer(&reader, encoding);
    entry->size = read_pointer(&reader, encoding & FORMAT_MASK);
    return !common.failed && !reader.failed;
}

size_t gw_unwind_entries(const void *section, size_t size, struct gw_unwind_entry *entries, size_t room)
{
    struct reader reader = {.at = section, .end = (const uint8_t *)section + size};
    size_t count = 0;
    while (reader.end - reader.at >= 4) {
        uint64_t length = read_bytes(&reader, 4);
        if (length == 0) break; /* the terminator */
        const uint8_t *id_at = reader.at;
        if (length < 4 || length > (size_t)(reader.end - id_at)) return SIZE_MAX; /* 64-bit lengths, too */
        bool common = read_bytes(&reader, 4) == 0;
        reader.at = id_at + length;
        struct gw_unwind_entry entry;
        if (common) continue;
        if (!read_entry(section, id_at, reader.at, &entry)) return SIZE_MAX;
        if (count < room) entries[count] = entry;
        count++;
    }
    return count;
}

/* ---- Registering ------------------------------------------------------------------------------------ */

static int compare_starts(const void *a, const void *b)
{
    const struct gw_unwind_entry *one = a, *two = b;
    return one->start < two->start ? -1 : one->start > two->start;
}

static bool is_near(uintptr_t address, uintptr_t base)
{
    intptr_t distance = (intptr_t)(address - base);
    return distance == (int32_t)distance;
}

/* False when the code is too far from its unwind entries for the table. */
static bool fill_table(struct registered_table *table, const struct gw_unwind_entry *entries, size_t count)
{
    uintptr_t base = (uintptr_t)table->section;
    table->info.start_ip = entries[0].start;
    for (size_t i = 0; i < count; i++) {
        if (!is_near(entries[i].start, base) || !is_near(entries[i].entry, base)) return false;
        table->pairs[i] = (struct table_pair){(int32_t)(entries[i].start - base), (int32_t)(entries[i].entry - base)};
        if (table->info.end_ip < entries[i].start + entries[i].size)
            table->info.end_ip = entries[i].start + entries[i].size;
    }
    table->info.format = UNW_INFO_FORMAT_REMOTE_TABLE;
    table->info.u.rti.name_ptr = (unw_word_t) "code made at run time";
    table->info.u.rti.segbase = base;
    table->info.u.rti.table_len = count * sizeof(struct table_pair) / sizeof(unw_word_t);
    table->info.u.rti.table_data = (unw_word_t)table->pairs;
    return true;
}

static gw_status make_table(const void *section, size_t size, size_t count, struct registered_table **made)
{
    struct gw_unwind_entry *entries = calloc(count, sizeof *entries);
    struct registered_table *table = calloc(1, sizeof *table + count * sizeof *table->pairs);
    bool filled = false;
    if (entries && table) {
        table->section = section;
        gw_unwind_entries(section, size, entries, count);
        qsort(entries, count, sizeof *entries, compare_starts);
        filled = fill_table(table, entries, count);
    }
    bool exhausted = !entries || !table;
    free(entries);
    if (filled) return *made = table, GW_OK;
    free(table);
    return exhausted ? gw_fail(GW_ERROR_MEMORY, "no memory for %zu unwind entries", count)
                     : gw_fail(GW_ERROR_MAP, "unwind entries are more than 2 GiB away from their code; allocate both "
                                             "from one range");
}

static struct registered_table **find_table(const void *section)
{
    struct registered_table **link = &tables;
    while (*link && (*link)->section != section) link = &(*link)->next;
    return link;
}

static gw_status publish(struct registered_table *table)
{
    pthread_mutex_lock(&lock);
    bool known = *find_table(table->section) != NULL;
    if (!known) {
        table->next = tables;
        tables = table;
        _U_dyn_register(&table->info);
    }
    pthread_mutex_unlock(&lock);
    if (!known) return GW_OK;
    free(table);
    return gw_fail(GW_ERROR_STATE, "gw_unwind_register: this section is registered already");
}

gw_status gw_unwind_register(const void *eh_frame, size_t size)
{
    if (!eh_frame) return gw_fail(GW_ERROR_ARGUMENT, "gw_unwind_register: no section");
    size_t count = gw_unwind_entries(eh_frame, size, NULL, 0);
    if (count == SIZE_MAX)
        return gw_fail(GW_ERROR_MAP, "gw_unwind_register: %p is not an .eh_frame section that can be read", eh_frame);
    if (count == 0) return gw_fail(GW_ERROR_MAP, "gw_unwind_register: the section describes no function");
    struct registered_table *table = NULL;
    gw_status status = make_table(eh_frame, size, count, &table);
    return status == GW_OK ? publish(table) : status;
}

gw_status gw_unwind_unregister(const void *eh_frame)
{
    pthread_mutex_lock(&lock);
    struct registered_table **link = find_table(eh_frame), *table = *link;
    if (table) {
        *link = table->next;
        _U_dyn_cancel(&table->info);
    }
    pthread_mutex_unlock(&lock);
    if (!table) return gw_fail(GW_ERROR_ARGUMENT, "gw_unwind_unregister: %p is not registered", eh_frame);
    unw_flush_cache(unw_local_addr_space, 0, 0);
    free(table);
    return GW_OK;
}
