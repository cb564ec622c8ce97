/* The stages after marking, and reading weak words while they go on. */
#include "life/settle.h"

#include "engine/mark.h"
#include "heap/samples.h"
#include "life/finalizer_order.h"
#include "life/weak.h"

void gw_settle_begin(struct gw_heap *heap)
{
    heap->cells.old_awaiting.active = false;
    heap->cells.cursor = heap->cells.kept = 0;
    heap->cells.stage = GW_WEAK_CLEAR;
}

bool gw_settle_step(struct gw_heap *heap, size_t units)
{
    struct gw_weak_cells *cells = &heap->cells;
    switch (cells->stage) {
    case GW_WEAK_CLEAR:
        if (!gw_weak_clear_step(heap, units)) return false;
        gw_finalizer_order_begin(heap);
        cells->stage = GW_WEAK_ORDER;
        return false;
    case GW_WEAK_ORDER:
        if (!gw_finalizer_order_step(heap, units)) return false;
        cells->cursor = cells->kept = 0;
        cells->stage = GW_WEAK_END;
        return false;
    case GW_WEAK_END:
        if (!gw_weak_end_step(heap, units)) return false;
        gw_identity_begin_purge(&heap->identity);
        cells->stage = GW_WEAK_IDENTITY;
        return false;
    case GW_WEAK_IDENTITY:
        if (!gw_identity_purge(&heap->identity, &heap->old, units)) return false;
        if (heap->samples) heap->samples->cursor = 0;
        cells->stage = GW_WEAK_SAMPLES;
        return !heap->samples;
    case GW_WEAK_SAMPLES: break;
    }
    return !heap->samples || gw_samples_purge(heap->samples, &heap->old, units);
}

/* While marking goes on the object becomes grey, or black objects could come to refer to it unseen. While the marks are final
 * it may be dead. Whether a finalizer will keep the target of a long reference is known when the order is. */
uintptr_t gw_weak_read(struct gw_heap *heap, enum gw_cell_kind kind, uintptr_t word)
{
    if (!gw_is_reference(word) || !gw_old_contains(&heap->old, word)) return word;
    if (heap->cycle.phase == GW_PHASE_WEAK) {
        if (kind == GW_CELL_WEAK_LONG && gw_is_unmarked(heap, word))
            while (heap->cells.stage < GW_WEAK_END) gw_settle_step(heap, 1);
        return gw_is_unmarked(heap, word) ? 0 : word;
    }
    gw_mark_new(heap, word);
    heap->sanity.weak_read = true;
    return word;
}
