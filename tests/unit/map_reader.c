/* Reading gw_maps: what well-formed bytes mean, and that malformed ones are refused in words. */
#include "map_bytes.h"
#include "roots/map_reader.h"

#include <criterion/criterion.h>
#include <stdlib.h>

#define SECTION UINT64_C(0x10000)
#define CODE UINT64_C(0x20000)

static struct gw_image image;

static gw_status read_bytes(const struct map_bytes *bytes)
{
    /* an exact copy on the heap, so that the sanitizer sees a read past the end */
    uint8_t *copy = malloc(bytes->size ? bytes->size : 1);
    memcpy(copy, bytes->data, bytes->size);
    image = (struct gw_image){0};
    gw_status status = gw_map_read_image(copy, bytes->size, SECTION, &image);
    if (status == GW_OK) status = gw_image_seal(&image);
    free(copy);
    return status;
}

/* One function with one site whose head and entries are `entries`. */
static gw_status read_site(const struct map_bytes *entries)
{
    struct map_bytes bytes = {.size = 0}, sites = {.size = 0};
    put_uleb(&sites, 4);
    put_bytes(&sites, entries);
    put_function(&bytes, (int32_t)(CODE - SECTION - 1), 0x40, 0, 1, &sites);
    return read_bytes(&bytes);
}

Test(map_reader, given_no_bytes_then_an_empty_image)
{
    cr_assert_eq(read_bytes(&(struct map_bytes){.size = 0}), GW_OK);
    cr_assert_eq(image.site_count, 0);
    cr_assert_eq(image.range_count, 0);
}

Test(map_reader, given_the_sample_then_sites_are_at_their_addresses)
{
    struct map_bytes bytes = {.size = 0};
    put_sample(&bytes, SECTION, CODE);
    cr_assert_eq(read_bytes(&bytes), GW_OK, "%s", gw_error_text());
    cr_assert_eq(image.range_count, 3);
    cr_assert_eq(image.site_count, 5);
    const uintptr_t expected[] = {CODE + 5, CODE + 16, CODE + 216, CODE + 0x101, CODE + 0x115};
    for (size_t i = 0; i < 5; i++) cr_assert_eq(image.sites[i].return_address, expected[i], "site %zu", i);
    cr_assert(gw_image_check(&image));
    gw_image_free(&image);
}

Test(map_reader, given_slots_then_a_repeated_head_shares_the_map)
{
    struct map_bytes bytes = {.size = 0};
    put_sample(&bytes, SECTION, CODE);
    cr_assert_eq(read_bytes(&bytes), GW_OK);
    const struct gw_frame_map *map = image.sites[0].map;
    cr_assert_eq(map->slot_count, 2);
    cr_assert_eq(map->slots[0], 0);
    cr_assert_eq(map->slots[1], 7);
    cr_assert_eq(map->shape, GW_FRAME_FIXED);
    cr_assert_eq(image.sites[1].map, map);
    cr_assert_eq(gw_frame_map_root_count(image.sites[2].map), 0);
    gw_image_free(&image);
}

Test(map_reader, given_functions_with_the_same_roots_then_they_share_one_map)
{
    struct map_bytes bytes = {.size = 0};
    put_sample(&bytes, SECTION, CODE);
    size_t first = bytes.size;
    struct map_bytes more = {.size = 0};
    put_sample(&more, SECTION + first, CODE + 0x1000);
    put_bytes(&bytes, &more);
    cr_assert_eq(read_bytes(&bytes), GW_OK, "%s", gw_error_text());
    cr_assert_eq(image.site_count, 10);
    for (size_t i = 0; i < 5; i++) cr_assert_eq(image.sites[i].map, image.sites[i + 5].map, "site %zu", i);
    cr_assert_neq(image.sites[0].map, image.sites[2].map);
    cr_assert_neq(image.sites[3].map, image.sites[4].map);
    gw_image_free(&image);
}

/* In the order of the registers' numbers. */
static bool has_base(const struct gw_frame_map *map, struct gw_location wanted)
{
    for (uint32_t i = 0; i < map->base_count; i++)
        if (gw_location_equal(map->bases[i], wanted)) return true;
    return false;
}

Test(map_reader, given_every_kind_of_location_then_each_is_decoded)
{
    struct map_bytes bytes = {.size = 0};
    put_sample(&bytes, SECTION, CODE);
    cr_assert_eq(read_bytes(&bytes), GW_OK);
    const struct gw_frame_map *map = image.sites[3].map;
    cr_assert_eq(map->shape, GW_FRAME_DYNAMIC);
    cr_assert_eq(map->base_count, 3);
    const struct gw_location off_kept = {.reg = KEPT, .offset = -24}, off_fp = {.reg = (uint8_t)FP_NUMBER, .offset = -24};
    const struct gw_location in_register = {.reg = KEPT_TOO, .in_register = 1}, derived = {.reg = (uint8_t)FP_NUMBER, .offset = -32};
    cr_assert(has_base(map, off_kept) && has_base(map, off_fp) && has_base(map, in_register));
    cr_assert_eq(map->derived_count, 1);
    cr_assert(gw_location_equal(map->derived[0].base, off_kept));
    cr_assert(gw_location_equal(map->derived[0].derived, derived));
    gw_image_free(&image);
}

Test(map_reader, given_a_region_then_its_words_count_as_roots)
{
    struct map_bytes bytes = {.size = 0};
    put_sample(&bytes, SECTION, CODE);
    cr_assert_eq(read_bytes(&bytes), GW_OK);
    const struct gw_frame_map *map = image.sites[4].map;
    cr_assert_eq(map->region_count, 1);
    cr_assert_eq(map->regions[0].count, 3);
    cr_assert_eq(map->regions[0].stride, 4);
    cr_assert_eq(map->region_offsets[map->regions[0].first_offset + 1], 3);
    cr_assert_eq(gw_frame_map_root_count(map), 1 + 3 * 2);
    cr_assert_eq(map->derived[0].base.offset, 2400);
    gw_image_free(&image);
}

Test(map_reader, given_a_mark_then_it_is_no_root)
{
    struct map_bytes entries = {.data = {2 + 1, 4, 3 << 2 | 3, 8}, .size = 4};
    cr_assert_eq(read_site(&entries), GW_OK);
    const struct gw_frame_map *map = image.sites[0].map;
    cr_assert(gw_frame_map_has_mark(map) && gw_frame_map_check(map));
    cr_assert(gw_location_equal(map->mark, (struct gw_location){.offset = 16, .reg = GW_DWARF_SP}));
    cr_assert_eq(gw_frame_map_root_count(map), 1);
    gw_image_free(&image);
}

Test(map_reader, given_code_then_only_calls_inside_it_are_found)
{
    struct map_bytes bytes = {.size = 0};
    put_sample(&bytes, SECTION, CODE);
    cr_assert_eq(read_bytes(&bytes), GW_OK);
    cr_assert_null(gw_image_find_range(&image, CODE));
    cr_assert_eq(gw_image_find_range(&image, CODE + 1)->start, CODE);
    cr_assert_eq(gw_image_find_range(&image, CODE + 0x100)->start, CODE); /* its last call does not return */
    cr_assert_eq(gw_image_find_range(&image, CODE + 0x101)->start, CODE + 0x100);
    cr_assert_eq(gw_image_find_range(&image, CODE + 0x300)->start, CODE + 0x200);
    cr_assert_null(gw_image_find_range(&image, CODE + 0x301));
    gw_image_free(&image);
}

Test(map_reader, given_a_cut_at_any_byte_then_refused_or_whole_functions)
{
    struct map_bytes bytes = {.size = 0};
    put_sample(&bytes, SECTION, CODE);
    size_t size = bytes.size, accepted = 0;
    for (size_t cut = 0; cut < size; cut++) {
        bytes.size = cut;
        if (read_bytes(&bytes) == GW_OK) accepted++;
        else cr_assert_neq(gw_error_text()[0], 0);
        gw_image_free(&image);
    }
    cr_assert_eq(accepted, 3); /* nothing, one function, two functions */
}

static void refused(const struct map_bytes *entries, const char *why)
{
    cr_assert_eq(read_site(entries), GW_ERROR_MAP, "accepted: %s", why);
    cr_assert(strstr(gw_error_text(), why), "%s, not %s", gw_error_text(), why);
    gw_image_free(&image);
}

#define ENTRIES(...)                                                                                                                       \
    &(struct map_bytes)                                                                                                                    \
    {                                                                                                                                      \
        .data = {__VA_ARGS__}, .size = sizeof((uint8_t[]){__VA_ARGS__})                                                                    \
    }

Test(map_reader, given_nonsense_then_the_error_says_which)
{
    refused(ENTRIES(0), "repeats the roots of none");
    refused(ENTRIES(1 + 1), "more roots than bytes");
    refused(ENTRIES(1 + 1, 4 << 2 | 3), "unknown kind");
    refused(ENTRIES(1 + 1, 3 << 2 | 3, 3, KEPT), "two frame marks, or one in a register");
    refused(ENTRIES(2 + 1, 3 << 2 | 3, 4, 3 << 2 | 3, 8), "two frame marks, or one in a register");
    refused(ENTRIES(2 + 1, 4, 3 << 2 | 3, 4), "lists a word twice");                         /* the mark is a root */
    refused(ENTRIES(2 + 1, 3 << 2 | 3, 4, 1 << 2 | 3, 0, 8), "not one of its site's roots"); /* derived from the mark */
    refused(ENTRIES(1 + 1, SCRATCH << 2 | 2, 0), "unknown register");
    refused(ENTRIES(1 + 1, FP_NUMBER << 2 | 2, 6), "unaligned"); /* frame pointer + 3 */
    refused(ENTRIES(1 + 1, 3, SP_NUMBER), "unknown register");
    refused(ENTRIES(2 + 1, 0, 0), "lists a word twice");
    refused(ENTRIES(2 + 1, 4, SP_NUMBER << 2 | 2, 16), "lists a word twice");    /* the same slot in two spellings */
    refused(ENTRIES(2 + 1, 4, 1 << 2 | 3, 1, 8), "not one of its site's roots"); /* derived from itself */
    refused(ENTRIES(2 + 1, 4, 1 << 2 | 3, 9, 8), "not one of its site's roots");
    refused(ENTRIES(2 + 1, 4, 1 << 2 | 3, 0, 4), "lists a word twice"); /* derived and base in one slot */
    refused(ENTRIES(1 + 1, 2 << 2 | 3, SP_NUMBER, 0, 2, 1, 1, 1), "beyond its stride");
    refused(ENTRIES(1 + 1, 2 << 2 | 3, SP_NUMBER, 0, 2, 1, 9, 0), "more offsets than bytes");
    refused(ENTRIES(0 + 1, 0), "bytes follow the last site");
    refused(ENTRIES(1 + 1, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x02), "64 bits");
}

Test(map_reader, given_a_site_beyond_its_function_then_refused)
{
    struct map_bytes bytes = {.size = 0}, sites = {.size = 0};
    put_uleb(&sites, 0x41);
    put_uleb(&sites, 1);
    put_function(&bytes, 0, 0x40, 0, 1, &sites);
    cr_assert_eq(read_bytes(&bytes), GW_ERROR_MAP);
    cr_assert(strstr(gw_error_text(), "outside its function"), "%s", gw_error_text());
    gw_image_free(&image);
}

Test(map_reader, given_overlapping_functions_then_refused)
{
    struct map_bytes bytes = {.size = 0}, none = {.size = 0};
    put_function(&bytes, 0x1000, 0x40, 0, 0, &none);
    put_function(&bytes, 0x1000, 0x40, 0, 0, &none);
    cr_assert_eq(read_bytes(&bytes), GW_ERROR_MAP);
    gw_image_free(&image);
}

Test(map_reader, given_unknown_flags_or_mark_then_refused)
{
    struct map_bytes bytes = {.size = 0}, none = {.size = 0};
    put_function(&bytes, 0, 0x40, 3, 0, &none);
    cr_assert_eq(read_bytes(&bytes), GW_ERROR_MAP);
    gw_image_free(&image);
    bytes.data[0] = 'h';
    cr_assert_eq(read_bytes(&bytes), GW_ERROR_MAP);
    cr_assert(strstr(gw_error_text(), "'g'"));
    gw_image_free(&image);
}
