/* Size classes, allocation through holes, sweeping, large objects. */
#include "heap_fixture.h"

#include "os/linux/memory.h"

#include <sys/mman.h>

static uintptr_t allocate(struct gw_heap *heap, size_t bytes)
{
    uintptr_t ref = gw_old_alloc(&heap->old, bytes, false);
    *gw_header(ref) = (uintptr_t)&gw_type_node | GW_HEADER_TRACK;
    memset((void *)ref, 0, sizeof(struct node));
    return ref;
}

static void sweep_all(struct gw_heap *heap)
{
    gw_old_begin_sweep(&heap->old, 0);
    for (uint32_t at = 0; at < heap->old.blocks.top;) at = gw_old_sweep(&heap->old, at, 3);
    gw_old_space_check(&heap->old);
}

static void mark(struct gw_heap *heap, uintptr_t ref)
{
    gw_bit_set(heap->old.marks, gw_granule(&heap->old, ref));
}

Test(size_class, every_size_fits_its_class_and_wastes_less_than_an_eighth_up_to_4k)
{
    static struct gw_size_classes classes;
    gw_size_classes_init(&classes);
    for (size_t bytes = GW_SMALLEST_CELL; bytes <= GW_LARGEST_CELL; bytes += 8) {
        size_t cell = classes.cell[gw_size_class(&classes, bytes)];
        cr_assert_geq(cell, bytes);
        if (bytes <= 4096) cr_assert_lt(cell - bytes, bytes / 8 + 8, "%zu bytes in a cell of %zu", bytes, cell);
        size_t aligned = classes.cell[gw_size_class_align16(&classes, gw_size_class(&classes, bytes))];
        cr_assert_eq(aligned % 16, 0);
        cr_assert_geq(aligned, bytes);
    }
    for (unsigned i = 1; i < GW_SIZE_CLASSES; i++) cr_assert_gt(classes.cell[i], classes.cell[i - 1]);
}

Test(old_space, given_every_second_cell_dead_when_swept_then_exactly_the_dead_cells_are_used_again)
{
    struct gw_heap *heap = start_heap(NULL);
    enum { COUNT = 3000 };
    static uintptr_t refs[COUNT];
    for (int i = 0; i < COUNT; i++) refs[i] = allocate(heap, 32);
    for (int i = 0; i < COUNT; i += 2) mark(heap, refs[i]);
    sweep_all(heap);
    for (int i = 0; i < COUNT; i++) cr_assert_eq(gw_old_is_object(&heap->old, refs[i]), i % 2 == 0, "cell %d", i);
    for (int i = 1; i < COUNT; i += 2) cr_assert_eq(allocate(heap, 32), refs[i], "hole %d", i);
}

Test(old_space, given_a_block_without_marks_when_swept_then_it_is_a_free_block_of_any_class)
{
    struct gw_heap *heap = start_heap(NULL);
    for (int i = 0; i < 5000; i++) allocate(heap, 48);
    uint32_t used = heap->old.blocks.used, top = heap->old.blocks.top;
    cr_assert_gt(used, 5);
    sweep_all(heap);
    cr_assert_eq(heap->old.blocks.used, 0);
    cr_assert_eq(old_objects(heap), 0);
    for (int i = 0; i < 100; i++) allocate(heap, 4096);
    cr_assert_leq(heap->old.blocks.top, top + 15);
}

Test(old_space, given_an_unswept_block_when_its_class_needs_room_then_it_is_swept_on_the_way)
{
    struct gw_heap *heap = start_heap(NULL);
    uintptr_t first = allocate(heap, 32), second = allocate(heap, 32);
    mark(heap, second);
    gw_old_begin_sweep(&heap->old, 32);
    cr_assert_not(gw_old_is_object(&heap->old, first));
    cr_assert(gw_old_is_object(&heap->old, second));
    cr_assert_eq(allocate(heap, 32), first);
    cr_assert(gw_old_is_object(&heap->old, second));
}

static uint32_t unswept_blocks(const struct gw_heap *heap)
{
    uint32_t unswept = 0;
    for (uint32_t i = 0; i < heap->old.blocks.top; i++)
        unswept += heap->old.blocks.blocks[i].kind == GW_BLOCK_SMALL && gw_block_is_unswept(&heap->old, i);
    return unswept;
}

static void fill_blocks(struct gw_heap *heap, uint32_t blocks, bool live)
{
    for (uint32_t before = heap->old.blocks.used; heap->old.blocks.used <= before + blocks;) {
        uintptr_t ref = allocate(heap, 1024);
        if (live) mark(heap, ref);
    }
}

/* The program waits for a search: it may not go through a heap of full blocks, nor of empty ones. */
Test(old_space, given_thousands_of_full_or_dead_blocks_when_their_class_needs_room_then_few_are_looked_at)
{
    for (int live = 0; live < 2; live++) {
        struct gw_heap *heap = start_heap("max-heap=512m,pause=1ms");
        fill_blocks(heap, 2000, live);
        gw_old_begin_sweep(&heap->old, live ? 2000u << GW_BLOCK_SHIFT : 0);
        uint32_t before = unswept_blocks(heap);
        allocate(heap, 1024);
        uint32_t after = unswept_blocks(heap);
        cr_assert(after < before && after >= before - 20, "%u of %u", after, before);
        for (int i = 0; i < 20000; i++) allocate(heap, 1024);
        cr_assert_eq(unswept_blocks(heap), 0, "later searches go on where the first one ended");
        gw_detach();
        cr_assert_eq(gw_heap_destroy(heap), GW_OK);
    }
}

/* Where little is left to be taken a hole is looked for to the end. */
Test(old_space, given_one_hole_behind_full_blocks_when_the_heap_is_nearly_full_then_it_is_found)
{
    struct gw_heap *heap = start_heap("max-heap=64m,pause=1ms");
    fill_blocks(heap, 1000, true);
    uintptr_t dead = allocate(heap, 1024);
    while (heap->old.blocks.used < heap->old.max_blocks - heap->old.max_blocks / 16) mark(heap, allocate(heap, 1024));
    gw_old_begin_sweep(&heap->old, (uint64_t)heap->old.blocks.used << GW_BLOCK_SHIFT);
    cr_assert_eq(allocate(heap, 1024), dead);
}

Test(old_space, given_large_objects_when_one_dies_then_its_run_comes_back_cleared)
{
    struct gw_heap *heap = start_heap(NULL);
    uintptr_t live = allocate(heap, 100000), dead = allocate(heap, 200000);
    cr_assert_eq(live % 16, 0);
    memset((void *)dead, 0x5a, 190000);
    mark(heap, live);
    sweep_all(heap);
    cr_assert(gw_old_is_object(&heap->old, live));
    cr_assert_not(gw_old_is_object(&heap->old, dead));
    uintptr_t again = gw_old_alloc(&heap->old, 200000, false);
    cr_assert_eq(again, dead);
    gw_old_clear_large(&heap->old, again, 200000);
    for (size_t i = 0; i < 199992; i += 8) cr_assert_eq(*(uint64_t *)(again + i), 0);
}

#ifndef CRITERION_EMULATED /* the emulator says yes to madvise, and does nothing */
/* Of the heap's first `bytes` bytes. */
static size_t resident_bytes(const struct gw_heap *heap, size_t bytes)
{
    static unsigned char pages[64 << 10];
    size_t page = gw_page_bytes(), count = 0;
    cr_assert_leq(bytes / page, sizeof pages);
    cr_assert_eq(mincore(heap->base, bytes, pages), 0);
    for (size_t i = 0; i < bytes / page; i++) count += pages[i] & 1;
    return count * page;
}

Test(old_space, given_pretouch_when_the_heap_is_made_or_shrinks_then_so_much_is_resident)
{
    enum { TOUCHED = 40 << 20 };
    struct gw_heap *heap = start_heap("nursery=64k,pause=1ms,pretouch=40m");
    cr_assert_eq(resident_bytes(heap, TOUCHED), TOUCHED);
    for (int round = 0; round < 2; round++) {
        roots[0] = gw_new_array(bytes, 100 << 20);
        gw_collect(GW_FULL);
        roots[0] = NULL;
        gw_collect(GW_FULL);
        cr_assert_eq(heap->old.blocks.used, 0);
        cr_assert_geq(resident_bytes(heap, 160 << 20), TOUCHED);
        cr_assert_lt(resident_bytes(heap, 160 << 20), TOUCHED + (16 << 20));
    }
}
#endif

Test(old_space, given_more_pretouch_than_the_heap_may_hold_then_it_is_refused)
{
    cr_assert_eq(gw_init("max-heap=64m,pretouch=65m"), GW_ERROR_OPTION);
    cr_assert(strstr(gw_error_text(), "'pretouch'"), "%s", gw_error_text());
}

Test(old_space, given_a_heap_that_shrank_when_collected_then_memory_goes_back_to_the_operating_system)
{
    struct gw_heap *heap = start_heap("nursery=64k");
    roots[0] = gw_new_array(references, 400);
    for (uint64_t i = 0; i < 400; i++) {
        struct bytes *bytes = gw_new_array(bytes, 100000);
        struct references *array = roots[0];
        gw_write_barrier(array, &array->at[i]);
        array->at[i] = bytes;
    }
    gw_collect(GW_FULL);
    cr_assert_gt(heap->old.blocks.used, 1200);
    roots[0] = NULL;
    gw_collect(GW_FULL);
    struct gw_stats stats;
    gw_get_stats(&stats);
    cr_assert_gt(stats.returned_bytes, 30u << 20);
    cr_assert_lt(heap->old.blocks.dirty_free, 200);
}
