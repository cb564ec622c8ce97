/* Pause histogram and minimum mutator utilisation, the latter against a slow definition: every window is tried. */
#include "base/pauses.h"

#include <criterion/criterion.h>
#include <stdlib.h>

#define MS UINT64_C(1000000)

static struct gw_pauses pauses;

Test(pauses, every_duration_lies_in_its_bucket_and_buckets_are_at_most_a_sixteenth_wide)
{
    for (uint64_t ns = 1; ns < UINT64_C(1) << 40; ns += ns / 37 + 1) {
        unsigned bucket = gw_pause_bucket(ns);
        cr_assert_leq(ns, gw_pause_bucket_end(bucket), "%lu ns", (unsigned long)ns);
        cr_assert_gt(ns, gw_pause_bucket_end(bucket - 1), "%lu ns", (unsigned long)ns);
        cr_assert_leq(gw_pause_bucket_end(bucket), ns + ns / 16, "%lu ns", (unsigned long)ns);
    }
}

Test(pauses, given_known_pauses_then_quantiles_are_theirs)
{
    cr_assert_eq(gw_pauses_quantile(&pauses, 0.5), 0);
    for (uint64_t i = 1; i <= 1000; i++) gw_pauses_note(&pauses, i * MS, i * MS + i);
    cr_assert_eq(pauses.count, 1000);
    cr_assert_eq(pauses.total_ns, 500500);
    cr_assert_float_eq((double)gw_pauses_quantile(&pauses, 0.5), 501, 501 / 16.0);
    cr_assert_float_eq((double)gw_pauses_quantile(&pauses, 0.99), 991, 991 / 16.0);
    cr_assert_eq(gw_pauses_quantile(&pauses, 1), 1000);
    gw_pauses_destroy(&pauses);
}

Test(pauses, given_one_pause_as_long_as_a_window_then_nothing_is_left_of_it)
{
    gw_pauses_note(&pauses, 10 * MS, 11 * MS);
    cr_assert_float_eq(gw_pauses_utilisation(&pauses, 0), 0, 1e-9);
    cr_assert_float_eq(gw_pauses_utilisation(&pauses, 1), 0.8, 1e-9);
    gw_pauses_destroy(&pauses);
}

/* Paused time in [from, to), by definition. */
static uint64_t paused_in(const uint64_t (*list)[2], int count, uint64_t from, uint64_t to)
{
    uint64_t sum = 0;
    for (int i = 0; i < count; i++) {
        uint64_t begin = list[i][0] > from ? list[i][0] : from, end = list[i][1] < to ? list[i][1] : to;
        if (begin < end) sum += end - begin;
    }
    return sum;
}

/* Windows beginning at a pause's start, or ending at a pause's end; those that are not over yet count for neither. */
static uint64_t worst_by_definition(const uint64_t (*list)[2], int count, uint64_t length)
{
    uint64_t worst = 0, now = list[count - 1][1];
    for (int i = 0; i < count; i++) {
        uint64_t start = list[i][0], end = list[i][1];
        uint64_t behind = paused_in(list, count, end > length ? end - length : 0, end);
        uint64_t ahead = start + length <= now ? paused_in(list, count, start, start + length) : 0;
        if (behind > worst) worst = behind;
        if (ahead > worst) worst = ahead;
    }
    return worst;
}

Test(pauses, given_random_pauses_then_utilisation_is_as_defined)
{
    srand(20261121);
    for (int round = 0; round < 200; round++) {
        uint64_t list[300][2], now = 100 * MS;
        int count = 1 + rand() % 300;
        for (int i = 0; i < count; i++) {
            now += (uint64_t)rand() % (rand() % 4 ? 300000 : 9 * MS);
            list[i][0] = now;
            now += 1 + (uint64_t)rand() % (rand() % 8 ? 200000 : 3 * MS);
            list[i][1] = now;
            gw_pauses_note(&pauses, list[i][0], list[i][1]);
        }
        for (unsigned w = 0; w < GW_PAUSE_WINDOWS; w++)
            cr_assert_eq(pauses.worst_ns[w], worst_by_definition(list, count, gw_pause_window_ns[w]), "round %d, window %u", round, w);
        gw_pauses_destroy(&pauses);
        pauses = (struct gw_pauses){0};
    }
}

/* ---- Stops ----------------------------------------------------------------------------------------- */

Test(stops, given_less_than_five_us_between_two_then_they_are_one_stop_with_what_lies_between)
{
    gw_pauses_note_stop(&pauses, 10 * MS, 10 * MS + 100000);
    cr_assert_eq(gw_pauses_joined_ns(&pauses, 10 * MS + 104999), 104999);
    cr_assert_eq(gw_pauses_joined_ns(&pauses, 10 * MS + 105000), 0);
    gw_pauses_note_stop(&pauses, 10 * MS + 104000, 10 * MS + 200000);
    cr_assert_eq(pauses.count, 1);
    cr_assert_eq(pauses.total_ns, 200000);
    cr_assert_eq(pauses.longest_ns, 200000);
    cr_assert_eq(pauses.buckets[gw_pause_bucket(200000)], 1);
    cr_assert_eq(pauses.buckets[gw_pause_bucket(100000)], 0);
    cr_assert_float_eq(gw_pauses_utilisation(&pauses, 0), 0.8, 1e-9);
    gw_pauses_note_stop(&pauses, 10 * MS + 205000, 10 * MS + 300000);
    cr_assert_eq(pauses.count, 2, "five us later it is another");
    cr_assert_eq(pauses.total_ns, 295000);
    gw_pauses_destroy(&pauses);
}

/* The planted fault: slices 4 us apart that are noted each for itself look twenty times shorter than what was waited. */
Test(stops, given_slices_that_are_noted_each_for_itself_then_the_longest_is_not_what_was_waited)
{
    struct gw_pauses apart = {0};
    for (uint64_t i = 0; i < 20; i++) {
        gw_pauses_note(&apart, 10 * MS + i * 54000, 10 * MS + i * 54000 + 50000);
        gw_pauses_note_stop(&pauses, 10 * MS + i * 54000, 10 * MS + i * 54000 + 50000);
    }
    cr_assert_eq(pauses.longest_ns, 19 * 54000 + 50000);
    cr_assert_eq(apart.longest_ns, 50000);
    gw_pauses_destroy(&pauses);
    gw_pauses_destroy(&apart);
}

Test(stops, given_random_pauses_then_the_paused_part_of_a_time_up_to_now_is_as_defined)
{
    uint64_t list[300][2], now = 100 * MS;
    srand(20261129);
    for (int i = 0; i < 300; i++) {
        now += 6000 + (uint64_t)rand() % 300000;
        list[i][0] = now;
        now += 1 + (uint64_t)rand() % (rand() % 8 ? 200000 : 3 * MS);
        list[i][1] = now;
        gw_pauses_note_stop(&pauses, list[i][0], list[i][1]);
        for (uint64_t window = 1000; window < 100 * MS; window *= 3) {
            uint64_t later = now + (uint64_t)rand() % 100000;
            cr_assert_eq(gw_pauses_within(&pauses, later, window), paused_in((const uint64_t(*)[2])list, i + 1, later - window, later),
                         "pause %d, window %lu", i, (unsigned long)window);
        }
    }
    gw_pauses_destroy(&pauses);
}

Test(pauses, given_more_pauses_than_are_kept_within_a_window_then_utilisation_only_looks_worse)
{
    for (uint64_t i = 0; i < 12 * GW_RECENT_PAUSES; i++) gw_pauses_note(&pauses, i * 1000, i * 1000 + 500);
    cr_assert_leq(gw_pauses_utilisation(&pauses, 3), 0.5);
    cr_assert_eq(pauses.total_ns, 12 * GW_RECENT_PAUSES * 500);
    gw_pauses_destroy(&pauses);
}
