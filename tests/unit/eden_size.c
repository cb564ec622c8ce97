/* How much of eden is in use: for a pause, in steps by hand, and by what is copied. */
#include "control/eden_size.h"
#include "counted_clock.h"
#include "heap_fixture.h"

#define MB (UINT64_C(1) << 20)

/* ---- For a pause ------------------------------------------------------------------------------------- */

Test(eden_size, given_a_pause_target_then_eden_shrinks_to_it_and_grows_back)
{
    struct gw_heap *heap = start_heap("nursery=8m,pause=100us");
    for (int i = 0; i < 100; i++) gw_eden_size_note_minor(heap, heap->eden.bytes, 0, 2000000);
    cr_assert_eq(heap->eden.bytes, 256 << 10);
    gw_collect(GW_MINOR);
    cr_assert_leq(heap->mutator->thread->limit - heap->mutator->thread->alloc, 512 << 10);
    for (int i = 0; i < 1000; i++) gw_eden_size_note_minor(heap, heap->eden.bytes, 0, 10000);
    cr_assert_eq(heap->eden.bytes, 8 << 20);
}

/* Survivors are copied again by the next minor collection, so costs alternate when everything survives. */
Test(eden_size, given_costs_that_alternate_then_eden_does_not_swing)
{
    struct gw_heap *heap = start_heap("nursery=8m,pause=1ms");
    double ns_per_byte[] = {0.4, 0.9};
    for (int i = 0; i < 100; i++) {
        size_t before = heap->eden.bytes;
        gw_eden_size_note_minor(heap, before, 0, (uint64_t)(ns_per_byte[i % 2] * (double)before));
        if (i < 20) continue;
        cr_assert_gt(heap->eden.bytes, before / 10 * 9);
        cr_assert_lt((double)heap->eden.bytes * 0.9, 1000000.0);
    }
}

Test(eden_size, given_a_pause_target_then_eden_begins_small)
{
    cr_assert_eq(start_heap("nursery=8m,pause=1ms")->eden.bytes, 256 << 10);
    cr_assert_eq(gw_heap_here("test")->nursery.usable_bytes, 256 << 10);
}

/* ---- What a step may expect ---------------------------------------------------------------------------- */

Test(eden_size, given_survivors_then_they_have_a_price_of_their_own)
{
    struct gw_heap *heap = start_heap("nursery=8m,age=1");
    make_list(0, 20000);
    gw_collect(GW_MINOR);
    size_t survivors = gw_heap_survivor_bytes(heap);
    cr_assert_geq(survivors, 20000 * (sizeof(struct node) + GW_HEADER_SIZE));
    heap->eden.survival = heap->eden.copy_cost = heap->eden.survivor_cost = heap->eden.least_ns = 1;
    heap->account.roots_ns = 7000;
    uint64_t cheap = gw_eden_size_minor_ns(heap, 0);
    cr_assert_eq(cheap, 7001 + survivors);
    gw_eden_size_note_copying(heap, MB, MB / 2, MB / 2, 4 * MB);
    cr_assert_eq(gw_eden_size_minor_ns(heap, 0), cheap, "that was eden");
    gw_eden_size_note_copying(heap, MB, 0, MB / 2, MB + 1);
    cr_assert_eq(gw_eden_size_minor_ns(heap, 0), 7001 + 2 * survivors);
}

/* ---- By what is copied ------------------------------------------------------------------------------- */

/* A minor collection of a full eden of which `share` was copied, at half a nanosecond a byte. */
static size_t after_copying(struct gw_heap *heap, double share)
{
    size_t used = heap->eden.bytes;
    gw_eden_size_note_minor(heap, used, (size_t)(share * (double)used), used / 2);
    gw_eden_size_check(heap);
    return heap->eden.bytes >> 20;
}

Test(eden_size, given_half_copied_and_less_of_a_larger_eden_then_eden_doubles_until_it_is_expected_to_take_a_frame)
{
    struct gw_heap *heap = start_heap("");
    cr_assert_eq(heap->eden.bytes, 6 * MB);
    cr_assert_eq(after_copying(heap, 0.5), 12);
    cr_assert_eq(after_copying(heap, 0.3), 24);
    cr_assert_eq(after_copying(heap, 0.2), 24, "at half a nanosecond a byte 32 MB are a frame of 16 ms");
    cr_assert_eq(gw_heap_survivor_room(heap), gw_round_up(heap->eden.bytes / 4, 4096));
}

Test(eden_size, given_growth_that_does_not_pay_then_eden_goes_back_and_waits_longer_each_time)
{
    struct gw_heap *heap = start_heap("");
    int waited[4] = {0};
    for (int trial = 0; trial < 4; trial++) {
        while (after_copying(heap, 1) != 12) waited[trial]++;
        cr_assert_eq(after_copying(heap, 0.9), 6);
    }
    cr_assert_eq(waited[0], 0);
    cr_assert_eq(waited[1], 3);
    cr_assert_eq(waited[2], 7);
    cr_assert_eq(waited[3], 15);
}

Test(eden_size, given_little_copied_then_eden_goes_back_to_what_it_began_with)
{
    struct gw_heap *heap = start_heap("");
    after_copying(heap, 0.5);
    after_copying(heap, 0.2);
    cr_assert_eq(after_copying(heap, 0.01), 18);
    for (int i = 0; i < 10; i++) after_copying(heap, 0.01);
    cr_assert_eq(heap->eden.bytes, 6 * MB);
}

Test(eden_size, given_costly_collections_then_eden_does_not_grow)
{
    struct gw_heap *heap = start_heap("");
    for (int i = 0; i < 20; i++) {
        gw_eden_size_note_minor(heap, heap->eden.bytes, heap->eden.bytes / (i + 1), 3 * heap->eden.bytes);
        cr_assert_eq(heap->eden.bytes, 6 * MB);
    }
}

Test(eden_size, given_a_step_by_hand_then_eden_is_as_it_began_from_then_on)
{
    struct gw_heap *heap = start_heap("");
    after_copying(heap, 0.5);
    cr_assert_eq(after_copying(heap, 0.2), 24);
    new_node(1);
    gw_collect_step(100000);
    cr_assert_eq(after_copying(heap, 0.2), 6);
    cr_assert_eq(after_copying(heap, 0.5), 6);
}

Test(eden_size, given_collections_of_a_small_part_of_eden_then_they_tell_nothing)
{
    struct gw_heap *heap = start_heap("");
    for (int i = 0; i < 20; i++) gw_eden_size_note_minor(heap, MB, MB, MB / 2);
    cr_assert_eq(heap->eden.bytes, 6 * MB);
}

Test(eden_size, given_a_nursery_or_a_limit_then_eden_stays_within_it)
{
    struct {
        const char *options;
        size_t first, most;
    } cases[] = {{"nursery=8m", 8, 8}, {"max-heap=64m", 6, 6}, {"max-heap=16m", 4, 4}, {"max-heap=160m", 6, 10}, {"", 6, 24}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct gw_heap *heap = start_heap(cases[i].options);
        cr_assert_eq(heap->eden.bytes, cases[i].first * MB, "%s", cases[i].options);
        after_copying(heap, 0.5);
        cr_assert_eq(after_copying(heap, 0.2), cases[i].most, "%s: %zu MB", cases[i].options, heap->eden.bytes >> 20);
        end_heap(heap);
    }
}

/* Three quarters of what is allocated dies while eden is filled a second time. */
Test(eden_size, given_a_program_that_drops_what_it_has_just_made_then_a_grown_eden_promotes_less)
{
    struct gw_heap *heap = start_heap("verify=0");
    for (int tree = 0; tree < 60; tree++) {
        make_list(0, 200000); /* 6.4 MB, then dropped */
        roots[0] = NULL;
    }
    cr_assert_gt(heap->eden.bytes, 6 * MB);
    cr_assert_lt(heap->stats.promoted_bytes, heap->stats.allocated_bytes / 4);
}

/* ---- Minor collections in steps ---------------------------------------------------------------------- */

static uint64_t minors(void)
{
    struct gw_stats stats;
    gw_get_stats(&stats);
    return stats.minor_collections;
}

/* Frames of 320 KB, costs of 1 ns a byte: a fourth one would not fit into 1.2 ms, so the third step collects. */
Test(eden_size, given_steps_in_idle_time_then_minor_collections_are_run_while_they_fit)
{
    struct gw_heap *heap = start_heap("nursery=8m");
    for (int frame = 0; frame < 30; frame++) {
        for (int i = 0; i < 10000; i++) new_node((uint64_t)i);
        heap->eden.copy_cost = heap->eden.survival = heap->eden.least_ns = 1;
        uint64_t before = minors();
        gw_collect_step(1200000);
        cr_assert_eq(minors() - before, frame % 3 == 2, "frame %d", frame);
    }
}

Test(eden_size, given_steps_too_short_for_a_minor_collection_then_none_is_run_in_them)
{
    struct gw_heap *heap = start_heap("nursery=8m");
    for (int frame = 0; frame < 20; frame++) {
        for (int i = 0; i < 10000; i++) new_node((uint64_t)i);
        heap->eden.copy_cost = heap->eden.survival = heap->eden.least_ns = 1;
        gw_collect_step(100000);
    }
    cr_assert_eq(minors(), 0);
}
