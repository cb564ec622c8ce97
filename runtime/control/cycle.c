/* The phases of a major cycle. */
#include "control/cycle.h"

#include "engine/mark.h"
#include "control/pacing.h"
#include "engine/mark_roots.h"
#include "engine/stacks.h"
#include "life/closure.h"
#include "life/settle.h"

#define RETURNED_BLOCKS 8   /* in one call to the system */
#define SLOTS_OF_A_STACK 32 /* that take as long as looking at a stack, about */
#define ENDING_UNITS 1024   /* of work that may be left when a minor collection ends marking: ephemerons it has promoted */

void gw_cycle_begin(struct gw_heap *heap)
{
    gw_mark_begin(heap);
    gw_closure_begin(heap);
    heap->cycle.phase = GW_PHASE_ROOTS;
}

static void mark_roots(struct gw_heap *heap, const struct gw_entry *entry)
{
    gw_mark_roots_begin(heap, entry);
    gw_mark_stacks_begin(heap);
    heap->cycle.program_ran = false;
    heap->cycle.phase = GW_PHASE_MARK;
}

/* When what is grey has been traced: the mark stack holds no more than a piece of the roots leads to. True when there was nothing left. */
static bool mark_more_roots(struct gw_heap *heap, size_t units)
{
    bool all = gw_mark_stacks_step(heap, units / SLOTS_OF_A_STACK + 1) && gw_mark_roots_step(heap, units);
    gw_mark_flush(heap);
    return all && gw_mark_is_done(heap);
}

static void begin_sweep(struct gw_heap *heap)
{
    heap->stats.live_bytes = heap->mark.live_bytes;
    gw_old_begin_sweep(&heap->old, heap->mark.live_bytes);
    heap->cycle.sweep_cursor = 0;
    heap->cycle.phase = GW_PHASE_SWEEP;
}

void gw_cycle_after_minor(struct gw_heap *heap)
{
    if (heap->cycle.phase != GW_PHASE_REMARK) return;
    if (gw_closure_step(heap, ENDING_UNITS)) {
        gw_settle_begin(heap);
        heap->cycle.phase = GW_PHASE_WEAK;
    } else {
        heap->cycle.phase = GW_PHASE_MARK;
    }
}

static void begin_return(struct gw_heap *heap)
{
    gw_pacing_set_goal(heap);
    heap->cycle.return_cursor = gw_round_up(gw_heap_touched_blocks(heap), heap->old.blocks.page_blocks);
    heap->cycle.phase = GW_PHASE_RETURN;
}

/* Free memory that the heap will fill again before the next cycle stays, and a nursery's worth more, because goals vary from
 * cycle to cycle and a page given back too early costs a fault. What is beyond that goes back. */
static uint32_t blocks_to_keep(const struct gw_heap *heap)
{
    uint64_t used = heap->old.used_bytes, goal = heap->cycle.goal_bytes;
    uint64_t growth = goal > used ? goal - used : 0;
    return (uint32_t)((growth + gw_pacing_least_growth(heap)) >> GW_BLOCK_SHIFT);
}

static bool return_pages(struct gw_heap *heap, size_t units)
{
    struct gw_block_space *blocks = &heap->old.blocks;
    uint32_t page = blocks->page_blocks, keep = blocks_to_keep(heap) + page - 1, most = page > RETURNED_BLOCKS ? page : RETURNED_BLOCKS;
    while (units-- && blocks->dirty_free > keep && heap->cycle.return_cursor < blocks->top) {
        uint32_t excess = blocks->dirty_free - keep;
        uint32_t count = excess < most ? gw_round_up(excess, page) : most;
        heap->cycle.return_cursor = gw_block_return_pages(blocks, heap->cycle.return_cursor, count, &heap->stats.returned_bytes);
    }
    return blocks->dirty_free <= keep || heap->cycle.return_cursor >= blocks->top;
}

static void finish(struct gw_heap *heap)
{
    heap->cycle.phase = GW_PHASE_IDLE;
    heap->stats.major_collections++;
}

void gw_cycle_step(struct gw_heap *heap, const struct gw_entry *entry, size_t units)
{
    struct gw_cycle *cycle = &heap->cycle;
    switch (cycle->phase) {
    case GW_PHASE_IDLE: break;
    case GW_PHASE_ROOTS: mark_roots(heap, entry); break;
    case GW_PHASE_MARK:
        if (gw_mark_step(heap, units) && mark_more_roots(heap, units)) cycle->phase = GW_PHASE_EPHEMERONS;
        break;
    case GW_PHASE_EPHEMERONS:
        if (gw_closure_step(heap, units)) cycle->phase = GW_PHASE_REMARK;
        break;
    case GW_PHASE_REMARK: break; /* waits for a minor collection */
    case GW_PHASE_WEAK:
        if (gw_settle_step(heap, units)) begin_sweep(heap);
        break;
    case GW_PHASE_SWEEP:
        cycle->sweep_cursor = gw_old_sweep(&heap->old, cycle->sweep_cursor, (uint32_t)units);
        if (cycle->sweep_cursor >= heap->old.blocks.top) begin_return(heap);
        break;
    case GW_PHASE_RETURN:
        if (return_pages(heap, units)) finish(heap);
        break;
    }
}

/* False where destructors are due as well. */
static bool sweep_beside(struct gw_heap *heap)
{
    uint32_t before = heap->cycle.sweep_cursor;
    if (before < heap->old.blocks.top) heap->cycle.sweep_cursor = gw_old_sweep(&heap->old, before, 1);
    return heap->cycle.sweep_cursor != before;
}

bool gw_cycle_step_beside(struct gw_heap *heap, size_t slots)
{
    switch (heap->cycle.phase) {
    case GW_PHASE_MARK: return gw_mark_beside(heap, slots);
    case GW_PHASE_SWEEP: return sweep_beside(heap);
    case GW_PHASE_RETURN: return !return_pages(heap, 1);
    case GW_PHASE_IDLE:
    case GW_PHASE_ROOTS:
    case GW_PHASE_EPHEMERONS:
    case GW_PHASE_REMARK:
    case GW_PHASE_WEAK: break;
    }
    return false;
}
