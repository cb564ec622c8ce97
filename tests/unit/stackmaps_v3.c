/* Stock stack maps: a statepoint section made by hand, what it converts to, and what is refused. */
#include "machine_registers.h"
#include "roots/stackmaps_v3.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

enum { REGISTER = 1, DIRECT, INDIRECT, CONSTANT, CONSTANT_INDEX };

struct section {
    uint8_t data[4096];
    size_t size;
};

static struct gw_image image;

static void put(struct section *section, const void *bytes, size_t size)
{
    memcpy(section->data + section->size, bytes, size);
    section->size += size;
}

static void put_u64(struct section *section, uint64_t value)
{
    put(section, &value, 8);
}

static void put_u32(struct section *section, uint32_t value)
{
    put(section, &value, 4);
}

static void put_u16(struct section *section, unsigned value)
{
    put(section, &(uint16_t){(uint16_t)value}, 2);
}

static void put_header(struct section *section, uint32_t functions, uint32_t constants, uint32_t records)
{
    put_u32(section, 3);
    put_u32(section, functions);
    put_u32(section, constants);
    put_u32(section, records);
}

static void put_function(struct section *section, uint64_t address, uint64_t stack_size, uint64_t records)
{
    put_u64(section, address);
    put_u64(section, stack_size);
    put_u64(section, records);
}

static void put_location(struct section *section, unsigned kind, unsigned size, unsigned reg, int32_t offset)
{
    put(section, (uint8_t[]){(uint8_t)kind, 0}, 2);
    put_u16(section, size);
    put_u16(section, reg);
    put_u16(section, 0);
    put_u32(section, (uint32_t)offset);
}

/* A record up to its first three constants. */
static void begin_record(struct section *section, uint32_t offset, unsigned locations, int32_t deopts)
{
    put_u64(section, 0xABCDEF00);
    put_u32(section, offset);
    put_u16(section, 0);
    put_u16(section, 3 + locations);
    put_location(section, CONSTANT, 8, 0, 0);
    put_location(section, CONSTANT, 8, 0, 0);
    put_location(section, CONSTANT, 8, 0, deopts);
}

static void end_record(struct section *section)
{
    while (section->size % 8) put(section, "", 1);
    put_u32(section, 0);
    while (section->size % 8) put(section, "", 1);
}

static gw_status read_section(const struct section *section)
{
    uint8_t *copy = malloc(section->size + 1);
    memcpy(copy, section->data, section->size);
    image = (struct gw_image){0};
    gw_status status = gw_stackmaps_read_image(copy, section->size, "test", &image);
    if (status == GW_OK) status = gw_image_seal(&image);
    free(copy);
    return status;
}

/* Two functions: a static frame with a base, a derived pointer, null, a repeated pair, a vector and deopt values;
 * a dynamic frame with a root off another register. */
static void put_sample(struct section *section, uint64_t code)
{
    put_header(section, 2, 1, 2);
    put_function(section, code, 40, 1);
    put_function(section, code + 0x100, UINT64_MAX, 1);
    put_u64(section, 0xFEFEFEFE);
    begin_record(section, 0x10, 2 + 10, 2);
    put_location(section, CONSTANT, 8, 0, 7);
    put_location(section, DIRECT, 8, SP_NUMBER, 0);
    put_location(section, INDIRECT, 8, SP_NUMBER, 16);
    put_location(section, INDIRECT, 8, SP_NUMBER, 16);
    put_location(section, INDIRECT, 8, SP_NUMBER, 16);
    put_location(section, INDIRECT, 8, SP_NUMBER, 8);
    put_location(section, CONSTANT, 8, 0, 0);
    put_location(section, CONSTANT, 8, 0, 0);
    put_location(section, CONSTANT_INDEX, 8, 0, 0);
    put_location(section, CONSTANT_INDEX, 8, 0, 0);
    put_location(section, INDIRECT, 16, SP_NUMBER, 32);
    put_location(section, INDIRECT, 16, SP_NUMBER, 32);
    end_record(section);
    begin_record(section, 0x20, 2, 0);
    put_location(section, INDIRECT, 8, KEPT, -8);
    put_location(section, INDIRECT, 8, KEPT, -8);
    end_record(section);
}

Test(stackmaps_v3, given_the_sample_then_the_same_records_as_from_gw_maps)
{
    struct section section = {.size = 0};
    put_sample(&section, 0x5000);
    cr_assert_eq(read_section(&section), GW_OK, "%s", gw_error_text());
    cr_assert_eq(image.site_count, 2);
    cr_assert_eq(image.sites[0].return_address, 0x5010);
    const struct gw_frame_map *map = image.sites[0].map;
    cr_assert_eq(map->shape, GW_FRAME_FIXED);
    cr_assert_eq(map->slot_count, 3);
    cr_assert_eq(map->slots[0], 2);
    cr_assert_eq(map->slots[1], 4);
    cr_assert_eq(map->slots[2], 5);
    cr_assert_eq(map->derived_count, 1);
    cr_assert_eq(map->derived[0].base.offset, 16);
    cr_assert_eq(map->derived[0].derived.offset, 8);
    cr_assert_eq(image.sites[1].return_address, 0x5120);
    map = image.sites[1].map;
    cr_assert_eq(map->shape, GW_FRAME_DYNAMIC);
    cr_assert_eq(map->base_count, 1);
    cr_assert_eq(map->bases[0].reg, KEPT);
    cr_assert_eq(map->bases[0].offset, -8);
    cr_assert(gw_image_check(&image));
    gw_image_free(&image);
}

Test(stackmaps_v3, given_sections_that_the_linker_concatenated_then_all_are_read)
{
    struct section section = {.size = 0};
    put_sample(&section, 0x5000);
    put_sample(&section, 0x8000);
    cr_assert_eq(read_section(&section), GW_OK, "%s", gw_error_text());
    cr_assert_eq(image.site_count, 4);
    cr_assert_eq(image.range_count, 4);
    gw_image_free(&image);
}

Test(stackmaps_v3, given_a_cut_at_any_byte_then_refused)
{
    struct section section = {.size = 0};
    put_sample(&section, 0x5000);
    size_t size = section.size;
    for (section.size = 1; section.size < size; section.size++) {
        cr_assert_eq(read_section(&section), GW_ERROR_MAP, "cut at %zu", section.size);
        gw_image_free(&image);
    }
}

Test(stackmaps_v3, given_any_byte_changed_then_never_a_wrong_read)
{
    struct section sample = {.size = 0};
    put_sample(&sample, 0x5000);
    for (size_t i = 0; i < sample.size; i++)
        for (unsigned change = 1; change < 256; change++) {
            struct section section = sample;
            section.data[i] ^= (uint8_t)change;
            if (read_section(&section) == GW_OK) cr_assert(gw_image_check(&image), "byte %zu changed by %#x", i, change);
            gw_image_free(&image);
        }
}

static void refused(const struct section *section, const char *why)
{
    cr_assert_eq(read_section(section), GW_ERROR_MAP, "accepted: %s", why);
    cr_assert(strstr(gw_error_text(), why), "%s, not %s", gw_error_text(), why);
    gw_image_free(&image);
}

/* One function, one site, one pair. */
static struct section one_pair(unsigned kind, unsigned size, unsigned reg, int32_t offset)
{
    struct section section = {.size = 0};
    put_header(&section, 1, 0, 1);
    put_function(&section, 0x5000, 24, 1);
    begin_record(&section, 4, 2, 0);
    put_location(&section, kind, size, reg, offset);
    put_location(&section, kind, size, reg, offset);
    end_record(&section);
    return section;
}

Test(stackmaps_v3, given_what_is_not_understood_then_the_error_says_which)
{
    struct section section = one_pair(INDIRECT, 8, SP_NUMBER, 8);
    cr_assert_eq(read_section(&section), GW_OK);
    gw_image_free(&image);
    section.data[0] = 2;
    refused(&section, "not version 3");
    section = one_pair(INDIRECT, 8, SP_NUMBER, 8);
    memset(section.data + 16 + 24, 0xff, 8);
    refused(&section, "overflowed");
    section = one_pair(DIRECT, 8, SP_NUMBER, 8);
    refused(&section, "alloca");
    section = one_pair(REGISTER, 8, 0, 0);
    refused(&section, "preserve");
    section = one_pair(INDIRECT, 8, 10, 0);
    refused(&section, "preserve");
    section = one_pair(INDIRECT, 4, 7, 8);
    refused(&section, "unknown kind or size");
    section = one_pair(9, 8, SP_NUMBER, 8);
    refused(&section, "unknown kind or size");
}

Test(stackmaps_v3, given_a_root_in_a_callee_saved_register_then_it_is_one)
{
    struct section section = one_pair(REGISTER, 8, KEPT_TOO, 0);
    cr_assert_eq(read_section(&section), GW_OK, "%s", gw_error_text());
    cr_assert_eq(image.sites[0].map->base_count, 1);
    cr_assert(image.sites[0].map->bases[0].in_register);
    gw_image_free(&image);
}

/* ---- What gw_maps may not say either (map_reader) --------------------------------------------------- */

/* Functions at 0x5000 and `second`, each with one site, at `offset` and 4 of them. */
static struct section two_functions(uint64_t second, uint32_t offset)
{
    struct section section = {.size = 0};
    put_header(&section, 2, 0, 2);
    put_function(&section, 0x5000, 24, 1);
    put_function(&section, second, 24, 1);
    begin_record(&section, offset, 0, 0);
    end_record(&section);
    begin_record(&section, 4, 0, 0);
    end_record(&section);
    return section;
}

/* No call returns to where its function begins. */
Test(stackmaps_v3, given_a_record_at_offset_0_then_refused)
{
    struct section section = two_functions(0x6000, 4);
    cr_assert_eq(read_section(&section), GW_OK, "%s", gw_error_text());
    gw_image_free(&image);
    section = two_functions(0x6000, 0);
    refused(&section, "a site is outside its function");
}

Test(stackmaps_v3, given_a_return_address_that_wraps_around_then_refused)
{
    struct section section = two_functions(UINT64_MAX - 2, 4);
    refused(&section, "a site is outside its function");
}

Test(stackmaps_v3, given_two_functions_at_one_place_then_refused)
{
    struct section section = two_functions(0x5008, 16);
    refused(&section, "two frame-map records describe the code");
}

Test(stackmaps_v3, given_a_root_that_is_no_word_then_refused)
{
    struct section section = one_pair(INDIRECT, 8, SP_NUMBER, 12);
    cr_assert_eq(read_section(&section), GW_ERROR_MAP, "an unaligned slot");
    gw_image_free(&image);
    section = one_pair(INDIRECT, 8, SP_NUMBER, INT32_MAX - 7);
    refused(&section, "out of range");
}

Test(stackmaps_v3, given_more_records_than_functions_have_then_refused)
{
    struct section section = two_functions(0x6000, 4);
    section.data[12] = 3;
    cr_assert_eq(read_section(&section), GW_ERROR_MAP);
    gw_image_free(&image);
    section = two_functions(0x6000, 4);
    put_u64(&section, 0);
    refused(&section, "not version 3"); /* bytes behind the last section */
}

Test(stackmaps_v3, given_two_maps_for_one_call_when_registered_then_refused)
{
    struct section section = {.size = 0};
    put_header(&section, 1, 0, 2);
    put_function(&section, 0x5000, 24, 2);
    for (int i = 0; i < 2; i++) {
        begin_record(&section, 4, 0, 0);
        end_record(&section);
    }
    cr_assert_eq(gw_stackmaps_register(section.data, section.size, "test"), GW_ERROR_MAP);
    cr_assert(strstr(gw_error_text(), "has two frame maps"), "%s", gw_error_text());
}
