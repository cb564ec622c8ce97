/* How long a full collection of 33.5 million two-field objects takes, laid out in order and shuffled, under each
 * collector. One thread where the collector lets us choose; Go with two workers is shown beside it. See pairs.c. */
#include "../contest/contest.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct contestant contestants[] = {
    {"greywave", {"@mark/pairs-greywave"}},
    {"Boehm, one marker", {"env", "GC_MARKERS=1", "@mark/pairs-boehm"}},
    {"OCaml", {"@mark/pairs-ocaml"}},
    {"Go, one thread", {"env", "GOMAXPROCS=1", "@mark/pairs-go"}},
    {"Go, two threads", {"env", "GOMAXPROCS=2", "@mark/pairs-go"}},
    {"Java Serial", {"java", "-XX:+UseSerialGC", "-Xmx3g", "-cp", "@mark", "Pairs"}},
    {"Java Parallel, one thread",
     {"java", "-XX:+UseParallelGC", "-XX:ParallelGCThreads=1", "-Xmx3g", "-cp", "@mark", "Pairs"}},
};
static const struct metric metrics[] = {
    {"collection", "full collection", "ns"},
    {"peak", "peak memory", "MB"},
};

struct size {
    const char *objects, *collections;
    int rounds;
};

static int usage(FILE *out)
{
    fputs("usage: bench mark [--objects N] [--collections N] [--rounds N]\n\n"
          "  --objects N      of two fields each, default 33554432\n"
          "  --collections N  1 to 100, default 5: a round's figure is the median of these\n"
          "  --rounds N       1 to 100, default 3; all programs take turns in each\n",
          out);
    return out == stdout ? 0 : 2;
}

static bool parse(int argc, char **argv, struct size *size)
{
    for (int i = 1; i < argc; i += 2) {
        const char *value = i + 1 < argc ? argv[i + 1] : "0";
        if (atol(value) <= 0) return false;
        if (strcmp(argv[i], "--objects") == 0) size->objects = value;
        else if (strcmp(argv[i], "--collections") == 0) size->collections = value;
        else if (strcmp(argv[i], "--rounds") == 0) size->rounds = atoi(value);
        else return false;
    }
    return size->rounds <= 100 && atol(size->collections) <= 100;
}

static bool hold(const struct size *size, const char *layout, struct results *results)
{
    char program[64];
    snprintf(program, sizeof program, "%s objects, %s", size->objects, layout);
    struct contest contest = {
        .benchmark = "mark",
        .program = program,
        .contestants = contestants,
        .contestant_count = sizeof contestants / sizeof *contestants,
        .metrics = metrics,
        .metric_count = sizeof metrics / sizeof *metrics,
        .arguments = (const char *const[]){size->objects, layout, size->collections, NULL},
    };
    return contest_hold(&contest, size->rounds, results);
}

int main(int argc, char **argv)
{
    struct size size = {"33554432", "5", 3};
    if (argc == 2 && strcmp(argv[1], "--help") == 0) return usage(stdout);
    if (!parse(argc, argv, &size)) return usage(stderr);
    printf("rounds: %d; medians of the rounds\n\n", size.rounds);
    struct results *results = results_new();
    bool done = hold(&size, "in-order", results);
    putchar('\n');
    done = hold(&size, "shuffled", results) && done && results_save_for_parent(results);
    results_free(results);
    return done ? 0 : 1;
}
