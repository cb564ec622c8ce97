#include "tools/timeline_stops.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int by_length(const void *a, const void *b)
{
    uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;
    return (left > right) - (left < right);
}

static int by_total(const void *a, const void *b)
{
    const struct span_kind *left = a, *right = b;
    return (left->total < right->total) - (left->total > right->total);
}

static bool is_asked_for(const struct timeline_span *span, bool stops, const char *name)
{
    return (span->parent == NO_SPAN) == stops && (!name || strcmp(span->name, name) == 0);
}

/* The smallest length that so many of a thousand are no longer than. */
static uint64_t quantile(const uint64_t *lengths, size_t count, size_t thousandths)
{
    size_t place = (count * thousandths + 999) / 1000;
    return lengths[place ? place - 1 : 0];
}

/* `lengths` has room for all spans. Name NULL: of all names. */
static struct span_kind measure(const struct timeline *timeline, bool stops, const char *name, uint64_t *lengths)
{
    struct span_kind kind = {.name = name};
    for (size_t i = 0; i < timeline->span_count; i++) {
        if (!is_asked_for(&timeline->spans[i], stops, name)) continue;
        lengths[kind.count] = timeline_length(&timeline->spans[i]);
        kind.total += lengths[kind.count++];
    }
    if (!kind.count) return kind;
    qsort(lengths, kind.count, sizeof *lengths, by_length);
    kind.median = quantile(lengths, kind.count, 500);
    kind.high = quantile(lengths, kind.count, 990);
    kind.longest = lengths[kind.count - 1];
    return kind;
}

bool timeline_count(const struct timeline *timeline, bool stops, struct span_kinds *kinds)
{
    uint64_t *lengths = malloc((timeline->span_count + 1) * sizeof *lengths);
    if (!lengths) return false;
    *kinds = (struct span_kinds){.all = measure(timeline, stops, NULL, lengths)};
    for (size_t i = 0; i < timeline->name_count && kinds->count < MOST_KINDS; i++) {
        struct span_kind kind = measure(timeline, stops, timeline->names[i], lengths);
        if (kind.count) kinds->kinds[kinds->count++] = kind;
    }
    free(lengths);
    qsort(kinds->kinds, kinds->count, sizeof *kinds->kinds, by_total);
    return true;
}

struct duration duration_of(uint64_t ns)
{
    struct duration duration;
    static const char *const units[] = {"ns", "us", "ms", "s"};
    double value = (double)ns;
    unsigned unit = 0;
    while (value >= 999.5 && unit < 3) value /= 1000, unit++;
    int digits = !unit || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
    snprintf(duration.text, sizeof duration.text, "%.*f %s", digits, value, units[unit]);
    return duration;
}
