/* The page of a report: what was measured is drawn, what was not leaves nothing behind, and names cannot break it. */
#include "report.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char text[1 << 20];

/* The page for these results, which it frees. */
static const char *page_of(struct results *results)
{
    char path[] = "/tmp/gw-report-XXXXXX";
    int file = mkstemp(path);
    cr_assert(file >= 0 && report_write(results, path));
    ssize_t length = read(file, text, sizeof text - 1);
    cr_assert(length > 0 && length < (ssize_t)sizeof text - 1);
    text[length] = '\0';
    close(file);
    unlink(path);
    results_free(results);
    return text;
}

static int count(const char *page, const char *what)
{
    int found = 0;
    for (const char *at = page; (at = strstr(at, what)); at += strlen(what)) found++;
    return found;
}

static void add(struct results *results, const char *program, const char *variant, const char *metric, double value)
{
    results_add(
        results,
        &(struct record){
            .benchmark = "peers", .program = program, .variant = variant, .metric = metric, .unit = "s", .runs = &value, .run_count = 1});
}

Test(report, given_nothing_when_written_then_no_plot_and_no_part)
{
    const char *page = page_of(results_new());
    cr_assert_eq(count(page, "<svg"), 0);
    cr_assert_eq(count(page, "<h2"), 0);
    cr_assert_eq(count(page, "</html>"), 1);
}

Test(report, given_peers_when_written_then_one_bar_each_and_nothing_else_is_drawn)
{
    struct results *results = results_new();
    add(results, "trees", "greywave", "wall", 1);
    add(results, "trees", "mimalloc", "wall", 2);
    add(results, "trees", "Go", "wall", 4);
    const char *page = page_of(results);
    cr_assert_eq(count(page, "<svg"), 1, "peak memory was not measured");
    cr_assert_eq(count(page, "<rect"), 3);
    cr_assert_eq(count(page, "class='ours'"), 1);
    cr_assert_eq(count(page, "Heap size"), 0);
}

Test(report, given_bars_and_curves_when_written_then_they_are_no_wider_than_a_telephone)
{
    static const struct point points[] = {{0.01, 0}, {1, 0.5}, {100, 1}};
    struct results *results = results_new();
    add(results, "trees", "greywave", "wall", 1);
    add(results, "trees", "mimalloc", "wall", 2);
    results_add_curve(results, &(struct curve){.benchmark = "pauses",
                                               .program = "trees",
                                               .variant = "default",
                                               .kind = "pauses",
                                               .x_unit = "pause, ms",
                                               .y_unit = "share of pauses, up to",
                                               .points = points,
                                               .point_count = 3});
    const char *page = page_of(results);
    int narrow = 0, width;
    for (const char *at = page; (at = strstr(at, "<svg viewBox='0 0 ")); at++) {
        cr_assert_eq(sscanf(at, "<svg viewBox='0 0 %d ", &width), 1);
        narrow += width <= 370;
    }
    cr_assert_eq(narrow, 2);
    cr_assert_eq(count(page, "<svg"), 2);
    cr_assert_eq(count(page, "min-width:4"), 0);
}

Test(report, given_names_that_mean_something_in_html_when_written_then_they_are_text)
{
    struct results *results = results_new();
    add(results, "<script>", "a & b", "wall", 1);
    add(results, "<script>", "greywave", "wall", 1);
    const char *page = page_of(results);
    cr_assert_eq(count(page, "<script"), 0);
    cr_assert_geq(count(page, "&lt;script>"), 1);
    cr_assert_eq(count(page, "a & b"), 0);
}

Test(report, given_curves_when_written_then_all_points_lie_inside)
{
    static const struct point points[] = {{0.001, 0.1}, {0.5, 0.5}, {100, 1}};
    struct results *results = results_new();
    results_add_curve(results, &(struct curve){.benchmark = "pauses",
                                               .program = "trees",
                                               .variant = "default",
                                               .kind = "pauses",
                                               .x_unit = "pause, ms",
                                               .y_unit = "share",
                                               .points = points,
                                               .point_count = 3});
    const char *page = page_of(results), *line = strstr(page, "points='");
    double x, y;
    int width, height, read_length;
    cr_assert(line && sscanf(strstr(page, "viewBox='0 0 "), "viewBox='0 0 %d %d", &width, &height) == 2);
    line += strlen("points='");
    for (; sscanf(line, "%lf,%lf %n", &x, &y, &read_length) == 2; line += read_length)
        cr_assert(x >= 0 && x <= width && y >= 0 && y <= height, "%g,%g", x, y);
    cr_assert_eq(*line, '\'');
}
