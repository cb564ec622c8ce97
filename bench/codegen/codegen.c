/* bench codegen: what compiled code pays for being collectable, without any collection. Every program of the catalogue
 *   - runs as it is, with a nursery larger than all that it allocates; the same without write barriers; and with a bump
 *     allocator that gives nothing back, compiled by the same clang: no barriers, no maps, not even headers, and memory
 *     that need not be zeroed,
 *   - is compiled both ways, for the compiler's time and what the object files hold.
 * Times are processor time. The kernel's is part of it, for fresh pages: a nursery that is never used again has no others, and
 * objects with headers fill more of them; both sides ask for huge ones. (How much of a short run was the kernel's, the clock's ticks do not
 * tell.) */
#include "kept_results.h"
#include "catalogue.h"
#include "object_sizes.h"
#include "race.h"
#include "suites.h"
#include "table.h"
#include "versions.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { DEFAULT_RUNS = 11, QUICK_RUNS = 3, MOST_PROGRAMS = 32 };

/* Each a ratio of times, or of instructions, which are the same in every run and so say what a noisy machine hides. */
enum question { AGAINST_BUMP, BARRIERS, AGAINST_BUMP_COUNTED, BARRIERS_COUNTED, COMPILING, QUESTIONS };
static const struct {
    const char *benchmark, *slow, *fast, *text, *title;
    bool is_counted;
    double target;
} questions[QUESTIONS] = {
    {"codegen", "greywave", "bump", "time / bump allocator, no maps", "time / bump", false, 1.05},
    {"codegen", "greywave", "no-barriers", "time / without barriers", "time / no barriers", false, 1.02},
    {"codegen, instructions", "greywave", "bump", "instructions / bump allocator, no maps", "instr. / bump", true, 1.05},
    {"codegen, instructions", "greywave", "no-barriers", "instructions / without barriers", "instr. / no barriers", true, 1.02},
    {"codegen compile", "gwcc", "clang", "compile time", "compile time", false, 1.25},
};

/* Times of both sides of each question, by program and round; and sizes of all object files together. */
static struct {
    int count;
    struct pair pair[QUESTIONS][MOST_PROGRAMS];
    double slow[QUESTIONS][MOST_PROGRAMS][MOST_RUNS], fast[QUESTIONS][MOST_PROGRAMS][MOST_RUNS];
    struct object_sizes gwcc, clang;
} total;

static struct race race; /* static: too large for the stack */
static struct table table;

/* ---- The races of a program ------------------------------------------------------------------------ */

static void enter_run(const struct program *program, const char *benchmark, const char *size)
{
    static const char *const variants[][2] = {{"greywave", "statepoint"}, {"no-barriers", "no-barriers"}, {"bump", "bump"}};
    enum { COUNT = sizeof variants / sizeof *variants };
    static char commands[COUNT][128];
    race.benchmark = benchmark;
    race.program = program->name;
    race.group = program->group;
    race.entrant_count = COUNT;
    race_take_layouts(&race);
    for (int i = 0; i < COUNT; i++) {
        snprintf(commands[i], sizeof commands[i], "@programs/%s-%s", program->name, variants[i][1]);
        race.entrant[i] = (struct entrant){.name = variants[i][0],
                                           .words = {commands[i], size},
                                           .settings = {"GREYWAVE=nursery=1024m"},
                                           .optional = true, /* not every program makes sense without a collector */
                                           .version = version_of(CODEGEN_CLANG " --version")};
    }
}

static void source_of(const struct program *program, char path[PATH_SIZE])
{
    char stem[64];
    snprintf(stem, sizeof stem, "%s", program->name);
    for (char *at = stem; *at; at++)
        if (*at == '-') *at = '_';
    snprintf(path, PATH_SIZE, CODEGEN_SOURCES "/bench/programs/%s.c", stem);
    if (access(path, R_OK)) snprintf(path, PATH_SIZE, CODEGEN_SOURCES "/examples/demo/%s.c", stem);
}

static char object[2][PATH_SIZE];

static void enter_compile(const struct program *program)
{
    static char source[PATH_SIZE];
    source_of(program, source);
    kept_path("codegen-gwcc.o", object[0], PATH_SIZE);
    kept_path("codegen-clang.o", object[1], PATH_SIZE);
    race.benchmark = "codegen compile";
    race.entrant_count = 2;
    race.layouts = 0;
    const char *version = version_of(CODEGEN_CLANG " --version");
    race.entrant[0] =
        (struct entrant){.name = "gwcc",
                         .words = {"@gwcc", "-O2", "-std=gnu17", "-I" CODEGEN_SOURCES "/examples/demo", "-c", source, "-o", object[0]},
                         .version = version};
    race.entrant[1] = (struct entrant){.name = "clang",
                                       .words = {CODEGEN_CLANG, "-O2", "-std=gnu17", "-DDEMO_BUMP", "-I" CODEGEN_SOURCES "/runtime/include",
                                                 "-I" CODEGEN_SOURCES "/examples/demo", "-c", source, "-o", object[1]},
                                       .version = version};
}

/* ---- Questions ------------------------------------------------------------------------------------- */

static void ask(enum question which, struct results *results)
{
    struct entrant *slow = race_find(&race, questions[which].slow), *fast = race_find(&race, questions[which].fast);
    if (strcmp(race.benchmark, questions[which].benchmark) != 0 || !slow || !fast) return;
    size_t bytes = (size_t)race.runs * sizeof(double);
    double *kept_slow = total.slow[which][total.count], *kept_fast = total.fast[which][total.count];
    memcpy(kept_slow, slow->cpu, bytes);
    memcpy(kept_fast, fast->cpu, bytes);
    struct pair *pair = &total.pair[which][total.count];
    *pair = race_pair(&race, kept_slow, kept_fast);
    race_keep_ratio(&race, results, questions[which].text, slow, fast, slow->cpu, fast->cpu);
    table_cell(&table, "%.3f", ratio_of_pair(pair));
    if (questions[which].is_counted) return;
    struct interval interval = ratio_interval(pair);
    table_cell(&table, "%.3f - %.3f", interval.low, interval.high);
}

static void ask_all(struct results *results)
{
    for (int which = 0; which < QUESTIONS; which++) ask(which, results);
}

static bool run_race(struct results *results)
{
    if (!race_run(&race)) return false;
    race_keep(&race, results);
    ask_all(results);
    return true;
}

static bool count_instructions(const struct program *program, struct results *results)
{
    enter_run(program, "codegen, instructions", program->small);
    if (!race_prepare(&race) || !race_count_instructions(&race, results)) return false;
    ask_all(results);
    return true;
}

static void keep_size(struct results *results, const char *variant, const char *metric, const char *unit, double value)
{
    results_add(results, &(struct record){.benchmark = "codegen compile",
                                          .program = race.program,
                                          .variant = variant,
                                          .metric = metric,
                                          .unit = unit,
                                          .runs = &value,
                                          .run_count = 1});
}

static void size_cells(const struct object_sizes *gwcc, const struct object_sizes *clang)
{
    table_cell(&table, "%.2f", (double)gwcc->text / (double)clang->text);
    table_cell(&table, "%.1f", gwcc->sites ? (double)gwcc->maps / (double)gwcc->sites : 0.0);
    table_cell(&table, "%.1f %%", 100.0 * (double)gwcc->maps / (double)gwcc->text);
}

static bool compare_objects(struct results *results)
{
    struct object_sizes gwcc = {0}, clang = {0};
    if (!object_sizes_add(object[0], &gwcc) || !object_sizes_add(object[1], &clang)) return false;
    keep_size(results, "gwcc", "text", "bytes", (double)gwcc.text);
    keep_size(results, "clang", "text", "bytes", (double)clang.text);
    keep_size(results, "gwcc", "maps", "bytes", (double)gwcc.maps);
    keep_size(results, "gwcc", "call sites", "1", (double)gwcc.sites);
    size_cells(&gwcc, &clang);
    object_sizes_add(object[0], &total.gwcc);
    object_sizes_add(object[1], &total.clang);
    return true;
}

static bool measure_program(const struct program *program, struct results *results)
{
    enter_run(program, "codegen", program->without);
    if (race_prepare(&race) != race.entrant_count) return true;
    table_start_row(&table);
    table_cell(&table, "%s", program->name);
    if (!run_race(results) || !count_instructions(program, results)) return false;
    enter_compile(program);
    if (race_prepare(&race) != race.entrant_count || !run_race(results) || !compare_objects(results)) return false;
    total.count++;
    return true;
}

/* ---- Totals ---------------------------------------------------------------------------------------- */

static void print_mean(enum question which, struct results *results)
{
    struct mean mean = geometric_mean_of_ratios(total.pair[which], (size_t)total.count);
    results_add(results, &(struct record){.benchmark = questions[which].benchmark,
                                          .program = "geometric mean",
                                          .variant = questions[which].slow,
                                          .metric = questions[which].text,
                                          .unit = "x",
                                          .baseline = questions[which].fast,
                                          .value = mean.value,
                                          .low = mean.interval.low,
                                          .high = mean.interval.high});
    table_cell(&table, "%.3f", mean.value);
    if (!questions[which].is_counted) table_cell(&table, "%.3f - %.3f", mean.interval.low, mean.interval.high);
}

static void print_totals(struct results *results)
{
    table_start_row(&table);
    table_cell(&table, "geometric mean, total");
    for (int which = 0; which < QUESTIONS; which++) print_mean(which, results);
    size_cells(&total.gwcc, &total.clang);
    table_start_row(&table);
    table_cell(&table, "target, at most");
    for (int which = 0; which < QUESTIONS; which++) {
        table_cell(&table, "%.2f", questions[which].target);
        if (!questions[which].is_counted) table_cell(&table, "%s", "");
    }
    table_cell(&table, "1.15");
    table_cell(&table, "12.0");
    table_cell(&table, "15.0 %%");
}

static void print_titles(void)
{
    static const char *const sizes[] = {"text", "maps, bytes a site", "maps / text"};
    table_start_row(&table);
    table_cell(&table, "%s", "");
    for (int which = 0; which < QUESTIONS; which++) {
        table_cell(&table, "%s", questions[which].title);
        if (!questions[which].is_counted) table_cell(&table, "95 %% interval");
    }
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) table_cell(&table, "%s", sizes[i]);
}

int run_codegen(int argc, char **argv)
{
    struct selection selection =
        selection_read("codegen", "What compiled code pays for being collectable, with a nursery that is never collected.", DEFAULT_RUNS,
                       QUICK_RUNS, argc, argv);
    struct results *results = results_new();
    race.runs = selection.runs;
    measure_pin();
    print_titles();
    bool done = true;
    for (int i = 0; i < program_count && done; i++)
        if (selection_has(&selection, &programs[i])) done = measure_program(&programs[i], results);
    if (done && total.count) print_totals(results);
    table_print(&table);
    return keep_results(results) && done ? 0 : 1;
}
