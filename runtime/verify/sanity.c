/* Tracing once more, with bitmaps of its own and a stack as deep as it takes. */
#include "verify/sanity.h"

#include "verify/reach.h"
#include "engine/roots.h"
#include "os/linux/memory.h"
#include "base/report.h"

#include <stdlib.h>

struct trace {
    struct gw_heap *heap;
    uint64_t *reached;
    uintptr_t *stack;
    size_t depth, capacity;
};

static size_t bitmap_bytes(const struct gw_heap *heap)
{
    return gw_round_up((heap->bytes >> GW_GRANULE_SHIFT) / 8, 4096);
}

static size_t used_bitmap_bytes(const struct gw_heap *heap)
{
    const struct gw_block_space *blocks = &heap->old.blocks;
    return ((size_t)blocks->top << GW_BLOCK_SHIFT >> GW_GRANULE_SHIFT) / 8;
}

static uint64_t *new_bitmap(const struct gw_heap *heap)
{
    uint64_t *bitmap = gw_reserve(bitmap_bytes(heap), 4096);
    if (!bitmap) gw_fatal("verify=1: no address range for %zu bytes of a second tracer's bitmap", bitmap_bytes(heap));
    return bitmap;
}

static void reach(void *context, uintptr_t *slot)
{
    struct trace *trace = context;
    uintptr_t ref = gw_slot_word(slot);
    if (!gw_is_reference(ref) || !gw_heap_contains(trace->heap, ref)) return;
    if (!gw_bit_take(trace->reached, gw_granule(&trace->heap->old, ref))) return;
    if (trace->depth == trace->capacity) {
        trace->capacity = trace->capacity ? 2 * trace->capacity : 4096;
        trace->stack = realloc(trace->stack, trace->capacity * sizeof *trace->stack);
        if (!trace->stack) gw_fatal("verify=1: no native memory for a second tracer's stack");
    }
    trace->stack[trace->depth++] = ref;
}

static void drain(struct trace *trace)
{
    while (trace->depth) {
        uintptr_t ref = trace->stack[--trace->depth];
        gw_each_field(ref, gw_object_type(ref), reach, trace);
    }
}

static bool is_reached(const struct trace *trace, uintptr_t word)
{
    if (!gw_is_reference(word) || !gw_heap_contains(trace->heap, word)) return true;
    return gw_bit_get(trace->reached, gw_granule(&trace->heap->old, word));
}

/* Values of ephemerons that are alive and whose keys are. True when one was found that nobody had reached. */
static bool reach_values(struct trace *trace, const struct gw_word_list *cells)
{
    bool found = false;
    for (size_t i = 0; i < cells->count; i++) {
        struct gw_cell *cell = (struct gw_cell *)(cells->at[i] & ~(uintptr_t)1);
        if (!gw_kind_is_ephemeron(gw_cell_kind_of(gw_object_type((uintptr_t)cell)))) continue;
        if (!is_reached(trace, (uintptr_t)cell) || !is_reached(trace, cell->key) || is_reached(trace, cell->value)) continue;
        reach(trace, &cell->value);
        drain(trace);
        found = true;
    }
    return found;
}

/* Frozen objects are alive whatever refers to them. */
static void reach_frozen(struct trace *trace)
{
    const struct gw_old_space *old = &trace->heap->old;
    for (uint32_t block = 0; trace->heap->frozen.objects && block < old->blocks.top; block++) {
        if (!old->blocks.blocks[block].frozen) continue;
        size_t from = gw_granule(old, (uintptr_t)gw_block_address(&old->blocks, block));
        size_t end = from + (GW_BLOCK_BYTES >> GW_GRANULE_SHIFT);
        for (size_t at = gw_bit_next(old->marks, from, end); at < end; at = gw_bit_next(old->marks, at + 1, end)) {
            uintptr_t ref = old->base + (at << GW_GRANULE_SHIFT);
            reach(trace, &ref);
        }
    }
}

/* Everything the program can reach, young objects included. */
static void trace_all(struct gw_heap *heap, const struct gw_entry *entry, uint64_t *reached)
{
    struct trace trace = {.heap = heap, .reached = reached};
    gw_visit_roots(heap, entry, reach, &trace);
    gw_visit_held(heap, reach, &trace);
    reach_frozen(&trace);
    drain(&trace);
    while (reach_values(&trace, &heap->cells.old) | reach_values(&trace, &heap->cells.young)) continue;
    free(trace.stack);
}

static void note_start(struct gw_heap *heap, const struct gw_entry *entry)
{
    struct gw_sanity *sanity = &heap->sanity;
    if (!sanity->reached) sanity->reached = new_bitmap(heap);
    if (!sanity->existed) sanity->existed = new_bitmap(heap);
    sanity->bytes = bitmap_bytes(heap);
    sanity->weak_read = false;
    memset(sanity->reached, 0, used_bitmap_bytes(heap));
    memcpy(sanity->existed, heap->old.starts, used_bitmap_bytes(heap));
    sanity->known = used_bitmap_bytes(heap) / sizeof(uint64_t);
    trace_all(heap, entry, sanity->reached);
}

void gw_sanity_after_piece(struct gw_heap *heap, const struct gw_entry *entry, gw_phase phase)
{
    if (phase == GW_PHASE_ROOTS) note_start(heap, entry);
}

/* ---- The end of marking ---------------------------------------------------------------------------- */

static uintptr_t object_at(const struct gw_heap *heap, size_t word, uint64_t bits)
{
    return heap->old.base + ((word * 64 + (size_t)__builtin_ctzll(bits)) << GW_GRANULE_SHIFT);
}

static void die(uintptr_t ref, const char *complaint)
{
    gw_fatal("verify at the end of marking: the '%s' at %p %s", gw_object_type(ref)->name, (void *)ref, complaint);
}

static void check_reachable_are_marked(struct gw_heap *heap, const struct gw_entry *entry)
{
    uint64_t *now = new_bitmap(heap);
    trace_all(heap, entry, now);
    size_t first = gw_granule(&heap->old, (uintptr_t)heap->old.blocks.base) >> 6;
    for (size_t word = first; word < used_bitmap_bytes(heap) / sizeof(uint64_t); word++) {
        uint64_t lost = now[word] & ~heap->old.marks[word];
        if (lost) die(object_at(heap, word, lost), "is reachable, and not marked: it would be freed too early");
    }
    gw_release(now, bitmap_bytes(heap));
}

static void check_unreachable_are_not(struct gw_heap *heap)
{
    const struct gw_sanity *sanity = &heap->sanity;
    if (sanity->weak_read) return;
    size_t first = gw_granule(&heap->old, (uintptr_t)heap->old.blocks.base) >> 6;
    for (size_t word = first; word < sanity->known; word++) {
        uint64_t kept = sanity->existed[word] & heap->old.marks[word] & ~sanity->reached[word];
        if (kept) die(object_at(heap, word, kept), "was unreachable when the cycle began, and is marked: it leaks");
    }
}

void gw_sanity_at_mark_end(struct gw_heap *heap, const struct gw_entry *entry)
{
    check_reachable_are_marked(heap, entry);
    check_unreachable_are_not(heap);
}
