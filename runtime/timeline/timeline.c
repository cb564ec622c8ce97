/* What is written of a heap's work. Fields are numbered as in Perfetto's protos/perfetto/trace: trace_packet, clock_snapshot,
 * track_event/track_event, track_descriptor, counter_descriptor, thread_descriptor, process_descriptor, debug_annotation. */
#define _GNU_SOURCE /* program_invocation_short_name, pthread_getname_np */
#include "timeline/timeline.h"

#include "base/packets.h"
#include "base/report.h"
#include "heap/file_names.h"
#include "os/linux/clock.h"
#include "os/linux/file.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { TRACE_PACKET = 1 };
enum { PACKET_CLOCK_SNAPSHOT = 6, PACKET_TIMESTAMP = 8, PACKET_SEQUENCE = 10, PACKET_EVENT = 11, PACKET_CLOCK = 58, PACKET_TRACK = 60 };
enum { SNAPSHOT_CLOCK = 1, SNAPSHOT_PRIMARY = 2, CLOCK_ID = 1, CLOCK_TIMESTAMP = 2 };
enum { CLOCK_IS_REALTIME = 1, CLOCK_IS_MONOTONIC = 3, CLOCK_IS_BOOTTIME = 6 };
enum { TRACK_UUID = 1, TRACK_NAME = 2, TRACK_PROCESS = 3, TRACK_THREAD = 4, TRACK_PARENT = 5, TRACK_COUNTER = 8 };
enum { PROCESS_PID = 1, PROCESS_NAME = 6, THREAD_PID = 1, THREAD_TID = 2, THREAD_NAME = 5 };
enum { COUNTER_UNIT = 3, UNIT_COUNT = 2, UNIT_BYTES = 3 };
enum { EVENT_ANNOTATION = 4, EVENT_TYPE = 9, EVENT_TRACK = 11, EVENT_VALUES = 12, EVENT_NAME = 23, EVENT_COUNTERS = 31 };
enum { EVENT_REAL_COUNTERS = 45, EVENT_REAL_VALUES = 46, EVENT_FLOW = 47 };
enum { ANNOTATION_NUMBER = 3, ANNOTATION_NAME = 10 };
enum event_type { TYPE_BEGIN = 1, TYPE_END = 2 };

/* Tracks of one heap, by their places behind its first. A sequence of packets is a heap's; its number makes tracks its own. */
enum counter {
    COUNTER_HEAP,
    COUNTER_LIVE,
    COUNTER_GOAL,
    COUNTER_EXTERNAL,
    COUNTER_SURVIVORS,
    COUNTERS,
    COUNTER_RATE = COUNTERS,
    ALL_COUNTERS
};
static const char *const counter_names[ALL_COUNTERS] = {"heap",      "live after the last cycle", "goal", "external memory",
                                                        "survivors", "work owed for a byte"};

#define FLUSH_NS UINT64_C(10000000) /* what was done longer ago is with the system, whatever becomes of the process */

struct gw_timeline {
    struct gw_packets packets;
    int descriptor;
    char path[GW_FILE_NAME_BYTES];
    uint32_t sequence;
    uint32_t process;    /* its number */
    unsigned forks;      /* of the process, when it began: a child writes nothing into its parent's file */
    int64_t thread;      /* whose track was described last */
    uint64_t cycle;      /* number of the cycle under way, or the last: flows are told by it */
    uint64_t flushed_ns; /* the last time */
    /* The stop at hand. */
    const char *name;
    uint64_t start, end;  /* end: of one that has ended, and may still be joined by the next */
    bool begins, is_open; /* begins: it may turn out that nothing is done; is_open: its beginning is written, its end is not */
    bool goes_on;         /* it has not ended */
    unsigned spans;       /* in it, that have not ended */
    uint64_t values[COUNTERS];
    double rate;
};

static unsigned forks;
static uint32_t sequences;
static bool was_opened[GW_FILE_NAMES + 1]; /* by number: replaced once, then added to */
static _Thread_local int64_t this_thread;

static void count_fork(void)
{
    forks++;
    this_thread = 0;
}

static void watch_forks(void)
{
    pthread_atfork(NULL, NULL, count_fork);
}

/* ---- Descriptions ---------------------------------------------------------------------------------- */

static uint64_t process_track(const struct gw_timeline *timeline)
{
    return (uint64_t)timeline->process << 32;
}

static uint64_t thread_track(const struct gw_timeline *timeline)
{
    return process_track(timeline) | (uint64_t)timeline->thread;
}

static uint64_t counter_track(const struct gw_timeline *timeline, unsigned counter)
{
    return UINT64_C(1) << 63 | process_track(timeline) | (uint64_t)timeline->sequence << 8 | counter;
}

static void begin_packet(struct gw_timeline *timeline)
{
    gw_packet_begin(&timeline->packets, TRACE_PACKET);
    gw_packets_number(&timeline->packets, PACKET_SEQUENCE, timeline->sequence);
}

static void put_clock(struct gw_packets *packets, unsigned id, uint64_t ns)
{
    gw_packets_begin(packets, SNAPSHOT_CLOCK);
    gw_packets_number(packets, CLOCK_ID, id);
    gw_packets_number(packets, CLOCK_TIMESTAMP, ns);
    gw_packets_end(packets);
}

/* Readers take times of a clock that they cannot compare with the trace's own for errors. */
static void describe_clocks(struct gw_timeline *timeline)
{
    struct gw_packets *packets = &timeline->packets;
    begin_packet(timeline);
    gw_packets_begin(packets, PACKET_CLOCK_SNAPSHOT);
    put_clock(packets, CLOCK_IS_MONOTONIC, gw_now_ns());
    put_clock(packets, CLOCK_IS_BOOTTIME, gw_clock_ns(CLOCK_BOOTTIME));
    put_clock(packets, CLOCK_IS_REALTIME, gw_clock_ns(CLOCK_REALTIME));
    gw_packets_number(packets, SNAPSHOT_PRIMARY, CLOCK_IS_MONOTONIC);
    gw_packets_end(packets);
    gw_packets_end(packets);
}

static void begin_track(struct gw_timeline *timeline, uint64_t uuid)
{
    begin_packet(timeline);
    gw_packets_begin(&timeline->packets, PACKET_TRACK);
    gw_packets_number(&timeline->packets, TRACK_UUID, uuid);
}

static void end_track(struct gw_timeline *timeline)
{
    gw_packets_end(&timeline->packets);
    gw_packets_end(&timeline->packets);
}

static void describe_process(struct gw_timeline *timeline)
{
    begin_track(timeline, process_track(timeline));
    gw_packets_begin(&timeline->packets, TRACK_PROCESS);
    gw_packets_number(&timeline->packets, PROCESS_PID, timeline->process);
    gw_packets_text(&timeline->packets, PROCESS_NAME, program_invocation_short_name);
    gw_packets_end(&timeline->packets);
    end_track(timeline);
}

static void describe_counters(struct gw_timeline *timeline)
{
    for (unsigned i = 0; i < ALL_COUNTERS; i++) {
        begin_track(timeline, counter_track(timeline, i));
        gw_packets_number(&timeline->packets, TRACK_PARENT, process_track(timeline));
        gw_packets_text(&timeline->packets, TRACK_NAME, counter_names[i]);
        gw_packets_begin(&timeline->packets, TRACK_COUNTER);
        gw_packets_number(&timeline->packets, COUNTER_UNIT, i == COUNTER_RATE ? UNIT_COUNT : UNIT_BYTES);
        gw_packets_end(&timeline->packets);
        end_track(timeline);
    }
}

static void describe_thread(struct gw_timeline *timeline)
{
    char name[32] = "";
    timeline->thread = this_thread;
    pthread_getname_np(pthread_self(), name, sizeof name);
    begin_track(timeline, thread_track(timeline));
    gw_packets_begin(&timeline->packets, TRACK_THREAD);
    gw_packets_number(&timeline->packets, THREAD_PID, timeline->process);
    gw_packets_number(&timeline->packets, THREAD_TID, (uint64_t)this_thread);
    gw_packets_text(&timeline->packets, THREAD_NAME, name);
    gw_packets_end(&timeline->packets);
    end_track(timeline);
}

/* ---- Events ---------------------------------------------------------------------------------------- */

static void begin_event(struct gw_timeline *timeline, enum event_type type, uint64_t ns)
{
    struct gw_packets *packets = &timeline->packets;
    begin_packet(timeline);
    gw_packets_number(packets, PACKET_TIMESTAMP, ns);
    gw_packets_number(packets, PACKET_CLOCK, CLOCK_IS_MONOTONIC);
    gw_packets_begin(packets, PACKET_EVENT);
    gw_packets_number(packets, EVENT_TYPE, type);
    gw_packets_number(packets, EVENT_TRACK, thread_track(timeline));
}

static void end_event(struct gw_timeline *timeline)
{
    gw_packets_end(&timeline->packets);
    gw_packets_end(&timeline->packets);
}

static void annotate(struct gw_timeline *timeline, const char *name, uint64_t number)
{
    gw_packets_begin(&timeline->packets, EVENT_ANNOTATION);
    gw_packets_text(&timeline->packets, ANNOTATION_NAME, name);
    gw_packets_number(&timeline->packets, ANNOTATION_NUMBER, number);
    gw_packets_end(&timeline->packets);
}

static void put_counters(struct gw_timeline *timeline)
{
    struct gw_packets *packets = &timeline->packets;
    for (unsigned i = 0; i < COUNTERS; i++) {
        gw_packets_number(packets, EVENT_COUNTERS, counter_track(timeline, i));
        gw_packets_number(packets, EVENT_VALUES, timeline->values[i]);
    }
    gw_packets_number(packets, EVENT_REAL_COUNTERS, counter_track(timeline, COUNTER_RATE));
    gw_packets_real(packets, EVENT_REAL_VALUES, timeline->rate);
}

static void write_end(struct gw_timeline *timeline)
{
    if (!timeline->is_open) return;
    begin_event(timeline, TYPE_END, timeline->end);
    put_counters(timeline);
    end_event(timeline);
    timeline->is_open = false;
}

/* The stop that begins is one: the last has ended, unless this is more of it. */
static void write_begin(struct gw_timeline *timeline)
{
    if (!timeline->begins) return;
    timeline->begins = false;
    timeline->goes_on = true;
    if (timeline->is_open && timeline->start < timeline->end + GW_ONE_STOP_NS) return;
    write_end(timeline);
    if (this_thread != timeline->thread) describe_thread(timeline);
    begin_event(timeline, TYPE_BEGIN, timeline->start);
    gw_packets_text(&timeline->packets, EVENT_NAME, timeline->name);
    end_event(timeline);
    timeline->is_open = true;
}

static void begin_span(struct gw_timeline *timeline, const char *name, uint64_t ns)
{
    write_begin(timeline);
    timeline->spans++;
    begin_event(timeline, TYPE_BEGIN, ns);
    gw_packets_text(&timeline->packets, EVENT_NAME, name);
}

static void end_span(struct gw_timeline *timeline, uint64_t ns)
{
    timeline->spans--;
    begin_event(timeline, TYPE_END, ns);
}

/* The process may end in the middle of a stop: a hook or a destructor calls exit. */
static void end_all(struct gw_timeline *timeline)
{
    if (timeline->goes_on) timeline->end = gw_now_ns();
    while (timeline->spans) {
        end_span(timeline, timeline->end);
        end_event(timeline);
    }
    timeline->goes_on = false;
    write_end(timeline);
}

/* ---- A heap's timeline ----------------------------------------------------------------------------- */

static bool is_mine(const struct gw_timeline *timeline)
{
    return timeline->forks == forks;
}

static int write_away(void *context, const char *bytes, size_t count)
{
    return gw_os_write_all(((struct gw_timeline *)context)->descriptor, bytes, count);
}

static void find_thread(void)
{
    if (!this_thread) this_thread = syscall(SYS_gettid);
}

gw_status gw_timeline_open(struct gw_heap *heap, const char *path, bool add)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    struct gw_timeline *timeline = calloc(1, sizeof *timeline);
    if (!timeline) return gw_fail(GW_ERROR_MEMORY, "gw_trace_start: no native memory");
    timeline->descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | (add ? 0 : O_TRUNC), 0666);
    if (timeline->descriptor < 0) {
        free(timeline);
        return gw_fail(GW_ERROR_ARGUMENT, "gw_trace_start: cannot make '%s': %s", path, strerror(errno));
    }
    pthread_once(&once, watch_forks);
    timeline->packets.sink = write_away;
    timeline->packets.context = timeline;
    snprintf(timeline->path, sizeof timeline->path, "%s", path);
    timeline->sequence = __atomic_add_fetch(&sequences, 1, __ATOMIC_RELAXED);
    timeline->process = (uint32_t)getpid();
    timeline->forks = forks;
    find_thread();
    describe_clocks(timeline);
    describe_process(timeline);
    describe_counters(timeline);
    describe_thread(timeline);
    gw_packets_flush(&timeline->packets);
    heap->timeline = timeline;
    return GW_OK;
}

void gw_timeline_open_by_option(struct gw_heap *heap)
{
    char path[GW_FILE_NAME_BYTES];
    uint16_t number = heap->options.trace_file;
    if (!number || number > GW_FILE_NAMES || heap->timeline) return;
    gw_file_name(number, path);
    bool add = __atomic_exchange_n(&was_opened[number], true, __ATOMIC_RELAXED);
    if (gw_timeline_open(heap, path, add) != GW_OK) gw_warn("option 'trace': %s", gw_error_text());
}

gw_status gw_timeline_close(struct gw_heap *heap)
{
    struct gw_timeline *timeline = heap->timeline;
    gw_status status = GW_OK;
    if (!timeline) return GW_OK;
    heap->timeline = NULL;
    if (is_mine(timeline)) {
        end_all(timeline);
        gw_packets_flush(&timeline->packets);
        int error = timeline->packets.error;
        if (error) status = gw_fail(GW_ERROR_ARGUMENT, "trace: cannot write '%s': %s", timeline->path, strerror(error));
    }
    close(timeline->descriptor);
    free(timeline);
    return status;
}

void gw_timeline_flush(struct gw_heap *heap)
{
    if (!heap->timeline || !is_mine(heap->timeline)) return;
    end_all(heap->timeline);
    gw_packets_flush(&heap->timeline->packets);
}

/* ---- What is told ---------------------------------------------------------------------------------- */

void gw_timeline_begin_stop(struct gw_heap *heap, uint64_t start, const char *name)
{
    struct gw_timeline *timeline = heap->timeline;
    if (!is_mine(timeline)) {
        gw_timeline_close(heap);
        return;
    }
    find_thread();
    timeline->start = start;
    timeline->name = name;
    timeline->begins = true;
}

void gw_timeline_end_stop(struct gw_heap *heap, uint64_t end)
{
    struct gw_timeline *timeline = heap->timeline;
    write_begin(timeline);
    timeline->goes_on = false;
    timeline->end = end;
    timeline->values[COUNTER_HEAP] = gw_heap_used_bytes(heap);
    timeline->values[COUNTER_LIVE] = heap->stats.live_bytes;
    timeline->values[COUNTER_GOAL] = heap->cycle.goal_bytes;
    timeline->values[COUNTER_EXTERNAL] = heap->external_bytes > 0 ? (uint64_t)heap->external_bytes : 0;
    timeline->values[COUNTER_SURVIVORS] = gw_heap_survivor_bytes(heap);
    timeline->rate = heap->cycle.rate;
    if (end - timeline->flushed_ns < FLUSH_NS) return;
    gw_packets_flush(&timeline->packets);
    timeline->flushed_ns = end;
}

void gw_timeline_begin_minor(struct gw_heap *heap, uint64_t start)
{
    begin_span(heap->timeline, "minor collection", start);
    end_event(heap->timeline);
}

void gw_timeline_end_minor(struct gw_heap *heap, uint64_t end, uint64_t allocated, uint64_t promoted)
{
    end_span(heap->timeline, end);
    annotate(heap->timeline, "allocated bytes", allocated);
    annotate(heap->timeline, "promoted bytes", promoted);
    end_event(heap->timeline);
}

static const char *phase_name(gw_phase phase)
{
    static const char *const names[GW_PHASES] = {
        "idle", "roots", "mark", "ephemerons", "remark", "weak references and finalizers", "sweep", "give memory back"};
    return names[phase];
}

/* A cycle's spans, in whatever stops they lie, are one flow. */
void gw_timeline_begin_phase(struct gw_heap *heap, uint64_t start)
{
    struct gw_timeline *timeline = heap->timeline;
    timeline->cycle = heap->stats.major_collections + 1;
    begin_span(timeline, phase_name(heap->cycle.phase), start);
    gw_packets_fixed(&timeline->packets, EVENT_FLOW, (uint64_t)timeline->sequence << 40 | timeline->cycle);
    annotate(timeline, "cycle", timeline->cycle);
    end_event(timeline);
}

void gw_timeline_end_phase(struct gw_heap *heap, uint64_t end)
{
    end_span(heap->timeline, end);
    end_event(heap->timeline);
}
