/* What results.json keeps, and what of it is refused on reading. */
#include "results.h"

#include <criterion/criterion.h>
#include <criterion/redirect.h>
#include <stdlib.h>
#include <unistd.h>

static char path[] = "/tmp/gw-results-XXXXXX";

static void make_file(void)
{
    int file = mkstemp(path);
    cr_assert(file >= 0);
    close(file);
}

static void remove_file(void)
{
    unlink(path);
}

TestSuite(results, .init = make_file, .fini = remove_file);

static const double runs[] = {3, 1, 2};
static const struct record trees = {.benchmark = "roots",
                                    .program = "trees",
                                    .group = "call-heavy",
                                    .variant = "statepoint",
                                    .metric = "wall",
                                    .unit = "s",
                                    .version = "clang 22",
                                    .runs = runs,
                                    .run_count = 3};
static const struct record ratio = {.benchmark = "roots",
                                    .program = "trees",
                                    .variant = "statepoint",
                                    .metric = "wall / shadow",
                                    .unit = "x",
                                    .baseline = "shadow",
                                    .value = 0.8,
                                    .low = 0.7,
                                    .high = 0.9};
static const struct point points[] = {{1, 0.5}, {1, 0.25}, {4, 0.125}};
static const struct curve pauses = {.benchmark = "pauses",
                                    .program = "trees",
                                    .variant = "statepoint",
                                    .kind = "pauses",
                                    .x_unit = "ms",
                                    .y_unit = "share",
                                    .points = points,
                                    .point_count = 3};

static void write_text(const char *text)
{
    FILE *file = fopen(path, "w");
    cr_assert(file && fputs(text, file) >= 0 && fclose(file) == 0);
}

/* A whole file whose only record is this one. */
static struct results *load_record(const char *record)
{
    char text[2000];
    snprintf(text, sizeof text, "{\"format\": \"greywave benchmark results\", \"version\": 1, \"records\": [%s], \"curves\": []}", record);
    write_text(text);
    return results_load(path);
}

#define START "{\"benchmark\": \"b\", \"program\": \"p\", \"variant\": \"v\", \"metric\": \"m\", \"unit\": \"s\", "
#define NUMBERS "\"value\": 1, \"low\": 1, \"high\": 1, "

Test(results, given_runs_when_a_record_is_added_then_it_has_their_median_least_and_most)
{
    struct results *results = results_new();
    results_add(results, &trees);
    const struct record *record = results_at(results, 0);
    cr_assert_eq(record->value, 2);
    cr_assert_eq(record->low, 1);
    cr_assert_eq(record->high, 3);
    cr_assert_str_eq(record->machine, machine_description());
    results_free(results);
}

Test(results, given_records_and_curves_when_saved_and_loaded_then_nothing_is_lost)
{
    struct results *results = results_new();
    results_add(results, &trees);
    results_add(results, &ratio);
    results_add_curve(results, &pauses);
    cr_assert(results_save(results, path));
    results_free(results);
    results = results_load(path);
    cr_assert_not_null(results);
    cr_assert_eq(results_count(results), 2);
    const struct record *first = results_at(results, 0), *second = results_at(results, 1);
    cr_assert_str_eq(first->group, "call-heavy");
    cr_assert_str_eq(first->version, "clang 22");
    cr_assert_eq(first->run_count, 3);
    cr_assert_eq(first->runs[1], 1);
    cr_assert_str_eq(second->baseline, "shadow");
    cr_assert_str_eq(second->group, "");
    cr_assert_float_eq(second->low, 0.7, 1e-12);
    const struct curve *curve = results_curve_at(results, 0);
    cr_assert_eq(curve->point_count, 3);
    cr_assert_eq(curve->points[2].y, 0.125);
    cr_assert_str_eq(curve->kind, "pauses");
    results_free(results);
}

Test(results, given_newer_results_when_joined_then_they_replace_the_same_benchmark_and_program_only)
{
    struct results *results = results_new(), *newer = results_new();
    struct record other = trees, again = trees;
    other.program = "lists";
    again.runs = (const double[]){9};
    again.run_count = 1;
    results_add(results, &trees);
    results_add(results, &ratio);
    results_add(results, &other);
    results_add_curve(results, &pauses);
    results_add(newer, &again);
    results_replace(results, newer);
    cr_assert_eq(results_count(results), 2);
    cr_assert_str_eq(results_at(results, 0)->program, "lists");
    cr_assert_eq(results_find(results, &trees)->value, 9);
    cr_assert_eq(results_curve_count(results), 1, "curves of another benchmark stay");
    for (int i = 0; i < 20; i++) results_add(results, &other);
    cr_assert_eq(results_count(results), 22);
    results_free(results);
}

Test(results, given_a_complete_record_when_loaded_then_it_is_taken)
{
    struct results *results = load_record(START NUMBERS "\"machine\": \"x\"}");
    cr_assert_not_null(results);
    cr_assert_str_eq(results_at(results, 0)->machine, "x");
    results_free(results);
}

/* Loading says `complaint` and gives nothing. */
static void expect_refusal(const char *record, const char *complaint)
{
    char expected[400];
    snprintf(expected, sizeof expected, "bench: %s: records[0]: %s\n", path, complaint);
    cr_redirect_stderr();
    cr_assert_null(load_record(record));
    fflush(stderr);
    cr_assert_stderr_eq_str(expected);
}

Test(results, given_a_record_without_machine_when_loaded_then_refused)
{
    expect_refusal(START NUMBERS "\"version\": \"1\"}", "\"machine\" should be a text, not empty");
}

Test(results, given_a_value_that_is_text_when_loaded_then_refused)
{
    expect_refusal(START "\"value\": \"1\", \"low\": 1, \"high\": 1, \"machine\": \"x\"}", "\"value\" should be a number");
}

Test(results, given_runs_that_are_no_numbers_when_loaded_then_refused)
{
    expect_refusal(START NUMBERS "\"machine\": \"x\", \"runs\": [1, null]}", "\"runs\" should be a number");
}

Test(results, given_an_unknown_key_when_loaded_then_refused)
{
    expect_refusal(START NUMBERS "\"machine\": \"x\", \"speed\": 1}", "there is no key \"speed\"");
}

Test(results, given_another_file_or_version_when_loaded_then_refused)
{
    write_text("{\"format\": \"greywave benchmark results\", \"version\": 2, \"records\": [], \"curves\": []}");
    cr_assert_null(results_load(path));
    write_text("{\"format\": \"else\", \"version\": 1, \"records\": [], \"curves\": []}");
    cr_assert_null(results_load(path));
    write_text("{\"format\": ");
    cr_assert_null(results_load(path));
}

Test(results, given_a_curve_out_of_order_when_loaded_then_refused)
{
    write_text("{\"format\": \"greywave benchmark results\", \"version\": 1, \"records\": [], \"curves\": ["
               "{\"benchmark\": \"b\", \"program\": \"p\", \"variant\": \"v\", \"kind\": \"pauses\", \"x_unit\": \"s\", "
               "\"y_unit\": \"s\", \"machine\": \"x\", \"points\": [[2, 1], [1, 1]]}]}");
    cr_assert_null(results_load(path));
}

Test(results, given_no_parent_when_saved_for_it_then_nothing_happens)
{
    struct results *results = results_new();
    unsetenv("GW_BENCH_RESULTS");
    cr_assert(results_save_for_parent(results));
    setenv("GW_BENCH_RESULTS", path, 1);
    results_add(results, &trees);
    cr_assert(results_save_for_parent(results));
    results_free(results);
    results = results_load(path);
    cr_assert_not_null(results);
    cr_assert_eq(results_count(results), 1);
    results_free(results);
}
