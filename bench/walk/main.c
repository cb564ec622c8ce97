/* How long a walk over a thousand managed frames takes, a frame: Greywave's walker against libunwind, libgcc and a bare
 * frame-pointer chain. Each way walks the same stack from the same place; one round walks it once in every way, and
 * the table has medians over the rounds with the range that holds the middle 80 % of them. */
#include "../harness/command_line.h"
#include "../harness/results.h"
#include "../harness/statistics.h"
#include "../harness/table.h"
#include "measure.h"
#include "roots/stack_walk.h"

#define UNW_LOCAL_ONLY
#include <greywave/greywave.h>
#include <dlfcn.h>
#include <libunwind.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unwind.h>

enum { ROUNDS = 501, WARM_UP = 20, WAYS = 8, STACKS = 4 };

typedef unsigned way(const struct gw_entry *entry); /* returns the frames it saw */

static volatile uintptr_t sink;

static void read_root(void *context, uintptr_t *slot)
{
    *(uintptr_t *)context += *slot;
}

static unsigned walk_ours(const struct gw_entry *entry)
{
    uintptr_t sum = 0;
    struct gw_walk walk = {.visit = read_root, .context = &sum};
    gw_walk_stack(&walk, entry);
    sink = sum;
    return (unsigned)walk.frames;
}

static unsigned walk_unw_step(const struct gw_entry *entry)
{
    (void)entry;
    unw_context_t context;
    unw_cursor_t cursor;
    unw_getcontext(&context);
    unw_init_local(&cursor, &context);
    unsigned frames = 0;
    while (unw_step(&cursor) > 0) frames++;
    return frames;
}

static unsigned walk_unw_step_global(const struct gw_entry *entry)
{
    unw_set_caching_policy(unw_local_addr_space, UNW_CACHE_GLOBAL);
    return walk_unw_step(entry);
}

static unsigned walk_unw_step_thread(const struct gw_entry *entry)
{
    unw_set_caching_policy(unw_local_addr_space, UNW_CACHE_PER_THREAD);
    return walk_unw_step(entry);
}

static unsigned walk_unw_step_none(const struct gw_entry *entry)
{
    unw_set_caching_policy(unw_local_addr_space, UNW_CACHE_NONE);
    return walk_unw_step(entry);
}

static unsigned walk_unw_backtrace(const struct gw_entry *entry)
{
    (void)entry;
    static void *addresses[FRAMES * 2];
    return (unsigned)unw_backtrace(addresses, FRAMES * 2);
}

/* libunwind exports functions of the same names: libgcc's own are asked for by library. */
static __typeof__(_Unwind_Backtrace) *libgcc_backtrace;
static __typeof__(_Unwind_GetIP) *libgcc_address;

static bool find_libgcc(void)
{
    void *library = dlopen("libgcc_s.so.1", RTLD_NOW | RTLD_LOCAL);
    if (!library) return false;
    libgcc_backtrace = (__typeof__(_Unwind_Backtrace) *)dlsym(library, "_Unwind_Backtrace");
    libgcc_address = (__typeof__(_Unwind_GetIP) *)dlsym(library, "_Unwind_GetIP");
    return libgcc_backtrace && libgcc_address;
}

static _Unwind_Reason_Code count_frame(struct _Unwind_Context *context, void *frames)
{
    sink = libgcc_address(context);
    ++*(unsigned *)frames;
    return _URC_NO_REASON;
}

static unsigned walk_libgcc(const struct gw_entry *entry)
{
    (void)entry;
    unsigned frames = 0;
    libgcc_backtrace(count_frame, &frames);
    return frames;
}

static unsigned walk_frame_pointers(const struct gw_entry *entry)
{
    const uintptr_t *frame = (const uintptr_t *)entry->rbp;
    unsigned frames = 0;
    for (; frames < FRAMES; frames++) {
        sink = frame[1];
        frame = (const uintptr_t *)frame[0];
    }
    return frames;
}

static const struct {
    const char *name;
    way *walk;
    bool frame_pointers; /* only on a stack that has them */
} ways[WAYS] = {
    {"greywave, roots visited", walk_ours, false},
    {"unw_backtrace, addresses only", walk_unw_backtrace, false},
    {"frame-pointer chain, addresses only", walk_frame_pointers, true},
    {"libgcc _Unwind_Backtrace", walk_libgcc, false},
    {"unw_step, default cache", walk_unw_step, false},
    {"unw_step, global cache", walk_unw_step_global, false},
    {"unw_step, per-thread cache", walk_unw_step_thread, false},
    {"unw_step, no cache", walk_unw_step_none, false},
};
static const char *const stacks[STACKS] = {"one function", "eight functions", "one, frame pointers", "eight, frame pointers"};

static double times[STACKS][WAYS][ROUNDS]; /* nanoseconds a frame */
static int stack;

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

static double time_walk(int which, const struct gw_entry *entry)
{
    double start = now();
    unsigned frames = ways[which].walk(entry);
    double taken = now() - start;
    if (frames < FRAMES) {
        fprintf(stderr, "%s saw %u frames of %d\n", ways[which].name, frames, FRAMES);
        exit(1);
    }
    return taken / FRAMES;
}

static bool applies(int which)
{
    return !ways[which].frame_pointers || stack >= STACKS / 2;
}

void measure_from(const struct gw_entry *entry);
void measure_from(const struct gw_entry *entry)
{
    for (int round = -WARM_UP; round < ROUNDS; round++)
        for (int which = 0; which < WAYS; which++) {
            if (!applies(which)) continue;
            unw_set_caching_policy(unw_local_addr_space, UNW_CACHE_GLOBAL); /* libunwind's own default */
            ways[which].walk(entry); /* caches of the machine as this way leaves them, not as the last did */
            double taken = time_walk(which, entry);
            if (round >= 0) times[stack][which][round] = taken;
        }
}

static int compare(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;
    return (left > right) - (left < right);
}

static void print_row(struct table *table, int which)
{
    table_start_row(table);
    table_cell(table, "%s", ways[which].name);
    for (stack = 0; stack < STACKS; stack++) {
        double *values = times[stack][which];
        if (!applies(which)) {
            table_cell(table, "-");
            continue;
        }
        qsort(values, ROUNDS, sizeof *values, compare);
        table_cell(table, "%.1f (%.1f-%.1f)", median(values, ROUNDS), values[ROUNDS / 10], values[ROUNDS * 9 / 10]);
    }
}

/* Sorted by print_row. All 501 rounds of each would be most of what is kept. */
static void keep(struct results *results, int which)
{
    for (stack = 0; stack < STACKS; stack++)
        if (applies(which))
            results_add(results, &(struct record){.benchmark = "walk",
                                                  .program = stacks[stack],
                                                  .variant = ways[which].name,
                                                  .metric = "a frame",
                                                  .unit = "ns",
                                                  .value = median(times[stack][which], ROUNDS),
                                                  .low = times[stack][which][0],
                                                  .high = times[stack][which][ROUNDS - 1]});
}

int main(int argc, char **argv)
{
    command_line_read(&(struct command_line){.program = "bench walk",
                                             .what = "Nanoseconds a frame of a walk over a thousand managed frames, in several ways."},
                      argc, argv);
    if (!find_libgcc() || gw_init("nursery=4m") != GW_OK) {
        fprintf(stderr, "%s\n", libgcc_address ? gw_error_text() : dlerror());
        return 1;
    }
    for (stack = 0; stack < STACKS; stack++) {
        if (stack < STACKS / 2) run_without_frame_pointers(stack % 2);
        else run_with_frame_pointers(stack % 2);
    }
    static struct table table;
    table_start_row(&table);
    table_cell(&table, "ns a frame, %d frames", FRAMES);
    for (int i = 0; i < STACKS; i++) table_cell(&table, "%s", stacks[i]);
    struct results *results = results_new();
    for (int which = 0; which < WAYS; which++) {
        print_row(&table, which);
        keep(results, which);
    }
    table_print(&table);
    printf("\nmedian (10th-90th percentile) of %d rounds; whole walk to the end of the stack, %s\n", ROUNDS,
           "the native frames around main included");
    bool saved = results_save_for_parent(results);
    results_free(results);
    return saved ? 0 : 1;
}
