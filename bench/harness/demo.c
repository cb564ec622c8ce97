/* The demo: each program once with the collector and once with malloc and free, side by side; and a page with the timelines of the
 * collected ones. */
#include "command_line.h"
#include "measure.h"
#include "programs.h"
#include "table.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const programs[] = {"binary-trees", "word-table", "lisp", "event-simulation"};
enum { PROGRAM_COUNT = sizeof programs / sizeof *programs };

static bool run_build(const char *program, const char *build, const char *const settings[], struct measurement *result)
{
    char name[128], path[PATH_SIZE];
    snprintf(name, sizeof name, "demo/%s-%s", program, build);
    program_path(name, path);
    progress("running %s with %s", program, build);
    char *argv[] = {path, NULL};
    bool done = measure(argv, settings, result);
    progress("%s", "");
    return done;
}

/* With its timeline written to the folder that we are in: in the option no folder's name may have commas or spaces. */
static bool run_collected(const char *program, struct measurement *result)
{
    char setting[1024];
    const char *given = getenv("GREYWAVE"), *const settings[] = {setting, NULL};
    snprintf(setting, sizeof setting, "GREYWAVE=%s%strace=%s.pftrace", given ? given : "", given && *given ? "," : "", program);
    return run_build(program, "greywave", settings, result);
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
    if (!run_collected(program, &collected) || !run_build(program, "malloc", NULL, &explicit)) return false;
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

/* Where timelines and the page are written. */
static bool enter_folder(void)
{
    char path[PATH_SIZE];
    program_path("../demo", path);
    if (chdir(path) == 0) return true;
    fprintf(stderr, "bench: cannot write to %s: %s\n", path, strerror(errno));
    return false;
}

static bool write_page(void)
{
    char path[PATH_SIZE], traces[PROGRAM_COUNT][128], *folder = NULL;
    program_path("gw-timeline", path);
    char option[] = "--html", page[] = "report.html";
    char *argv[PROGRAM_COUNT + 4] = {path, option, page};
    for (size_t i = 0; i < PROGRAM_COUNT; i++) {
        snprintf(traces[i], sizeof traces[i], "%s.pftrace", programs[i]);
        argv[3 + i] = traces[i];
    }
    struct measurement ignored;
    if (!measure(argv, NULL, &ignored) || !(folder = realpath(".", NULL))) return false;
    printf("\nTimelines and pauses of the four: %s/report.html, for a browser; ui.perfetto.dev opens the traces beside it.\n", folder);
    free(folder);
    return true;
}

int run_demo(int argc, char **argv)
{
    command_line_read(&(struct command_line){.program = "bench demo",
                                             .what = "The demo programs, once with the collector and once with malloc and free."},
                      argc, argv);
    static struct table table;
    int failures = 0;
    if (!enter_folder()) return 1;
    print_titles(&table);
    for (int i = 0; i < PROGRAM_COUNT; i++) failures += !run_program(&table, programs[i]);
    table_print(&table);
    puts("\noutput: compared with the malloc program's. live: reachable at the last major collection; without one, "
         "promoted.");
    puts("lisp's malloc program uses an arena that is freed at the end. One run each; ./gw bench measures carefully.");
    if (!failures) failures += !write_page();
    return failures ? 1 : 0;
}
