/* What a switch costs, beside ucontext's in the same run, and what a minor collection costs beside stacks that wait.
 *
 * In time of the processor, since a switch is shorter than what the machine does beside.
 *
 * usage: bench_stacks [stacks, 100000] */
#define _GNU_SOURCE
#include "contexts.h"

#include <greywave/greywave.h>

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define ROUNDS 21
#define SWITCHES 200000
#define COLLECTIONS 200

struct node {
    struct node GW *next;
    int64_t value;
};
GW_TYPE(node, struct node);

static double now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

GW_NOCOLLECT static int compare(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;
    return (left > right) - (left < right);
}

static double median(double *times, int count)
{
    qsort(times, (size_t)count, sizeof *times, compare);
    return times[count / 2];
}

/* ---- Switches -------------------------------------------------------------------------------------- */

static void GW *echo(void GW *argument, void GW *value)
{
    for (;;) value = gw_stack_yield(value);
    return argument;
}

static double ours(gw_stack *stack)
{
    double start = now_ns();
    for (int i = 0; i < SWITCHES / 2; i++) gw_stack_switch(stack, NULL);
    return (now_ns() - start) / SWITCHES;
}

static double ucontexts(void)
{
    double start = now_ns();
    for (int i = 0; i < SWITCHES / 2; i++) contexts_switch();
    return (now_ns() - start) / SWITCHES;
}

static void compare_switches(void)
{
    static double by_us[ROUNDS], by_context[ROUNDS];
    gw_stack *stack = gw_stack_new(0, echo, NULL);
    contexts_start();
    for (int round = 0; round < ROUNDS; round++) {
        by_us[round] = ours(stack);
        by_context[round] = ucontexts();
    }
    gw_stack_free(stack);
    double us = median(by_us, ROUNDS), context = median(by_context, ROUNDS);
    printf("a switch                                %10.1f ns (least %.1f)\n", us, by_us[0]);
    printf("a switch by swapcontext                 %10.1f ns (least %.1f)\n", context, by_context[0]);
}

/* ---- Minor collections ------------------------------------------------------------------------------ */

/* Three references that live across the switch. */
static void GW *wait_with_three(void GW *argument, void GW *value)
{
    struct node GW *first = gw_new(node);
    struct node GW *second = gw_new(node);
    first->value = 1;
    second->value = 2;
    gw_stack_yield(value);
    if (first->value + second->value != 3) abort();
    return argument;
}

static double minor_us(void)
{
    static double times[COLLECTIONS];
    for (int i = 0; i < COLLECTIONS; i++) {
        gw_new(node);
        double start = now_ns();
        gw_collect(GW_MINOR);
        times[i] = (now_ns() - start) / 1e3;
    }
    return median(times, COLLECTIONS);
}

static void compare_collections(int count)
{
    gw_stack **stacks = calloc((size_t)count, sizeof *stacks);
    double none = minor_us();
    double start = now_ns();
    for (int i = 0; i < count; i++) {
        stacks[i] = gw_stack_new(GW_STACK_LEAST_BYTES, wait_with_three, gw_new(node));
        if (!stacks[i]) {
            fprintf(stderr, "%s\n", gw_error_text());
            exit(1);
        }
        gw_stack_switch(stacks[i], NULL);
    }
    double made = (now_ns() - start) / count;
    gw_collect(GW_MINOR);
    gw_collect(GW_MINOR);
    double beside = minor_us();
    start = now_ns();
    gw_collect(GW_FULL);
    double full = (now_ns() - start) / 1e6;
    struct gw_stats stats;
    gw_get_stats(&stats);
    printf("a minor collection beside none          %10.1f us\n", none);
    printf("beside %7d that wait                %10.1f us\n", count, beside);
    printf("a full collection beside them           %10.1f ms, the longest indivisible piece of all %.3f ms\n", full,
           (double)stats.longest_atomic_ns / 1e6);
    printf("to make one and enter it                %10.1f ns\n", made);
    start = now_ns();
    for (int i = 0; i < count; i++) gw_stack_free(stacks[i]);
    printf("to free one                             %10.1f ns\n", (now_ns() - start) / count);
}

int main(int argc, char **argv)
{
    if (gw_init("nursery=8m,max-heap=1g") != GW_OK) return 1;
    compare_switches();
    compare_collections(argc > 1 ? atoi(argv[1]) : 100000);
}
