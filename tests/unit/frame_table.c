/* The frame table: what was added is found, what was removed is not, whatever collides. */
#include "roots/frame_table.h"

#include <criterion/criterion.h>
#include <stdlib.h>

static struct gw_image image_of(uintptr_t first, size_t count, uintptr_t step)
{
    struct gw_image image = {0};
    struct gw_site_roots roots = {0};
    gw_site_roots_clear(&roots, GW_FRAME_FIXED, false);
    for (size_t i = 0; i < count; i++) gw_image_add_site(&image, first + i * step, i ? NULL : &roots);
    gw_site_roots_free(&roots);
    return image;
}

Test(frame_table, given_an_empty_table_then_nothing_is_found)
{
    struct gw_frame_table table = {0};
    cr_assert_null(gw_frame_table_find(&table, 42));
    cr_assert(gw_frame_table_check(&table));
}

Test(frame_table, given_many_sites_then_each_is_found_with_its_map)
{
    struct gw_frame_table table = {0};
    struct gw_image image = image_of(0x1000, 100000, 3);
    cr_assert_eq(gw_frame_table_add(&table, &image), GW_OK);
    for (size_t i = 0; i < image.site_count; i++) {
        struct gw_frame *frame = gw_frame_table_find(&table, image.sites[i].return_address);
        cr_assert_not_null(frame);
        cr_assert_eq(frame->map, image.sites[i].map);
    }
    cr_assert_null(gw_frame_table_find(&table, 0x1001));
    cr_assert(gw_frame_table_check(&table));
    gw_frame_table_free(&table);
    gw_image_free(&image);
}

Test(frame_table, given_an_address_twice_then_refused_and_unchanged)
{
    struct gw_frame_table table = {0};
    struct gw_image first = image_of(0x1000, 100, 16), second = image_of(0x1000 - 50 * 16, 100, 16);
    cr_assert_eq(gw_frame_table_add(&table, &first), GW_OK);
    cr_assert_eq(gw_frame_table_add(&table, &second), GW_ERROR_MAP);
    cr_assert_eq(table.count, 100);
    cr_assert_null(gw_frame_table_find(&table, 0x1000 - 16));
    cr_assert_not_null(gw_frame_table_find(&table, 0x1000));
    cr_assert(gw_frame_table_check(&table));
    gw_frame_table_free(&table);
    gw_image_free(&first);
    gw_image_free(&second);
}

/* Return addresses whose hashes all start in one place. */
static size_t colliding(const struct gw_frame_table *table, uintptr_t *addresses, size_t wanted)
{
    size_t found = 0;
    for (uintptr_t address = 1; found < wanted; address++)
        if (gw_frame_table_start(table, address) == 62) addresses[found++] = address;
    return found;
}

Test(frame_table, given_collisions_around_the_end_when_some_go_then_the_others_stay)
{
    struct gw_frame_table table = {0};
    struct gw_image one = image_of(UINT64_C(1) << 40, 1, 1);
    cr_assert_eq(gw_frame_table_add(&table, &one), GW_OK);
    uintptr_t addresses[20];
    colliding(&table, addresses, 20);
    struct gw_image images[20];
    for (int i = 0; i < 20; i++) {
        images[i] = image_of(addresses[i], 1, 1);
        cr_assert_eq(gw_frame_table_add(&table, &images[i]), GW_OK);
        cr_assert(gw_frame_table_check(&table));
    }
    for (int i = 0; i < 20; i += 3) gw_frame_table_remove(&table, &images[i]);
    cr_assert(gw_frame_table_check(&table));
    for (int i = 0; i < 20; i++) {
        struct gw_frame *found = gw_frame_table_find(&table, addresses[i]);
        cr_assert_eq(found == NULL, i % 3 == 0, "address %d", i);
        gw_image_free(&images[i]);
    }
    gw_frame_table_free(&table);
    gw_image_free(&one);
}

Test(frame_table, given_random_additions_and_removals_then_it_agrees_with_a_plain_list)
{
    struct gw_frame_table table = {0};
    struct gw_image images[64] = {0};
    bool added[64] = {false};
    uint64_t random = 88172645463325252u;
    for (int round = 0; round < 2000; round++) {
        random = random * 6364136223846793005u + 1442695040888963407u;
        unsigned i = (unsigned)(random >> 40) % 64;
        if (!images[i].site_count) images[i] = image_of(0x100000u * (i + 1), 1 + i * 3, 1 + i);
        if (added[i]) gw_frame_table_remove(&table, &images[i]);
        else cr_assert_eq(gw_frame_table_add(&table, &images[i]), GW_OK);
        added[i] = !added[i];
        for (unsigned k = 0; k < 64; k++)
            if (images[k].site_count) cr_assert_eq(gw_frame_table_find(&table, images[k].sites[0].return_address) != NULL, added[k]);
    }
    cr_assert(gw_frame_table_check(&table));
    for (int i = 0; i < 64; i++) gw_image_free(&images[i]);
    gw_frame_table_free(&table);
}

Test(frame_table, given_a_recipe_when_published_twice_then_the_first_stays)
{
    struct gw_recipe recipe = {0};
    const gw_words_below saved[GW_SAVED_REGISTERS] = {2, 0, 3, 0, 0, 4}, other[GW_SAVED_REGISTERS] = {9, 9, 9, 9, 9, 9};
    gw_recipe_publish(&recipe, GW_CFA_DISTANCE + 5, saved);
    gw_recipe_publish(&recipe, GW_CFA_FROM_FRAME_POINTER + 2, other);
    cr_assert_eq(atomic_load(&recipe.cfa), GW_CFA_DISTANCE + 5);
    cr_assert_eq(recipe.saved[0], 2);
    cr_assert_eq(recipe.saved[5], 4);
}
