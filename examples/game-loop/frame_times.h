/* How long frames took: a histogram with a logarithmic scale, printed as text and drawn as SVG. Plain C; no collected
 * objects. */
#ifndef GAME_LOOP_FRAME_TIMES_H
#define GAME_LOOP_FRAME_TIMES_H

#include <stdbool.h>
#include <stdint.h>

/* Buckets are an eighth of an octave wide; the first begins at 10 us, the last holds everything from 650 ms on. */
enum { FRAME_BUCKETS = 128 };

/* Why a frame was late. By the machine: its own processor time would have fitted, but others had the processor. By the
 * collector: without collection it would have been in time. */
enum lateness { IN_TIME, LATE_BY_PROGRAM, LATE_BY_COLLECTOR, LATE_BY_MACHINE, LATENESSES };

struct frame {
    uint64_t ns;           /* from its beginning until it is ready to be shown */
    uint64_t processor_ns; /* of these, on the processor */
    uint64_t collector_ns; /* of these, in the collector */
    bool scene_change;     /* a loading screen: never late, and shown apart */
};

struct frame_times {
    const char *title;
    uint64_t period_ns;
    uint64_t buckets[FRAME_BUCKETS];   /* frames of play */
    uint64_t late_here[FRAME_BUCKETS]; /* of these, late, and not by the machine */
    uint64_t frames, late[LATENESSES], longest_ns, longest_collector_ns;
    uint64_t scene_changes, longest_scene_change_ns;
};

void frame_times_add(struct frame_times *times, const struct frame *frame);

/* The upper end of the bucket that holds this share of the frames. */
uint64_t frame_times_quantile(const struct frame_times *times, double share);

void frame_times_print(const struct frame_times *times);

/* One panel for each, below one another, on one scale. False after a message when the file cannot be written. */
bool frame_times_draw(const char *path, const struct frame_times *times, int count);

#endif
