/* Timelines as the runtime writes them (timeline/timeline.c), read back: what the program waited for, and how large its heap was. */
#ifndef GW_TOOLS_TIMELINE_FILE_H
#define GW_TOOLS_TIMELINE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { NO_SPAN = -1, MOST_NOTES = 4 };

enum timeline_track_kind { TRACK_OF_PROCESS, TRACK_OF_THREAD, TRACK_OF_COUNTER };

/* A process, one of its threads, or a counter, whose parent is the track of its process. */
struct timeline_track {
    enum timeline_track_kind kind;
    bool in_bytes; /* what a counter counts */
    uint64_t id, parent;
    uint64_t process, thread; /* their numbers */
    const char *name;         /* "" when the file does not say */
};

/* Spans are in the order in which they began. A stop has no parent; in it lie minor collections and phases of a cycle. */
struct timeline_span {
    const char *name;
    uint64_t begin, end;    /* ns of one clock */
    uint64_t thread;        /* its track's id */
    ptrdiff_t parent;       /* its index, or NO_SPAN */
    uint64_t flow;          /* what spans of one cycle have alike, or 0 */
    bool flow_in, flow_out; /* whether there is one before it with the same, and one behind it */
    bool is_cut_off;        /* the file ends in it */
    unsigned note_count;
    struct timeline_note {
        const char *name;
        uint64_t number;
    } notes[MOST_NOTES];
};

/* Of a counter, at the end of a stop. */
struct timeline_value {
    uint64_t when;    /* ns */
    uint64_t counter; /* its track's id */
    double value;
};

struct timeline {
    const char *program;  /* "" when the file does not say */
    uint64_t first, last; /* ns: from when to when it was written */
    struct timeline_track *tracks;
    size_t track_count, track_capacity;
    struct timeline_span *spans;
    size_t span_count, span_capacity;
    struct timeline_value *values;
    size_t value_count, value_capacity;
    char **names; /* of everything */
    size_t name_count, name_capacity;
};

/* False, with a message: it cannot be read, or is no trace. Spans of one that was cut off end where the file does. */
bool timeline_read(struct timeline *timeline, const char *path);
void timeline_free(struct timeline *timeline);

/* NULL: the file does not describe it. */
const struct timeline_track *timeline_track(const struct timeline *timeline, uint64_t id);

static inline uint64_t timeline_length(const struct timeline_span *span)
{
    return span->end - span->begin;
}

#endif
