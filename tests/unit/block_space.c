/* Runs of blocks: taking, giving, coalescing, returning; and a random run against a model of used blocks. */
#include "spaces/block_space.h"
#include "os/linux/memory.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#define BLOCKS 512

static struct gw_block_space space;

static void setup(void)
{
    char *base = gw_reserve(BLOCKS * GW_BLOCK_BYTES, GW_BLOCK_BYTES);
    cr_assert(gw_block_space_init(&space, base, BLOCKS));
}

static uint32_t take(uint32_t count)
{
    uint32_t first = gw_block_take(&space, count);
    if (first == GW_NO_BLOCK) return first;
    space.blocks[first].kind = GW_BLOCK_LARGE;
    space.blocks[first].run = count;
    for (uint32_t i = 1; i < count; i++) space.blocks[first + i].kind = GW_BLOCK_LARGE_REST;
    return first;
}

Test(block_space, given_three_neighbours_when_given_back_in_any_order_then_they_form_one_run, .init = setup)
{
    static const uint32_t orders[6][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
    for (int i = 0; i < 6; i++) {
        uint32_t block[3] = {take(1), take(1), take(1)};
        uint32_t guard = take(1);
        for (int k = 0; k < 3; k++) {
            gw_block_give(&space, block[orders[i][k]], 1);
            gw_block_space_check(&space);
        }
        cr_assert_eq(take(3), block[0], "order %d", i);
        gw_block_give(&space, block[0], 3);
        gw_block_give(&space, guard, 1);
        gw_block_space_check(&space);
    }
}

Test(block_space, given_a_full_range_when_more_is_taken_then_it_says_no, .init = setup)
{
    cr_assert_eq(take(BLOCKS + 1), GW_NO_BLOCK);
    uint32_t all = take(BLOCKS);
    cr_assert_neq(all, GW_NO_BLOCK);
    cr_assert_eq(take(1), GW_NO_BLOCK);
    gw_block_give(&space, all, BLOCKS);
    cr_assert_eq(take(BLOCKS), all);
}

Test(block_space, given_dirty_free_blocks_when_returned_then_they_read_as_zero, .init = setup)
{
    uint32_t first = take(4);
    memset(gw_block_address(&space, first), 0xff, 4 * GW_BLOCK_BYTES);
    for (int i = 0; i < 4; i++) space.blocks[first + i].clean = false;
    gw_block_give(&space, first, 4);
    cr_assert_eq(space.dirty_free, 4);
    uint64_t returned = 0;
    cr_assert_eq(gw_block_return_pages(&space, 0, BLOCKS, &returned), space.top);
    cr_assert_eq(returned, 4 * GW_BLOCK_BYTES);
    cr_assert_eq(space.dirty_free, 0);
    for (size_t i = 0; i < 4 * GW_BLOCK_BYTES; i += 8) cr_assert_eq(*(uint64_t *)(gw_block_address(&space, first) + i), 0);
}

/* Pages of four blocks: one whole and dirty, one with a block in use, one that was given back, one half of which is above what was ever
 * used. Only the first may go. */
Test(block_space, given_large_pages_when_returned_then_only_whole_ones_go, .init = setup)
{
    space.page_blocks = 4;
    cr_assert_eq(take(5), 0);
    cr_assert_eq(take(1), 5);
    cr_assert_eq(take(8), 6);
    for (uint32_t i = 0; i < 14; i++) space.blocks[i].clean = i == 1 || (i >= 8 && i < 12);
    gw_block_give(&space, 0, 5);
    gw_block_give(&space, 6, 8);
    cr_assert_eq(space.dirty_free, 3 + 1 + 2 + 2);
    uint64_t returned = 0;
    cr_assert_eq(gw_block_return_pages(&space, 0, 4, &returned), 4);
    cr_assert_eq(gw_block_return_pages(&space, 4, BLOCKS, &returned), 14);
    cr_assert_eq(returned, 4 * GW_BLOCK_BYTES);
    cr_assert_eq(space.dirty_free, 1 + 2 + 2);
    for (uint32_t i = 0; i < 4; i++) cr_assert(space.blocks[i].clean);
    cr_assert_not(space.blocks[4].clean);
    gw_block_space_check(&space);
}

Test(block_space, random_takes_and_gives_never_overlap, .init = setup)
{
    static uint32_t owner[BLOCKS], run_of[BLOCKS]; /* owner: first block + 1 of the run that holds it */
    unsigned seed = 77;
    cr_log_info("seed %u", seed);
    for (int step = 0; step < 40000; step++) {
        uint32_t count = (uint32_t)rand_r(&seed) % (rand_r(&seed) % 8 ? 4 : 60) + 1, at = (uint32_t)rand_r(&seed) % BLOCKS;
        if (owner[at]) {
            uint32_t first = owner[at] - 1;
            gw_block_give(&space, first, run_of[first]);
            memset(&owner[first], 0, run_of[first] * sizeof owner[0]);
        } else {
            uint32_t first = take(count);
            if (first == GW_NO_BLOCK) continue;
            run_of[first] = count;
            for (uint32_t i = first; i < first + count; i++) {
                cr_assert_eq(owner[i], 0, "step %d: block %u handed out twice", step, i);
                owner[i] = first + 1;
            }
        }
        if (step % 64 == 0) gw_block_space_check(&space);
    }
}
