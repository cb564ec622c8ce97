/* Tracing into a bitmap, depth first. */
#include "verify/trace.h"

#include "os/linux/memory.h"

#include <stdlib.h>

size_t gw_trace_bitmap_bytes(const struct gw_heap *heap)
{
    return gw_round_up((heap->bytes >> GW_GRANULE_SHIFT) / 8, 4096);
}

size_t gw_trace_used_bytes(const struct gw_heap *heap)
{
    const struct gw_block_space *blocks = &heap->old.blocks;
    return ((size_t)blocks->top << GW_BLOCK_SHIFT >> GW_GRANULE_SHIFT) / 8;
}

bool gw_trace_begin(struct gw_trace *trace, struct gw_heap *heap, uint64_t *reached)
{
    *trace = (struct gw_trace){.heap = heap, .reached = reached, .bytes = gw_trace_bitmap_bytes(heap), .first_waiting = SIZE_MAX};
    trace->stack = malloc(GW_TRACE_WORDS * sizeof *trace->stack);
    return trace->stack;
}

/* ---- Reaching -------------------------------------------------------------------------------------- */

static void wait_for_room(struct gw_trace *trace, size_t granule)
{
    if (!trace->waiting) trace->waiting = gw_reserve(trace->bytes, 4096);
    trace->failed |= !trace->waiting;
    if (trace->failed) return;
    gw_bit_set(trace->waiting, granule);
    if (granule < trace->first_waiting) trace->first_waiting = granule;
}

void gw_trace_slot(void *context, uintptr_t *slot)
{
    struct gw_trace *trace = context;
    uintptr_t ref = gw_slot_word(slot);
    if (!gw_is_reference(ref) || !gw_heap_contains(trace->heap, ref)) return;
    size_t granule = gw_granule(&trace->heap->old, ref);
    if (!gw_bit_take(trace->reached, granule)) return;
    if (trace->depth < GW_TRACE_WORDS) trace->stack[trace->depth++] = ref;
    else wait_for_room(trace, granule);
}

static void drain_stack(struct gw_trace *trace)
{
    while (trace->depth) {
        uintptr_t ref = trace->stack[--trace->depth];
        gw_each_field(ref, gw_object_type(ref), gw_trace_slot, trace);
    }
}

/* What waits, by addresses; what comes to wait meanwhile behind the one at hand is met on the way, and what comes before it next time. */
static void drain(struct gw_trace *trace)
{
    size_t end = gw_trace_used_bytes(trace->heap) * 8;
    drain_stack(trace);
    while (trace->first_waiting != SIZE_MAX) {
        size_t at = trace->first_waiting;
        trace->first_waiting = SIZE_MAX;
        for (at = gw_bit_next(trace->waiting, at, end); at < end; at = gw_bit_next(trace->waiting, at + 1, end)) {
            uintptr_t ref = trace->heap->old.base + (at << GW_GRANULE_SHIFT);
            gw_bit_clear(trace->waiting, at);
            gw_each_field(ref, gw_object_type(ref), gw_trace_slot, trace);
            drain_stack(trace);
        }
    }
}

/* ---- What is alive without a reference ------------------------------------------------------------- */

static bool is_reached(const struct gw_trace *trace, uintptr_t word)
{
    if (!gw_is_reference(word) || !gw_heap_contains(trace->heap, word)) return true;
    return gw_trace_has(trace->heap, trace->reached, word);
}

/* Values of ephemerons that are alive and whose keys are. True when one was found that nobody had reached. */
static bool reach_values(struct gw_trace *trace, const struct gw_word_list *cells)
{
    bool found = false;
    for (size_t i = 0; i < cells->count; i++) {
        struct gw_cell *cell = (struct gw_cell *)(cells->at[i] & ~(uintptr_t)1);
        if (!gw_kind_is_ephemeron(gw_cell_kind_of(gw_object_type((uintptr_t)cell)))) continue;
        if (!is_reached(trace, (uintptr_t)cell) || !is_reached(trace, cell->key) || is_reached(trace, cell->value)) continue;
        gw_trace_slot(trace, &cell->value);
        drain(trace);
        found = true;
    }
    return found;
}

void gw_visit_frozen(struct gw_heap *heap, gw_field_visitor *visit, void *context)
{
    const struct gw_old_space *old = &heap->old;
    for (uint32_t block = 0; heap->frozen.objects && block < old->blocks.top; block++) {
        if (!old->blocks.blocks[block].frozen) continue;
        size_t from = gw_block_granule(old, block), end = from + GW_BLOCK_GRANULES;
        for (size_t at = gw_bit_next(old->marks, from, end); at < end; at = gw_bit_next(old->marks, at + 1, end)) {
            uintptr_t ref = old->base + (at << GW_GRANULE_SHIFT);
            visit(context, &ref);
        }
    }
}

bool gw_trace_end(struct gw_trace *trace)
{
    const struct gw_weak_cells *cells = &trace->heap->cells;
    gw_visit_frozen(trace->heap, gw_trace_slot, trace);
    drain(trace);
    while (reach_values(trace, &cells->old) | reach_values(trace, &cells->young)) continue;
    free(trace->stack);
    if (trace->waiting) gw_release(trace->waiting, trace->bytes);
    return !trace->failed;
}
