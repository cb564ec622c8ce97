/* bench compile: how long gwcc takes for functions of a size that only generators write, beside clang on the same source with plain
 * pointers, and what comes of it: frame, code, maps. */
#include "command_line.h"
#include "kept_results.h"
#include "object_sizes.h"
#include "race.h"
#include "shapes.h"
#include "suites.h"
#include "table.h"
#include "versions.h"

#include <stdlib.h>
#include <string.h>

enum { DEFAULT_RUNS = 3, QUICK_RUNS = 1 };

static struct race race; /* static: too large for the stack */
static struct table table;
static char source[PATH_SIZE], object[2][PATH_SIZE], usage[2][PATH_SIZE];
static const char *const compilers[] = {"gwcc", "clang"};

static bool write_source(const struct shape *shape, int size)
{
    kept_path("compile.c", source, sizeof source);
    FILE *out = fopen(source, "w");
    if (out) shape_print(shape, size, out);
    if (out && fclose(out) == 0) return true;
    perror(source);
    return false;
}

static void enter(const char *program, const char *level)
{
    const char *version = version_of(CODEGEN_CLANG " --version");
    for (int i = 0; i < 2; i++) {
        char name[32];
        snprintf(name, sizeof name, "compile-%s.o", compilers[i]);
        kept_path(name, object[i], PATH_SIZE);
        snprintf(name, sizeof name, "compile-%s.su", compilers[i]);
        kept_path(name, usage[i], PATH_SIZE);
    }
    race.benchmark = "compile";
    race.program = program;
    race.entrant_count = 2;
    race.entrant[0] = (struct entrant){
        .name = compilers[0], .words = {"@gwcc", level, "-fstack-usage", "-c", source, "-o", object[0]}, .version = version};
    race.entrant[1] = (struct entrant){.name = compilers[1],
                                       .words = {CODEGEN_CLANG, level, "-DPLAIN", "-fstack-usage", "-c", source, "-o", object[1]},
                                       .version = version};
}

/* The largest frame that -fstack-usage tells of; lines are "file:line:function<tab>bytes<tab>how". */
static double largest_frame(const char *path)
{
    double largest = 0;
    char line[1024];
    FILE *in = fopen(path, "r");
    while (in && fgets(line, sizeof line, in)) {
        const char *tab = strchr(line, '\t');
        double bytes = tab ? strtod(tab, NULL) : 0;
        if (bytes > largest) largest = bytes;
    }
    if (in) fclose(in);
    return largest;
}

static void keep(struct results *results, int compiler, const char *metric, double value)
{
    results_add(results, &(struct record){.benchmark = race.benchmark,
                                          .program = race.program,
                                          .variant = compilers[compiler],
                                          .metric = metric,
                                          .unit = "bytes",
                                          .runs = &value,
                                          .run_count = 1});
}

static bool compare_objects(struct results *results)
{
    struct object_sizes sizes[2] = {{0}, {0}};
    double frame[2];
    for (int i = 0; i < 2; i++) {
        if (!object_sizes_add(object[i], &sizes[i])) return false;
        keep(results, i, "text", (double)sizes[i].text);
        keep(results, i, "frame", frame[i] = largest_frame(usage[i]));
    }
    keep(results, 0, "maps", (double)sizes[0].maps);
    for (int i = 0; i < 2; i++) table_cell(&table, "%.0f", frame[i]);
    for (int i = 0; i < 2; i++) table_cell(&table, "%zu", sizes[i].text);
    table_cell(&table, "%zu", sizes[0].maps);
    return true;
}

static bool compile_shape(const struct shape *shape, int size, const char *level, struct results *results)
{
    char program[64];
    snprintf(program, sizeof program, "%s, %d, %s", shape->name, size, level);
    enter(program, level);
    table_start_row(&table);
    table_cell(&table, "%s", program);
    if (race_prepare(&race) != race.entrant_count || !race_run(&race)) return false;
    race_keep(&race, results);
    const struct entrant *gwcc = &race.entrant[0], *clang = &race.entrant[1];
    race_keep_ratio(&race, results, "compile time", gwcc, clang, gwcc->cpu, clang->cpu);
    size_t runs = (size_t)race.runs;
    double seconds[2] = {median(gwcc->cpu, runs), median(clang->cpu, runs)};
    table_cell(&table, "%.2f", seconds[0]);
    table_cell(&table, "%.2f", seconds[1]);
    table_cell(&table, "%.1f", seconds[0] / seconds[1]);
    table_cell(&table, "%.0f", median(gwcc->peak, runs));
    table_cell(&table, "%.0f", median(clang->peak, runs));
    return compare_objects(results);
}

static void print_titles(void)
{
    static const char *const titles[] = {"",         "gwcc, s",       "clang, s", "ratio",        "gwcc, MB", "clang, MB",
                                         "frame, B", "clang's frame", "text, B",  "clang's text", "maps, B"};
    table_start_row(&table);
    for (size_t i = 0; i < sizeof titles / sizeof *titles; i++) table_cell(&table, "%s", titles[i]);
}

int run_compile(int argc, char **argv)
{
    long runs = 0;
    bool quick = false;
    const struct known_option options[] = {
        {.name = "runs", .argument = "N", .what = "times each; 3, or 1 with --quick", .number = &runs, .least = 1, .most = MOST_RUNS},
        {.name = "quick", .what = "shapes of a tenth of the size, once", .flag = &quick},
    };
    command_line_read(&(struct command_line){.program = "bench compile",
                                             .what = "How long gwcc takes for functions of thousands of references, calls, cases or "
                                                     "allocations, beside clang on the same source with plain pointers; processor time.",
                                             .options = options,
                                             .option_count = sizeof options / sizeof *options},
                      argc, argv);
    race.runs = runs ? (int)runs : quick ? QUICK_RUNS : DEFAULT_RUNS;
    struct results *results = results_new();
    measure_pin();
    print_titles();
    bool done = true;
    for (int i = 0; i < shape_count && done; i++) {
        int size = quick ? shapes[i].quick_size : shapes[i].size;
        done = write_source(&shapes[i], size) && compile_shape(&shapes[i], size, "-O0", results) &&
               compile_shape(&shapes[i], size, "-O2", results);
    }
    table_print(&table);
    return keep_results(results) && done ? 0 : 1;
}
