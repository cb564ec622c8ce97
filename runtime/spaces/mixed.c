/* Reading blocks of mixed sizes. */
#include "spaces/mixed.h"

#include "base/report.h"

static bool has_old_objects(const struct gw_block_space *blocks, uint32_t block)
{
    return blocks->blocks[block].kind == GW_BLOCK_MIXED || (blocks->young[block] & GW_HAS_OLD);
}

/* The last object that starts in the block, or 0. */
static uintptr_t last_object(const struct gw_old_space *old, uint32_t block)
{
    size_t begin = gw_block_granule(old, block), end = begin + GW_BLOCK_GRANULES, last = gw_bit_last(old->starts, begin, end);
    return last < end ? old->base + (last << GW_GRANULE_SHIFT) : 0;
}

/* Where the object ends that reaches into the block, or the block's first byte. */
static char *tail_end(const struct gw_old_space *old, uint32_t block)
{
    char *begin = gw_block_address(&old->blocks, block);
    if (block == 0 || !has_old_objects(&old->blocks, block - 1)) return begin;
    uintptr_t before = last_object(old, block - 1);
    if (!before) return begin;
    char *end = gw_mixed_object_end(before);
    return end > begin ? end : begin;
}

static uintptr_t first_payload(const struct gw_old_space *old, uint32_t block)
{
    return (uintptr_t)gw_block_address(&old->blocks, block);
}

/* An object whose payload is the block's first word has its header in the block before. */
static bool starts_at_once(const struct gw_old_space *old, uint32_t block)
{
    return gw_bit_get(old->starts, gw_granule(old, first_payload(old, block)));
}

char *gw_mixed_begin(const struct gw_old_space *old, uint32_t block)
{
    return starts_at_once(old, block) ? gw_mixed_object_end(first_payload(old, block)) : tail_end(old, block);
}

bool gw_mixed_is_free(const struct gw_old_space *old, uint32_t block)
{
    size_t begin = gw_block_granule(old, block), next = begin + GW_BLOCK_GRANULES;
    return gw_bit_next(old->starts, begin, next + 1) == next + 1 && tail_end(old, block) == gw_block_address(&old->blocks, block);
}

/* The start of an object at `end` counts: its header lies before. */
char *gw_mixed_gap_end(const struct gw_old_space *old, char *from, char *end)
{
    if (from >= end) return end;
    size_t beyond = gw_granule(old, (uintptr_t)end) + 1;
    size_t live = gw_bit_next(old->starts, gw_granule(old, (uintptr_t)from) + 1, beyond);
    return live == beyond ? end : (char *)(old->base + (live << GW_GRANULE_SHIFT)) - GW_HEADER_SIZE;
}

char *gw_mixed_gap(const struct gw_old_space *old, char **from, char *end)
{
    while (*from < end) {
        char *stop = gw_mixed_gap_end(old, *from, end);
        if (stop - *from >= GW_SMALLEST_GAP) return stop;
        *from = gw_mixed_behind(stop, end);
    }
    return NULL;
}

uint64_t gw_mixed_object_bytes(const struct gw_old_space *old, uint32_t block)
{
    size_t begin = gw_block_granule(old, block), end = begin + GW_BLOCK_GRANULES;
    uint64_t bytes = 0;
    for (size_t granule = gw_bit_next(old->starts, begin, end); granule < end; granule = gw_bit_next(old->starts, granule + 1, end)) {
        uintptr_t ref = old->base + (granule << GW_GRANULE_SHIFT);
        bytes += gw_object_bytes(ref, gw_object_type(ref));
    }
    return bytes;
}

/* ---- Strips of young blocks -------------------------------------------------------------------------- */

/* Those of [from, end) that lie in the block. */
static void use_strips_of(struct gw_old_space *old, uint32_t block, const char *from, const char *end)
{
    const char *begin = gw_block_address(&old->blocks, block);
    size_t first = from > begin ? (size_t)(from - begin) : 0, last = (size_t)(end - begin) - 1;
    if (last >= GW_BLOCK_BYTES) last = GW_BLOCK_BYTES - 1;
    for (size_t strip = first >> GW_STRIP_SHIFT; strip <= last >> GW_STRIP_SHIFT; strip++)
        gw_bit_set(old->blocks.strips[block].used, strip);
}

void gw_mixed_use_strips(struct gw_old_space *old, const void *from, size_t bytes)
{
    const char *end = (const char *)from + bytes;
    uint32_t last = gw_block_of(&old->blocks, (uintptr_t)end - 1);
    for (uint32_t block = gw_block_of(&old->blocks, (uintptr_t)from); block <= last; block++) use_strips_of(old, block, from, end);
}

/* Between the front of the block and its end all that is no gap is used. */
void gw_mixed_renew_strips(struct gw_old_space *old, uint32_t block)
{
    char *begin = gw_block_address(&old->blocks, block), *end = begin + GW_BLOCK_BYTES, *at = gw_mixed_begin(old, block);
    old->blocks.strips[block] = (struct gw_strips){0};
    if (at > begin) use_strips_of(old, block, begin, at);
    while (at < end) {
        char *stop = gw_mixed_gap_end(old, at, end);
        at = gw_mixed_behind(stop, end);
        if (stop < end) use_strips_of(old, block, stop, at);
    }
}

/* ---- Checking -------------------------------------------------------------------------------------- */

static void check_strips(const struct gw_old_space *old, uint32_t block, const char *from, const char *end)
{
    for (const char *at = from; at < end; at = (const char *)gw_round_up((size_t)at + 1, (size_t)1 << GW_STRIP_SHIFT)) {
        if (gw_block_of(&old->blocks, (uintptr_t)at) != block || !old->blocks.young[block]) continue;
        size_t strip = (size_t)(at - gw_block_address(&old->blocks, block)) >> GW_STRIP_SHIFT;
        if (!gw_bit_get(old->blocks.strips[block].used, strip))
            gw_fatal("block %u: strip %zu counts as free, and an old object lies there", block, strip);
    }
}

void gw_mixed_check(const struct gw_old_space *old, uint32_t block)
{
    size_t begin = gw_block_granule(old, block), end = begin + GW_BLOCK_GRANULES;
    char *free = tail_end(old, block);
    for (size_t granule = gw_bit_next(old->starts, begin, end); granule < end; granule = gw_bit_next(old->starts, granule + 1, end)) {
        uintptr_t ref = old->base + (granule << GW_GRANULE_SHIFT);
        if ((char *)gw_header(ref) < free && ref != first_payload(old, block))
            gw_fatal("block %u: the object at %p lies in the one before it", block, (void *)ref);
        free = gw_mixed_object_end(ref);
        check_strips(old, block, (const char *)gw_header(ref), free);
    }
}
