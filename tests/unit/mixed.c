/* Objects that grow old where they are: pieces of eden round them, blocks of mixed sizes, gaps; and that faults there are seen. */
#include "heap_fixture.h"

#include "engine/mark.h"
#include "spaces/mixed.h"

#include <signal.h>

static uint64_t minors(void)
{
    struct gw_stats stats;
    gw_get_stats(&stats);
    return stats.minor_collections;
}

static uint32_t block_of(const struct gw_heap *heap, const void *object)
{
    return gw_block_of(&heap->old.blocks, (uintptr_t)object);
}

static enum gw_block_kind kind_of(const struct gw_heap *heap, const void *object)
{
    return heap->old.blocks.blocks[block_of(heap, object)].kind;
}

#define LENGTH 17000 /* of arrays that are not copied */

/* An array of 17 KB in roots[0] that begins in one block of eden and ends in the next. */
static struct bytes *make_crossing(struct gw_heap *heap)
{
    for (;;) {
        struct bytes *bytes = roots[0] = gw_new_array(bytes, LENGTH);
        memset(bytes->at, 7, LENGTH);
        if (block_of(heap, bytes) != block_of(heap, bytes->at + LENGTH - 1)) return bytes;
    }
}

static void fill_eden(struct gw_heap *heap)
{
    for (uint64_t before = minors(); minors() == before;) roots[7] = new_node(1);
    (void)heap;
}

static bool all_sevens(const struct bytes *bytes)
{
    for (size_t i = 0; i < LENGTH; i++)
        if (bytes->at[i] != 7) return false;
    return true;
}

Test(stay, given_a_pin_of_a_young_object_then_nothing_collects_and_it_grows_old_where_it_is_at_the_next_collection)
{
    struct gw_heap *heap = start_heap("nursery=256k,verify=1");
    struct node *pinned = roots[0] = new_node(1);
    roots[1] = new_node(2);
    void *neighbour = roots[1];
    uint64_t before = minors();
    cr_assert_eq(gw_pin(pinned), (void *)pinned);
    cr_assert_eq(minors(), before);
    cr_assert(gw_is_young(&heap->old, (uintptr_t)pinned));
    gw_collect(GW_MINOR);
    cr_assert_eq(roots[0], (void *)pinned);
    cr_assert(gw_old_is_object(&heap->old, (uintptr_t)pinned));
    cr_assert(*gw_header((uintptr_t)pinned) & GW_HEADER_TRACK);
    cr_assert_eq(kind_of(heap, pinned), GW_BLOCK_YOUNG, "allocation goes on round it");
    cr_assert_neq(roots[1], neighbour, "its neighbour was copied as ever");
}

Test(stay, given_a_pin_that_is_taken_back_before_the_collection_then_the_object_moves)
{
    struct gw_heap *heap = start_heap("nursery=256k,verify=1");
    void *object = roots[0] = new_node(1);
    gw_pin(object);
    cr_assert_eq(gw_unpin(object), GW_OK);
    gw_collect(GW_MINOR);
    cr_assert_neq(roots[0], object);
    cr_assert_eq(old_objects(heap), 0);
}

Test(stay, given_an_object_of_16_kb_that_is_to_be_promoted_then_it_is_not_copied)
{
    struct gw_heap *heap = start_heap("nursery=256k,age=0,verify=1");
    struct bytes *large = roots[0] = gw_new_array(bytes, 16384), *small = roots[1] = gw_new_array(bytes, 16000);
    gw_collect(GW_MINOR);
    cr_assert_eq(roots[0], (void *)large);
    cr_assert(gw_old_is_object(&heap->old, (uintptr_t)large));
    cr_assert_neq(roots[1], (void *)small);
}

Test(stay, given_an_object_in_two_blocks_then_allocation_goes_round_both_parts_and_its_memory_comes_back_when_it_dies)
{
    struct gw_heap *heap = start_heap("nursery=256k,age=0,poison=1,verify=1");
    struct bytes *crossing = make_crossing(heap);
    for (int i = 0; i < 6; i++) {
        fill_eden(heap);
        cr_assert_eq(roots[0], (void *)crossing);
        cr_assert(all_sevens(crossing), "after %d collections", i);
    }
    uint32_t second = block_of(heap, crossing->at + LENGTH - 1);
    cr_assert_neq(gw_next_strip(&heap->old.blocks.strips[second], 0, true), GW_STRIPS);
    roots[0] = NULL;
    gw_collect(GW_FULL);
    cr_assert_eq(gw_next_strip(&heap->old.blocks.strips[second], 0, true), GW_STRIPS);
    cr_assert_eq(old_objects(heap), 1, "what roots[7] refers to");
}

/* Blocks full of pinned nodes become the old generation's; when nineteen of twenty have died, nodes of a list go between the others. */
Test(mixed, given_gaps_then_later_promotions_take_them)
{
    struct gw_heap *heap = start_heap("nursery=64k,age=0,verify=1,growth=1000");
    enum { PINS = 4000 };
    static struct node *pinned[PINS];
    for (uint64_t i = 0; i < PINS; i++) pinned[i] = gw_pin(new_node(i));
    gw_collect(GW_FULL);
    uint32_t mixed = 0;
    for (uint64_t i = 0; i < PINS; i++) mixed += kind_of(heap, pinned[i]) == GW_BLOCK_MIXED;
    cr_assert_gt(mixed, 3000);
    for (uint64_t i = 0; i < PINS; i++)
        if (i % 20) cr_assert_eq(gw_unpin(pinned[i]), GW_OK);
    gw_collect(GW_FULL);
    make_list(1, 1000);
    gw_collect(GW_MINOR);
    uint32_t in_gaps = 0;
    for (struct node *node = roots[1]; node; node = node->left) in_gaps += kind_of(heap, node) == GW_BLOCK_MIXED;
    cr_assert_gt(in_gaps, 800);
    cr_assert_eq(list_length(roots[1]), 1000);
    for (uint64_t i = 0; i < PINS; i += 20) cr_assert_eq(pinned[i]->number, i);
    for (uint64_t i = 0; i < PINS; i += 20) cr_assert_eq(gw_unpin(pinned[i]), GW_OK);
    roots[1] = NULL;
    gw_collect(GW_FULL);
    cr_assert_eq(heap->old.blocks.used, 0, "mixed blocks are given back when nothing lies in them");
}

Test(mixed, given_many_pins_then_eden_keeps_its_room)
{
    struct gw_heap *heap = start_heap("nursery=256k,verify=1");
    enum { PINS = 3000 };
    static struct node *pinned[PINS];
    for (uint64_t i = 0; i < PINS; i++) {
        pinned[i] = gw_pin(new_node(i));
        for (int k = 0; k < 20; k++) new_node(k);
    }
    fill_eden(heap);
    uint64_t before = gw_heap_allocated_bytes(heap);
    fill_eden(heap);
    cr_assert_gt(gw_heap_allocated_bytes(heap) - before, 16 << 10, "no block of eden is more than seven eighths old");
    for (uint64_t i = 0; i < PINS; i++) cr_assert_eq(pinned[i]->number, i);
    for (uint64_t i = 0; i < PINS; i++) cr_assert_eq(gw_unpin(pinned[i]), GW_OK);
    roots[7] = NULL;
    gw_collect(GW_FULL);
    cr_assert_eq(old_objects(heap), 0);
    cr_assert_eq(heap->old.blocks.used, 0);
}

/* Eden full of pinned objects goes to the old generation at once, block by block; some collections later the nursery lies in one run again.
 */
Test(mixed, given_an_eden_that_has_grown_old_then_the_nursery_moves_to_one_run_again)
{
    struct gw_heap *heap = start_heap("nursery=256k,verify=1");
    uint32_t first = heap->nursery.eden_blocks[0][0];
    for (uint64_t before = minors(); minors() < before + 3;) cr_assert_not_null(gw_pin(new_node(1)));
    cr_assert_neq(heap->nursery.eden_blocks[0][0], first);
    for (int i = 0; i < 20; i++) fill_eden(heap);
    cr_assert(gw_nursery_is_whole(&heap->nursery));
    for (uint32_t i = 1; i < heap->nursery.eden_capacity; i++)
        cr_assert_eq(heap->nursery.eden_blocks[0][i], heap->nursery.eden_blocks[0][0] + i);
    struct gw_piece vacated = gw_nursery_vacated(&heap->nursery);
    cr_assert_eq((size_t)(vacated.end - vacated.from), (heap->nursery.eden_capacity + heap->nursery.survivor_blocks) * GW_BLOCK_BYTES);
}

/* A pin among garbage, of which next to nothing survives: the object moves to the old generation, rather than stay in its way. */
Test(stay, given_pins_far_apart_in_garbage_then_the_objects_are_promoted)
{
    struct gw_heap *heap = start_heap("nursery=256k,verify=1");
    for (int i = 0; i < 8; i++) gw_collect(GW_MINOR);
    for (int i = 0; i < 1000; i++) new_node(1);
    struct node *pinned = gw_pin(new_node(7));
    cr_assert_eq(kind_of(heap, pinned), GW_BLOCK_SMALL);
    cr_assert_eq(pinned->number, 7);
    cr_assert_eq(gw_pin(pinned), (void *)pinned);
}

static int destroyed;
static void destroy(void *payload)
{
    (void)payload;
    destroyed++;
}
static const struct gw_type gw_type_mortal = {.name = "mortal", .size = 8, .destroy = destroy};

Test(stay, given_a_destructor_then_it_runs_when_the_object_dies_and_not_before)
{
    start_heap("nursery=256k,verify=1,poison=1");
    void *pinned = gw_pin(gw_alloc(&gw_type_mortal));
    for (int i = 0; i < 3; i++) gw_collect(GW_FULL);
    cr_assert_eq(destroyed, 0);
    gw_unpin(pinned);
    gw_collect(GW_FULL);
    cr_assert_eq(destroyed, 1);
}

Test(stay, given_weak_words_identity_and_finalizers_then_they_see_that_the_object_has_survived)
{
    struct gw_heap *heap = start_heap("nursery=256k,verify=1");
    gw_finalizer_queue *queue = gw_finalizer_queue_new(NULL, NULL);
    struct node *pinned = gw_pin(new_node(1));
    roots[0] = gw_weak_new(pinned, GW_WEAK_SHORT);
    uint64_t hash = gw_identity_hash(pinned);
    cr_assert_eq(gw_finalize_with(queue, pinned), GW_OK);
    for (int i = 0; i < 3; i++) gw_collect(GW_MINOR);
    cr_assert_eq(gw_weak_get(roots[0]), (void *)pinned);
    cr_assert_eq(gw_identity_hash(pinned), hash);
    cr_assert_null(gw_finalizer_queue_next(queue));
    gw_unpin(pinned);
    gw_collect(GW_FULL);
    cr_assert_eq(gw_finalizer_queue_next(queue), (void *)pinned);
    (void)heap;
}

Test(stay, given_pins_near_the_limit_then_the_limit_holds)
{
    struct gw_heap *heap = start_heap("nursery=256k,max-heap=8m");
    make_list(0, 100000); /* 3.2 MB */
    for (uint64_t i = 0; i < 2000; i++) {
        cr_assert_not_null(gw_pin(new_node(i)));
        for (int k = 0; k < 10; k++) new_node(k);
        cr_assert_leq(gw_heap_used_bytes(heap), 8 << 20);
        if (i % 100 == 0) cr_assert_eq(gw_verify(), GW_OK, "%s", gw_error_text());
    }
    cr_assert_eq(list_length(roots[0]), 100000);
}

Test(stay, given_a_frozen_heap_then_what_was_pinned_in_eden_is_frozen_where_it_is)
{
    struct gw_heap *heap = start_heap("nursery=256k,verify=1");
    struct node *pinned = gw_pin(new_node(1));
    gw_collect(GW_MINOR);
    gw_freeze();
    cr_assert_eq(kind_of(heap, pinned), GW_BLOCK_MIXED);
    cr_assert_eq(gw_frozen_objects().objects, 1);
    gw_unpin(pinned);
    for (int i = 0; i < 3; i++) fill_eden(heap);
    gw_collect(GW_FULL);
    cr_assert_eq(pinned->number, 1);
    gw_unfreeze();
    roots[7] = NULL;
    gw_collect(GW_FULL);
    cr_assert_eq(old_objects(heap), 0);
}

/* ---- Planted faults -------------------------------------------------------------------------------- */

Test(stay_faults, given_a_strip_that_counts_as_free_under_an_old_object_then_fatal, .signal = SIGABRT)
{
    struct gw_heap *heap = start_heap("nursery=256k,age=0");
    struct bytes *crossing = make_crossing(heap);
    gw_collect(GW_MINOR);
    heap->old.blocks.strips[block_of(heap, crossing->at + LENGTH - 1)] = (struct gw_strips){0};
    heap->old.blocks.strips[block_of(heap, crossing)] = (struct gw_strips){0};
    gw_old_space_check(&heap->old);
}

Test(stay_faults, given_a_piece_of_eden_over_an_old_object_then_fatal, .signal = SIGABRT)
{
    struct gw_heap *heap = start_heap("nursery=256k,age=0");
    struct bytes *large = roots[0] = gw_new_array(bytes, LENGTH);
    gw_collect(GW_MINOR);
    heap->mutator->piece.from = (char *)gw_header((uintptr_t)large);
    gw_nursery_check_piece(&heap->nursery, heap->mutator->piece, heap->mutator->piece.from);
}

/* A minor collection that leaves a live object in a block where others stay, without a start: nobody would find it again. */
Test(stay_faults, given_a_live_object_that_stayed_without_a_start_when_verified_then_it_is_seen)
{
    struct gw_heap *heap = start_heap("nursery=256k,age=0");
    struct node *holder = roots[0] = new_node(1), *pinned = gw_pin(new_node(2));
    gw_collect(GW_MINOR);
    holder = roots[0];
    GW_STORE(holder, left, pinned);
    cr_assert_eq(gw_verify(), GW_OK);
    gw_bit_clear(heap->old.starts, gw_granule(&heap->old, (uintptr_t)pinned));
    cr_assert_eq(gw_verify(), GW_ERROR_STATE);
    cr_assert_not_null(strstr(gw_error_text(), "vacated memory"), "%s", gw_error_text());
}

/* Marking takes a young object for marked. Were its bit clear, an object that the next minor collection moves would be traced. */
Test(stay_faults, given_a_young_object_when_marking_goes_on_then_its_mark_bit_is_set)
{
    struct gw_heap *heap = start_heap("nursery=256k,growth=1000");
    make_list(0, 20000);
    gw_collect_step(0);
    while (!gw_is_marking(heap)) gw_collect_step(0);
    struct node *young = roots[1] = new_node(1);
    cr_assert(gw_is_young(&heap->old, (uintptr_t)young));
    cr_assert(gw_is_marked(heap, (uintptr_t)young));
    struct node *pinned = gw_pin(young);
    gw_collect(GW_MINOR);
    cr_assert_eq(roots[1], (void *)pinned);
    cr_assert(gw_is_marked(heap, (uintptr_t)pinned), "black, as it has grown old while marking goes on");
    gw_collect(GW_FULL);
    cr_assert(!gw_is_marked(heap, (uintptr_t)pinned) && gw_old_is_object(&heap->old, (uintptr_t)pinned));
}

/* The block that an object reaches into was freed, and somebody else's objects lie in it. */
Test(stay_faults, given_an_object_over_the_end_of_one_that_reaches_into_its_block_then_fatal, .signal = SIGABRT)
{
    struct gw_heap *heap = start_heap("nursery=256k,age=0");
    struct bytes *crossing = make_crossing(heap);
    gw_collect(GW_MINOR);
    uintptr_t inside = (uintptr_t)gw_block_address(&heap->old.blocks, block_of(heap, crossing->at + LENGTH - 1)) + 64;
    *gw_header(inside) = (uintptr_t)&gw_type_node | GW_HEADER_TRACK;
    gw_bit_set(heap->old.starts, gw_granule(&heap->old, inside));
    heap->old.blocks.young[block_of(heap, (void *)inside)] |= GW_HAS_OLD;
    gw_old_space_check(&heap->old);
}
