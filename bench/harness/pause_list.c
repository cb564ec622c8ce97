#include "pause_list.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const double TOGETHER = 5e-6; /* seconds between pauses that the program hardly used */

static void add(struct pause_list *list, const struct pause *pause)
{
    struct pause *last = list->count ? &list->pause[list->count - 1] : NULL;
    if (last && pause->start - (last->start + last->length) < TOGETHER) {
        last->length = fmax(last->length, pause->start + pause->length - last->start);
        last->heap_mb = pause->heap_mb;
        return;
    }
    if (!(list->count & (list->count - 1))) {
        list->pause = realloc(list->pause, (list->count ? 2 * list->count : 1) * sizeof *list->pause);
        if (!list->pause) abort();
    }
    list->pause[list->count++] = *pause;
}

static void add_up(struct pause_list *list)
{
    double sum = 0;
    for (size_t i = 0; i < list->count; i++) {
        list->pause[i].before = sum;
        sum += list->pause[i].length;
    }
}

bool pause_list_read(const char *path, struct pause_list *list)
{
    double start, length, heap;
    FILE *file = fopen(path, "r");
    memset(list, 0, sizeof *list);
    if (!file) return perror(path), false;
    while (fscanf(file, "%lf %lf %lf", &start, &length, &heap) == 3) {
        list->end = start * 1e-9;
        if (length > 0) add(list, &(struct pause){.start = start * 1e-9, .length = length * 1e-9, .heap_mb = heap / (1 << 20)});
    }
    fclose(file);
    add_up(list);
    if (list->end > 0) return true;
    fprintf(stderr, "bench: %s does not hold a program's pauses\n", path);
    pause_list_free(list);
    return false;
}

void pause_list_free(struct pause_list *list)
{
    free(list->pause);
    memset(list, 0, sizeof *list);
}

double pause_share(const struct pause_list *list, double length)
{
    size_t shorter = 0;
    for (size_t i = 0; i < list->count; i++) shorter += list->pause[i].length <= length;
    return list->count ? (double)shorter / (double)list->count : 1;
}

/* How much of [0, end) was paused. */
static double paused_until(const struct pause_list *list, double end)
{
    size_t low = 0, high = list->count; /* the first pause that begins at `end` or later is in [low, high] */
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (list->pause[middle].start < end) low = middle + 1;
        else high = middle;
    }
    if (low == 0) return 0;
    const struct pause *last = &list->pause[low - 1];
    return last->before + fmin(last->length, end - last->start);
}

/* A worst window begins where a pause begins or ends where one ends. */
double minimum_utilisation(const struct pause_list *list, double window)
{
    double most = 0;
    window = fmin(window, list->end);
    for (size_t i = 0; i < list->count; i++) {
        double start = fmin(list->pause[i].start, list->end - window), end = fmax(list->pause[i].start + list->pause[i].length, window);
        most = fmax(most, paused_until(list, start + window) - paused_until(list, start));
        most = fmax(most, paused_until(list, end) - paused_until(list, end - window));
    }
    return fmax(0, 1 - most / window);
}
