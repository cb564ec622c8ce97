/* Perfetto's packets, by the numbers that timeline/timeline.c writes and names. Fields that it does not write are passed over. */
#include "tools/timeline_file.h"

#include "tools/packet_fields.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What is known while packets are read. */
struct reading {
    struct timeline *timeline;
    struct open_track {
        uint64_t track;
        ptrdiff_t innermost; /* of its open spans, or NO_SPAN */
    } *tracks;
    size_t track_count, track_capacity;
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

/* One text for all that have a name. "": no memory. */
static const char *name_of(struct reading *reading, const struct message *text)
{
    struct timeline *timeline = reading->timeline;
    for (size_t i = 0; i < timeline->name_count; i++)
        if (is_text(text, timeline->names[i])) return timeline->names[i];
    GROW(timeline, name, &reading->failed);
    char *name = reading->failed ? NULL : strndup((const char *)text->at, (size_t)(text->end - text->at));
    reading->failed |= !name;
    if (name) timeline->names[timeline->name_count++] = name;
    return name ? name : "";
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

static void read_process(struct reading *reading, struct timeline_track *track, struct message process)
{
    struct field field;
    track->kind = TRACK_OF_PROCESS;
    while (next_field(&process, &field)) {
        if (field.number == 1) track->process = field.value;
        if (field.number == 6) track->name = name_of(reading, &field.message);
    }
    if (!*reading->timeline->program) reading->timeline->program = track->name;
}

static void read_thread(struct reading *reading, struct timeline_track *track, struct message thread)
{
    struct field field;
    track->kind = TRACK_OF_THREAD;
    while (next_field(&thread, &field)) {
        if (field.number == 1) track->process = field.value;
        if (field.number == 2) track->thread = field.value;
        if (field.number == 5) track->name = name_of(reading, &field.message);
    }
}

static void read_counter(struct timeline_track *track, struct message counter)
{
    enum { UNIT_BYTES = 3 };
    struct field field;
    track->kind = TRACK_OF_COUNTER;
    while (next_field(&counter, &field))
        if (field.number == 3) track->in_bytes = field.value == UNIT_BYTES;
}

const struct timeline_track *timeline_track(const struct timeline *timeline, uint64_t id)
{
    for (size_t i = 0; i < timeline->track_count; i++)
        if (timeline->tracks[i].id == id) return &timeline->tracks[i];
    return NULL;
}

/* Each heap describes its process and thread, and a thread again when it comes back to the heap. */
static void read_track(struct reading *reading, struct message message)
{
    struct timeline *timeline = reading->timeline;
    struct timeline_track track = {.name = ""};
    struct field field;
    while (next_field(&message, &field)) {
        switch (field.number) {
        case 1: track.id = field.value; break;
        case 2: track.name = name_of(reading, &field.message); break;
        case 3: read_process(reading, &track, field.message); break;
        case 4: read_thread(reading, &track, field.message); break;
        case 5: track.parent = field.value; break;
        case 8: read_counter(&track, field.message); break;
        }
    }
    if (timeline_track(timeline, track.id)) return;
    GROW(timeline, track, &reading->failed);
    if (!reading->failed) timeline->tracks[timeline->track_count++] = track;
}

/* ---- Events ---------------------------------------------------------------------------------------- */

enum { MOST_VALUES = 16 };

/* Numbers of counters, and what they are, in the same order. */
struct values {
    uint64_t counters[MOST_VALUES];
    double at[MOST_VALUES];
    size_t counter_count, count;
};

struct event {
    uint64_t when, type, track, flow;
    struct message name;
    struct values numbers, reals;
    struct timeline_note notes[MOST_NOTES];
    unsigned note_count;
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

static void begin_span(struct reading *reading, struct open_track *track, const struct event *event)
{
    struct timeline *timeline = reading->timeline;
    const char *name = name_of(reading, &event->name);
    GROW(timeline, span, &reading->failed);
    if (reading->failed) return;
    timeline->spans[timeline->span_count] = (struct timeline_span){
        .name = name, .begin = event->when, .end = UINT64_MAX, .thread = event->track, .parent = track->innermost, .flow = event->flow};
    track->innermost = (ptrdiff_t)timeline->span_count++;
}

/* Those of its beginning, and of its end. */
static void add_notes(struct timeline_span *span, const struct event *event)
{
    for (unsigned i = 0; i < event->note_count && span->note_count < MOST_NOTES; i++) span->notes[span->note_count++] = event->notes[i];
}

static void end_span(struct timeline_span *span, struct open_track *track, uint64_t when)
{
    span->end = when > span->begin ? when : span->begin;
    track->innermost = span->parent;
}

static void note_values(struct reading *reading, const struct values *values, uint64_t when)
{
    struct timeline *timeline = reading->timeline;
    for (size_t i = 0; i < values->counter_count && i < values->count; i++) {
        GROW(timeline, value, &reading->failed);
        if (reading->failed) return;
        timeline->values[timeline->value_count++] = (struct timeline_value){when, values->counters[i], values->at[i]};
    }
}

static void take_event(struct reading *reading, const struct event *event)
{
    enum { BEGIN = 1, END = 2 };
    struct open_track *track = track_of(reading, event->track);
    if (!track) return;
    note_time(reading->timeline, event->when);
    if (event->type == BEGIN) begin_span(reading, track, event);
    if (track->innermost != NO_SPAN && !reading->failed) { /* the span may have begun before the part that was kept */
        struct timeline_span *span = &reading->timeline->spans[track->innermost];
        add_notes(span, event);
        if (event->type == END) end_span(span, track, event->when);
    }
    note_values(reading, &event->numbers, event->when);
    note_values(reading, &event->reals, event->when);
}

static void read_note(struct reading *reading, struct event *event, struct message message)
{
    struct timeline_note note = {.name = ""};
    struct field field;
    while (next_field(&message, &field)) {
        if (field.number == 3) note.number = field.value;
        if (field.number == 10) note.name = name_of(reading, &field.message);
    }
    if (event->note_count < MOST_NOTES) event->notes[event->note_count++] = note;
}

static void add_counter(struct values *values, uint64_t counter)
{
    if (values->counter_count < MOST_VALUES) values->counters[values->counter_count++] = counter;
}

static void add_value(struct values *values, double value)
{
    if (values->count < MOST_VALUES) values->at[values->count++] = value;
}

static void read_event(struct reading *reading, struct message message, uint64_t when)
{
    struct event event = {.when = when};
    struct field field;
    while (next_field(&message, &field)) {
        switch (field.number) {
        case 4: read_note(reading, &event, field.message); break;
        case 9: event.type = field.value; break;
        case 11: event.track = field.value; break;
        case 12: add_value(&event.numbers, (double)(int64_t)field.value); break;
        case 23: event.name = field.message; break;
        case 31: add_counter(&event.numbers, field.value); break;
        case 45: add_counter(&event.reals, field.value); break;
        case 46: add_value(&event.reals, field_as_double(&field)); break;
        case 47: event.flow = field.value; break;
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

static int by_flow(const void *a, const void *b)
{
    const struct timeline_span *left = *(struct timeline_span *const *)a, *right = *(struct timeline_span *const *)b;
    if (left->flow != right->flow) return left->flow < right->flow ? -1 : 1;
    return (left > right) - (left < right);
}

static void join_flows(struct reading *reading)
{
    struct timeline *timeline = reading->timeline;
    struct timeline_span **ordered = malloc((timeline->span_count + 1) * sizeof *ordered);
    reading->failed |= !ordered;
    if (!ordered) return;
    for (size_t i = 0; i < timeline->span_count; i++) ordered[i] = &timeline->spans[i];
    qsort(ordered, timeline->span_count, sizeof *ordered, by_flow);
    for (size_t i = 1; i < timeline->span_count; i++)
        if (ordered[i]->flow == ordered[i - 1]->flow) ordered[i - 1]->flow_out = ordered[i]->flow_in = true;
    free(ordered);
}

static void end_open_spans(struct timeline *timeline)
{
    for (size_t i = 0; i < timeline->span_count; i++)
        if (timeline->spans[i].end == UINT64_MAX) timeline->spans[i].is_cut_off = true, timeline->spans[i].end = timeline->last;
}

bool timeline_read(struct timeline *timeline, const char *path)
{
    size_t size;
    uint8_t *bytes = read_all(path, &size);
    *timeline = (struct timeline){.program = ""};
    if (!bytes) return false;
    struct reading reading = {.timeline = timeline};
    bool whole = read_packets(&reading, (struct message){bytes, bytes + size, false});
    end_open_spans(timeline);
    join_flows(&reading);
    free(reading.tracks);
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
    free(timeline->values);
    free(timeline->tracks);
}
