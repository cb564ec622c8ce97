/* The sliding window: how long a program waits for its worst single push into a window of 200,000 messages of 1 KB,
 * under each memory manager. See window.c for what a push is. */
#include "../contest/contest.h"

#include <stdio.h>

static const struct contestant contestants[] = {
    {"greywave, pause=200us", {"env", "GREYWAVE=pause=200us", "@latency/window-greywave"}},
    {"greywave, 200us, pretouch=700m", {"env", "GREYWAVE=pause=200us,pretouch=700m", "@latency/window-greywave"}},
    {"greywave, pause=1ms", {"env", "GREYWAVE=pause=1ms", "@latency/window-greywave"}},
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

int main(int argc, char **argv)
{
    long messages = 200000, pushes = 1000000, rounds = 3;
    const struct known_option options[] = {
        {.name = "messages", .argument = "N", .what = "live messages of 1 KB", .number = &messages, .least = 1, .most = 10000000},
        {.name = "pushes", .argument = "N", .what = "pushes in a round", .number = &pushes, .least = 1, .most = 1000000000},
        contest_rounds_option(&rounds),
    };
    char size[2][24];
    command_line_read(&(struct command_line){.program = "bench latency",
                                             .what = "How long a program waits for its worst single push into a "
                                                     "sliding window of messages, under each memory manager.",
                                             .options = options,
                                             .option_count = sizeof options / sizeof *options},
                      argc, argv);
    snprintf(size[0], sizeof size[0], "%ld", messages);
    snprintf(size[1], sizeof size[1], "%ld", pushes);
    struct contest contest = {
        .benchmark = "latency",
        .program = "sliding window",
        .contestants = contestants,
        .ours = 3,
        .contestant_count = sizeof contestants / sizeof *contestants,
        .metrics = metrics,
        .metric_count = sizeof metrics / sizeof *metrics,
        .arguments = (const char *const[]){size[0], size[1], NULL},
    };
    printf("window of %ld messages, %ld pushes, rounds: %ld; medians of the rounds\n\n", messages, pushes, rounds);
    struct results *results = results_new();
    bool done = contest_hold(&contest, (int)rounds, results) && results_save_for_parent(results);
    results_free(results);
    return done ? 0 : 1;
}
