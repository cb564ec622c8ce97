/* A program that collects in every way, writes a timeline, and prints what hooks are told:
 *
 *     stop <start> <end>, minor <ns> <allocated> <promoted>, cycle
 *
 *     timeline_work <file> [crash | exit]
 *
 * crash: it is killed in the end; exit: it ends in a hook, in the middle of a stop.
 */
#define _GNU_SOURCE /* nanosleep */
#include <greywave/greywave.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct node {
    struct node *next, *other;
    uint64_t number;
};
GW_TYPE_FIELDS(node, struct node, next, other);
struct bytes {
    uint64_t length;
    char at[];
};
GW_TYPE_BYTES(bytes, struct bytes, length, at);

static void *roots[64];

/* A stop that is told again replaces what was told of it. */
static struct gw_stop_event stops[1 << 16];
static size_t stop_count;

static void note_stop(void *data, const struct gw_stop_event *event)
{
    (void)data;
    if (stop_count && stops[stop_count - 1].start_ns == event->start_ns) stop_count--;
    if (stop_count < sizeof stops / sizeof *stops) stops[stop_count++] = *event;
}

static void note_minor(void *data, const struct gw_minor_event *event)
{
    (void)data;
    printf("minor %" PRIu64 " %" PRIu64 " %" PRIu64 "\n", event->ns, event->allocated_bytes, event->promoted_bytes);
}

static bool ends;

static void note_cycle(void *data, const struct gw_cycle_event *event)
{
    (void)data, (void)event;
    printf("cycle\n");
    if (ends) exit(0);
}

/* What follows is a stop of its own. */
static void run_on(long ns)
{
    nanosleep(&(struct timespec){.tv_nsec = ns}, NULL);
}

static void work(unsigned rounds)
{
    for (unsigned i = 0; i < rounds; i++) {
        struct node *node = gw_alloc(&gw_type_node);
        GW_STORE(node, next, roots[i % 64]);
        roots[i % 64] = i % 997 ? (void *)node : NULL;
        if (i % 5000 == 0) gw_alloc_array(&gw_type_bytes, 100000);
        if (i % 30000 == 0) run_on(100000), gw_collect_step(i % 4 ? 200000 : 0);
    }
    run_on(100000);
    gw_collect(GW_FULL);
    gw_collect(GW_MINOR);
}

int main(int argc, char **argv)
{
    struct gw_hooks hooks = {.minor = note_minor, .cycle = note_cycle, .stop = note_stop};
    if (argc < 2 || gw_init("nursery=256k") != GW_OK || gw_add_roots(roots, 64) != GW_OK) return 2;
    if (gw_trace_start(argv[1]) != GW_OK) {
        fprintf(stderr, "%s\n", gw_error_text());
        return 1;
    }
    gw_set_hooks(&hooks);
    gw_external_memory(123456);
    work(300000);
    if (argc > 2) fflush(stdout), ends = !strcmp(argv[2], "exit");
    if (ends) gw_collect(GW_FULL);
    if (argc > 2) {
        run_on(20000000); /* what came before is with the system at the end of the next stop */
        gw_collect(GW_MINOR);
        raise(SIGKILL);
    }
    if (gw_trace_stop() != GW_OK) {
        fprintf(stderr, "%s\n", gw_error_text());
        return 1;
    }
    for (size_t i = 0; i < stop_count; i++) printf("stop %" PRIu64 " %" PRIu64 "\n", stops[i].start_ns, stops[i].start_ns + stops[i].ns);
    return 0;
}
