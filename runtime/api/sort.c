/* Sorting with a comparison that may collect: every element is in its place in the array whenever the comparison runs,
 * so that a collection finds and updates it there. qsort of the C library keeps elements in a buffer of its own.
 *
 * A stable merge sort without a buffer: two sorted neighbours are merged by splitting the longer one in the middle,
 * looking the element there up in the other, rotating what lies between, and merging both sides (Dudzinski and Dydek,
 * "On a stable minimum storage merging algorithm", 1981). O(n log n) comparisons, O(n log^2 n) swaps. */
#include "base/report.h"

#include <greywave/greywave.h>

#include <string.h>

/* Below this many elements insertion is faster. */
#define SHORT_RUN 8

struct sorting {
    char *base;
    size_t size; /* bytes of an element */
    int (*compare)(const void *, const void *, void *);
    void *data;
    const struct gw_heap *heap; /* attached when sorting began */
};

static bool is_less(const struct sorting *s, size_t a, size_t b)
{
    int order = s->compare(s->base + a * s->size, s->base + b * s->size, s->data);
    if (__builtin_expect(gw_current_thread.heap != s->heap, 0)) gw_fatal("a comparison has detached the heap that it was called for");
    return order < 0;
}

static void swap_bytes(char *a, char *b, size_t bytes)
{
    char kept[64];
    for (size_t done = 0; done < bytes; done += sizeof kept) {
        size_t piece = bytes - done < sizeof kept ? bytes - done : sizeof kept;
        memcpy(kept, a + done, piece);
        memcpy(a + done, b + done, piece);
        memcpy(b + done, kept, piece);
    }
}

static void swap_runs(const struct sorting *s, size_t a, size_t b, size_t count)
{
    swap_bytes(s->base + a * s->size, s->base + b * s->size, count * s->size);
}

/* Exchanges the neighbours [from, middle) and [middle, to). */
static void rotate(const struct sorting *s, size_t from, size_t middle, size_t to)
{
    size_t left = middle - from, right = to - middle;
    while (left && right) {
        if (left > right) {
            swap_runs(s, middle - left, middle, right);
            left -= right;
        } else {
            swap_runs(s, middle - left, middle + right - left, left);
            right -= left;
        }
    }
}

/* The first place in the sorted [from, to) that element `key` may be put to, before its equals or behind them. */
static size_t place_of(const struct sorting *s, size_t from, size_t to, size_t key, bool before_equals)
{
    while (from < to) {
        size_t middle = from + (to - from) / 2;
        bool belongs_behind = before_equals ? is_less(s, middle, key) : !is_less(s, key, middle);
        if (belongs_behind) from = middle + 1;
        else to = middle;
    }
    return from;
}

static void merge(const struct sorting *s, size_t from, size_t middle, size_t to)
{
    while (from < middle && middle < to && is_less(s, middle, middle - 1)) {
        if (to - from == 2) {
            swap_runs(s, from, middle, 1);
            return;
        }
        size_t left, right;
        if (middle - from > to - middle) {
            left = from + (middle - from) / 2;
            right = place_of(s, middle, to, left, true);
        } else {
            right = middle + (to - middle) / 2;
            left = place_of(s, from, middle, right, false);
        }
        rotate(s, left, middle, right);
        size_t border = left + (right - middle);
        merge(s, from, left, border);
        from = border;
        middle = right;
    }
}

static void sort_run(const struct sorting *s, size_t from, size_t to)
{
    for (size_t i = from + 1; i < to; i++)
        for (size_t j = i; j > from && is_less(s, j, j - 1); j--) swap_runs(s, j, j - 1, 1);
}

static void sort(const struct sorting *s, size_t from, size_t to)
{
    if (to - from <= SHORT_RUN) {
        sort_run(s, from, to);
        return;
    }
    size_t middle = from + (to - from) / 2;
    sort(s, from, middle);
    sort(s, middle, to);
    merge(s, from, middle, to);
}

void gw_sort_r(void *base, size_t count, size_t size, int (*compare)(const void *, const void *, void *), void *data)
{
    gw_refuse_null((const void *)(uintptr_t)compare, "gw_sort_r");
    struct sorting s = {base, size, compare, data, gw_current_thread.heap};
    if (count) gw_refuse_null(base, "gw_sort");
    if (size) sort(&s, 0, count);
}

static int compare_two(const void *a, const void *b, void *data)
{
    int (*compare)(const void *, const void *) = *(int (**)(const void *, const void *))data;
    return compare(a, b);
}

void gw_sort(void *base, size_t count, size_t size, int (*compare)(const void *, const void *))
{
    gw_refuse_null((const void *)(uintptr_t)compare, "gw_sort");
    gw_sort_r(base, count, size, compare_two, &compare);
}
