/* Tracing once more, with bitmaps of its own. */
#include "verify/sanity.h"

#include "verify/reach.h"
#include "verify/trace.h"
#include "engine/roots.h"
#include "os/linux/memory.h"
#include "base/report.h"

static uint64_t *new_bitmap(const struct gw_heap *heap)
{
    uint64_t *bitmap = gw_reserve(gw_trace_bitmap_bytes(heap), 4096);
    if (!bitmap) gw_fatal("verify=1: no address range for %zu bytes of a second tracer's bitmap", gw_trace_bitmap_bytes(heap));
    return bitmap;
}

/* Everything the program can reach, young objects included. */
static void trace_all(struct gw_heap *heap, const struct gw_entry *entry, uint64_t *reached)
{
    struct gw_trace trace;
    bool traced = gw_trace_begin(&trace, heap, reached);
    if (traced) {
        gw_visit_roots(heap, entry, gw_trace_slot, &trace);
        gw_visit_held(heap, gw_trace_slot, &trace);
        traced = gw_trace_end(&trace);
    }
    if (!traced) gw_fatal("verify=1: no native memory for a second tracer's stack");
}

static size_t used_words(const struct gw_heap *heap)
{
    return gw_trace_used_bytes(heap) / sizeof(uint64_t);
}

static void note_start(struct gw_heap *heap, const struct gw_entry *entry)
{
    struct gw_sanity *sanity = &heap->sanity;
    if (!sanity->reached) sanity->reached = new_bitmap(heap);
    if (!sanity->existed) sanity->existed = new_bitmap(heap);
    sanity->bytes = gw_trace_bitmap_bytes(heap);
    sanity->weak_read = false;
    memset(sanity->reached, 0, gw_trace_used_bytes(heap));
    memcpy(sanity->existed, heap->old.starts, gw_trace_used_bytes(heap));
    sanity->known = used_words(heap);
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

/* A block at a time, without branches: most hold nothing, and this is looked at after every few allocations under stress. */
static bool block_has(const uint64_t *one, const uint64_t *other, const uint64_t *without)
{
    uint64_t bits = 0;
    for (size_t i = 0; i < GW_BLOCK_BITMAP_WORDS; i++) bits |= one[i] & other[i] & ~without[i];
    return bits;
}

/* The first object that has a bit in both bitmaps and none in `without`, of their first `words` words; 0: there is none. */
static uintptr_t first_object(const struct gw_heap *heap, const uint64_t *one, const uint64_t *other, const uint64_t *without, size_t words)
{
    for (size_t word = gw_block_granule(&heap->old, 0) >> 6; word < words; word += GW_BLOCK_BITMAP_WORDS) {
        if (!block_has(one + word, other + word, without + word)) continue;
        while (!(one[word] & other[word] & ~without[word])) word++;
        return object_at(heap, word, one[word] & other[word] & ~without[word]);
    }
    return 0;
}

static void check_reachable_are_marked(struct gw_heap *heap, const struct gw_entry *entry)
{
    uint64_t *now = new_bitmap(heap);
    trace_all(heap, entry, now);
    uintptr_t lost = first_object(heap, now, now, heap->old.marks, used_words(heap));
    if (lost) die(lost, "is reachable, and not marked: it would be freed too early");
    gw_release(now, gw_trace_bitmap_bytes(heap));
}

static void check_unreachable_are_not(struct gw_heap *heap)
{
    const struct gw_sanity *sanity = &heap->sanity;
    if (sanity->weak_read) return;
    uintptr_t kept = first_object(heap, sanity->existed, heap->old.marks, sanity->reached, sanity->known);
    if (kept) die(kept, "was unreachable when the cycle began, and is marked: it leaks");
}

void gw_sanity_at_mark_end(struct gw_heap *heap, const struct gw_entry *entry)
{
    check_reachable_are_marked(heap, entry);
    check_unreachable_are_not(heap);
}
