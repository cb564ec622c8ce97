/* One object for each event: M names a process or thread, X is a span, B one that never ended, C is a counter's value. Times are
 * microseconds of the clock that Chrome's own traces are of, too, with three digits behind the point: nothing is lost. */
#include "tools/timeline_json.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yajl/yajl_gen.h>

static void put_bytes(yajl_gen json, const char *text)
{
    yajl_gen_string(json, (const unsigned char *)text, strlen(text));
}

/* Names come from the system, which cuts them off in the middle of a character and takes any byte; JSON is UTF-8. */
static void put_text(yajl_gen json, const char *text)
{
    if (yajl_gen_string(json, (const unsigned char *)text, strlen(text)) != yajl_gen_invalid_string) return;
    char *plain = strdup(text);
    for (char *at = plain; at && *at; at++)
        if ((unsigned char)*at >= 0x80) *at = '?';
    put_bytes(json, plain ? plain : "?");
    free(plain);
}

static void put_name(yajl_gen json, const char *key, const char *text)
{
    put_bytes(json, key);
    put_text(json, text);
}

static void put_number(yajl_gen json, const char *key, uint64_t number)
{
    char text[24];
    put_bytes(json, key);
    yajl_gen_number(json, text, (size_t)snprintf(text, sizeof text, "%" PRIu64, number));
}

static void put_time(yajl_gen json, const char *key, uint64_t ns)
{
    char text[32];
    put_bytes(json, key);
    yajl_gen_number(json, text, (size_t)snprintf(text, sizeof text, "%" PRIu64 ".%03u", ns / 1000, (unsigned)(ns % 1000)));
}

static void put_truth(yajl_gen json, const char *key)
{
    put_bytes(json, key);
    yajl_gen_bool(json, true);
}

static void open_map(yajl_gen json, const char *key)
{
    put_bytes(json, key);
    yajl_gen_map_open(json);
}

static void begin_event(yajl_gen json, const char *kind, const char *name)
{
    yajl_gen_map_open(json);
    put_name(json, "ph", kind);
    put_name(json, "name", name);
}

/* ---- Tracks ---------------------------------------------------------------------------------------- */

static void put_track(yajl_gen json, const struct timeline_track *track)
{
    bool is_thread = track->kind == TRACK_OF_THREAD;
    if (track->kind == TRACK_OF_COUNTER || !*track->name) return;
    begin_event(json, "M", is_thread ? "thread_name" : "process_name");
    put_number(json, "pid", track->process);
    if (is_thread) put_number(json, "tid", track->thread);
    open_map(json, "args");
    put_name(json, "name", track->name);
    yajl_gen_map_close(json);
    yajl_gen_map_close(json);
}

/* ---- Spans ----------------------------------------------------------------------------------------- */

static void put_notes(yajl_gen json, const struct timeline_span *span)
{
    if (!span->note_count) return;
    open_map(json, "args");
    for (unsigned i = 0; i < span->note_count; i++) put_number(json, span->notes[i].name, span->notes[i].number);
    yajl_gen_map_close(json);
}

/* Arrows lead from each span with a flow to the next with the same, of the same file. Readers want the first and the last told from the
 * rest. */
static void put_flow(yajl_gen json, const struct timeline_span *span, size_t file)
{
    char text[24];
    if (!span->flow || !(span->flow_in || span->flow_out)) return;
    snprintf(text, sizeof text, "0x%" PRIx64, span->flow ^ (uint64_t)file << 56);
    put_name(json, "bind_id", text);
    if (span->flow_in) put_truth(json, "flow_in");
    if (span->flow_out) put_truth(json, "flow_out");
}

static void put_span(yajl_gen json, const struct timeline *timeline, const struct timeline_span *span, size_t file)
{
    const struct timeline_track *thread = timeline_track(timeline, span->thread);
    begin_event(json, span->is_cut_off ? "B" : "X", span->name);
    put_name(json, "cat", "gc");
    put_number(json, "pid", thread ? thread->process : 0);
    put_number(json, "tid", thread ? thread->thread : span->thread);
    put_time(json, "ts", span->begin);
    if (!span->is_cut_off) put_time(json, "dur", timeline_length(span));
    put_flow(json, span, file);
    put_notes(json, span);
    yajl_gen_map_close(json);
}

/* ---- Counters -------------------------------------------------------------------------------------- */

/* Readers tell counters by process and name, and those of several heaps by a number besides: how many have the name before this one. */
static unsigned namesakes(const struct timeline *timeline, const struct timeline_track *counter)
{
    unsigned count = 0;
    for (const struct timeline_track *track = timeline->tracks; track < counter; track++)
        count += track->kind == TRACK_OF_COUNTER && track->parent == counter->parent && strcmp(track->name, counter->name) == 0;
    return count;
}

static void put_value(yajl_gen json, const struct timeline *timeline, const struct timeline_value *value)
{
    const struct timeline_track *counter = timeline_track(timeline, value->counter);
    if (!counter || !isfinite(value->value)) return; /* JSON has no word for it */
    const struct timeline_track *process = timeline_track(timeline, counter->parent);
    unsigned number = namesakes(timeline, counter);
    begin_event(json, "C", counter->name);
    put_number(json, "pid", process ? process->process : 0);
    if (number) put_number(json, "id", number);
    put_time(json, "ts", value->when);
    open_map(json, "args");
    put_bytes(json, counter->in_bytes ? "bytes" : "value");
    if (counter->in_bytes) yajl_gen_integer(json, (long long)value->value);
    else yajl_gen_double(json, value->value);
    yajl_gen_map_close(json);
    yajl_gen_map_close(json);
}

/* ---- The file -------------------------------------------------------------------------------------- */

static void put_timeline(yajl_gen json, const struct timeline *timeline, size_t file)
{
    for (size_t i = 0; i < timeline->track_count; i++) put_track(json, &timeline->tracks[i]);
    for (size_t i = 0; i < timeline->span_count; i++) put_span(json, timeline, &timeline->spans[i], file);
    for (size_t i = 0; i < timeline->value_count; i++) put_value(json, timeline, &timeline->values[i]);
}

static void write_part(void *out, const char *text, size_t length)
{
    fwrite(text, 1, length, out);
}

/* False: no memory. */
static bool put_all(FILE *out, const struct timeline *timelines, size_t count)
{
    yajl_gen json = yajl_gen_alloc(NULL);
    if (!json) return false;
    yajl_gen_config(json, yajl_gen_validate_utf8, 1);
    yajl_gen_config(json, yajl_gen_print_callback, write_part, (void *)out);
    yajl_gen_map_open(json);
    put_name(json, "displayTimeUnit", "ns");
    put_bytes(json, "traceEvents");
    yajl_gen_array_open(json);
    for (size_t i = 0; i < count; i++) put_timeline(json, &timelines[i], i);
    yajl_gen_array_close(json);
    yajl_gen_map_close(json);
    yajl_gen_free(json);
    return true;
}

bool timeline_json_write(const char *path, const struct timeline *timelines, size_t count)
{
    FILE *out = fopen(path, "w");
    bool good = out && put_all(out, timelines, count);
    if (out && !good) errno = ENOMEM;
    good = good && !ferror(out);
    if (out) good = fclose(out) == 0 && good;
    if (!good) fprintf(stderr, "gw-timeline: %s: cannot be written: %s\n", path, strerror(errno));
    return good;
}
