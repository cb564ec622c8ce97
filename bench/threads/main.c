/* Five kinds of work by 1, 2, 4 and 16 threads that share a heap, under each memory manager. See work.c for what the work is. All of it is
 * the same for any number of threads, which divide it. */
#include "../contest/contest.h"

#include <stdio.h>
#include <string.h>

static const struct contestant contestants[] = {
    {"greywave", {"@threads/work-greywave"}},
    {"greywave, a marker", {"env", "GREYWAVE=helpers=1", "@threads/work-greywave"}},
    {"C, glibc malloc and free", {"@threads/work-malloc"}},
    {"C, mimalloc", {"@threads/work-mimalloc"}},
    {"C, Boehm", {"@threads/work-boehm"}},
    {"Go", {"@threads/work-go"}},
};
static const struct metric metrics[] = {
    {"total", "all of it", "ns"},
    {"peak", "peak memory", "MB"},
};
static const char *const works[] = {"trees", "queue", "map", "short-lived", "blocked"};
enum { WORKS = sizeof works / sizeof *works };

struct plan {
    long most, size, rounds;
    const char *only;
};

static bool hold(const struct plan *plan, const char *work, long threads, struct results *results)
{
    char program[64], size[2][24];
    snprintf(program, sizeof program, "%s, %ld thread%s", work, threads, threads == 1 ? "" : "s");
    snprintf(size[0], sizeof size[0], "%ld", threads);
    snprintf(size[1], sizeof size[1], "%ld", plan->size);
    struct contest contest = {
        .benchmark = "threads",
        .program = program,
        .contestants = contestants,
        .ours = 2,
        .contestant_count = sizeof contestants / sizeof *contestants,
        .metrics = metrics,
        .metric_count = sizeof metrics / sizeof *metrics,
        .arguments = (const char *const[]){work, size[0], size[1], NULL},
    };
    printf("%s\n\n", program);
    return contest_hold(&contest, (int)plan->rounds, results) && putchar('\n') != EOF;
}

static bool hold_all(const struct plan *plan, struct results *results)
{
    static const long counts[] = {1, 2, 4, 16};
    for (int i = 0; i < WORKS; i++) {
        if (plan->only && strcmp(plan->only, works[i]) != 0) continue;
        for (int k = 0; k < 4 && counts[k] <= plan->most; k++)
            if (!hold(plan, works[i], counts[k], results)) return false;
    }
    return true;
}

static bool is_work(const char *name)
{
    for (int i = 0; i < WORKS; i++)
        if (strcmp(name, works[i]) == 0) return true;
    return false;
}

int main(int argc, char **argv)
{
    struct plan plan = {.most = 16, .size = 100, .rounds = 3};
    const struct known_option options[] = {
        {.name = "threads", .argument = "N", .what = "1, 2, 4 and 16 threads, up to N", .number = &plan.most, .least = 1, .most = 16},
        {.name = "size", .argument = "N", .what = "how much work, in hundredths", .number = &plan.size, .least = 1, .most = 10000},
        {.name = "work", .argument = "NAME", .what = "trees, queue, map, short-lived or blocked alone", .text = &plan.only},
        contest_rounds_option(&plan.rounds),
    };
    command_line_read(&(struct command_line){.program = "bench threads",
                                             .what = "Threads that share a heap: five kinds of work under each memory manager.",
                                             .options = options,
                                             .option_count = sizeof options / sizeof *options},
                      argc, argv);
    if (plan.only && !is_work(plan.only)) {
        fprintf(stderr, "bench threads: there is no work \"%s\"; --help names them\n", plan.only);
        return 2;
    }
    struct results *results = results_new();
    bool done = hold_all(&plan, results) && results_save_for_parent(results);
    results_free(results);
    return done ? 0 : 1;
}
