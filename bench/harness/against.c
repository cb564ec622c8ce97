/* bench against: the programs of another build take turns with this one's. Two files of results come from different hours, and an hour
 * changes more than most commits do; a race of whole processes does not see the hour. */
#include "catalogue.h"
#include "command_line.h"
#include "measure.h"
#include "race.h"
#include "statistics.h"
#include "suites.h"
#include "table.h"

#include <stdio.h>
#include <string.h>

enum { DEFAULT_RUNS = 11, MOST_PROGRAMS = 32 };

/* What the command line says. */
struct request {
    const char *folder; /* of the other build; NULL: not yet */
    const char *finder;
    struct selection programs;
    long runs;
};

/* The times of both sides, by program and round. */
struct sides {
    size_t count;
    double before[MOST_PROGRAMS][MOST_RUNS], after[MOST_PROGRAMS][MOST_RUNS];
};

/* Static: too large for the stack. */
static struct race race;
static struct sides sides;
static struct table table;

static bool take_word(void *context, const char *word)
{
    struct request *request = context;
    if (!request->folder) return request->folder = word, true;
    return selection_take(&request->programs, word);
}

static void read_request(struct request *request, int argc, char **argv)
{
    const struct known_option options[] = {
        {.name = "roots", .argument = "FINDER", .what = "statepoint, shadow-clang, asm, shadow-gcc or none", .text = &request->finder},
        {.name = "runs", .argument = "N", .what = "rounds that count", .number = &request->runs, .least = 1, .most = MOST_RUNS},
    };
    command_line_read(
        &(struct command_line){.program = "bench against",
                               .what = "Programs of another build, in turns with this one's; a table, nothing is kept.",
                               .words = "FOLDER [PROGRAM...]",
                               .more = "FOLDER is a build folder of another commit, in which `./gw bench` has built the programs.",
                               .options = options,
                               .option_count = sizeof options / sizeof *options,
                               .take_word = take_word,
                               .context = request},
        argc, argv);
}

static void enter(const struct request *request, const struct program *program)
{
    static char before[PATH_SIZE], after[PATH_SIZE];
    snprintf(before, sizeof before, "%s/bin/programs/%s-%s", request->folder, program->name, request->finder);
    snprintf(after, sizeof after, "@programs/%s-%s", program->name, request->finder);
    race.program = program->name;
    race.entrant_count = 2;
    race.entrant[0] = (struct entrant){.name = "before", .words = {before, program->size}};
    race.entrant[1] = (struct entrant){.name = "after", .words = {after, program->size}};
}

static void print_row(const struct program *program)
{
    const struct entrant *before = &race.entrant[0], *after = &race.entrant[1];
    size_t runs = (size_t)race.runs;
    struct pair pair = race_pair(&race, after->cpu, before->cpu);
    struct interval interval = ratio_interval(&pair);
    table_start_row(&table);
    table_cell(&table, "%s", program->name);
    table_cell(&table, "%.3f s", median(before->cpu, runs));
    table_cell(&table, "%.3f s", median(after->cpu, runs));
    table_cell(&table, "%.3f", ratio_of_pair(&pair));
    table_cell(&table, "%.3f - %.3f", interval.low, interval.high);
    table_cell(&table, "%.1f MB", median(before->peak, runs));
    table_cell(&table, "%.1f MB", median(after->peak, runs));
}

static void keep_times(void)
{
    size_t bytes = (size_t)race.runs * sizeof(double);
    memcpy(sides.before[sides.count], race.entrant[0].cpu, bytes);
    memcpy(sides.after[sides.count++], race.entrant[1].cpu, bytes);
}

static void print_mean(void)
{
    struct pair pairs[MOST_PROGRAMS];
    for (size_t i = 0; i < sides.count; i++) pairs[i] = race_pair(&race, sides.after[i], sides.before[i]);
    if (sides.count < 2) return; /* the mean of one says nothing new */
    struct mean mean = geometric_mean_of_ratios(pairs, sides.count);
    table_start_row(&table);
    table_cell(&table, "geometric mean");
    for (int i = 0; i < 2; i++) table_cell(&table, "%s", "");
    table_cell(&table, "%.3f", mean.value);
    table_cell(&table, "%.3f - %.3f", mean.interval.low, mean.interval.high);
}

static void print_titles(void)
{
    static const char *const titles[] = {"processor time", "before", "after", "ratio", "95 % interval", "peak before", "after"};
    table_start_row(&table);
    for (size_t i = 0; i < sizeof titles / sizeof *titles; i++) table_cell(&table, "%s", titles[i]);
}

int run_against(int argc, char **argv)
{
    struct request request = {.finder = "statepoint", .runs = DEFAULT_RUNS};
    read_request(&request, argc, argv);
    if (!request.folder) return fputs("bench against: wants the build folder of another commit\n", stderr), 2;
    race.runs = (int)request.runs;
    measure_pin();
    print_titles();
    for (int i = 0; i < program_count; i++) {
        if (!selection_has(&request.programs, &programs[i])) continue;
        enter(&request, &programs[i]);
        if (race_prepare(&race) < 2) continue;
        if (!race_run(&race)) return 1;
        print_row(&programs[i]);
        keep_times();
    }
    print_mean();
    table_print(&table);
    return sides.count ? 0 : 1;
}
