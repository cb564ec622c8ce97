#include "frame_times.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { FIRST_NS = 10000, BUCKETS_AN_OCTAVE = 8 };

static int bucket_of(uint64_t ns)
{
    if (ns <= FIRST_NS) return 0;
    int bucket = (int)(log2((double)ns / FIRST_NS) * BUCKETS_AN_OCTAVE);
    return bucket < FRAME_BUCKETS ? bucket : FRAME_BUCKETS - 1;
}

/* Where a bucket begins. */
static double bucket_start(int bucket)
{
    return FIRST_NS * exp2((double)bucket / BUCKETS_AN_OCTAVE);
}

static enum lateness lateness_of(const struct frame_times *times, const struct frame *frame)
{
    if (frame->ns <= times->period_ns) return IN_TIME;
    if (frame->processor_ns <= times->period_ns) return LATE_BY_MACHINE;
    return frame->ns - frame->collector_ns <= times->period_ns ? LATE_BY_COLLECTOR : LATE_BY_PROGRAM;
}

void frame_times_add(struct frame_times *times, const struct frame *frame)
{
    if (frame->scene_change) {
        times->scene_changes++;
        if (frame->ns > times->longest_scene_change_ns) times->longest_scene_change_ns = frame->ns;
        return;
    }
    enum lateness lateness = lateness_of(times, frame);
    int bucket = bucket_of(frame->ns);
    times->frames++;
    times->buckets[bucket]++;
    times->late[lateness]++;
    if (lateness == LATE_BY_PROGRAM || lateness == LATE_BY_COLLECTOR) times->late_here[bucket]++;
    if (frame->ns > times->longest_ns) times->longest_ns = frame->ns;
    if (frame->collector_ns > times->longest_collector_ns) times->longest_collector_ns = frame->collector_ns;
}

uint64_t frame_times_quantile(const struct frame_times *times, double share)
{
    uint64_t seen = 0;
    for (int i = 0; i < FRAME_BUCKETS; i++) {
        seen += times->buckets[i];
        if ((double)seen >= share * (double)times->frames) {
            uint64_t end = (uint64_t)bucket_start(i + 1);
            return end < times->longest_ns ? end : times->longest_ns;
        }
    }
    return times->longest_ns;
}

/* ---- As text --------------------------------------------------------------------------------------- */

static void print_bar(double from_ms, double to_ms, uint64_t count, uint64_t most)
{
    int length = count ? 1 + (int)(49 * log2(1 + (double)count) / log2(1 + (double)most)) : 0;
    printf("  %8.2f - %8.2f ms %9llu  %.*s\n", from_ms, to_ms, (unsigned long long)count, length,
           "##################################################");
}

/* Half octaves, from the first that holds a frame to the last. The bars are logarithmic: the rare frames are what
 * matters. */
static void print_histogram(const struct frame_times *times)
{
    enum { STEP = BUCKETS_AN_OCTAVE / 2, ROWS = FRAME_BUCKETS / STEP };
    uint64_t rows[ROWS] = {0}, most = 0;
    int first = ROWS, last = 0;
    for (int i = 0; i < FRAME_BUCKETS; i++) rows[i / STEP] += times->buckets[i];
    for (int i = 0; i < ROWS; i++) {
        if (!rows[i]) continue;
        if (i < first) first = i;
        last = i;
        if (rows[i] > most) most = rows[i];
    }
    for (int i = first; i <= last; i++) print_bar(bucket_start(i * STEP) / 1e6, bucket_start((i + 1) * STEP) / 1e6, rows[i], most);
}

void frame_times_print(const struct frame_times *times)
{
    printf("%s: %llu frames of at most %.2f ms\n", times->title, (unsigned long long)times->frames, (double)times->period_ns / 1e6);
    print_histogram(times);
    printf("  p50 %.2f ms, p99 %.2f ms, p99.9 %.2f ms, longest %.2f ms; most collection in a frame %.2f ms\n",
           (double)frame_times_quantile(times, 0.5) / 1e6, (double)frame_times_quantile(times, 0.99) / 1e6,
           (double)frame_times_quantile(times, 0.999) / 1e6, (double)times->longest_ns / 1e6, (double)times->longest_collector_ns / 1e6);
    printf("  late because of collection: %llu, of the game itself: %llu, of the machine: %llu\n",
           (unsigned long long)times->late[LATE_BY_COLLECTOR], (unsigned long long)times->late[LATE_BY_PROGRAM],
           (unsigned long long)times->late[LATE_BY_MACHINE]);
    printf("  scene changes, behind a loading screen: %llu, the longest %.2f ms\n\n", (unsigned long long)times->scene_changes,
           (double)times->longest_scene_change_ns / 1e6);
}

/* ---- As a picture ---------------------------------------------------------------------------------- */

enum { WIDTH = 860, PANEL = 190, TOP = 16, LEFT = 70, RIGHT = 20, PLOT = 110 };

struct scale {
    int first, last; /* buckets shown */
    uint64_t most;   /* frames in one */
};

static struct scale scale_of(const struct frame_times *times, int count)
{
    struct scale scale = {FRAME_BUCKETS - 1, 0, 1};
    for (int k = 0; k < count; k++)
        for (int i = 0; i < FRAME_BUCKETS; i++) {
            if (!times[k].buckets[i]) continue;
            if (i < scale.first) scale.first = i;
            if (i > scale.last) scale.last = i;
            if (times[k].buckets[i] > scale.most) scale.most = times[k].buckets[i];
        }
    int period = bucket_of(times[0].period_ns);
    if (scale.last < period + BUCKETS_AN_OCTAVE) scale.last = period + BUCKETS_AN_OCTAVE;
    if (scale.first > period - BUCKETS_AN_OCTAVE) scale.first = period - BUCKETS_AN_OCTAVE;
    scale.first = scale.first < 0 ? 0 : scale.first;
    return scale;
}

static double x_of(const struct scale *scale, double ns)
{
    double bucket = log2(ns / FIRST_NS) * BUCKETS_AN_OCTAVE;
    return LEFT + (bucket - scale->first) / (scale->last + 1 - scale->first) * (WIDTH - LEFT - RIGHT);
}

static double height_of(const struct scale *scale, uint64_t count)
{
    return PLOT * log2(1 + (double)count) / log2(1 + (double)scale->most);
}

static void draw_bar(FILE *file, const struct scale *scale, double base, int bucket, uint64_t count, const char *fill)
{
    double x = x_of(scale, bucket_start(bucket)), end = x_of(scale, bucket_start(bucket + 1));
    double height = height_of(scale, count);
    fprintf(file, "<rect x='%.1f' y='%.1f' width='%.1f' height='%.1f' fill='%s'", x, base - height, end - x - 1, height, fill);
    fprintf(file, "><title>%llu frames</title></rect>\n", (unsigned long long)count);
}

/* What was late by its own doing stands in front of what the machine delayed. */
static void draw_bars(FILE *file, const struct frame_times *times, const struct scale *scale, double base)
{
    for (int i = scale->first; i <= scale->last; i++) {
        bool late = bucket_start(i) >= (double)times->period_ns;
        uint64_t others = times->buckets[i] - times->late_here[i];
        if (others) draw_bar(file, scale, base, i, others, late ? "#bbb" : "#2c6fbb");
        if (times->late_here[i]) draw_bar(file, scale, base, i, times->late_here[i], "#c0392b");
    }
}

/* Lines at 1, 10, 100… frames. */
static void draw_counts(FILE *file, const struct scale *scale, double base)
{
    for (uint64_t count = 1; count <= scale->most; count *= 10) {
        double y = base - height_of(scale, count);
        fprintf(file, "<path d='M%d %.1fH%d' stroke='#ddd'/>\n", LEFT, y, WIDTH - RIGHT);
        fprintf(file, "<text x='%d' y='%.1f' text-anchor='end' fill='#555'>%llu</text>\n", LEFT - 6, y + 4, (unsigned long long)count);
    }
}

static void draw_times(FILE *file, const struct scale *scale, double base)
{
    static const double ticks_ms[] = {0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500};
    for (size_t i = 0; i < sizeof ticks_ms / sizeof *ticks_ms; i++) {
        double x = x_of(scale, ticks_ms[i] * 1e6);
        if (x < LEFT || x > WIDTH - RIGHT) continue;
        fprintf(file, "<path d='M%.1f %.1fv4' stroke='#333'/>\n", x, base);
        fprintf(file, "<text x='%.1f' y='%.1f' text-anchor='middle' fill='#555'>%g ms</text>\n", x, base + 17, ticks_ms[i]);
    }
    fprintf(file, "<path d='M%d %.1fH%d' stroke='#333'/>\n", LEFT, base, WIDTH - RIGHT);
}

static void draw_panel(FILE *file, const struct frame_times *times, const struct scale *scale, double top)
{
    double base = top + 24 + PLOT, period = x_of(scale, (double)times->period_ns);
    fprintf(file, "<text x='%d' y='%.1f' font-weight='bold'>%s</text>\n", LEFT, top + 12, times->title);
    fprintf(file,
            "<text x='%d' y='%.1f' text-anchor='end' fill='#555'>p99.9 %.2f ms, longest %.2f ms, late because of "
            "collection: %llu of %llu</text>\n",
            WIDTH - RIGHT, top + 12, (double)frame_times_quantile(times, 0.999) / 1e6, (double)times->longest_ns / 1e6,
            (unsigned long long)times->late[LATE_BY_COLLECTOR], (unsigned long long)times->frames);
    draw_counts(file, scale, base);
    draw_bars(file, times, scale, base);
    draw_times(file, scale, base);
    fprintf(file, "<path d='M%.1f %.1fV%.1f' stroke='#c0392b' stroke-dasharray='4 3'/>\n", period, top + 20, base);
}

static void draw(FILE *file, const struct frame_times *times, int count)
{
    struct scale scale = scale_of(times, count);
    int height = TOP + count * PANEL + 24;
    fprintf(file,
            "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 %d %d' width='%d' height='%d' "
            "font-family='sans-serif' font-size='12'>\n<rect width='%d' height='%d' fill='white'/>\n",
            WIDTH, height, WIDTH, height, WIDTH, height);
    for (int i = 0; i < count; i++) draw_panel(file, &times[i], &scale, TOP + i * PANEL);
    fprintf(file,
            "<text x='%d' y='%d' fill='#555'>Frames by the time they took, both axes logarithmic. Dashed: the %.2f ms a "
            "frame has. Red: late; grey: late because others had the processor.</text>\n</svg>\n",
            LEFT, height - 12, (double)times[0].period_ns / 1e6);
}

bool frame_times_draw(const char *path, const struct frame_times *times, int count)
{
    FILE *file = fopen(path, "w");
    if (!file) return perror(path), false;
    draw(file, times, count);
    if (fclose(file) == 0) return true;
    return perror(path), false;
}
