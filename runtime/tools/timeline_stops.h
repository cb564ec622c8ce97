/* The spans of a timeline in figures: how many of each name, and how long. */
#ifndef GW_TOOLS_TIMELINE_STOPS_H
#define GW_TOOLS_TIMELINE_STOPS_H

#include "tools/timeline_file.h"

enum { MOST_KINDS = 24 }; /* more names than the runtime has */

/* Durations in ns. */
struct span_kind {
    const char *name;
    size_t count;
    uint64_t total, median, high, longest; /* high: 99 % are no longer */
};

struct span_kinds {
    struct span_kind all;               /* of the spans that were asked for together */
    struct span_kind kinds[MOST_KINDS]; /* the longest total first */
    size_t count;
};

/* Of stops, or of what lies in them. False: no memory. */
bool timeline_count(const struct timeline *timeline, bool stops, struct span_kinds *kinds);

/* "1.23 ms": three digits that count. */
struct duration {
    char text[32];
};
struct duration duration_of(uint64_t ns);

#endif
