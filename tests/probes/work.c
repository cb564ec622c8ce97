/* A program that collects in several ways, runs out of memory once, and prints what its hooks are told, as probes.sh prints what probes
 * say. */
#include <greywave/greywave.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

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

static void note_minor(void *data, const struct gw_minor_event *event)
{
    (void)data;
    printf("minor_end %" PRIu64 " %" PRIu64 " %" PRIu64 "\n", event->ns, event->allocated_bytes, event->promoted_bytes);
    if (event->promoted_bytes) printf("promotion %" PRIu64 "\n", event->promoted_bytes);
}

static void note_cycle(void *data, const struct gw_cycle_event *event)
{
    struct gw_stats stats;
    (void)data;
    gw_get_stats(&stats);
    printf("cycle_begin %" PRIu64 " %" PRIu64 "\n", stats.major_collections, event->used_at_start_bytes);
    printf("cycle_end %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 "\n", stats.major_collections, event->ns, event->live_bytes,
           event->goal_bytes);
}

/* Each stop is told by itself: the program runs on for longer than what makes two of them one. */
static void note_stop(void *data, const struct gw_stop_event *event)
{
    (void)data;
    printf("stop_end %" PRIu64 " %d\n", event->ns, event->by_hand);
    usleep(20);
}

static bool refuse(void *data, size_t bytes)
{
    struct gw_stats stats;
    (void)data;
    gw_get_stats(&stats);
    printf("out_of_memory %zu bytes %" PRIu64 "\n", bytes, stats.heap_bytes);
    return false;
}

int main(void)
{
    struct gw_hooks hooks = {.minor = note_minor, .cycle = note_cycle, .stop = note_stop};
    if (gw_init("nursery=256k,max-heap=64m") != GW_OK || gw_add_roots(roots, 64) != GW_OK) return 2;
    gw_set_hooks(&hooks);
    gw_set_oom_handler(refuse, NULL);
    for (unsigned i = 0; i < 60000; i++) {
        struct node *node = gw_alloc(&gw_type_node);
        GW_STORE(node, next, roots[i % 64]);
        roots[i % 64] = i % 997 ? (void *)node : NULL;
        if (i % 10000 == 0) gw_collect_step(i % 4 ? 200000 : 0);
    }
    gw_collect(GW_FULL);
    gw_collect(GW_MINOR);
    roots[0] = gw_alloc_array(&gw_type_bytes, 40 << 20);
    if (!roots[0] || gw_alloc_array(&gw_type_bytes, 40 << 20)) return 1;
    return gw_alloc_array(&gw_type_bytes, (size_t)1 << 40) != NULL;
}
