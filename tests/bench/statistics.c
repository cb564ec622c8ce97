/* What is concluded from numbers: intervals on known data, a slowdown that is there is seen, one that is not is not.
 * Random numbers with fixed seeds, so that each test gives the same answer every time. */
#include "compare.h"
#include "statistics.h"

#include <criterion/criterion.h>
#include <criterion/redirect.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { RUNS = 11, TRIALS = 200 };

static uint64_t state;

static double uniform(void)
{
    state ^= state << 13, state ^= state >> 7, state ^= state << 17;
    return ((double)(state >> 11) + 0.5) / 9007199254740992.0;
}

/* As times of programs are: mostly close together, now and then one much longer. */
static double noisy_time(double time)
{
    double normal = sqrt(-2 * log(uniform())) * cos(6.283185307179586 * uniform());
    double disturbed = uniform() < 0.05 ? 0.3 * uniform() : 0;
    return time * (1 + 0.02 * fabs(normal) + disturbed);
}

static void measure_times(double *times, double time)
{
    for (int i = 0; i < RUNS; i++) times[i] = noisy_time(time);
}

static struct record record_of(const double *runs, size_t count)
{
    return (struct record){.benchmark = "b",
                           .program = "p",
                           .variant = "v",
                           .metric = "wall",
                           .unit = "s",
                           .machine = "m",
                           .runs = runs,
                           .run_count = count,
                           .value = median(runs, count),
                           .low = smallest(runs, count),
                           .high = largest(runs, count)};
}

Test(statistics, given_known_numbers_when_summarised_then_median_least_and_most)
{
    const double odd[] = {5, 1, 3}, even[] = {4, 1, 3, 2};
    cr_assert_eq(median(odd, 3), 3);
    cr_assert_eq(median(even, 4), 2.5);
    cr_assert_eq(smallest(odd, 3), 1);
    cr_assert_eq(largest(odd, 3), 5);
}

Test(statistics, given_times_that_are_twice_others_in_every_round_when_compared_then_the_interval_is_a_point)
{
    const double slow[] = {2, 4, 6, 20, 8}, fast[] = {1, 2, 3, 10, 4};
    struct interval interval = ratio_interval(&(struct pair){slow, fast, 5, 0});
    cr_assert_float_eq(interval.low, 2, 1e-12);
    cr_assert_float_eq(interval.high, 2, 1e-12);
}

/* With two values in equal parts the median of 3 draws is one of them, so the interval must reach from one to the
 * other. */
Test(statistics, given_two_values_when_resampled_then_the_interval_spans_both)
{
    const double values[] = {1, 3, 1, 3}, ones[] = {1, 1, 1, 1};
    struct interval interval = ratio_interval(&(struct pair){values, ones, 4, 0});
    cr_assert_float_eq(interval.low, 1, 1e-12);
    cr_assert_float_eq(interval.high, 3, 1e-12);
}

/* A 95 % interval holds the truth in about 95 of 100 series: far fewer and it claims too much. */
Test(statistics, given_many_series_when_compared_then_most_intervals_hold_the_true_ratio)
{
    int held = 0;
    state = 42;
    for (int trial = 0; trial < TRIALS; trial++) {
        double slow[RUNS], fast[RUNS];
        measure_times(slow, 1.2);
        measure_times(fast, 1.0);
        struct interval interval = ratio_interval(&(struct pair){slow, fast, RUNS, 0});
        held += interval.low <= 1.2 && 1.2 <= interval.high;
    }
    cr_assert_geq(held, TRIALS * 90 / 100, "%d of %d", held, TRIALS);
    cr_assert_leq(held, TRIALS - 1, "%d of %d: the intervals are far too wide", held, TRIALS);
}

Test(statistics, given_ratios_of_two_and_eight_when_averaged_then_the_geometric_mean_is_four)
{
    const double a[] = {2, 2, 2}, b[] = {8, 8, 8}, one[] = {1, 1, 1};
    struct mean mean = geometric_mean_of_ratios((const struct pair[]){{a, one, 3, 0}, {b, one, 3, 0}}, 2);
    cr_assert_float_eq(mean.value, 4, 1e-12);
    cr_assert_float_eq(mean.interval.low, 4, 1e-12);
    cr_assert_float_eq(mean.interval.high, 4, 1e-12);
}

/* Rounds 0, 2 and 4 are the first layout's, 1 and 3 the second's, whatever else is between them. */
Test(statistics, given_two_layouts_when_compared_then_the_ratio_is_the_geometric_mean_of_both)
{
    const double slow[] = {2, 8, 4, 8, 6}, fast[] = {1, 1, 2, 1, 3};
    struct pair pair = {slow, fast, 5, 2};
    cr_assert_float_eq(ratio_of_pair(&pair), 4, 1e-12);
    pair.layouts = 0;
    cr_assert_float_eq(ratio_of_pair(&pair), 6, 1e-12);
}

/* Rounds that do not vary say nothing of layouts that were not tried: the interval must. */
Test(statistics, given_layouts_that_differ_and_rounds_that_do_not_when_compared_then_the_interval_spans_the_layouts)
{
    const double slow[] = {1.0, 1.2, 1.0, 1.2, 1.0, 1.2, 1.0, 1.2}, ones[] = {1, 1, 1, 1, 1, 1, 1, 1};
    struct interval interval = ratio_interval(&(struct pair){slow, ones, 8, 2});
    cr_assert_float_eq(interval.low, 1.0, 1e-12);
    cr_assert_float_eq(interval.high, 1.2, 1e-12);
}

/* How many of TRIALS pairs of series, of which the second takes `factor` times as long, count as changed. */
static int changes_seen(double factor)
{
    int seen = 0;
    state = 4242;
    for (int trial = 0; trial < TRIALS; trial++) {
        double before[RUNS], after[RUNS];
        measure_times(before, 1);
        measure_times(after, factor);
        struct record first = record_of(before, RUNS), second = record_of(after, RUNS);
        struct change change = change_between(&first, &second);
        seen += change.beyond_noise && (change.ratio > 1) == (factor > 1);
    }
    return seen;
}

Test(compare, given_a_slowdown_of_10_percent_when_compared_then_it_is_seen)
{
    int seen = changes_seen(1.10);
    cr_assert_geq(seen, TRIALS * 95 / 100, "%d of %d", seen, TRIALS);
}

Test(compare, given_a_speedup_of_10_percent_when_compared_then_it_is_seen)
{
    int seen = changes_seen(0.90);
    cr_assert_geq(seen, TRIALS * 95 / 100, "%d of %d", seen, TRIALS);
}

Test(compare, given_no_change_when_compared_then_none_is_seen)
{
    int seen = changes_seen(1.0000001);
    cr_assert_leq(seen, TRIALS * 2 / 100, "%d of %d", seen, TRIALS);
}

Test(compare, given_counts_when_one_in_a_hundred_is_added_then_it_is_seen_but_not_one_in_ten_thousand)
{
    const double counts[] = {1e6}, more[] = {1.01e6}, hardly_more[] = {1.0001e6};
    struct record before = record_of(counts, 1), after = record_of(more, 1), same = record_of(hardly_more, 1);
    before.unit = after.unit = same.unit = "1";
    cr_assert(change_between(&before, &after).beyond_noise);
    cr_assert_not(change_between(&before, &same).beyond_noise);
}

Test(compare, given_ratios_with_intervals_when_they_overlap_then_no_change)
{
    struct record before = {.unit = "x", .value = 1.0, .low = 0.9, .high = 1.1}, after = before;
    after.value = 1.15, after.low = 1.05, after.high = 1.25;
    cr_assert_not(change_between(&before, &after).beyond_noise);
    after.value = 1.3, after.low = 1.2, after.high = 1.4;
    cr_assert(change_between(&before, &after).beyond_noise);
}

static void save(const char *path, double first, double second)
{
    double runs[RUNS];
    struct results *results = results_new();
    state = (uint64_t)(first * 1e6);
    measure_times(runs, first);
    struct record record = record_of(runs, RUNS);
    results_add(results, &record);
    measure_times(runs, second);
    record = record_of(runs, RUNS);
    record.variant = "w";
    results_add(results, &record);
    cr_assert(results_save(results, path));
    results_free(results);
}

Test(compare, given_two_files_when_one_measurement_of_two_got_slower_then_that_one_is_printed)
{
    char folder[] = "/tmp/gw-compare-XXXXXX", before[64], after[64], text[4096];
    cr_assert(mkdtemp(folder));
    snprintf(before, sizeof before, "%s/a.json", folder);
    snprintf(after, sizeof after, "%s/b.json", folder);
    save(before, 1.0, 2.0);
    save(after, 1.1, 2.0);
    cr_redirect_stdout();
    cr_assert_eq(compare_files(before, after), 0);
    fflush(stdout);
    FILE *printed = cr_get_redirected_stdout();
    size_t length = fread(text, 1, sizeof text - 1, printed);
    text[length] = '\0';
    cr_assert(strstr(text, "2 measurements compared, 1 changed beyond noise."), "%s", text);
    cr_assert(strstr(text, "  v  "), "%s", text);
    unlink(before);
    unlink(after);
    rmdir(folder);
}

Test(compare, given_a_file_that_is_not_there_when_compared_then_the_status_says_so)
{
    cr_assert_eq(compare_files("/nonexistent/a.json", "/nonexistent/b.json"), 2);
}
