/* A game loop on a collected heap, four ways.
 *
 *   automatic       the collector works when allocation makes it
 *   manual          what is left of each frame goes to gw_collect_step
 *   scene           collection disabled during play; everything collected at each scene change
 *   stop            the world stops for whole collections whenever the heap has grown enough
 *
 * Frames follow one another without waiting for the screen: a simulated minute takes as long as its frames need. A
 * frame is late when it is not ready within its period.
 */
#include "frame_times.h"
#include "world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum mode { AUTOMATIC, MANUAL, SCENE, STOP, MODES };
static const char *const mode_names[MODES] = {"automatic", "manual", "scene", "stop"};
static const char *const mode_titles[MODES] = {"automatic", "manual: the rest of each frame", "disabled, collected at scene changes",
                                               "stop the world"};

struct settings {
    struct world_plan plan;
    uint32_t seconds;
    int only; /* one mode, or MODES for all */
    const char *heap, *svg;
};

static uint64_t clock_ns(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static uint64_t now_ns(void)
{
    return clock_ns(CLOCK_MONOTONIC);
}

static struct gw_stats stats_now(void)
{
    struct gw_stats stats;
    gw_get_stats(&stats);
    return stats;
}

/* ---- What the modes do ----------------------------------------------------------------------------- */

/* Half a period is kept: a minor collection may take longer than expected, and those that a cycle begins and ends with come on top of
 * a step's budget. */
static void step_in_rest(uint64_t began, uint64_t period_ns)
{
    uint64_t used = now_ns() - began, margin = period_ns / 2;
    if (used + margin < period_ns) gw_collect_step(period_ns - margin - used);
}

static void collect_when_grown(void)
{
    struct gw_stats stats = stats_now();
    if (stats.heap_bytes > 2 * stats.live_bytes + (32 << 20)) gw_collect(GW_FULL);
}

static void end_frame(enum mode mode, uint64_t began, uint64_t period_ns, bool scene_change)
{
    switch (mode) {
    case AUTOMATIC: break;
    case MANUAL: step_in_rest(began, period_ns); break;
    case SCENE:
        if (scene_change) gw_collect(GW_FULL);
        break;
    case STOP: collect_when_grown(); break;
    case MODES: break;
    }
}

/* ---- Frames ---------------------------------------------------------------------------------------- */

static struct frame play_frame(struct world GW *world, enum mode mode, uint64_t period_ns)
{
    struct gw_stats before = stats_now();
    uint64_t processor = clock_ns(CLOCK_THREAD_CPUTIME_ID), began = now_ns();
    bool scene_change = world_update(world);
    end_frame(mode, began, period_ns, scene_change);
    uint64_t taken = now_ns() - began;
    processor = clock_ns(CLOCK_THREAD_CPUTIME_ID) - processor;
    struct gw_stats after = stats_now();
    return (struct frame){.ns = taken,
                          .processor_ns = processor,
                          .collector_ns = after.minor_ns + after.major_ns - before.minor_ns - before.major_ns,
                          .scene_change = scene_change};
}

/* Returns the world's checksum. */
static uint64_t play(const struct settings *settings, enum mode mode, struct frame_times *times)
{
    struct world GW *world = world_new(&settings->plan);
    if (mode == SCENE || mode == STOP) gw_disable();
    gw_collect(GW_FULL);
    for (uint64_t i = 0; i < (uint64_t)settings->seconds * settings->plan.frames_per_second; i++) {
        struct frame frame = play_frame(world, mode, times->period_ns);
        frame_times_add(times, &frame);
    }
    return world_checksum(world);
}

static bool out_of_memory(void *data, size_t bytes)
{
    (void)data;
    fprintf(stderr, "game-loop: no memory for %zu bytes\n", bytes);
    exit(3);
}

/* Steps run the minor collections too, one a frame when eden holds what two frames allocate; more would be more to copy at once. */
static const char *heap_options(const struct settings *settings, enum mode mode)
{
    return settings->heap ? settings->heap : mode == MANUAL ? "nursery=3m" : "";
}

/* Each mode has a heap of its own. False after a message. */
static bool play_mode(const struct settings *settings, enum mode mode, struct frame_times *times, uint64_t *checksum)
{
    struct gw_options options;
    struct gw_heap *heap;
    if (gw_options_parse(heap_options(settings, mode), &options) != GW_OK || gw_heap_create(&options, &heap) != GW_OK ||
        gw_attach(heap) != GW_OK) {
        fprintf(stderr, "game-loop: %s\n", gw_error_text());
        return false;
    }
    gw_set_oom_handler(out_of_memory, NULL);
    *times = (struct frame_times){.title = mode_titles[mode], .period_ns = UINT64_C(1000000000) / settings->plan.frames_per_second};
    *checksum = play(settings, mode, times);
    frame_times_print(times);
    struct gw_stats stats = stats_now();
    printf("  peak heap %.1f MB, minor collections: %llu, cycles: %llu\n\n", (double)stats.peak_heap_bytes / (1 << 20),
           (unsigned long long)stats.minor_collections, (unsigned long long)stats.major_collections);
    return gw_detach() == GW_OK && gw_heap_destroy(heap) == GW_OK;
}

static int play_all(const struct settings *settings)
{
    static struct frame_times times[MODES];
    uint64_t first = 0;
    int played = 0;
    for (int mode = 0; mode < MODES; mode++) {
        if (settings->only != MODES && settings->only != mode) continue;
        uint64_t checksum;
        if (!play_mode(settings, (enum mode)mode, &times[played], &checksum)) return 1;
        if (played++ == 0) first = checksum;
        if (checksum == first) continue;
        fprintf(stderr, "game-loop: the world of mode %s differs from the first mode's\n", mode_names[mode]);
        return 1;
    }
    printf("world %016llx\n", (unsigned long long)first);
    return settings->svg && !frame_times_draw(settings->svg, times, played) ? 1 : 0;
}

/* ---- Options --------------------------------------------------------------------------------------- */

static int usage(FILE *out)
{
    fputs("usage: game-loop [options]\n\n"
          "  --mode MODE       automatic, manual, scene or stop; default: all four, one after another\n"
          "  --fps N           frames a second, default 60; 120 and 240 are harder\n"
          "  --seconds N       simulated seconds, default 20\n"
          "  --entities N      default 40000\n"
          "  --side N          tiles on a side of a scene, default 512\n"
          "  --scene N         seconds that a scene is played, default 5\n"
          "  --heap OPTIONS    of the collected heap, such as nursery=4m,pause=2ms; default: nursery=3m for manual,\n"
          "                    none for the other modes\n"
          "  --svg FILE        draws the histogram of frame times\n\n"
          "Prints, for each mode, how long frames took and why some were late.\n",
          out);
    return out == stdout ? 0 : 2;
}

static bool parse_number(const char *text, uint32_t most, uint32_t *number)
{
    char *end;
    unsigned long value = strtoul(text, &end, 10);
    if (!*text || *end || value == 0 || value > most) return false;
    *number = (uint32_t)value;
    return true;
}

static bool parse_mode(const char *text, int *only)
{
    for (int mode = 0; mode < MODES; mode++)
        if (strcmp(text, mode_names[mode]) == 0) return *only = mode, true;
    return false;
}

static bool parse_option(const char *option, const char *value, struct settings *settings)
{
    if (strcmp(option, "--mode") == 0) return parse_mode(value, &settings->only);
    if (strcmp(option, "--fps") == 0) return parse_number(value, 1000, &settings->plan.frames_per_second);
    if (strcmp(option, "--seconds") == 0) return parse_number(value, 86400, &settings->seconds);
    if (strcmp(option, "--entities") == 0) return parse_number(value, 1000000, &settings->plan.entities);
    if (strcmp(option, "--side") == 0) return parse_number(value, 4096, &settings->plan.side);
    if (strcmp(option, "--scene") == 0) return parse_number(value, 3600, &settings->plan.scene_seconds);
    if (strcmp(option, "--heap") == 0) return settings->heap = value, true;
    if (strcmp(option, "--svg") == 0) return settings->svg = value, true;
    return false;
}

int main(int argc, char **argv)
{
    struct settings settings = {
        .plan = {.frames_per_second = 60, .entities = 40000, .side = 512, .scene_seconds = 5},
        .seconds = 20,
        .only = MODES,
    };
    if (argc == 2 && strcmp(argv[1], "--help") == 0) return usage(stdout);
    for (int i = 1; i < argc; i += 2)
        if (i + 1 == argc || !parse_option(argv[i], argv[i + 1], &settings)) return usage(stderr);
    return play_all(&settings);
}
