/* Arithmetic for the default limit. The sizes are those that heap.c, recorded.c, old_space.c and finalizer_order.c
 * reserve; a test makes heaps in little address space and shows that the sum is not too small. */
#include "heap/default_limit.h"

#include "heap/heap.h"
#include "heap/options.h"
#include "os/linux/memory.h"

#include <stdio.h>

#define MEGABYTE ((size_t)1 << 20)
#define WITHOUT_KNOWLEDGE (256 * MEGABYTE)

/* Bitmaps of starts and marks, cards, block records; what is known of young blocks. */
static uint64_t side_tables(uint64_t range)
{
    return 2 * (range >> GW_GRANULE_SHIFT) / 8 + (range >> GW_CARD_SHIFT) +
           (range >> GW_BLOCK_SHIFT) * (sizeof(struct gw_block) + 1 + sizeof(struct gw_strips));
}

/* The finalizer order's states and queue; verification's starts of young objects; with verify=1 the second tracer's bitmaps. */
static uint64_t tables_on_demand(const struct gw_options *options, uint64_t range)
{
    uint64_t bitmap = (range >> GW_GRANULE_SHIFT) / 8;
    uint64_t order = (range >> GW_GRANULE_SHIFT) + range / GW_SMALLEST_CELL * sizeof(uintptr_t);
    return order + bitmap + (options->verify ? 3 * bitmap : 0);
}

/* The stack of promotion, with a helper two more, and lists of blocks and pieces. */
static uint64_t young_tables(const struct gw_options *options, uint64_t young)
{
    uint64_t stacks = options->helpers ? 3 : 1;
    return stacks * (young / GW_SMALLEST_CELL) * sizeof(uintptr_t) + (young >> GW_STRIP_SHIFT) * sizeof(struct gw_piece) + 4 * 4096;
}

uint64_t gw_heap_cost(const struct gw_options *options, uint64_t bytes, bool in_address_space)
{
    struct gw_options limited = *options;
    struct gw_nursery nursery;
    limited.max_heap = bytes;
    gw_nursery_init(&nursery, gw_largest_eden(&limited));
    uint64_t young = gw_nursery_bytes(&nursery), stack = GW_MARK_STACK_WORDS * sizeof(uintptr_t);
    if (!in_address_space) return bytes + side_tables(bytes) + young / 4 + stack;
    uint64_t range = young + bytes;
    uint64_t lists = (2 * GW_REMEMBERED_CAPACITY + 3 * GW_STATIC_CAPACITY) * sizeof(uintptr_t);
    return range + side_tables(range) + tables_on_demand(options, range) + young_tables(options, young) + stack + lists +
           GW_HUGE_PAGE_BYTES;
}

/* The most that fits, in whole megabytes. */
static size_t limit_by(const struct gw_options *options, const struct gw_os_limit *by)
{
    uint64_t room = by->bytes > by->held ? by->bytes - by->held : 0, low = GW_SMALLEST_HEAP, high = room / 8 * 7;
    if (high > GW_LARGEST_HEAP) high = GW_LARGEST_HEAP;
    while (high >= low + MEGABYTE) {
        uint64_t middle = low + (high - low + MEGABYTE) / 2 / MEGABYTE * MEGABYTE;
        if (gw_heap_cost(options, middle, by->of_mapping) <= room) low = middle;
        else high = middle - MEGABYTE;
    }
    return low;
}

struct gw_default_limit gw_default_limit(const struct gw_options *options)
{
    struct gw_os_limit limits[GW_OS_LIMITS];
    struct gw_default_limit least = {.bytes = WITHOUT_KNOWLEDGE};
    size_t count = gw_os_limits(limits);
    for (size_t i = 0; i < count; i++) {
        size_t bytes = limit_by(options, &limits[i]);
        if (least.by.name && bytes >= least.bytes) continue;
        least = (struct gw_default_limit){bytes, limits[i]};
    }
    return least;
}

void gw_default_limit_tell(const struct gw_default_limit *limit, size_t chosen)
{
    const char *name = limit->by.name ? limit->by.name : "no limit that is known";
    fprintf(stderr, "greywave: heap limit %zu MB, by %s: %.0f MB, of which the process holds %.0f MB\n", chosen >> 20, name,
            (double)limit->by.bytes / MEGABYTE, (double)limit->by.held / MEGABYTE);
}
