/* The sliding window: how long a program waits for its worst single push into a window of 200,000 messages of 1 KB,
 * under each memory manager. See window.c for what a push is. */
#include "../contest/contest.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct contestant contestants[] = {
    {"greywave, pause=200us", {"env", "GREYWAVE=pause=200us", "@latency/window-greywave"}},
    {"greywave, pause=500us", {"env", "GREYWAVE=pause=500us", "@latency/window-greywave"}},
    {"greywave", {"@latency/window-greywave"}},
    {"C, glibc malloc and free", {"@latency/window-malloc"}},
    {"C, mimalloc", {"@latency/window-mimalloc"}},
    {"C, Boehm", {"@latency/window-boehm"}},
    {"C, Boehm incremental", {"@latency/window-boehm-incremental"}},
    {"Go", {"@latency/window-go"}},
    {"Java Serial", {"java", "-XX:+UseSerialGC", "-cp", "@latency", "Window"}},
    {"Java G1", {"java", "-XX:+UseG1GC", "-cp", "@latency", "Window"}},
    {"Java ZGC", {"java", "-XX:+UseZGC", "-cp", "@latency", "Window"}},
    {"Java Shenandoah", {"java", "-XX:+UseShenandoahGC", "-cp", "@latency", "Window"}},
    {"OCaml", {"@latency/window-ocaml"}},
    {"PyPy", {"pypy3", "@latency/window.py"}},
};
static const struct metric metrics[] = {
    {"worst", "worst push", "ns"}, {"p999", "p99.9", "ns"},       {"median", "median", "ns"},
    {"total", "all pushes", "ns"}, {"peak", "peak memory", "MB"},
};

struct size {
    const char *messages, *pushes;
    int rounds;
};

static int usage(FILE *out)
{
    fputs("usage: bench latency [--messages N] [--pushes N] [--rounds N]\n\n"
          "  --messages N  live messages of 1 KB, default 200000\n"
          "  --pushes N    default 1000000\n"
          "  --rounds N    1 to 100, default 3; all programs take turns in each\n",
          out);
    return out == stdout ? 0 : 2;
}

static bool parse(int argc, char **argv, struct size *size)
{
    for (int i = 1; i < argc; i += 2) {
        const char *value = i + 1 < argc ? argv[i + 1] : "0";
        if (atol(value) <= 0) return false;
        if (strcmp(argv[i], "--messages") == 0) size->messages = value;
        else if (strcmp(argv[i], "--pushes") == 0) size->pushes = value;
        else if (strcmp(argv[i], "--rounds") == 0) size->rounds = atoi(value);
        else return false;
    }
    return size->rounds <= 100;
}

int main(int argc, char **argv)
{
    struct size size = {"200000", "1000000", 3};
    if (argc == 2 && strcmp(argv[1], "--help") == 0) return usage(stdout);
    if (!parse(argc, argv, &size)) return usage(stderr);
    struct contest contest = {
        .benchmark = "latency",
        .program = "sliding window",
        .contestants = contestants,
        .contestant_count = sizeof contestants / sizeof *contestants,
        .metrics = metrics,
        .metric_count = sizeof metrics / sizeof *metrics,
        .arguments = (const char *const[]){size.messages, size.pushes, NULL},
    };
    printf("window of %s messages, %s pushes, rounds: %d; medians of the rounds\n\n", size.messages, size.pushes,
           size.rounds);
    struct results *results = results_new();
    bool done = contest_hold(&contest, size.rounds, results) && results_save_for_parent(results);
    results_free(results);
    return done ? 0 : 1;
}
