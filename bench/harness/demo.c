/* The demo: each program once with the collector and once with malloc and free, side by side. */
#include "command_line.h"
#include "measure.h"
#include "programs.h"
#include "table.h"

#include <inttypes.h>
#include <stdio.h>

static const char *const programs[] = {"binary-trees", "word-table", "lisp", "event-simulation"};
enum { PROGRAM_COUNT = sizeof programs / sizeof *programs };

static bool run_build(const char *program, const char *build, struct measurement *result)
{
    char name[128], path[PATH_SIZE];
    snprintf(name, sizeof name, "demo/%s-%s", program, build);
    program_path(name, path);
    progress("running %s with %s", program, build);
    char *argv[] = {path, NULL};
    bool done = measure(argv, NULL, result);
    progress("%s", "");
    return done;
}

static void print_titles(struct table *table)
{
    static const char *const titles[] = {"program",       "output",      "time", "minor",       "major",
                                         "longest pause", "peak memory", "live", "malloc time", "malloc peak"};
    table_start_row(table);
    for (size_t i = 0; i < sizeof titles / sizeof *titles; i++) table_cell(table, "%s", titles[i]);
}

static void print_report(struct table *table, const struct measurement *collected)
{
    const struct collector_report *report = &collected->report;
    table_cell(table, "%" PRIu64, report->minor_collections);
    table_cell(table, "%" PRIu64, report->major_collections);
    table_duration(table, report->longest_pause_ns);
    table_cell(table, "%.1f MB", collected->peak_mb);
    table_cell(table, "%.1f MB", (double)report->live_bytes / (1 << 20));
}

static bool run_program(struct table *table, const char *program)
{
    struct measurement collected, explicit;
    if (!run_build(program, "greywave", &collected) || !run_build(program, "malloc", &explicit)) return false;
    bool equal = collected.output_hash == explicit.output_hash;
    table_start_row(table);
    table_cell(table, "%s", program);
    table_cell(table, "%s", equal ? "equal" : "DIFFERS");
    table_cell(table, "%.2f s", collected.wall);
    print_report(table, &collected);
    table_cell(table, "%.2f s", explicit.wall);
    table_cell(table, "%.1f MB", explicit.peak_mb);
    return equal;
}

int run_demo(int argc, char **argv)
{
    command_line_read(&(struct command_line){.program = "bench demo",
                                             .what = "The demo programs, once with the collector and once with malloc and free."},
                      argc, argv);
    static struct table table;
    int failures = 0;
    print_titles(&table);
    for (int i = 0; i < PROGRAM_COUNT; i++) failures += !run_program(&table, programs[i]);
    table_print(&table);
    puts("\noutput: compared with the malloc program's. live: reachable at the last major collection; without one, "
         "promoted.");
    puts("lisp's malloc program uses an arena that is freed at the end. One run each; ./gw bench measures carefully.");
    return failures ? 1 : 0;
}
