/* Timelines as the runtime writes them (timeline/timeline.c), read back: what the program waited for, and how large its heap was. */
#ifndef GW_TOOLS_TIMELINE_FILE_H
#define GW_TOOLS_TIMELINE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { NO_SPAN = -1 };

/* Spans are in the order in which they began. A stop has no parent; in it lie minor collections and phases of a cycle. */
struct timeline_span {
    const char *name;
    uint64_t begin, end; /* ns of one clock */
    uint64_t thread;     /* its track */
    ptrdiff_t parent;    /* its index, or NO_SPAN */
};

/* At the end of a stop. */
struct timeline_size {
    uint64_t when, heap, goal; /* ns; bytes */
};

struct timeline {
    char *program;        /* "" when the file does not say */
    uint64_t first, last; /* ns: from when to when it was written */
    struct timeline_span *spans;
    size_t span_count, span_capacity;
    struct timeline_size *sizes;
    size_t size_count, size_capacity;
    char **names; /* that spans have */
    size_t name_count, name_capacity;
};

/* False, with a message: it cannot be read, or is no trace. Spans of one that was cut off end where the file does. */
bool timeline_read(struct timeline *timeline, const char *path);
void timeline_free(struct timeline *timeline);

static inline uint64_t timeline_length(const struct timeline_span *span)
{
    return span->end - span->begin;
}

#endif
