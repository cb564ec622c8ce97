#include "compare.h"
#include "statistics.h"
#include "table.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Less is not worth a line: alignment of code, the weather. Counts do not vary, so they have a bound of their own. */
static const double SMALLEST_CHANGE = 0.02, SMALLEST_CHANGE_OF_COUNT = 0.001;
enum { FEWEST_RUNS = 3 };

static bool is_count(const struct record *record)
{
    return strcmp(record->unit, "1") == 0;
}

static struct interval interval_of(const struct record *before, const struct record *after)
{
    if (before->run_count >= FEWEST_RUNS && after->run_count >= FEWEST_RUNS)
        return change_interval(before->runs, before->run_count, after->runs, after->run_count);
    return (struct interval){after->low / before->high, after->high / before->low};
}

struct change change_between(const struct record *before, const struct record *after)
{
    struct interval interval = interval_of(before, after);
    struct change change = {after->value / before->value, interval.low, interval.high, false};
    double smallest_change = is_count(before) ? SMALLEST_CHANGE_OF_COUNT : SMALLEST_CHANGE;
    change.beyond_noise = (change.low > 1 || change.high < 1) && fabs(change.ratio - 1) >= smallest_change;
    return change;
}

static void print_value(struct table *table, const struct record *record)
{
    table_cell(table, record->value >= 1000 ? "%.0f %s" : "%.3f %s", record->value, is_count(record) ? "" : record->unit);
}

static void print_change(struct table *table, const struct record *before, const struct record *after, const struct change *change)
{
    table_start_row(table);
    table_cell(table, "%.38s", before->program);
    table_cell(table, "%.38s", before->variant);
    table_cell(table, "%.38s", before->metric);
    print_value(table, before);
    print_value(table, after);
    table_cell(table, "%+.1f %%", (change->ratio - 1) * 100);
    table_cell(table, "%+.1f to %+.1f %%", (change->low - 1) * 100, (change->high - 1) * 100);
}

static void print_titles(struct table *table)
{
    static const char *const titles[] = {"", "variant", "metric", "before", "after", "change", "98 % interval"};
    memset(table, 0, sizeof *table);
    table_start_row(table);
    for (size_t i = 0; i < sizeof titles / sizeof *titles; i++) table_cell(table, "%s", titles[i]);
}

struct tally {
    size_t compared, changed, unmatched;
    bool other_machine;
};

/* A full table is printed, and another one started. */
static void compare_record(const struct record *before, const struct record *after, struct table *table, struct tally *tally)
{
    if (before->value <= 0 || after->value <= 0) return;
    struct change change = change_between(before, after);
    tally->compared++;
    tally->changed += change.beyond_noise;
    tally->other_machine = tally->other_machine || strcmp(before->machine, after->machine) != 0;
    if (!change.beyond_noise) return;
    if (table->rows == MOST_ROWS) table_print(table), print_titles(table);
    print_change(table, before, after, &change);
}

static void compare(const struct results *before, const struct results *after)
{
    static struct table table;
    struct tally tally = {0};
    print_titles(&table);
    for (size_t i = 0; i < results_count(before); i++) {
        const struct record *record = results_at(before, i), *other = results_find(after, record);
        if (other) compare_record(record, other, &table, &tally);
        else tally.unmatched++;
    }
    if (tally.changed) table_print(&table), putchar('\n');
    printf("%zu measurements compared, %zu changed beyond noise", tally.compared, tally.changed);
    if (tally.unmatched) printf("; %zu were not made again", tally.unmatched);
    puts(".");
    if (tally.other_machine) puts("The machines differ: so may everything else.");
}

int compare_files(const char *before_path, const char *after_path)
{
    struct results *before = results_load(before_path), *after = before ? results_load(after_path) : NULL;
    if (after) compare(before, after);
    results_free(before);
    results_free(after);
    return after ? 0 : 2;
}
