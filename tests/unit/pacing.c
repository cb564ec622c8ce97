/* Pacing: goals, debt and slices as arithmetic; then whole programs that allocate too fast, step too rarely, or set a pause. */
#include "control/pacing.h"
#include "counted_clock.h"
#include "heap_fixture.h"

#include <signal.h>
#include <string.h>

#define MB (UINT64_C(1) << 20)

Test(pacing, given_a_live_heap_then_the_goal_is_live_plus_growth_and_a_small_one_may_grow_by_a_nursery)
{
    struct gw_heap heap = {.options = {.growth = 80}, .eden.bytes = 6 * MB, .eden.least = 6 * MB, .old.used_bytes = 100 * MB};
    gw_pacing_set_goal(&heap);
    cr_assert_eq(heap.cycle.goal_bytes, 180 * MB);
    heap.old.used_bytes = MB;
    gw_pacing_set_goal(&heap);
    cr_assert_eq(heap.cycle.goal_bytes, 7 * MB);
    heap.options.pause_ns = 100000;
    heap.eden.bytes = MB / 4;
    heap.nursery.eden_bytes = 6 * MB;
    gw_pacing_set_goal(&heap);
    cr_assert_eq(heap.cycle.goal_bytes, 7 * MB, "a small pause does not make for more cycles");
}

Test(pacing, external_memory_counts_towards_the_goal)
{
    struct gw_heap heap = {.options = {.growth = 80}, .eden.bytes = 6 * MB, .eden.least = 6 * MB, .old.used_bytes = 100 * MB};
    gw_pacing_set_goal(&heap);
    cr_assert_not(gw_pacing_wants_cycle(&heap, 0));
    heap.external_bytes = 70 * MB;
    cr_assert(gw_pacing_wants_cycle(&heap, 0));
    cr_assert(gw_pacing_is_worth_starting(&heap));
}

Test(pacing, given_external_memory_back_or_a_thaw_then_the_goal_follows)
{
    struct gw_heap heap = {
        .options = {.growth = 80}, .eden.bytes = 6 * MB, .eden.least = 6 * MB, .old.used_bytes = 100 * MB, .external_bytes = 1500 * MB};
    gw_pacing_set_goal(&heap);
    cr_assert_eq(heap.cycle.goal_bytes, 2880 * MB);
    heap.external_bytes = 500 * MB;
    gw_pacing_follow_external(&heap);
    cr_assert_eq(heap.cycle.goal_bytes, 1080 * MB);
    heap.external_bytes = 2000 * MB;
    gw_pacing_follow_external(&heap);
    cr_assert_eq(heap.cycle.goal_bytes, 1080 * MB, "more of it is no reason to wait");
    heap.external_bytes = 0;
    gw_pacing_follow_external(&heap);
    cr_assert_eq(heap.cycle.goal_bytes, 180 * MB);
    gw_pacing_follow_unfrozen(&heap, 50 * MB);
    cr_assert_eq(heap.cycle.goal_bytes, 270 * MB);
}

Test(pacing, given_a_cycle_when_the_bytes_left_to_the_goal_come_then_more_work_is_owed_than_there_can_be)
{
    struct gw_heap heap = {.options = {.growth = 80}, .eden.bytes = 6 * MB, .eden.least = 6 * MB, .old.used_bytes = 100 * MB};
    gw_pacing_set_goal(&heap);
    heap.old.used_bytes = 160 * MB;
    gw_pacing_begin(&heap);
    heap.cycle.phase = GW_PHASE_MARK;
    gw_pacing_charge(&heap, 20 * MB);
    cr_assert_geq(heap.cycle.debt, 130.0 * MB);
    uint64_t owed = 0;
    for (int i = 0; i < 8; i++) {
        struct gw_slice slice = gw_pacing_next_slice(&heap);
        gw_pacing_credit(&heap, slice.work);
        owed += slice.work;
    }
    cr_assert_float_eq((double)owed, 162.5 * MB, 0.1 * MB);
    cr_assert_eq(gw_pacing_next_slice(&heap).work, 0, "all slices done, nothing is owed");
}

Test(pacing, given_memory_beyond_the_goal_then_slices_may_take_longer_and_longer)
{
    struct gw_heap heap = {
        .options = {.growth = 80, .pause_ns = 500000}, .eden.bytes = 6 * MB, .eden.least = 6 * MB, .old.used_bytes = 100 * MB};
    gw_pacing_set_goal(&heap);
    heap.cycle.phase = GW_PHASE_MARK;
    heap.cycle.slices_left = 8;
    cr_assert_eq(gw_pacing_next_slice(&heap).ns, 500000);
    heap.old.used_bytes = 220 * MB;
    cr_assert_eq(gw_pacing_next_slice(&heap).ns, 2500000);
    cr_assert_not(gw_pacing_is_overdrawn(&heap));
    heap.old.used_bytes = 271 * MB;
    cr_assert(gw_pacing_is_overdrawn(&heap));
}

Test(pacing, given_bytes_that_came_beyond_the_goal_then_the_next_goal_is_not_counted_on_them)
{
    struct gw_heap heap = {.options = {.growth = 80}, .eden.bytes = 6 * MB, .eden.least = 6 * MB, .old.used_bytes = 100 * MB};
    gw_pacing_set_goal(&heap);
    heap.old.used_bytes = 160 * MB;
    gw_pacing_begin(&heap);
    heap.cycle.phase = GW_PHASE_MARK;
    heap.old.used_bytes = 180 * MB;
    gw_pacing_charge(&heap, 20 * MB);
    gw_pacing_set_goal(&heap);
    cr_assert_eq(heap.cycle.goal_bytes, 324 * MB, "what came up to the goal counts");
    heap.old.used_bytes = 180 * MB;
    gw_pacing_begin(&heap);
    heap.old.used_bytes = 354 * MB;
    gw_pacing_charge(&heap, 174 * MB); /* of which 30 came beyond the goal */
    heap.old.used_bytes = 230 * MB;
    gw_pacing_set_goal(&heap);
    cr_assert_eq(heap.cycle.goal_bytes, 360 * MB, "200 of what lives were examined");
    heap.old.used_bytes = 35 * MB;
    gw_pacing_set_goal(&heap);
    cr_assert_eq(heap.cycle.goal_bytes, 41 * MB, "an eden's room at least");
}

/* ---- How long a slice may take --------------------------------------------------------------------- */

static struct gw_thread idle_thread;
static struct gw_mutator idle_mutator = {.thread = &idle_thread};

/* A megabyte of eden, of which `used` is; 100 MB live, goal 180. */
static struct gw_heap heap_of_slices(size_t used)
{
    static char eden[MB];
    struct gw_heap heap = {.options = {.growth = 80},
                           .eden = {.bytes = MB, .least = MB, .copy_cost = 0.1, .survival = 1},
                           .nursery = {.eden_bytes = MB, .usable_bytes = MB, .survivors = {GW_NO_BLOCK, GW_NO_BLOCK}, .given_bytes = MB},
                           .old.used_bytes = 100 * MB,
                           .stats.minor_collections = 1,
                           .mutator = &idle_mutator};
    idle_mutator.piece = (struct gw_piece){eden, eden + MB};
    gw_pacing_set_goal(&heap);
    idle_thread.alloc = eden + used;
    return heap;
}

#define US UINT64_C(1000)

Test(pacing, given_slices_within_five_us_of_each_other_then_they_obey_one_limit)
{
    struct gw_heap heap = heap_of_slices(0);
    cr_assert_eq(gw_pacing_time_for_slice(&heap, 50 * 1000 * US, 500 * US), 500 * US);
    gw_pauses_note_stop(&heap.pauses, 50 * 1000 * US, 50 * 1000 * US + 300 * US);
    cr_assert_eq(gw_pacing_time_for_slice(&heap, 50 * 1000 * US + 304 * US, 500 * US), 196 * US, "the 4 us between count as well");
    cr_assert_eq(gw_pacing_time_for_slice(&heap, 50 * 1000 * US + 306 * US, 500 * US), 500 * US);
    gw_pauses_note_stop(&heap.pauses, 50 * 1000 * US + 304 * US, 50 * 1000 * US + 500 * US);
    cr_assert_eq(gw_pacing_time_for_slice(&heap, 50 * 1000 * US + 503 * US, 500 * US), 0);
    gw_pauses_destroy(&heap.pauses);
}

/* Each slice begins 6 us after the last, so the first rule says nothing of them. */
Test(pacing, given_slices_six_us_apart_then_of_two_milliseconds_the_program_keeps_a_fifth)
{
    struct gw_heap heap = heap_of_slices(0);
    heap.cycle.rate = 2;
    uint64_t begin = 50 * 1000 * US, now = begin, paused = 0;
    while (now < begin + 2000 * US) {
        uint64_t ns = gw_pacing_time_for_slice(&heap, now, 500 * US);
        if (ns) gw_pauses_note_stop(&heap.pauses, now, now + ns);
        paused += ns;
        now += ns + 6 * US;
    }
    cr_assert_leq(paused, 1600 * US);
    cr_assert_geq(paused, 1500 * US, "and it is not kept from what is owed");
    for (int i = 0; i < 1000; i++) {
        uint64_t ns = gw_pacing_time_for_slice(&heap, now, 500 * US);
        if (ns) gw_pauses_note_stop(&heap.pauses, now, now + ns);
        now += ns + 6 * US;
        cr_assert_leq(gw_pauses_within(&heap.pauses, now, 2000 * US), 1600 * US, "slice %d", i);
    }
    heap.cycle.debt = 5.0 * MB;
    cr_assert_eq(gw_pacing_time_for_slice(&heap, now, 500 * US), 500 * US, "when an eden's work is owed it is time");
    heap.cycle.debt = 0;
    heap.old.used_bytes = 181 * MB;
    cr_assert_eq(gw_pacing_time_for_slice(&heap, now, 500 * US), 500 * US, "beyond the goal memory comes first");
    gw_pauses_destroy(&heap.pauses);
}

/* Copying a megabyte at 0.1 ns a byte and 15 us besides: 120 us. */
Test(pacing, given_a_minor_collection_that_will_follow_at_once_then_the_last_slice_leaves_room_for_it)
{
    struct gw_heap heap = heap_of_slices(MB / 8 * 7);
    gw_pauses_note_stop(&heap.pauses, 50 * 1000 * US, 50 * 1000 * US + 100 * US);
    uint64_t now = 50 * 1000 * US + 108 * US;
    cr_assert_eq(gw_pacing_time_for_slice(&heap, now, 500 * US), 500 * US - 15 * US - MB / 10);
    cr_assert_eq(gw_pacing_time_for_slice(&heap, now + 10 * US, 500 * US), 500 * US, "a program that is slower than that");
    gw_pauses_destroy(&heap.pauses);
}

Test(pacing, given_a_turn_that_could_only_wait_then_it_counts_up_to_an_eden)
{
    struct gw_heap heap = heap_of_slices(0);
    heap.cycle.rate = 2;
    heap.cycle.debt = MB;
    gw_pacing_credit_turn(&heap, MB / 2);
    cr_assert_float_eq(heap.cycle.debt, 0.5 * MB, 1);
    gw_pacing_credit_turn(&heap, 100 * MB);
    cr_assert_float_eq(heap.cycle.debt, -2.0 * MB, 1);
    heap.cycle.debt = -5.0 * MB;
    gw_pacing_credit_turn(&heap, MB);
    cr_assert_float_eq(heap.cycle.debt, -5.0 * MB, 1, "what was really done is not taken back");
}

/* ---- Whole programs -------------------------------------------------------------------------------- */

/* Puts a new list of `length` nodes in the place of one of those that the table in roots[0] keeps. */
static void replace(uint64_t turn, uint64_t length)
{
    make_list(1, length);
    struct references *table = roots[0];
    gw_write_barrier(table, &table->at[turn % table->length]);
    table->at[turn % table->length] = roots[1];
}

/* One after another. */
static void churn(uint64_t rounds, uint64_t length)
{
    for (uint64_t i = 0; i < rounds; i++) replace(i, length);
}

static struct gw_heap *heap_with_table(const char *options, size_t lists, uint64_t length)
{
    struct gw_heap *heap = start_heap(options);
    roots[0] = gw_new_array(references, lists);
    churn(lists, length);
    gw_collect(GW_FULL);
    return heap;
}

/* The promise that holds on every machine: one and a half goals, and what a minor collection promotes. Returns what was most in use. */
static uint64_t most_used(const struct gw_heap *heap, uint64_t turns, uint64_t step_every)
{
    uint64_t most = 0;
    for (uint64_t turn = 0; turn < turns; turn++) {
        replace(turn, 1000);
        if (step_every && turn % step_every == 0) gw_collect_step(20000);
        uint64_t used = heap->old.used_bytes, goal = heap->cycle.goal_bytes;
        cr_assert_lt(used, goal + goal / 2 + MB, "turn %lu: %lu KB, goal %lu KB", (unsigned long)turn, (unsigned long)(used >> 10),
                     (unsigned long)(goal >> 10));
        if (used > most) most = used;
    }
    return most;
}

Test(pacing, given_a_program_that_never_steps_then_assists_keep_memory_near_the_goal)
{
    struct gw_heap *heap = heap_with_table("nursery=1m,pause=10ms", 400, 1000); /* 13 MB live */
    uint64_t goal = heap->cycle.goal_bytes, cycles = heap->stats.major_collections;
    uint64_t most = most_used(heap, 2000, 0);
    cr_assert_gt(heap->stats.major_collections, cycles + 3);
    cr_assert_gt(heap->stats.assists, 0);
    cr_assert_lt(most, goal + goal / 3, "%lu MB, goal %lu MB", (unsigned long)(most >> 20), (unsigned long)(goal >> 20));
}

/* Young objects are stored all over a large array, with a minor collection for a small part of eden: because a card has a price at which
 * the account asks for it, or because the program does. Its cycles are not short. */
static uint64_t most_used_by_stores(struct gw_heap *heap, uint64_t stores)
{
    uint64_t random = 1, most = 0;
    for (uint64_t i = 0; i < stores; i++) {
        struct node *node = new_node(i);
        struct references *table = roots[0];
        random = random * UINT64_C(6364136223846793005) + 1442695040888963407;
        GW_STORE(table, at[(random >> 33) % table->length], node);
        heap->account.prices[0].card_ns = heap->account.prices[1].card_ns = 20000;
        heap->cycle.cost = 1000;
        if (!heap->options.pause_ns && i % 64 == 0) gw_collect(GW_MINOR);
        if (heap->old.used_bytes > most) most = heap->old.used_bytes;
    }
    return most;
}

Test(pacing, given_minor_collections_long_before_eden_is_full_then_cycles_begin_and_are_done_in_slices_all_the_same)
{
    static const char *const options[] = {"nursery=1m,pause=1ms", "nursery=1m"};
    for (size_t i = 0; i < 2; i++) {
        struct gw_heap *heap = start_heap(options[i]);
        roots[0] = gw_new_array(references, 200000);
        most_used_by_stores(heap, 400000);
        gw_collect(GW_FULL);
        uint64_t goal = heap->cycle.goal_bytes, most = most_used_by_stores(heap, 400000);
        cr_assert_gt(heap->stats.assists, 0);
        cr_assert_lt(most, goal + goal / 10, "%lu KB, goal %lu KB", (unsigned long)(most >> 10), (unsigned long)(goal >> 10));
        end_heap(heap);
    }
}

/* From a machine on which a slice of 50 us marks half a megabyte over one that has twenty other
 * programs to run, to one on which it comes to nothing. */
Test(pacing, given_steps_far_too_rare_then_memory_stays_within_twice_the_goal)
{
    uint64_t looks[][2] = {{100, 0}, {1000, 20000}, {200000, 0}};
    for (size_t i = 0; i < sizeof looks / sizeof *looks; i++) {
        look_ns = looks[i][0];
        others_ns = looks[i][1];
        struct gw_heap *heap = heap_with_table("nursery=1m,pause=50us", 400, 1000);
        uint64_t goal = heap->cycle.goal_bytes, most = most_used(heap, 2000, 500);
        cr_assert_lt(most, 2 * goal, "a look %lu ns: %lu MB, goal %lu MB", (unsigned long)look_ns, (unsigned long)(most >> 20),
                     (unsigned long)(goal >> 20));
        end_heap(heap);
    }
}

/* Where slices come to nothing, or the machine does, each cycle is finished beyond the goal, and what was promoted meanwhile is live for
 * it. */
Test(pacing, given_slices_that_come_to_nothing_then_goals_do_not_rise_from_cycle_to_cycle)
{
    struct gw_heap *heap = heap_with_table("nursery=1m,pause=50us", 400, 1000);
    uint64_t goal = heap->cycle.goal_bytes, cycles = heap->stats.major_collections;
    heap->options.pause_ns = 1;
    uint64_t most = most_used(heap, 3000, 0);
    cr_assert_gt(heap->stats.major_collections, cycles + 3);
    cr_assert_gt(most, goal + goal / 4, "they were finished beyond the goal");
    cr_assert_lt(most, 2 * goal, "%lu MB, goal %lu MB", (unsigned long)(most >> 20), (unsigned long)(goal >> 20));
}

Test(pacing, given_a_machine_whose_pace_changes_then_goals_do_not_rise_either)
{
    struct gw_heap *heap = heap_with_table("nursery=1m,pause=50us", 400, 1000);
    uint64_t goal = heap->cycle.goal_bytes, random = 1;
    for (int spell = 0; spell < 60; spell++) {
        random = random * UINT64_C(6364136223846793005) + 1442695040888963407;
        look_ns = UINT64_C(30) << (random >> 33) % 14;
        others_ns = (random >> 50) % 4 * 10 * look_ns;
        uint64_t most = most_used(heap, 50, spell % 2 * 25);
        cr_assert_lt(most, 2 * goal + goal / 4, "spell %d: %lu MB, goal %lu MB", spell, (unsigned long)(most >> 20),
                     (unsigned long)(goal >> 20));
    }
    cr_assert_gt(heap->stats.major_collections, 6);
}

/* A step pays for what it marks, or for its turn; the program comes back for another when it has allocated so much. A minor collection
 * fits only where eden is all but empty: at 1 ns a byte its megabyte takes a millisecond. What comes after marking has no price (the last
 * fifth of the runway is for it), so there it steps on. */
Test(pacing, given_steps_of_50_us_as_often_as_the_program_allocates_then_cycles_end_without_an_assist)
{
    struct gw_heap *heap = heap_with_table("nursery=1m", 400, 1000);
    uint64_t cycles = heap->stats.major_collections, most = 0, steps = 0, goal = heap->cycle.goal_bytes;
    for (uint64_t turn = 0; heap->stats.major_collections < cycles + 4; turn++) {
        replace(turn, 1000);
        heap->eden.survival = heap->eden.copy_cost = 1;
        struct gw_step step;
        bool owes;
        do {
            step = gw_collect_step(50000);
            cr_assert_lt(++steps, 1000000);
            owes = heap->cycle.debt > -heap->cycle.rate * (double)heap->eden.bytes || heap->cycle.phase >= GW_PHASE_WEAK;
        } while (step.status == GW_STEP_MORE && owes);
        if (heap->old.used_bytes > most) most = heap->old.used_bytes;
    }
    cr_assert_eq(heap->stats.assists, 0, "%lu, with at most %lu KB of a goal of %lu KB", (unsigned long)heap->stats.assists,
                 (unsigned long)(most >> 10), (unsigned long)(goal >> 10));
    cr_assert_leq(most, goal + MB, "%lu MB, goal %lu MB", (unsigned long)(most >> 20), (unsigned long)(goal >> 20));
}

Test(pacing, given_work_that_will_be_owed_before_the_next_step_then_this_one_is_behind)
{
    struct gw_heap heap = {.eden.bytes = 4 * MB,
                           .cycle = {.phase = GW_PHASE_MARK, .rate = 10, .debt = -15.0 * (double)MB, .last_promotion = MB}};
    cr_assert_not(gw_pacing_is_behind(&heap, 0), "one minor collection makes it 10 MB");
    cr_assert(gw_pacing_is_behind(&heap, 4 * MB), "and two 20 MB");
    heap.cycle.debt = 1;
    cr_assert(gw_pacing_is_behind(&heap, 0));
    heap.cycle.phase = GW_PHASE_IDLE;
    cr_assert_not(gw_pacing_is_behind(&heap, 4 * MB));
}

/* One step for so many lists, of 32 KB each. */
static uint64_t assists_of_cycle(struct gw_heap *heap, uint64_t step_every, uint64_t budget_ns, uint64_t *most)
{
    uint64_t cycles = heap->stats.major_collections, assists = heap->stats.assists;
    for (uint64_t turn = 0; heap->stats.major_collections == cycles; turn++) {
        replace(turn, 1000);
        if (turn % step_every == 0) gw_collect_step(budget_ns);
        if (heap->old.used_bytes > *most) *most = heap->old.used_bytes;
    }
    return heap->stats.assists - assists;
}

/* Such that cycles which begin at half of the growth use up the rest. What the first takes is not known before, nor what the next takes
 * that begins with a heap which the first has left so large. */
Test(pacing, given_steps_that_are_too_few_for_half_of_the_growth_then_later_cycles_begin_earlier)
{
    static const uint64_t steps[][2] = {{1, 50000}, {4, 100000}};
    for (size_t i = 0; i < 2; i++) {
        struct gw_heap *heap = heap_with_table("nursery=1m", 400, 1000);
        uint64_t most = 0, first = assists_of_cycle(heap, steps[i][0], steps[i][1], &most);
        cr_assert_gt(first, 0);
        assists_of_cycle(heap, steps[i][0], steps[i][1], &most);
        for (int cycle = 0; cycle < 6; cycle++) {
            uint64_t live = heap->cycle.live_bytes;
            most = 0;
            cr_assert_eq(assists_of_cycle(heap, steps[i][0], steps[i][1], &most), 0);
            cr_assert_lt(most, live + live * 6 / 10);
        }
        end_heap(heap);
    }
}

Test(pacing, given_a_cycle_disabled_half_way_then_memory_comes_back_once_it_is_enabled)
{
    struct gw_heap *heap = heap_with_table("nursery=1m,pause=1ms", 400, 1000);
    uint64_t goal = heap->cycle.goal_bytes;
    for (int i = 0; i < 100 && heap->cycle.phase != GW_PHASE_MARK; i++) {
        churn(50, 1000);
        gw_collect_step(0);
    }
    cr_assert_eq(heap->cycle.phase, GW_PHASE_MARK);
    gw_disable();
    churn(4000, 1000);
    cr_assert_gt(heap->old.used_bytes, 3 * goal, "nothing was collected meanwhile");
    gw_enable();
    churn(2000, 1000);
    cr_assert_lt(heap->old.used_bytes, 2 * goal, "%lu MB, goal %lu MB", (unsigned long)(heap->old.used_bytes >> 20),
                 (unsigned long)(goal >> 20));
}

Test(pacing, given_a_small_heap_and_no_pause_asked_for_then_cycles_are_not_divided)
{
    struct gw_heap *heap = heap_with_table("nursery=1m", 100, 1000);
    uint64_t cycles = heap->stats.major_collections, goal = heap->cycle.goal_bytes, most = 0;
    for (int i = 0; i < 100; i++) {
        churn(20, 1000);
        if (heap->old.used_bytes > most) most = heap->old.used_bytes;
        cr_assert_eq(heap->cycle.phase, GW_PHASE_IDLE);
    }
    cr_assert_gt(heap->stats.major_collections, cycles + 3);
    cr_assert_eq(heap->stats.assists, 0);
    cr_assert_lt(most, goal + 2 * MB, "%lu MB, goal %lu MB", (unsigned long)(most >> 20), (unsigned long)(goal >> 20));
}

Test(pacing, a_cycle_is_short_by_its_cost_and_only_for_programs_that_leave_pauses_to_the_collector)
{
    struct gw_heap heap = {.cycle.cost = 0.5, .old.used_bytes = 30 * MB};
    cr_assert(gw_pacing_cycle_is_short(&heap));
    heap.old.used_bytes = 40 * MB;
    cr_assert_not(gw_pacing_cycle_is_short(&heap));
    heap.cycle.cost = 0.2;
    cr_assert(gw_pacing_cycle_is_short(&heap));
    heap.options.pause_ns = 50000000;
    cr_assert_not(gw_pacing_cycle_is_short(&heap));
    heap.options.pause_ns = 0;
    heap.eden.stepped_at = 1;
    cr_assert_not(gw_pacing_cycle_is_short(&heap));
}

Test(pacing, what_eden_has_grown_by_comes_out_of_the_growth)
{
    struct gw_heap heap = {.options.growth = 80, .eden.bytes = 6 * MB, .eden.least = 6 * MB, .old.used_bytes = 40 * MB};
    heap.cycle.cost = 0.1;
    gw_pacing_set_goal(&heap);
    heap.old.used_bytes = 60 * MB;
    cr_assert_not(gw_pacing_wants_cycle(&heap, 0));
    heap.eden.bytes = 20 * MB;
    cr_assert(gw_pacing_wants_cycle(&heap, 0));
    heap.old.used_bytes = 59 * MB;
    heap.eden.bytes = 32 * MB; /* one eden is left to the old generation, or cycles would follow one another */
    cr_assert_not(gw_pacing_wants_cycle(&heap, 0));
}

Test(pacing, given_large_objects_alone_then_cycles_still_run)
{
    struct gw_heap *heap = start_heap("nursery=1m");
    for (int i = 0; i < 2000; i++) {
        roots[i % 4] = gw_new_array(bytes, 100000);
        cr_assert_lt(heap->old.used_bytes, 2 * heap->cycle.goal_bytes);
    }
    cr_assert_gt(heap->stats.major_collections, 5);
}

/* ---- A stretch without collections ----------------------------------------------------------------- */

static uint64_t collections(void)
{
    struct gw_stats stats;
    gw_get_stats(&stats);
    return stats.minor_collections + stats.major_collections;
}

Test(no_collect, given_a_promise_of_more_than_the_nursery_then_nothing_collects_or_moves_and_nothing_is_lost)
{
    start_heap("nursery=256k,verify=1,poison=1");
    make_list(0, 1000);
    cr_assert_eq(gw_no_collect_begin(4 * MB), GW_OK, "%s", gw_error_text());
    uint64_t before = collections();
    void *head = roots[0];
    for (uint64_t i = 0; i < 60000; i++) { /* 32 bytes each: 1.9 MB */
        struct node *node = new_node(i);
        node->left = roots[1]; /* fresh: no barrier, wherever it was born */
        roots[1] = node;
        if (i % 1000 == 0) GW_STORE((struct node *)roots[0], right, node);
    }
    cr_assert_eq(collections(), before);
    cr_assert_eq(roots[0], head);
    cr_assert_eq(gw_no_collect_end(), GW_OK, "%s", gw_error_text());
    cr_assert_eq(gw_verify(), GW_OK, "%s", gw_error_text());
    gw_collect(GW_MINOR);
    gw_collect(GW_FULL);
    uint64_t length = 0;
    for (struct node *node = roots[1]; node; node = node->left) length++;
    cr_assert_eq(length, 60000);
}

/* Such an array is listed for its cards as well as remembered: looked at by itself it took the place of others in that list. */
Test(no_collect, given_arrays_born_old_that_hold_young_objects_then_other_arrays_with_dirty_cards_are_not_forgotten)
{
    start_heap("nursery=64k,verify=1");
    for (int i = 0; i < 4; i++) roots[i] = gw_new_array(references, 200);
    gw_collect(GW_FULL);
    cr_assert_eq(gw_no_collect_begin(MB), GW_OK, "%s", gw_error_text());
    for (uint64_t i = 0; i < 400; i++) {
        struct references *fresh = gw_new_array(references, 200), *old = roots[i % 4];
        GW_STORE(old, at[i / 4], fresh);
        for (uint64_t k = 0; k < 200; k += 50) GW_STORE(fresh, at[k], i % 16 == 0 ? (void *)new_node(i) : NULL);
    }
    cr_assert_eq(gw_no_collect_end(), GW_OK);
    gw_collect(GW_MINOR);
    gw_collect(GW_MINOR);
    for (uint64_t i = 0; i < 400; i += 16) {
        struct references *old = roots[i % 4], *fresh = old->at[i / 4];
        cr_assert_eq(((struct node *)fresh->at[50])->number, i);
    }
}

static unsigned buried;

static void bury(void *payload)
{
    (void)payload;
    buried++;
}

/* Objects are born old here in what cells the last cycle has found free, and to find those is to sweep. */
Test(no_collect, given_dead_objects_with_destructors_that_are_not_swept_yet_then_these_wait_for_a_collection)
{
    static const struct gw_type mortal = {.name = "mortal", .size = sizeof(struct node), .destroy = bury};
    struct gw_heap *heap = start_heap("nursery=64k");
    roots[0] = gw_new_array(references, 20000);
    for (int i = 0; i < 20000; i++) {
        void *object = gw_alloc(&mortal);
        GW_STORE((struct references *)roots[0], at[i], object);
    }
    gw_collect(GW_FULL);
    roots[0] = NULL;
    while (heap->cycle.phase == GW_PHASE_IDLE) {
        make_list(1, 1000);
        gw_collect(GW_MINOR);
        gw_collect(GW_MINOR);
        gw_collect_step(0);
    }
    while (heap->cycle.phase != GW_PHASE_SWEEP) gw_collect_step(0);
    unsigned before = buried;
    cr_assert_lt(before, 20000);
    cr_assert_eq(gw_no_collect_begin(MB), GW_OK, "%s", gw_error_text());
    for (uint64_t i = 0; i < 20000; i++) new_node(i);
    cr_assert_eq(buried, before);
    cr_assert_eq(gw_no_collect_end(), GW_OK);
    gw_collect(GW_FULL);
    cr_assert_eq(buried, 20000);
}

Test(no_collect, given_a_program_that_has_allocated_more_before_then_the_promise_counts_from_its_beginning)
{
    start_heap("nursery=256k");
    make_list(0, 100000); /* 3.2 MB */
    cr_assert_eq(gw_no_collect_begin(2 * MB), GW_OK, "%s", gw_error_text());
    uint64_t before = collections();
    make_list(1, 50000); /* 1.6 MB */
    cr_assert_eq(collections(), before);
    cr_assert_eq(gw_no_collect_end(), GW_OK, "%s", gw_error_text());
    cr_assert_eq(list_length(roots[0]), 100000);
    cr_assert_eq(list_length(roots[1]), 50000);
}

Test(no_collect, given_more_allocation_than_promised_then_collections_go_on_and_the_end_says_so)
{
    start_heap("nursery=256k");
    cr_assert_eq(gw_no_collect_begin(MB), GW_OK);
    make_list(0, 100000);
    cr_assert_eq(gw_no_collect_end(), GW_ERROR_STATE);
    cr_assert_eq(list_length(roots[0]), 100000);
}

Test(no_collect, what_cannot_be_promised_is_refused)
{
    start_heap("nursery=256k,max-heap=16m");
    cr_assert_eq(gw_no_collect_begin(64 * MB), GW_ERROR_MEMORY);
    cr_assert_eq(gw_no_collect_begin(0), GW_ERROR_ARGUMENT);
    cr_assert_eq(gw_no_collect_end(), GW_ERROR_STATE);
    cr_assert_eq(gw_no_collect_begin(4 * MB), GW_OK);
    cr_assert_eq(gw_no_collect_begin(4 * MB), GW_ERROR_STATE);
}

Test(no_collect, given_garbage_where_room_is_needed_then_it_is_collected_first)
{
    start_heap("nursery=256k,max-heap=16m");
    for (int i = 0; i < 90; i++) roots[i % 3] = gw_new_array(bytes, 3 * MB / 2);
    memset(roots, 0, sizeof roots);
    cr_assert_eq(gw_no_collect_begin(8 * MB), GW_OK, "%s", gw_error_text());
}

/* ---- Hooks ----------------------------------------------------------------------------------------- */

static struct {
    uint64_t minors, steps, cycles, promoted, work, by_hand;
    uint64_t stops;
    struct gw_cycle_event last;
    struct gw_stop_event last_stop;
} seen;

static void on_minor(void *data, const struct gw_minor_event *event)
{
    cr_assert_eq(data, &seen);
    seen.minors++;
    seen.promoted += event->promoted_bytes;
}
static void on_step(void *data, const struct gw_step_event *event)
{
    cr_assert_eq(data, &seen);
    seen.steps++;
    seen.by_hand += event->by_hand;
    if (event->before == GW_PHASE_MARK) seen.work += event->work_bytes;
}
static void on_cycle(void *data, const struct gw_cycle_event *event)
{
    cr_assert_eq(data, &seen);
    seen.cycles++;
    seen.last = *event;
}

static void on_stop(void *data, const struct gw_stop_event *event)
{
    struct gw_stats stats;
    cr_assert_eq(data, &seen);
    gw_get_stats(&stats);
    seen.stops += event->start_ns != seen.last_stop.start_ns;
    cr_assert_geq(stats.longest_pause_ns, event->ns);
    seen.last_stop = *event;
}

Test(hooks, given_collections_then_each_is_told_with_its_figures)
{
    struct gw_heap *heap = start_heap("nursery=256k");
    gw_set_hooks(&(struct gw_hooks){&seen, on_minor, on_step, on_cycle, on_stop});
    make_list(0, 100000);
    gw_collect(GW_FULL);
    cr_assert_eq(seen.minors, heap->stats.minor_collections);
    cr_assert_eq(seen.promoted, heap->stats.promoted_bytes);
    cr_assert_eq(seen.cycles, heap->stats.major_collections);
    cr_assert_eq(seen.last.live_bytes, 100000 * sizeof(uint64_t[4]));
    cr_assert_eq(seen.by_hand, 0);
    cr_assert_eq(seen.stops, heap->pauses.count);
    cr_assert(seen.last_stop.by_hand, "the full collection");
    gw_disable();
    while (gw_collect_step(100000).status == GW_STEP_IDLE) make_list(1, 10000);
    cr_assert_eq(seen.by_hand, 1);
    gw_set_hooks(NULL);
    gw_collect(GW_FULL);
    cr_assert_lt(seen.cycles, heap->stats.major_collections);
}

static void allocating_hook(void *data, const struct gw_minor_event *event)
{
    (void)data, (void)event;
    new_node(1);
    gw_collect(GW_MINOR);
}

Test(hooks, given_a_hook_that_collects_then_it_is_refused_in_words, .signal = SIGABRT)
{
    start_heap("nursery=256k");
    gw_set_hooks(&(struct gw_hooks){.minor = allocating_hook});
    gw_collect(GW_MINOR);
}
