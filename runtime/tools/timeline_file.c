/* Perfetto's packets, by the numbers that timeline/timeline.c writes and names. Fields that it does not write are passed over. */
#include "tools/timeline_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The bytes of one message that are still to be read. */
struct message {
    const uint8_t *at, *end;
    bool bad;
};

struct field {
    unsigned number;
    uint64_t value;         /* of a number */
    struct message message; /* of bytes: a message or a text */
};

/* What is known while packets are read. */
struct reading {
    struct timeline *timeline;
    struct open_track {
        uint64_t track;
        ptrdiff_t innermost; /* of its open spans, or NO_SPAN */
    } *tracks;
    size_t track_count, track_capacity;
    struct counter {
        uint64_t track;
        bool is_heap, is_goal;
    } *counters;
    size_t counter_count, counter_capacity;
    bool failed; /* no memory */
};

/* The array with room for one more; as it is, and `failed`, without memory. */
static void *grow(void *array, size_t count, size_t *capacity, size_t size, bool *failed)
{
    if (count < *capacity) return array;
    size_t more = *capacity ? 2 * *capacity : 64;
    void *moved = realloc(array, more * size);
    *failed |= !moved;
    if (moved) *capacity = more;
    return moved ? moved : array;
}

#define GROW(owner, what, failed)                                                                                                          \
    ((owner)->what##s = grow((owner)->what##s, (owner)->what##_count, &(owner)->what##_capacity, sizeof *(owner)->what##s, failed))

/* ---- Fields ---------------------------------------------------------------------------------------- */

static uint64_t read_number(struct message *message)
{
    uint64_t value = 0;
    for (unsigned shift = 0; shift < 64 && message->at < message->end; shift += 7) {
        uint8_t byte = *message->at++;
        value |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80) return value;
    }
    message->bad = true;
    return 0;
}

static uint64_t read_fixed(struct message *message, size_t bytes)
{
    uint64_t value = 0;
    if ((size_t)(message->end - message->at) < bytes) message->bad = true;
    else memcpy(&value, message->at, bytes);
    message->at = message->bad ? message->end : message->at + bytes;
    return value;
}

static struct message read_bytes(struct message *message)
{
    uint64_t length = read_number(message);
    message->bad |= length > (uint64_t)(message->end - message->at);
    if (message->bad) return (struct message){message->end, message->end, true};
    struct message inside = {message->at, message->at + length, false};
    message->at += length;
    return inside;
}

static bool next_field(struct message *message, struct field *field)
{
    if (message->bad || message->at == message->end) return false;
    uint64_t tag = read_number(message);
    *field = (struct field){.number = (unsigned)(tag >> 3)};
    switch (tag & 7) {
    case 0: field->value = read_number(message); break;
    case 1: field->value = read_fixed(message, 8); break;
    case 2: field->message = read_bytes(message); break;
    case 5: field->value = read_fixed(message, 4); break;
    default: message->bad = true;
    }
    return !message->bad;
}

static bool is_text(const struct message *message, const char *text)
{
    size_t length = (size_t)(message->end - message->at);
    return length == strlen(text) && memcmp(message->at, text, length) == 0;
}

/* ---- Descriptions ---------------------------------------------------------------------------------- */

enum { CLOCK_OF_EVENTS = 3 }; /* CLOCK_MONOTONIC, as Perfetto numbers it */

static void note_time(struct timeline *timeline, uint64_t when)
{
    if (!timeline->first || when < timeline->first) timeline->first = when;
    if (when > timeline->last) timeline->last = when;
}

static void read_clock(struct reading *reading, struct message clock)
{
    struct field field;
    uint64_t number = 0, when = 0;
    while (next_field(&clock, &field)) {
        if (field.number == 1) number = field.value;
        if (field.number == 2) when = field.value;
    }
    if (number == CLOCK_OF_EVENTS) note_time(reading->timeline, when);
}

static void read_clocks(struct reading *reading, struct message clocks)
{
    struct field field;
    while (next_field(&clocks, &field))
        if (field.number == 1) read_clock(reading, field.message);
}

static void read_process(struct reading *reading, struct message process)
{
    struct field field;
    while (next_field(&process, &field)) {
        if (field.number != 6 || *reading->timeline->program) continue;
        char *name = strndup((const char *)field.message.at, (size_t)(field.message.end - field.message.at));
        reading->failed |= !name;
        if (!name) return;
        free(reading->timeline->program);
        reading->timeline->program = name;
    }
}

static void read_track(struct reading *reading, struct message track)
{
    struct counter counter = {0};
    struct field field;
    while (next_field(&track, &field)) {
        if (field.number == 1) counter.track = field.value;
        if (field.number == 3) read_process(reading, field.message);
        if (field.number == 2) counter.is_heap = is_text(&field.message, "heap"), counter.is_goal = is_text(&field.message, "goal");
    }
    if (!counter.is_heap && !counter.is_goal) return;
    GROW(reading, counter, &reading->failed);
    if (!reading->failed) reading->counters[reading->counter_count++] = counter;
}

/* ---- Events ---------------------------------------------------------------------------------------- */

enum { MOST_VALUES = 16 };

struct event {
    uint64_t when, type, track;
    struct message name;
    uint64_t counters[MOST_VALUES], values[MOST_VALUES];
    size_t counter_count, value_count;
};

static struct open_track *track_of(struct reading *reading, uint64_t track)
{
    for (size_t i = 0; i < reading->track_count; i++)
        if (reading->tracks[i].track == track) return &reading->tracks[i];
    GROW(reading, track, &reading->failed);
    if (reading->failed) return NULL;
    reading->tracks[reading->track_count] = (struct open_track){track, NO_SPAN};
    return &reading->tracks[reading->track_count++];
}

/* One text for all spans of a name. NULL: no memory. */
static const char *name_of(struct reading *reading, const struct message *text)
{
    struct timeline *timeline = reading->timeline;
    for (size_t i = 0; i < timeline->name_count; i++)
        if (is_text(text, timeline->names[i])) return timeline->names[i];
    GROW(timeline, name, &reading->failed);
    char *name = reading->failed ? NULL : strndup((const char *)text->at, (size_t)(text->end - text->at));
    reading->failed |= !name;
    if (name) timeline->names[timeline->name_count++] = name;
    return name;
}

static void begin_span(struct reading *reading, struct open_track *track, const struct event *event)
{
    struct timeline *timeline = reading->timeline;
    const char *name = name_of(reading, &event->name);
    GROW(timeline, span, &reading->failed);
    if (reading->failed) return;
    timeline->spans[timeline->span_count] = (struct timeline_span){name, event->when, UINT64_MAX, event->track, track->innermost};
    track->innermost = (ptrdiff_t)timeline->span_count++;
}

static void end_span(struct timeline *timeline, struct open_track *track, uint64_t when)
{
    if (track->innermost == NO_SPAN) return; /* it began before the part that was kept */
    struct timeline_span *span = &timeline->spans[track->innermost];
    span->end = when > span->begin ? when : span->begin;
    track->innermost = span->parent;
}

static void note_sizes(struct reading *reading, const struct event *event)
{
    struct timeline *timeline = reading->timeline;
    struct timeline_size size = {.when = event->when};
    for (size_t i = 0; i < event->counter_count && i < event->value_count; i++) {
        for (size_t k = 0; k < reading->counter_count; k++) {
            if (reading->counters[k].track != event->counters[i]) continue;
            if (reading->counters[k].is_heap) size.heap = event->values[i];
            else size.goal = event->values[i];
        }
    }
    if (!event->counter_count) return;
    GROW(timeline, size, &reading->failed);
    if (!reading->failed) timeline->sizes[timeline->size_count++] = size;
}

static void take_event(struct reading *reading, const struct event *event)
{
    enum { BEGIN = 1, END = 2 };
    struct open_track *track = track_of(reading, event->track);
    if (!track) return;
    note_time(reading->timeline, event->when);
    if (event->type == BEGIN) begin_span(reading, track, event);
    if (event->type == END) end_span(reading->timeline, track, event->when);
    note_sizes(reading, event);
}

static void read_event(struct reading *reading, struct message message, uint64_t when)
{
    struct event event = {.when = when};
    struct field field;
    while (next_field(&message, &field)) {
        switch (field.number) {
        case 9: event.type = field.value; break;
        case 11: event.track = field.value; break;
        case 12:
            if (event.value_count < MOST_VALUES) event.values[event.value_count++] = field.value;
            break;
        case 23: event.name = field.message; break;
        case 31:
            if (event.counter_count < MOST_VALUES) event.counters[event.counter_count++] = field.value;
            break;
        }
    }
    take_event(reading, &event);
}

static void read_packet(struct reading *reading, struct message packet)
{
    struct message event = {0};
    struct field field;
    uint64_t when = 0;
    while (next_field(&packet, &field)) {
        switch (field.number) {
        case 6: read_clocks(reading, field.message); break;
        case 8: when = field.value; break;
        case 11: event = field.message; break;
        case 60: read_track(reading, field.message); break;
        }
    }
    if (event.at) read_event(reading, event, when);
}

/* ---- Files ----------------------------------------------------------------------------------------- */

static bool complain(const char *path, const char *what)
{
    fprintf(stderr, "gw-timeline: %s: %s\n", path, what);
    return false;
}

static uint8_t *read_all(const char *path, size_t *size)
{
    FILE *file = fopen(path, "r");
    uint8_t *bytes = NULL;
    size_t capacity = 0;
    *size = 0;
    bool failed = !file, ended = false;
    while (!failed && !ended) {
        bytes = grow(bytes, *size, &capacity, 1, &failed);
        size_t count = failed ? 0 : fread(bytes + *size, 1, capacity - *size, file);
        *size += count;
        ended = !count;
        failed |= file && ferror(file);
    }
    if (failed) complain(path, strerror(errno));
    if (file) fclose(file);
    if (!failed) return bytes;
    free(bytes);
    return NULL;
}

static bool read_packets(struct reading *reading, struct message trace)
{
    struct field field;
    while (!reading->failed && next_field(&trace, &field))
        if (field.number == 1 && field.message.at) read_packet(reading, field.message);
    return !trace.bad;
}

static void end_open_spans(struct timeline *timeline)
{
    for (size_t i = 0; i < timeline->span_count; i++)
        if (timeline->spans[i].end == UINT64_MAX) timeline->spans[i].end = timeline->last;
}

bool timeline_read(struct timeline *timeline, const char *path)
{
    size_t size;
    uint8_t *bytes = read_all(path, &size);
    *timeline = (struct timeline){.program = strdup("")};
    if (!bytes) return false;
    struct reading reading = {.timeline = timeline, .failed = !timeline->program};
    bool whole = read_packets(&reading, (struct message){bytes, bytes + size, false});
    end_open_spans(timeline);
    free(reading.tracks);
    free(reading.counters);
    free(bytes);
    if (reading.failed) return complain(path, "no memory");
    if (!whole || !timeline->first)
        return complain(path, "is no timeline, or cut off: GREYWAVE=trace=FILE, or gw_trace_start, writes them");
    return true;
}

void timeline_free(struct timeline *timeline)
{
    while (timeline->name_count) free(timeline->names[--timeline->name_count]);
    free(timeline->names);
    free(timeline->spans);
    free(timeline->sizes);
    free(timeline->program);
}
