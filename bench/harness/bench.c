/* bench: runs programs and compares what they cost. `./gw bench` and `./gw demo` build it and what it runs. */
#include "compare.h"
#include "kept_results.h"
#include "programs.h"
#include "report.h"
#include "suites.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

struct benchmark {
    const char *name, *what;
    int (*run)(int argc, char **argv); /* argv[0] is the benchmark's name */
    struct comparison comparison;      /* when there is no `run`; and without both bin/bench_<name> is the program */
};

/* A new benchmark is a row here; what it runs is built by bench/CMakeLists.txt. */
static const struct benchmark benchmarks[] = {
    {.name = "roots",
     .what = "[program...] [--runs N] …  root finders: maps, markers, shadow stacks; --help",
     .run = run_roots},
    {.name = "peers", .what = "[program...] [--runs N] …  other collectors and allocators; --help", .run = run_peers},
    {.name = "sweep",
     .what = "[program...] [--runs N] …  heap sizes from 1.3 to 6 times the need; --help",
     .run = run_sweep},
    {.name = "pauses", .what = "[program...] [--runs N] …  how long programs stand still; --help", .run = run_pauses},
    {.name = "binary-trees",
     .what = "[--depth N] [--runs N]  many short-lived trees",
     .comparison = {"binary-trees", "--depth", "18"}},
    {.name = "word-table",
     .what = "[--passes N] [--runs N]  hash table of strings",
     .comparison = {"word-table", "--passes", "3"}},
    {.name = "event-simulation",
     .what = "[--customers N] [--runs N]  binary heap, queues",
     .comparison = {"event-simulation", "--customers", "500000"}},
    {.name = "walk", .what = "walking the stack, nanoseconds a frame"},
    {.name = "step", .what = "[--live MB] …  how well steps keep to their budgets; --help"},
    {.name = "life", .what = "what finalizers, ephemerons and weak maps cost"},
    {.name = "latency", .what = "[--rounds N] …  worst wait of a sliding window of messages; --help"},
    {.name = "mark", .what = "[--rounds N] …  full collection of 33.5 million objects; --help"},
};
enum { BENCHMARK_COUNT = sizeof benchmarks / sizeof *benchmarks };

static void usage(FILE *out)
{
    fputs("usage: bench [command]\n\n"
          "  quick             what fits into five minutes; this is what runs without a command\n"
          "  all               everything, an hour or so\n"
          "  compare A B       two files of results: what changed beyond noise\n"
          "  report [FILE]     draws report.html again, from FILE or the kept results\n"
          "  demo              the demo programs, once each\n\n",
          out);
    for (int i = 0; i < BENCHMARK_COUNT; i++) fprintf(out, "  %-17s %s\n", benchmarks[i].name, benchmarks[i].what);
    fputs("\nResults are kept in build/bench/results.json and drawn in build/bench/report.html.\n", out);
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

static int run_child(const char *path, char **argv)
{
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        execv(path, argv);
        perror(path);
        _exit(127);
    }
    int status;
    if (child < 0 || waitpid(child, &status, 0) < 0) return 1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
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

/* Those that are a table for the reader and keep nothing are parts of peers. */
static int run_all(void)
{
    int failures = 0;
    for (int i = 0; i < BENCHMARK_COUNT; i++) {
        char *argv[] = {(char *)benchmarks[i].name, NULL};
        if (benchmarks[i].comparison.program) continue;
        printf("%s%s\n\n", i ? "\n" : "", benchmarks[i].name);
        failures += run_benchmark(&benchmarks[i], 1, argv) != 0;
    }
    return failures ? 1 : 0;
}

static int run_quick(void)
{
    int failures = 0;
    for (int i = 0; i < BENCHMARK_COUNT; i++) {
        char *argv[] = {(char *)benchmarks[i].name, (char[]){"--quick"}, NULL};
        if (!benchmarks[i].run) continue;
        printf("%s%s\n\n", i ? "\n" : "", benchmarks[i].name);
        failures += benchmarks[i].run(2, argv) != 0;
    }
    return failures ? 1 : 0;
}

static int draw_report(const char *from)
{
    char kept[PATH_SIZE + 64], page[PATH_SIZE + 64];
    kept_path("results.json", kept, sizeof kept);
    kept_path("report.html", page, sizeof page);
    struct results *results = results_load(from ? from : kept);
    bool drawn = results && report_write(results, page);
    if (drawn) printf("%s\n", page);
    results_free(results);
    return drawn ? 0 : 1;
}

static int run_named(const char *name, int argc, char **argv)
{
    for (int i = 0; i < BENCHMARK_COUNT; i++)
        if (strcmp(name, benchmarks[i].name) == 0) return run_benchmark(&benchmarks[i], argc, argv);
    fprintf(stderr, "bench: there is no benchmark \"%s\"\n", name);
    usage(stderr);
    return 2;
}

int main(int argc, char **argv)
{
    const char *name = argc > 1 ? argv[1] : "quick";
    if (strcmp(name, "--help") == 0) return usage(stdout), 0;
    if (strcmp(name, "demo") == 0) return run_demo();
    if (strcmp(name, "all") == 0) return run_all();
    if (strcmp(name, "quick") == 0) return run_quick();
    if (strcmp(name, "compare") == 0 && argc == 4) return compare_files(argv[2], argv[3]);
    if (strcmp(name, "report") == 0 && argc <= 3) return draw_report(argv[2]);
    return run_named(name, argc - 1, argv + 1);
}
