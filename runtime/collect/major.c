/* The phases of a major cycle, and the goal for the next one. */
#include "collect/major.h"

#include "collect/mark.h"
#include "collect/roots.h"
#include "collect/weak.h"

void gw_major_begin(struct gw_heap *heap)
{
    gw_mark_begin(heap);
    gw_ephemerons_begin(heap);
    heap->cycle.phase = GW_PHASE_ROOTS;
}

static void mark_roots(struct gw_heap *heap, const struct gw_entry *entry)
{
    gw_visit_roots(heap, entry, gw_mark_slot, heap);
    heap->cycle.phase = GW_PHASE_MARK;
}

static void begin_sweep(struct gw_heap *heap)
{
    heap->stats.live_bytes = heap->mark.live_bytes;
    gw_old_begin_sweep(&heap->old, heap->mark.live_bytes);
    heap->cycle.sweep_cursor = 0;
    heap->cycle.phase = GW_PHASE_SWEEP;
}

/* Atomic: the roots hold what the program loaded since the snapshot, and everything recorded has just become grey. */
static void remark(struct gw_heap *heap, const struct gw_entry *entry)
{
    gw_visit_roots(heap, entry, gw_mark_slot, heap);
    while (!gw_ephemerons_step(heap, SIZE_MAX)) continue;
    gw_weak_begin(heap);
    heap->cycle.phase = GW_PHASE_WEAK;
}

/* The next cycle starts when the old generation has grown by `growth` percent over what lives now; a small heap may
 * always grow by one nursery, or cycles would follow one another for nothing. */
static void set_goal(struct gw_heap *heap)
{
    uint64_t live = heap->old.used_bytes, growth = live * heap->options.growth / 100;
    uint64_t least = heap->options.nursery;
    heap->cycle.live_bytes = live;
    heap->cycle.goal_bytes = live + (growth > least ? growth : least);
}

static void begin_return(struct gw_heap *heap)
{
    set_goal(heap);
    heap->cycle.return_cursor = 0;
    heap->cycle.phase = GW_PHASE_RETURN;
}

/* Free memory that the heap will fill again before the next cycle stays, and a nursery's worth more, because goals vary from
 * cycle to cycle and a page given back too early costs a fault. What is beyond that goes back. */
static uint32_t blocks_to_keep(const struct gw_heap *heap)
{
    uint64_t used = heap->old.used_bytes, goal = heap->cycle.goal_bytes;
    uint64_t growth = goal > used ? goal - used : 0;
    return (uint32_t)((growth + heap->nursery.eden_bytes) >> GW_BLOCK_SHIFT);
}

static bool return_pages(struct gw_heap *heap, size_t units)
{
    struct gw_block_space *blocks = &heap->old.blocks;
    uint32_t keep = blocks_to_keep(heap);
    while (units-- && blocks->dirty_free > keep && heap->cycle.return_cursor < blocks->top) {
        uint32_t excess = blocks->dirty_free - keep;
        heap->cycle.return_cursor = gw_block_return_pages(blocks, heap->cycle.return_cursor, excess < 16 ? excess : 16,
                                                          &heap->stats.returned_bytes);
    }
    return blocks->dirty_free <= keep || heap->cycle.return_cursor >= blocks->top;
}

static void finish(struct gw_heap *heap)
{
    heap->cycle.phase = GW_PHASE_IDLE;
    heap->stats.major_collections++;
}

bool gw_major_step(struct gw_heap *heap, const struct gw_entry *entry, size_t units)
{
    struct gw_cycle *cycle = &heap->cycle;
    switch (cycle->phase) {
    case GW_PHASE_IDLE: break;
    case GW_PHASE_ROOTS: mark_roots(heap, entry); break;
    case GW_PHASE_MARK:
        if (gw_mark_step(heap, units)) cycle->phase = GW_PHASE_EPHEMERONS;
        break;
    case GW_PHASE_EPHEMERONS:
        if (gw_ephemerons_step(heap, units)) cycle->phase = GW_PHASE_REMARK;
        break;
    case GW_PHASE_REMARK: remark(heap, entry); break;
    case GW_PHASE_WEAK:
        if (gw_weak_step(heap, units)) begin_sweep(heap);
        break;
    case GW_PHASE_SWEEP:
        cycle->sweep_cursor = gw_old_sweep(&heap->old, cycle->sweep_cursor, (uint32_t)units);
        if (cycle->sweep_cursor >= heap->old.blocks.top) begin_return(heap);
        break;
    case GW_PHASE_RETURN:
        if (return_pages(heap, units)) finish(heap);
        break;
    }
    return cycle->phase != GW_PHASE_IDLE;
}
