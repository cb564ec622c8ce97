/* Making heaps, and taking them apart. */
#include "heap/heap.h"

#include "base/report.h"
#include "heap/existing.h"
#include "heap/options.h"
#include "heap/questions.h"
#include "heap/samples.h"
#include "heap/world.h"
#include "mutator/stack_marks.h"
#include "os/linux/clock.h"
#include "os/linux/memory.h"

#include <stdlib.h>

/* ---- Reserving ------------------------------------------------------------------------------------- */

#define FIRST_IN_SMALL_PAGES ((size_t)4 << 20) /* of the old generation: who keeps little pays for what it touches */

void gw_heap_prefer_short_stops(struct gw_heap *heap, bool short_ones)
{
    size_t young = gw_nursery_bytes(&heap->nursery), old = heap->bytes - young;
    size_t first = old < FIRST_IN_SMALL_PAGES ? old : FIRST_IN_SMALL_PAGES;
    if (short_ones) {
        gw_prefer_small_pages(heap->base, heap->bytes);
    } else {
        gw_prefer_huge_pages(heap->base, young);
        gw_prefer_huge_pages(heap->base + young + first, old - first);
    }
    size_t page = short_ones ? gw_page_bytes() : GW_HUGE_PAGE_BYTES;
    heap->old.blocks.page_blocks = page > GW_BLOCK_BYTES ? (uint32_t)(page >> GW_BLOCK_SHIFT) : 1;
    heap->old.short_searches = short_ones;
}

static bool reserve_range(struct gw_heap *heap)
{
    gw_nursery_init(&heap->nursery, gw_largest_eden(&heap->options));
    size_t young = gw_nursery_bytes(&heap->nursery);
    heap->bytes = young + gw_round_up(heap->options.max_heap, GW_BLOCK_BYTES);
    heap->base = gw_reserve(heap->bytes, GW_HUGE_PAGE_BYTES);
    if (!heap->base) return false;
    if (!gw_old_space_init(&heap->old, heap->base, heap->bytes)) return false;
    gw_heap_prefer_short_stops(heap, heap->options.pause_ns != 0);
    if (!gw_nursery_take(&heap->nursery, &heap->old)) return false;
    heap->old.max_blocks -= (uint32_t)(young >> GW_BLOCK_SHIFT);
    return true;
}

uint32_t gw_heap_touched_blocks(const struct gw_heap *heap)
{
    if (!heap->options.pretouch_mb) return 0;
    size_t bytes = gw_nursery_bytes(&heap->nursery) + ((size_t)heap->options.pretouch_mb << 20);
    return (uint32_t)((bytes < heap->bytes ? bytes : heap->bytes) >> GW_BLOCK_SHIFT);
}

static bool touch(struct gw_heap *heap)
{
    uint32_t blocks = gw_heap_touched_blocks(heap);
    return gw_old_space_touch(&heap->old, blocks) && gw_recorded_touch(&heap->recorded, (size_t)blocks << GW_BLOCK_SHIFT) &&
           gw_touch_pages(heap->promotion.stack, heap->promotion.capacity * sizeof(uintptr_t)) &&
           gw_touch_pages(heap->mark.stack, heap->mark.capacity * sizeof(uintptr_t));
}

static size_t verify_bytes(const struct gw_heap *heap)
{
    return (heap->bytes >> GW_GRANULE_SHIFT) / 8;
}

/* What parallel copying (engine/parallel_copy.h) needs for the objects of a nursery: the marker's stack, and what it leaves. */
static bool reserve_for_copier(struct gw_heap *heap)
{
    size_t bytes = heap->promotion.capacity * sizeof(uintptr_t);
    heap->parallel.copiers[1].stack = gw_reserve(bytes, 4096);
    heap->parallel.left = gw_reserve(bytes, 4096);
    return heap->parallel.copiers[1].stack && heap->parallel.left;
}

static bool init_heap(struct gw_heap *heap)
{
    size_t limit = heap->options.max_heap;
    if (!reserve_range(heap)) return false;
    if (!gw_recorded_init(&heap->recorded, (uintptr_t)heap->base, heap->bytes)) return false;
    heap->promotion.capacity = gw_nursery_bytes(&heap->nursery) / GW_SMALLEST_CELL;
    heap->promotion.stack = gw_reserve(heap->promotion.capacity * sizeof(uintptr_t), 4096);
    heap->mark.capacity = GW_MARK_STACK_WORDS;
    heap->mark.stack = gw_reserve(GW_MARK_STACK_WORDS * sizeof(uintptr_t), 4096);
    if (!heap->promotion.stack || !heap->mark.stack) return false;
    if (heap->options.helpers && !reserve_for_copier(heap)) return false;
    heap->verify_bits = gw_reserve(verify_bytes(heap), 4096);
    if (!heap->verify_bits) return false;
    gw_finalizers_init(&heap->finalizers);
    heap->old.poison = heap->options.poison;
    uint64_t young = heap->nursery.eden_bytes * gw_heap_edens(heap);
    if (limit < young + GW_BLOCK_BYTES) return false;
    uint64_t blocks = (limit - young) >> GW_BLOCK_SHIFT;
    if (blocks < heap->old.max_blocks) heap->old.max_blocks = (uint32_t)blocks;
    heap->stress_countdown = heap->options.stress_every;
    heap->stress_random = 88172645463325252;
    return true;
}

void gw_heap_free(struct gw_heap *heap)
{
    if (heap->verify_bits) gw_release(heap->verify_bits, verify_bytes(heap));
    if (heap->promotion.stack) gw_release(heap->promotion.stack, heap->promotion.capacity * sizeof(uintptr_t));
    if (heap->parallel.copiers[1].stack) gw_release(heap->parallel.copiers[1].stack, heap->promotion.capacity * sizeof(uintptr_t));
    if (heap->parallel.left) gw_release(heap->parallel.left, heap->promotion.capacity * sizeof(uintptr_t));
    if (heap->mark.stack) gw_release(heap->mark.stack, heap->mark.capacity * sizeof(uintptr_t));
    if (heap->recorded.cards_bytes) gw_recorded_destroy(&heap->recorded);
    gw_nursery_destroy(&heap->nursery);
    gw_old_space_destroy(&heap->old, heap->bytes);
    if (heap->sanity.reached) gw_release(heap->sanity.reached, heap->sanity.bytes);
    if (heap->sanity.existed) gw_release(heap->sanity.existed, heap->sanity.bytes);
    gw_pauses_destroy(&heap->pauses);
    gw_pauses_destroy(&heap->minor_pauses);
    gw_pauses_destroy(&heap->steps);
    free(heap->destructible.young);
    gw_questions_destroy(heap);
    gw_samples_destroy(heap->samples);
    gw_handles_destroy(&heap->handles);
    gw_stacks_destroy(&heap->stacks, heap->first.stacks.own);
    gw_heap_free_mutators(heap);
    gw_weak_cells_destroy(&heap->cells);
    gw_finalizers_destroy(&heap->finalizers);
    gw_identity_destroy(&heap->identity);
    gw_address_table_destroy(&heap->pins.table);
    gw_word_list_destroy(&heap->pins.young);
    gw_registered_roots_destroy(&heap->registered);
    gw_root_index_destroy(&heap->native_roots);
    if (heap->base) gw_release(heap->base, heap->bytes);
    free(heap);
}

gw_status gw_heap_new(const struct gw_options *options, struct gw_heap **result)
{
    struct gw_heap *heap = calloc(1, sizeof *heap);
    if (!heap) return gw_fail(GW_ERROR_MEMORY, "gw_heap_create: no native memory for the heap's record");
    heap->options = *options;
    heap->created_ns = gw_now_ns();
    heap->mutator = heap->idle = &heap->first;
    gw_stacks_init(&heap->stacks);
    if (!gw_thread_stacks_init(&heap->first.stacks, &heap->stacks) || !init_heap(heap)) {
        size_t bytes = heap->bytes;
        gw_heap_free(heap);
        return gw_fail(GW_ERROR_MEMORY,
                       "gw_heap_create: the operating system refused an address range of %zu MB; lower max-heap or raise "
                       "the address space limit (ulimit -v)",
                       bytes >> 20);
    }
    heap->cycle.goal_bytes = 2 * gw_first_eden(&heap->options);
    heap->eden.least = heap->options.pause_ns ? gw_nursery_smallest_eden(&heap->nursery) : gw_first_eden(&heap->options);
    heap->eden.bytes = heap->eden.least;
    gw_account_init(heap);
    if (options->pretouch_mb && !touch(heap)) {
        gw_heap_free(heap);
        return gw_fail(GW_ERROR_MEMORY, "gw_heap_create: the operating system has no %u MB for pretouch; lower it", options->pretouch_mb);
    }
    gw_status status = gw_existing_add(heap);
    if (status == GW_OK) *result = heap;
    else gw_heap_free(heap);
    return status;
}

/* ---- Checking -------------------------------------------------------------------------------------- */

void gw_parallel_check(const struct gw_parallel *parallel)
{
    if (parallel->minor) gw_fatal("parallel copying: it has not ended");
    if (parallel->given_count || parallel->left_count) gw_fatal("parallel copying: objects were never scanned");
    for (unsigned i = 0; i < 2; i++)
        if (parallel->copiers[i].base != parallel->copiers[i].depth) gw_fatal("parallel copying: copier %u has objects left", i);
}

void gw_promotion_check(const struct gw_promotion *promotion)
{
    if (promotion->depth) gw_fatal("%zu promoted objects were never scanned", promotion->depth);
}

void gw_promise_check(const struct gw_promise *promise, uint64_t allocated)
{
    if (promise->bytes && promise->from > allocated)
        gw_fatal("gw_no_collect_begin was called at %lu allocated bytes, of which there are %lu", (unsigned long)promise->from,
                 (unsigned long)allocated);
}

void gw_exhaustion_check(const struct gw_exhaustion *exhaustion, uint64_t allocated)
{
    if (exhaustion->relieved_at > allocated)
        gw_fatal("room was made at %lu allocated bytes, of which there are %lu", (unsigned long)exhaustion->relieved_at,
                 (unsigned long)allocated);
}

static void check_mutator(const struct gw_heap *heap, const struct gw_mutator *mutator)
{
    gw_mutator_check(mutator);
    gw_thread_stacks_check(&mutator->stacks);
    gw_nursery_check_piece(&heap->nursery, mutator->piece, mutator->thread->alloc);
    if (!gw_root_index_check(&mutator->thread_roots.index)) gw_fatal("the index of thread-local variables contradicts itself");
    if (!gw_stack_marks_check(mutator->thread)) gw_fatal("the marks of stack variables contradict themselves");
}

void gw_heap_check(const struct gw_heap *heap)
{
    gw_nursery_check(&heap->nursery);
    gw_world_check(heap);
    for (const struct gw_mutator *each = heap->mutators; each; each = each->next) check_mutator(heap, each);
    gw_old_space_check(&heap->old);
    gw_recorded_check(&heap->recorded);
    gw_account_check(heap);
    if (!gw_root_index_check(&heap->native_roots)) gw_fatal("the index of native roots contradicts itself");
    if (heap->mark.depth > heap->mark.capacity) gw_fatal("the mark stack is %zu deep of %zu", heap->mark.depth, heap->mark.capacity);
    if (heap->mark.queue_head != heap->mark.queue_tail) gw_fatal("what marking has discovered waits in its queue while the program runs");
    gw_registered_roots_check(&heap->registered);
    gw_promotion_check(&heap->promotion);
    gw_parallel_check(&heap->parallel);
    gw_stacks_check(&heap->stacks);
    uint64_t allocated = gw_heap_allocated_bytes(heap);
    gw_promise_check(&heap->promise, allocated);
    gw_exhaustion_check(&heap->exhaustion, allocated);
}
