/* Runs of blocks: take, give, coalesce, return. Knows nothing of objects. */
#include "spaces/block_space.h"

#include "os/linux/memory.h"
#include "base/report.h"

#include <string.h>

static unsigned bin_of(uint32_t run)
{
    if (run <= 32) return run - 1;
    return 32 + (31 - (unsigned)__builtin_clz(run)) - 5;
}

bool gw_block_space_init(struct gw_block_space *space, char *base, uint32_t count)
{
    *space = (struct gw_block_space){.base = base, .count = count, .page_blocks = 1};
    for (unsigned i = 0; i < GW_RUN_BINS; i++) space->bins[i] = GW_NO_BLOCK;
    space->blocks = gw_reserve(count * sizeof(struct gw_block), 4096);
    space->young = gw_reserve(count, 4096);
    space->strips = gw_reserve(count * sizeof(struct gw_strips), 4096);
    return space->blocks && space->young && space->strips;
}

void gw_block_space_destroy(struct gw_block_space *space)
{
    if (space->blocks) gw_release(space->blocks, space->count * sizeof(struct gw_block));
    if (space->young) gw_release(space->young, space->count);
    if (space->strips) gw_release(space->strips, space->count * sizeof(struct gw_strips));
    space->blocks = NULL;
    space->young = NULL;
    space->strips = NULL;
}

bool gw_block_space_touch(struct gw_block_space *space, uint32_t count)
{
    return gw_touch_pages(space->base, (size_t)count << GW_BLOCK_SHIFT) && gw_touch_pages(space->blocks, count * sizeof *space->blocks) &&
           gw_touch_pages(space->young, count) && gw_touch_pages(space->strips, count * sizeof *space->strips);
}

static void link_run(struct gw_block_space *space, uint32_t first, uint32_t run)
{
    struct gw_block *blocks = space->blocks;
    uint32_t *bin = &space->bins[bin_of(run)];
    blocks[first].kind = blocks[first + run - 1].kind = GW_BLOCK_FREE;
    blocks[first].run = blocks[first + run - 1].run = run;
    blocks[first].prev = GW_NO_BLOCK;
    blocks[first].next = *bin;
    if (*bin != GW_NO_BLOCK) blocks[*bin].prev = first;
    *bin = first;
}

static void unlink_run(struct gw_block_space *space, uint32_t first)
{
    struct gw_block *block = &space->blocks[first];
    if (block->prev == GW_NO_BLOCK) space->bins[bin_of(block->run)] = block->next;
    else space->blocks[block->prev].next = block->next;
    if (block->next != GW_NO_BLOCK) space->blocks[block->next].prev = block->prev;
}

static uint32_t find_run(const struct gw_block_space *space, uint32_t count)
{
    for (unsigned bin = bin_of(count); bin < GW_RUN_BINS; bin++)
        for (uint32_t run = space->bins[bin]; run != GW_NO_BLOCK; run = space->blocks[run].next)
            if (space->blocks[run].run >= count) return run;
    return GW_NO_BLOCK;
}

static uint32_t take_from_top(struct gw_block_space *space, uint32_t count)
{
    if (count > space->count - space->top) return GW_NO_BLOCK;
    uint32_t first = space->top;
    space->top += count;
    for (uint32_t i = 0; i < count; i++) space->blocks[first + i].clean = true;
    return first;
}

static uint32_t take_from_bins(struct gw_block_space *space, uint32_t count)
{
    uint32_t first = find_run(space, count);
    if (first == GW_NO_BLOCK) return first;
    uint32_t run = space->blocks[first].run;
    unlink_run(space, first);
    if (run > count) link_run(space, first + count, run - count);
    for (uint32_t i = 0; i < count; i++) space->dirty_free -= !space->blocks[first + i].clean;
    return first;
}

uint32_t gw_block_take(struct gw_block_space *space, uint32_t count)
{
    uint32_t first = take_from_bins(space, count);
    if (first == GW_NO_BLOCK) first = take_from_top(space, count);
    if (first != GW_NO_BLOCK) space->used += count;
    return first;
}

void gw_block_give(struct gw_block_space *space, uint32_t first, uint32_t count)
{
    struct gw_block *blocks = space->blocks;
    for (uint32_t i = 0; i < count; i++) blocks[first + i] = (struct gw_block){.kind = GW_BLOCK_FREE, .clean = blocks[first + i].clean};
    for (uint32_t i = 0; i < count; i++) space->dirty_free += !blocks[first + i].clean;
    space->used -= count;

    if (first + count < space->top && blocks[first + count].kind == GW_BLOCK_FREE) {
        uint32_t after = first + count;
        count += blocks[after].run;
        unlink_run(space, after);
    }
    if (first > 0 && blocks[first - 1].kind == GW_BLOCK_FREE) {
        uint32_t before = first - blocks[first - 1].run;
        unlink_run(space, before);
        count += first - before;
        first = before;
    }
    link_run(space, first, count);
}

/* ---- Young blocks ---------------------------------------------------------------------------------- */

uint32_t gw_block_take_young(struct gw_block_space *space, uint32_t count, enum gw_young part)
{
    uint32_t first = gw_block_take(space, count);
    if (first == GW_NO_BLOCK) return first;
    for (uint32_t i = first; i < first + count; i++) {
        space->blocks[i] = (struct gw_block){.kind = GW_BLOCK_YOUNG};
        space->young[i] = (uint8_t)part;
        if (memcmp(&space->strips[i], &(struct gw_strips){0}, sizeof space->strips[i])) space->strips[i] = (struct gw_strips){0};
    }
    space->used -= count;
    return first;
}

void gw_block_give_young(struct gw_block_space *space, uint32_t first, uint32_t count)
{
    memset(space->young + first, GW_OLD, count);
    space->used += count;
    gw_block_give(space, first, count);
}

void gw_block_grow_old(struct gw_block_space *space, uint32_t block)
{
    space->blocks[block].kind = GW_BLOCK_MIXED;
    space->young[block] = GW_OLD;
    space->used++;
}

/* ---- Giving memory back ---------------------------------------------------------------------------- */

/* Blocks whose pages the system keeps stay dirty: whoever takes them clears them, and the next cycle tries again. */
static void return_run(struct gw_block_space *space, uint32_t first, uint32_t count, uint64_t *returned)
{
    size_t bytes = (size_t)count << GW_BLOCK_SHIFT;
    if (!gw_return_pages(gw_block_address(space, first), bytes)) return;
    for (uint32_t i = first; i < first + count; i++) {
        space->dirty_free -= !space->blocks[i].clean;
        space->blocks[i].clean = true;
    }
    *returned += bytes;
}

static bool may_go_back(const struct gw_block_space *space, uint32_t page)
{
    bool dirty = false;
    for (uint32_t i = page; i < page + space->page_blocks; i++) {
        if (space->blocks[i].kind != GW_BLOCK_FREE) return false;
        dirty |= !space->blocks[i].clean;
    }
    return dirty;
}

uint32_t gw_block_return_pages(struct gw_block_space *space, uint32_t cursor, uint32_t count, uint64_t *returned)
{
    uint32_t end = space->top - cursor < count ? space->top : cursor + count, page = space->page_blocks;
    while (cursor + page <= end) {
        uint32_t kept = cursor;
        while (kept + page <= end && may_go_back(space, kept)) kept += page;
        if (kept > cursor) return_run(space, cursor, kept - cursor, returned);
        cursor = kept + page;
    }
    return end;
}

static bool is_single(const struct gw_block *block)
{
    return block->kind == GW_BLOCK_SMALL || block->kind == GW_BLOCK_MIXED || block->kind == GW_BLOCK_YOUNG;
}

static void check_young(const struct gw_block_space *space, uint32_t i)
{
    uint8_t young = space->young[i], part = young & (uint8_t)~GW_HAS_OLD;
    if ((space->blocks[i].kind == GW_BLOCK_YOUNG) != (young != GW_OLD))
        gw_fatal("block %u: its kind and its byte differ about its being young", i);
    if (young != GW_OLD && (part == 0 || part > GW_SURVIVORS_1 || (part & (part - 1))))
        gw_fatal("block %u: belongs to no part of the nursery", i);
}

static uint32_t check_run(const struct gw_block_space *space, uint32_t i, bool before_was_free)
{
    const struct gw_block *block = &space->blocks[i];
    uint32_t run = block->run;
    if (run == 0 || run > space->top - i) gw_fatal("block %u: run of %u blocks leaves the block space", i, run);
    if (block->kind == GW_BLOCK_LARGE) {
        for (uint32_t k = 1; k < run; k++)
            if (space->blocks[i + k].kind != GW_BLOCK_LARGE_REST) gw_fatal("block %u: not part of its run", i + k);
        return run;
    }
    if (before_was_free) gw_fatal("block %u: two free runs side by side", i);
    if (space->blocks[i + run - 1].run != run) gw_fatal("block %u: free run's tags differ", i);
    return run;
}

void gw_block_space_check(const struct gw_block_space *space)
{
    uint32_t used = 0, dirty = 0;
    bool was_free = false;
    for (uint32_t i = 0, run; i < space->top; i += run) {
        const struct gw_block *block = &space->blocks[i];
        run = is_single(block) ? 1 : check_run(space, i, was_free);
        for (uint32_t k = 0; k < run; k++) check_young(space, i + k);
        was_free = block->kind == GW_BLOCK_FREE;
        if (!was_free && block->kind != GW_BLOCK_YOUNG) used += run;
        for (uint32_t k = 0; was_free && k < run; k++) dirty += !space->blocks[i + k].clean;
    }
    if (used != space->used) gw_fatal("block space counts %u used blocks, finds %u", space->used, used);
    if (dirty != space->dirty_free) gw_fatal("block space counts %u dirty free blocks, finds %u", space->dirty_free, dirty);
}
