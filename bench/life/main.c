/* What life after reachability costs: finalizers of short-lived objects, and steps over many ephemerons.
 *
 *     short    a million objects that die young, each with a finalizer that the program runs, against the same without;
 * time and peak memory of processes of their own, in turns whole    a chain of a million registered objects, with
 * gw_finalize_whole_chains chain    ephemerons each of whose values is the next one's key; the longest step, and the
 * cycle, at 1/4 and the whole length map      a weak map by key; the same
 */
#include "command_line.h"
#include "results.h"
#include "statistics.h"

#include <greywave/greywave.h>

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { SHORT_LIVED = 1000000, ROUNDS = 15, BUDGET_NS = 500000 };

struct object {
    struct object *next;
    uint64_t number, payload[2];
};
struct objects {
    uint64_t length;
    void *at[];
};
GW_TYPE_FIELDS(object, struct object, next);
GW_TYPE_REFERENCES(objects, struct objects, length, at);

/* What children measured: in memory that they share with us. By keys: 0 that live, 1 that die. */
static struct figures {
    double cycle_ns[2], longest_ns[2], delivery_ns;
} *figures;
static struct results *results;

static void *roots[4];
static uint64_t finalized;

static void keep(const char *program, const char *variant, const char *metric, const char *unit, const double *runs, size_t run_count)
{
    results_add(results, &(struct record){.benchmark = "life",
                                          .program = program,
                                          .variant = variant,
                                          .version = gw_version(),
                                          .metric = metric,
                                          .unit = unit,
                                          .runs = runs,
                                          .run_count = run_count});
}

static void start(const char *options)
{
    if (gw_init(options) == GW_OK && gw_add_roots(roots, 4) == GW_OK) return;
    fprintf(stderr, "bench_life: %s\n", gw_error_text());
    exit(1);
}

/* ---- Short-lived objects --------------------------------------------------------------------------- */

static void count_object(void *object)
{
    finalized += ((struct object *)object)->payload[0];
}

static void make_short_lived(bool with_finalizers)
{
    start(NULL);
    for (uint64_t i = 0; i < SHORT_LIVED; i++) {
        struct object *object = gw_new(object);
        object->number = i;
        object->payload[0] = 1;
        if (!with_finalizers) continue;
        gw_finalize(object, count_object);
        if (i % 1024 == 0) gw_run_finalizers(SIZE_MAX, UINT64_MAX);
    }
    if (!with_finalizers) return;
    gw_collect(GW_FULL);
    gw_run_finalizers(SIZE_MAX, UINT64_MAX);
    if (finalized != SHORT_LIVED) exit(2);
}

struct cost {
    double seconds, megabytes;
};

static struct cost cost_in_a_process(bool with_finalizers)
{
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        make_short_lived(with_finalizers);
        _exit(0);
    }
    int status;
    struct rusage usage;
    if (child < 0 || wait4(child, &status, 0, &usage) != child || status != 0) {
        fprintf(stderr, "bench_life: a process of 'short' failed\n");
        exit(1);
    }
    struct timeval time = usage.ru_utime;
    return (struct cost){(double)time.tv_sec + (double)time.tv_usec / 1e6 + (double)usage.ru_stime.tv_sec +
                             (double)usage.ru_stime.tv_usec / 1e6,
                         (double)usage.ru_maxrss / 1024};
}

static void compare_short_lived(void)
{
    double plain_s[ROUNDS], plain_mb[ROUNDS], with_s[ROUNDS], with_mb[ROUNDS];
    for (int i = 0; i < ROUNDS; i++) {
        struct cost plain = cost_in_a_process(false), with = cost_in_a_process(true);
        plain_s[i] = plain.seconds, plain_mb[i] = plain.megabytes;
        with_s[i] = with.seconds, with_mb[i] = with.megabytes;
    }
    keep("short-lived objects", "without finalizers", "cpu", "s", plain_s, ROUNDS);
    keep("short-lived objects", "without finalizers", "peak", "MB", plain_mb, ROUNDS);
    keep("short-lived objects", "with finalizers", "cpu", "s", with_s, ROUNDS);
    keep("short-lived objects", "with finalizers", "peak", "MB", with_mb, ROUNDS);
    double seconds = median(plain_s, ROUNDS), megabytes = median(plain_mb, ROUNDS);
    double seconds_with = median(with_s, ROUNDS), megabytes_with = median(with_mb, ROUNDS);
    printf("%d short-lived objects    without      with finalizers\n", SHORT_LIVED);
    printf("  CPU time, ms            %9.1f    %9.1f   x %.2f\n", seconds * 1e3, seconds_with * 1e3, seconds_with / seconds);
    printf("  peak memory, MB         %9.1f    %9.1f   x %.2f\n", megabytes, megabytes_with, megabytes_with / megabytes);
}

/* ---- Cycles in steps ------------------------------------------------------------------------------- */

static uint64_t thread_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* One cycle, as soon as one is worth starting. Overruns in time of this thread: the machine's other work is not a
 * step's. */
static void run_cycle(const char *what, size_t count, int keys)
{
    uint64_t longest = 0, used = 0, steps = 0, phase_longest[GW_PHASE_RETURN + 1] = {0};
    for (;;) {
        uint64_t begin = thread_ns();
        struct gw_step step = gw_collect_step(BUDGET_NS);
        uint64_t took = thread_ns() - begin;
        if (step.status == GW_STEP_IDLE && !steps) {
            for (int i = 0; i < 10000; i++) roots[3] = gw_new(object);
            gw_collect(GW_MINOR);
            roots[2] = gw_new_array(objects, 100000);
            continue;
        }
        steps++;
        used += took;
        if (took > longest) longest = took;
        if (took > phase_longest[step.before]) phase_longest[step.before] = took;
        if (step.status == GW_STEP_DONE) break;
    }
    figures->cycle_ns[keys] = (double)used / (double)count;
    figures->longest_ns[keys] = (double)longest;
    printf("  %-7s %9zu   cycle %8.2f ms = %6.1f ns each, %5lu steps of %d us, longest %7.1f us (ephemerons %.1f, "
           "remark %.1f, weak %.1f)\n",
           what, count, (double)used / 1e6, (double)used / (double)count, (unsigned long)steps, BUDGET_NS / 1000, (double)longest / 1e3,
           (double)phase_longest[GW_PHASE_EPHEMERONS] / 1e3, (double)phase_longest[GW_PHASE_REMARK] / 1e3,
           (double)phase_longest[GW_PHASE_WEAK] / 1e3);
}

/* The values keep the keys that follow; only the first key is held. Made from the last on, the worst order for a list.
 */
static void make_chain(size_t count)
{
    roots[0] = gw_new_array(objects, count);
    roots[1] = gw_new(object);
    for (size_t i = count; i-- > 0;) {
        roots[3] = gw_new(object);
        void *ephemeron = gw_ephemeron_new(roots[3], roots[1]);
        roots[1] = roots[3];
        GW_STORE((struct objects *)roots[0], at[i], ephemeron);
    }
}

static void make_map(size_t count)
{
    roots[0] = gw_weak_map_new(GW_WEAK_KEYS);
    roots[1] = gw_new_array(objects, count);
    for (size_t i = 0; i < count; i++) {
        void *key = gw_new(object);
        GW_STORE((struct objects *)roots[1], at[i], key);
        roots[3] = gw_new(object);
        if (gw_weak_map_set(roots[0], ((struct objects *)roots[1])->at[i], roots[3]) != GW_OK) exit(3);
    }
}

static void measure(const char *what, void make(size_t), size_t count)
{
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        start("growth=10");
        gw_disable();
        make(count);
        gw_collect(GW_FULL);
        run_cycle(what, count, 0);
        roots[1] = NULL; /* every key dies */
        run_cycle("  dead", count, 1);
        fflush(stdout);
        _exit(0);
    }
    int status;
    if (child < 0 || waitpid(child, &status, 0) != child || status != 0) {
        fprintf(stderr, "bench_life: %s failed\n", what);
        exit(1);
    }
    char program[64];
    snprintf(program, sizeof program, "%s of %zu", what, count);
    for (int keys = 0; keys < 2; keys++) {
        keep(program, keys ? "keys die" : "keys live", "cycle, each", "ns", &figures->cycle_ns[keys], 1);
        keep(program, keys ? "keys die" : "keys live", "longest step", "ns", &figures->longest_ns[keys], 1);
    }
}

/* A chain of registered objects, delivered whole. */
static void deliver_chain(void)
{
    enum { LENGTH = 1000000 };
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        start(NULL);
        if (gw_finalize_whole_chains(true) != GW_OK) exit(4);
        for (size_t i = 0; i < LENGTH; i++) {
            struct object *object = gw_new(object);
            GW_STORE(object, next, roots[0]);
            roots[0] = object;
        }
        gw_collect(GW_FULL);
        for (struct object *object = roots[0]; object; object = object->next) gw_finalize(object, count_object);
        roots[0] = NULL;
        uint64_t begin = thread_ns();
        unsigned cycles = 0;
        for (size_t ran = 0; ran < LENGTH; cycles++) {
            gw_collect(GW_FULL);
            ran += gw_run_finalizers(SIZE_MAX, UINT64_MAX);
        }
        figures->delivery_ns = (double)(thread_ns() - begin) / LENGTH;
        printf("%d registered objects in a chain, delivered whole: %u full collection%s, %.0f ns an object\n", LENGTH, cycles,
               cycles == 1 ? "" : "s", figures->delivery_ns);
        fflush(stdout);
        _exit(0);
    }
    int status;
    if (child < 0 || waitpid(child, &status, 0) != child || status != 0) {
        fprintf(stderr, "bench_life: the chain failed\n");
        exit(1);
    }
    keep("chain of finalizers", "delivered whole", "an object", "ns", &figures->delivery_ns, 1);
}

int main(int argc, char **argv)
{
    command_line_read(&(struct command_line){.program = "bench life",
                                             .what = "What life after reachability costs: finalizers of short-lived "
                                                     "objects, and steps over many ephemerons."},
                      argc, argv);
    figures = mmap(NULL, sizeof *figures, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (figures == MAP_FAILED) return perror("bench_life"), 1;
    results = results_new();
    compare_short_lived();
    deliver_chain();
    printf("cycles\n");
    measure("chain", make_chain, 25000);
    measure("chain", make_chain, 100000);
    measure("map", make_map, 250000);
    measure("map", make_map, 1000000);
    bool saved = results_save_for_parent(results);
    results_free(results);
    return saved ? 0 : 1;
}
