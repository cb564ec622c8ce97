/* How long a full collection of 33.5 million two-field objects takes, laid out in order and shuffled, under each
 * collector. One thread where the collector lets us choose; Go with two workers is shown beside it. See pairs.c. */
#include "../contest/contest.h"

#include <stdio.h>

static const struct contestant contestants[] = {
    {"greywave", {"@mark/pairs-greywave"}},
    {"Boehm, one marker", {"env", "GC_MARKERS=1", "@mark/pairs-boehm"}},
    {"OCaml", {"@mark/pairs-ocaml"}},
    {"Go, one thread", {"env", "GOMAXPROCS=1", "@mark/pairs-go"}},
    {"Go, two threads", {"env", "GOMAXPROCS=2", "@mark/pairs-go"}},
    {"Java Serial", {"java", "-XX:+UseSerialGC", "-Xmx3g", "-cp", "@mark", "Pairs"}},
    {"Java Parallel, one thread", {"java", "-XX:+UseParallelGC", "-XX:ParallelGCThreads=1", "-Xmx3g", "-cp", "@mark", "Pairs"}},
};
static const struct metric metrics[] = {
    {"collection", "full collection", "ns"},
    {"peak", "peak memory", "MB"},
};

static bool hold(long objects, long collections, long rounds, const char *layout, struct results *results)
{
    char program[64], size[2][24];
    snprintf(program, sizeof program, "%ld objects, %s", objects, layout);
    snprintf(size[0], sizeof size[0], "%ld", objects);
    snprintf(size[1], sizeof size[1], "%ld", collections);
    struct contest contest = {
        .benchmark = "mark",
        .program = program,
        .contestants = contestants,
        .ours = 1,
        .contestant_count = sizeof contestants / sizeof *contestants,
        .metrics = metrics,
        .metric_count = sizeof metrics / sizeof *metrics,
        .arguments = (const char *const[]){size[0], layout, size[1], NULL},
    };
    return contest_hold(&contest, (int)rounds, results);
}

int main(int argc, char **argv)
{
    long objects = 33554432, collections = 5, rounds = 3;
    const struct known_option options[] = {
        {.name = "objects", .argument = "N", .what = "objects of two fields each", .number = &objects, .least = 1, .most = 1000000000},
        {.name = "collections",
         .argument = "N",
         .what = "a round's figure is the median of these",
         .number = &collections,
         .least = 1,
         .most = 100},
        contest_rounds_option(&rounds),
    };
    command_line_read(&(struct command_line){.program = "bench mark",
                                             .what = "How long a full collection of many small objects takes, laid out "
                                                     "in order and shuffled, under each collector.",
                                             .options = options,
                                             .option_count = sizeof options / sizeof *options},
                      argc, argv);
    printf("rounds: %ld; medians of the rounds\n\n", rounds);
    struct results *results = results_new();
    bool done = hold(objects, collections, rounds, "in-order", results);
    putchar('\n');
    done = hold(objects, collections, rounds, "shuffled", results) && done && results_save_for_parent(results);
    results_free(results);
    return done ? 0 : 1;
}
