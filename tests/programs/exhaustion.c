/* The heap limit: the handler is asked once a full collection did not help, drops a cache, and the program goes on;
 * when it has nothing left to give, gw_new returns NULL, and what the program holds is intact. Run with a limit of 32
 * MB. */
#include "check.h"

struct block {
    struct block GW *next;
    int64_t number;
    uint64_t length;
    unsigned char bytes[];
};
GW_TYPE_ARRAY(block, struct block, length, bytes);

enum { BLOCK_BYTES = 4000, CACHE_BLOCKS = 2500 };

static struct block GW *cache;
static int handler_calls, caches_dropped;
static size_t bytes_wanted;

static bool drop_cache(void *data, size_t bytes)
{
    CHECK(data == &handler_calls);
    handler_calls++;
    bytes_wanted = bytes;
    if (!cache) return false;
    cache = NULL;
    caches_dropped++;
    return true;
}

/* NULL when memory is exhausted. */
static struct block GW *block_make(int64_t number, struct block GW *next)
{
    struct block GW *block = gw_new_array(block, BLOCK_BYTES);
    if (!block) return NULL;
    block->number = number;
    block->next = next;
    for (int i = 0; i < BLOCK_BYTES; i += 250) block->bytes[i] = (unsigned char)(number + i);
    return block;
}

static void check_blocks(struct block GW *list, int64_t count)
{
    for (; list; list = list->next) {
        CHECK(list->number == --count && list->length == BLOCK_BYTES);
        for (int i = 0; i < BLOCK_BYTES; i += 250) CHECK(list->bytes[i] == (unsigned char)(count + i));
    }
    CHECK(count == 0);
}

static void fill_cache(void)
{
    for (int64_t i = 0; i < CACHE_BLOCKS; i++) {
        struct block GW *block = block_make(i, cache);
        CHECK(block);
        cache = block;
    }
    CHECK(handler_calls == 0);
    check_blocks(cache, CACHE_BLOCKS);
}

struct filled {
    struct block GW *list;
    int64_t count;
};

/* Allocates until nothing is left. */
static struct filled fill(void)
{
    struct filled filled = {0};
    for (struct block GW *block; (block = block_make(filled.count, filled.list)); filled.count++) filled.list = block;
    return filled;
}

static void with_handler(void)
{
    gw_set_oom_handler(drop_cache, &handler_calls);
    fill_cache();
    struct filled kept = fill();
    CHECK(caches_dropped == 1 && handler_calls == 2 && bytes_wanted >= BLOCK_BYTES);
    CHECK(kept.count > CACHE_BLOCKS && kept.count < (int64_t)(32 << 20) / BLOCK_BYTES);
    check_blocks(kept.list, kept.count);
    CHECK(gw_verify() == GW_OK);
    printf("handler: dropped the cache once\n");
}

static void without_handler(void)
{
    gw_set_oom_handler(NULL, NULL);
    struct filled kept = fill();
    CHECK(kept.count > CACHE_BLOCKS);
    check_blocks(kept.list, kept.count);
    CHECK(!gw_new_array(block, BLOCK_BYTES));
    /* Half of it goes; there is room again. */
    struct block GW *half = kept.list;
    for (int64_t i = 0; i < kept.count / 2; i++) half = half->next;
    kept.list = NULL;
    for (int i = 0; i < 1000; i++) CHECK(block_make(i, NULL));
    check_blocks(half, kept.count - kept.count / 2);
    printf("no handler: NULL, then room again\n");
}

static void impossible_sizes(void)
{
    struct node GW *held = node_make(5, NULL);
    CHECK(!gw_new_array(block, (size_t)64 << 20));
    CHECK(!gw_new_array(block, SIZE_MAX / 2));
    CHECK(!gw_new_array(block, SIZE_MAX - 8));
    CHECK(held->value == 5 && node_make(6, held)->next == held);
    printf("impossible sizes: NULL\n");
}

int main(void)
{
    start("max-heap=32m,nursery=1m");
    with_handler();
    without_handler();
    impossible_sizes();
    CHECK(gw_verify() == GW_OK);
    struct gw_stats stats;
    gw_get_stats(&stats);
    CHECK(stats.peak_heap_bytes <= 32u << 20);
    return 0;
}
