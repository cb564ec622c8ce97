/* Pauses as they are read, and the utilisation that follows, on lists small enough to work out by hand. */
#include "pause_list.h"

#include <criterion/criterion.h>
#include <criterion/redirect.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static struct pause_list list;

/* Lines as bench/programs/events.c writes them. */
static bool read_text(const char *text)
{
    char path[] = "/tmp/gw-pauses-XXXXXX";
    int file = mkstemp(path);
    cr_assert(file >= 0);
    FILE *out = fdopen(file, "w");
    fputs(text, out);
    fclose(out);
    bool done = pause_list_read(path, &list);
    unlink(path);
    return done;
}

#define EQUAL(a, b) cr_assert_float_eq(a, b, 1e-9)

/* A run of 100 ms: pauses of 10 ms at 20, 5 ms at 40 and 10 ms at 50. */
static void read_example(void)
{
    cr_assert(read_text("20000000 10000000 1048576\n40000000 5000000 2097152\n50000000 10000000 3145728\n100000000 0 0\n"));
}

Test(pause_list, pauses_are_read_in_seconds_and_megabytes)
{
    read_example();
    cr_assert_eq(list.count, 3);
    EQUAL(list.pause[1].start, 0.04);
    EQUAL(list.pause[1].length, 0.005);
    EQUAL(list.pause[2].heap_mb, 3);
    EQUAL(list.end, 0.1);
    pause_list_free(&list);
}

Test(pause_list, pauses_with_next_to_nothing_between_them_are_one)
{
    cr_assert(read_text("1000000 1000000 0\n2003000 1000000 1048576\n4000000 1000000 0\n10000000 0 0\n"));
    cr_assert_eq(list.count, 2);
    EQUAL(list.pause[0].length, 0.002003);
    EQUAL(list.pause[0].heap_mb, 1);
    pause_list_free(&list);
}

Test(pause_list, a_file_without_an_end_is_refused)
{
    cr_redirect_stderr();
    cr_assert_not(read_text("nonsense\n"));
}

Test(pause_list, the_share_counts_pauses_up_to_a_length)
{
    read_example();
    EQUAL(pause_share(&list, 0.004), 0);
    EQUAL(pause_share(&list, 0.005), 1.0 / 3);
    EQUAL(pause_share(&list, 0.01), 1);
    pause_list_free(&list);
}

/* 10 ms: one whole pause. 20 ms: from 40 to 60, 15 ms. 40 ms: from 20 to 60, 25 ms. The whole run: 25 of 100. */
Test(pause_list, the_least_utilisation_is_that_of_the_worst_window)
{
    read_example();
    EQUAL(minimum_utilisation(&list, 0.01), 0);
    EQUAL(minimum_utilisation(&list, 0.02), 0.25);
    EQUAL(minimum_utilisation(&list, 0.04), 0.375);
    EQUAL(minimum_utilisation(&list, 0.1), 0.75);
    EQUAL(minimum_utilisation(&list, 5), 0.75);
    pause_list_free(&list);
}

/* The slow way: every window of a fine grid. */
static double utilisation_by_trying(double window)
{
    double least = 1;
    for (double start = 0; start + window <= list.end; start += 1e-5) {
        double paused = 0;
        for (size_t i = 0; i < list.count; i++) {
            double end = list.pause[i].start + list.pause[i].length;
            paused += fmax(0, fmin(end, start + window) - fmax(list.pause[i].start, start));
        }
        least = fmin(least, 1 - paused / window);
    }
    return least;
}

Test(pause_list, utilisation_agrees_with_trying_all_windows)
{
    char text[4096];
    size_t length = 0;
    long at = 0;
    srand(42);
    for (int i = 0; i < 40; i++) {
        long gap = 10000 * (1 + rand() % 300), pause = 10000 * (1 + rand() % 200);
        length += (size_t)snprintf(text + length, sizeof text - length, "%ld %ld 0\n", at + gap, pause);
        at += gap + pause;
    }
    snprintf(text + length, sizeof text - length, "%ld 0 0\n", at + 1000000);
    cr_assert(read_text(text));
    for (double window = 0.0005; window < 0.05; window *= 2)
        cr_assert_float_eq(minimum_utilisation(&list, window), utilisation_by_trying(window), 2e-2, "window of %g s", window);
    pause_list_free(&list);
}
