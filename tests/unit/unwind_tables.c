/* Reading `.eh_frame`, and registering what was read. */
#include "roots/eh_frame.h"
#include <criterion/criterion.h>
#include <greywave/greywave.h>
#include <string.h>

/* A common entry ("zR", relative 32-bit addresses) and one function's entry: 16 bytes of code, 64 bytes before the
 * section. */
static const uint8_t whole[] = {
    20, 0, 0, 0, 0,  0, 0, 0, 1,    'z',  'R',  0,    1,  0x78, 16, 1, 0x1b, 0x0c, 7, 8, 0x90, 1, 0, 0, /* 24 bytes */
    16, 0, 0, 0, 28, 0, 0, 0, 0xa0, 0xff, 0xff, 0xff, 16, 0,    0,  0, 0,    0,    0, 0,                /* 20 bytes */
    0,  0, 0, 0,
};

static uint8_t section[512];

static size_t entries_after(size_t at, uint8_t byte)
{
    struct gw_unwind_entry entry;
    memcpy(section, whole, sizeof whole);
    section[at] = byte;
    return gw_unwind_entries(section, sizeof whole, &entry, 1);
}

Test(unwind_tables, an_entry_is_found_with_its_code)
{
    struct gw_unwind_entry entry;
    memcpy(section, whole, sizeof whole);
    cr_assert_eq(gw_unwind_entries(section, sizeof whole, &entry, 1), 1);
    cr_assert_eq(entry.start, (uintptr_t)section + 32 - 0x60);
    cr_assert_eq(entry.size, 16);
    cr_assert_eq(entry.entry, (uintptr_t)section + 24);
}

Test(unwind_tables, what_cannot_be_read_is_refused)
{
    cr_assert_eq(entries_after(0, 200), SIZE_MAX, "a length beyond the section");
    cr_assert_eq(entries_after(28, 29), SIZE_MAX, "a distance to no common entry");
    cr_assert_eq(entries_after(28, 255), SIZE_MAX, "a distance beyond the section's start");
    cr_assert_eq(entries_after(16, 0x9b), SIZE_MAX, "indirect addresses");
    cr_assert_eq(entries_after(16, 0x3b), SIZE_MAX, "addresses relative to data");
    cr_assert_eq(entries_after(16, 0x01), SIZE_MAX, "addresses of variable length");
}

Test(unwind_tables, every_truncation_is_refused_or_shorter)
{
    struct gw_unwind_entry entry;
    memcpy(section, whole, sizeof whole);
    for (size_t size = 0; size < sizeof whole; size++) {
        uint8_t *copy = section + sizeof section - size;
        memmove(copy, whole, size);
        size_t found = gw_unwind_entries(copy, size, &entry, 1);
        cr_assert(found == SIZE_MAX || found == (size >= 44), "%zu bytes: %zu", size, found);
    }
}

Test(unwind_tables, a_section_is_registered_once_and_removed_once)
{
    memcpy(section, whole, sizeof whole);
    cr_assert_eq(gw_unwind_register(section, sizeof whole), GW_OK);
    cr_assert_eq(gw_unwind_register(section, sizeof whole), GW_ERROR_STATE);
    cr_assert_eq(gw_unwind_unregister(section), GW_OK);
    cr_assert_eq(gw_unwind_unregister(section), GW_ERROR_ARGUMENT);
    cr_assert_eq(gw_unwind_register(section, 24), GW_ERROR_MAP, "no function");
    cr_assert_eq(gw_unwind_register(NULL, 0), GW_ERROR_ARGUMENT);
}
