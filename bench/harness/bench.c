/* bench: runs programs and compares what they cost. `./gw bench` and `./gw demo` build it and what it runs. */
#include "command_line.h"
#include "compare.h"
#include "kept_results.h"
#include "programs.h"
#include "report.h"
#include "statistics.h"
#include "suites.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

struct benchmark {
    const char *name, *what;
    int (*run)(int argc, char **argv); /* argv[0] is the benchmark's name */
    struct comparison comparison;      /* when there is no `run`; and without both bin/bench_<name> is the program */
};

/* A new benchmark is a row here; what it runs is built by bench/CMakeLists.txt. */
static const struct benchmark benchmarks[] = {
    {.name = "roots", .what = "root finders: maps, markers, shadow stacks", .run = run_roots},
    {.name = "codegen", .what = "what compiled code pays for being collectable", .run = run_codegen},
    {.name = "compile", .what = "how long huge functions take to compile", .run = run_compile},
    {.name = "peers", .what = "other collectors and allocators", .run = run_peers},
    {.name = "sweep", .what = "heap sizes from 1.3 to 6 times the need", .run = run_sweep},
    {.name = "pauses", .what = "how long programs stand still", .run = run_pauses},
    {.name = "binary-trees", .what = "many short-lived trees: a table, nothing is kept", .comparison = {"binary-trees", "depth", "18"}},
    {.name = "word-table", .what = "hash table of strings, the same", .comparison = {"word-table", "passes", "3"}},
    {.name = "event-simulation", .what = "binary heap and queues, the same", .comparison = {"event-simulation", "customers", "500000"}},
    {.name = "walk", .what = "walking the stack, nanoseconds a frame"},
    {.name = "step", .what = "how well steps keep to their budgets"},
    {.name = "life", .what = "what finalizers, ephemerons and weak maps cost"},
    {.name = "latency", .what = "worst wait of a sliding window of messages"},
    {.name = "threads", .what = "threads that share a heap, against other allocators and collectors"},
    {.name = "stop", .what = "how long threads take to stop"},
    {.name = "mark", .what = "full collection of 33.5 million objects"},
};
enum { BENCHMARK_COUNT = sizeof benchmarks / sizeof *benchmarks };

static char *list_of_benchmarks(void)
{
    char *text;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    if (!out) abort();
    fputs("Commands, each with a --help of its own:\n"
          "  quick             what fits into five minutes; also without a command\n"
          "  all               everything, an hour or two\n"
          "  against           another commit's build, in turns with this one\n"
          "  compare           two files of results: what changed beyond noise\n"
          "  report            draws report.html again, from a file or the kept results\n"
          "  demo              the demo programs, once each\n",
          out);
    for (int i = 0; i < BENCHMARK_COUNT; i++) fprintf(out, "  %-17s %s\n", benchmarks[i].name, benchmarks[i].what);
    fputs("\nResults: build/bench/results.json and report.html.", out);
    if (fclose(out)) abort();
    return text;
}

/* The program saves what it measured to a file of its own (results_save_for_parent), which is then joined with the
 * rest. */
static bool keep_results_of_program(const char *path)
{
    if (access(path, F_OK)) return true; /* not every program saves results */
    struct results *results = results_load(path);
    unlink(path);
    return results && keep_results(results);
}

/* The exit status of a child that was forked. */
static int wait_for(pid_t child)
{
    int status;
    if (child < 0 || waitpid(child, &status, 0) < 0) return perror("bench"), 1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

static int run_child(const char *path, char **argv)
{
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        execv(path, argv);
        perror(path);
        _exit(127);
    }
    return wait_for(child);
}

static int run_program(const char *name, char **argv)
{
    char file[64], path[PATH_SIZE], results[PATH_SIZE + 64];
    snprintf(file, sizeof file, "bench_%s", name);
    program_path(file, path);
    kept_path("newest.json", results, sizeof results);
    unlink(results);
    setenv("GW_BENCH_RESULTS", results, 1);
    int status = run_child(path, argv);
    return keep_results_of_program(results) ? status : 1;
}

/* argv[0] is the benchmark's name. */
static int run_benchmark(const struct benchmark *benchmark, int argc, char **argv)
{
    if (benchmark->run) return benchmark->run(argc, argv);
    if (benchmark->comparison.program) return run_comparison(&benchmark->comparison, argc, argv);
    return run_program(benchmark->name, argv);
}

/* In a process of its own: some pin themselves to a processor, which others must not. */
static int run_apart(const struct benchmark *benchmark, int argc, char **argv)
{
    printf("\n%s\n\n", benchmark->name);
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        int status = run_benchmark(benchmark, argc, argv);
        say_what_was_kept();
        exit(status);
    }
    return wait_for(child);
}

/* `option` is for the benchmarks that take programs; NULL: there is none. */
static int run_many(bool quick, char *option)
{
    int failures = 0;
    time_t started = time(NULL);
    for (int i = 0; i < BENCHMARK_COUNT; i++) {
        const struct benchmark *benchmark = &benchmarks[i];
        char *words[] = {(char *)(size_t)benchmark->name, benchmark->run ? option : NULL, NULL};
        /* Comparisons are a table for the reader, keep nothing, and are parts of peers. */
        if (benchmark->comparison.program || (quick && !benchmark->run)) continue;
        failures += run_apart(benchmark, words[1] ? 2 : 1, words) != 0;
    }
    long seconds = (long)(time(NULL) - started);
    printf("\n%ld min %ld s; benchmarks that failed: %d\n", seconds / 60, seconds % 60, failures);
    return failures ? 1 : 0;
}

static int run_all(int argc, char **argv)
{
    long runs = 0;
    char option[32];
    const struct known_option options[] = {
        {.name = "runs",
         .argument = "N",
         .what = "rounds that count of roots, codegen, compile, peers, sweep and pauses; else as many as they "
                 "have by themselves",
         .number = &runs,
         .least = 1,
         .most = MOST_RUNS}};
    command_line_read(&(struct command_line){.program = "bench all",
                                             .what = "Everything; takes an hour or two, half of it with --runs 3.",
                                             .options = options,
                                             .option_count = 1},
                      argc, argv);
    snprintf(option, sizeof option, "--runs=%ld", runs);
    return run_many(false, runs ? option : NULL);
}

static int run_quick(int argc, char **argv)
{
    command_line_read(&(struct command_line){.program = "bench quick", .what = "What fits into five minutes."}, argc, argv);
    return run_many(true, (char[]){"--quick"});
}

/* The words of a command that takes up to two files. */
struct files {
    const char *path[2];
    int count;
};

static bool take_file(void *context, const char *word)
{
    struct files *files = context;
    if (files->count == 2) return false;
    files->path[files->count++] = word;
    return true;
}

static int run_compare(int argc, char **argv)
{
    struct files files = {.count = 0};
    command_line_read(&(struct command_line){.program = "bench compare",
                                             .what = "What changed beyond noise between two files of results.",
                                             .words = "BEFORE.json AFTER.json",
                                             .take_word = take_file,
                                             .context = &files},
                      argc, argv);
    if (files.count == 2) return compare_files(files.path[0], files.path[1]);
    fputs("bench compare: wants two files of results, before and after\n", stderr);
    return 2;
}

static int run_report(int argc, char **argv)
{
    struct files files = {.count = 0};
    command_line_read(&(struct command_line){.program = "bench report",
                                             .what = "Draws report.html again, from the kept results or a file like results.json.",
                                             .words = "[FILE.json]",
                                             .take_word = take_file,
                                             .context = &files},
                      argc, argv);
    if (files.count > 1) return fputs("bench report: wants one file at most\n", stderr), 2;
    char kept[PATH_SIZE + 64], page[PATH_SIZE + 64];
    kept_path("results.json", kept, sizeof kept);
    kept_path("report.html", page, sizeof page);
    struct results *results = results_load(files.count ? files.path[0] : kept);
    bool drawn = results && report_write(results, page);
    if (drawn) printf("%s\n", page);
    results_free(results);
    return drawn ? 0 : 1;
}

/* ---- What the command line asks for ----------------------------------------------------------------- */

struct command {
    const char *name;
    int (*run)(int argc, char **argv);
};
static const struct command commands[] = {{"quick", run_quick},     {"all", run_all},       {"against", run_against},
                                          {"compare", run_compare}, {"report", run_report}, {"demo", run_demo}};

static int run_named(int argc, char **argv)
{
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        if (strcmp(argv[0], commands[i].name) == 0) return commands[i].run(argc, argv);
    for (int i = 0; i < BENCHMARK_COUNT; i++)
        if (strcmp(argv[0], benchmarks[i].name) == 0) return run_benchmark(&benchmarks[i], argc, argv);
    fprintf(stderr, "bench: there is no benchmark \"%s\"; --help lists them\n", argv[0]);
    return 2;
}

int main(int argc, char **argv)
{
    int first;
    char *more = list_of_benchmarks(), *quick[] = {(char[]){"quick"}, NULL};
    command_line_read(&(struct command_line){.program = "bench",
                                             .what = "Runs programs and compares what they cost.",
                                             .words = "[COMMAND [ARGUMENT...]]",
                                             .more = more,
                                             .first_word = &first},
                      argc, argv);
    free(more);
    int status = first == argc ? run_named(1, quick) : run_named(argc - first, argv + first);
    say_what_was_kept();
    return status;
}
