/* The heap limit: reached, survived, never passed. */
#include "heap_fixture.h"

#include <string.h>
#include <sys/resource.h>

static unsigned handler_calls;

static bool drop_the_cache(void *data, size_t bytes)
{
    (void)data;
    cr_assert_gt(bytes, 0);
    handler_calls++;
    bool had_one = roots[1] != NULL;
    roots[1] = NULL;
    return had_one;
}

/* Allocates nodes into the list at roots[0] until gw_new gives up; returns how many. */
static uint64_t fill_with_nodes(void)
{
    for (uint64_t count = 0;; count++) {
        struct node *node = gw_new(node);
        if (!node) return count;
        node->number = count;
        GW_STORE(node, left, roots[0]);
        roots[0] = node;
    }
}

static void check_descending(uint64_t count)
{
    for (struct node *node = roots[0]; node; node = node->left) cr_assert_eq(node->number, --count);
    cr_assert_eq(count, 0);
}

Test(exhaustion, given_no_handler_when_the_limit_is_reached_then_null_and_nothing_is_lost)
{
    start_heap("max-heap=32m,nursery=1m");
    uint64_t count = fill_with_nodes();
    cr_assert_not_null(strstr(gw_error_text(), "max-heap"), "%s", gw_error_text());
    check_descending(count);
    cr_assert_eq(gw_verify(), GW_OK, "%s", gw_error_text());
    struct gw_stats stats;
    gw_get_stats(&stats);
    cr_assert_leq(stats.peak_heap_bytes, 32u << 20);
    cr_assert_gt(stats.peak_heap_bytes, 24u << 20, "most of the limit is usable; %lu was", stats.peak_heap_bytes);
}

/* Fills the heap, then drops one of `part` parts of what fills it. */
static struct gw_heap *heap_with_room_for_one_part_of(uint64_t parts)
{
    struct gw_heap *heap = start_heap("max-heap=32m,nursery=1m");
    uint64_t drop = fill_with_nodes() / parts;
    while (drop--) roots[0] = ((struct node *)roots[0])->left;
    gw_collect(GW_FULL);
    return heap;
}

static uint64_t make_garbage(uint64_t most)
{
    uint64_t count = 0;
    while (count < most && gw_new(node)) count++;
    return count;
}

Test(exhaustion, given_hardly_any_room_when_garbage_is_made_then_null_after_some_cycles_and_not_a_program_that_crawls)
{
    struct gw_heap *heap = heap_with_room_for_one_part_of(100);
    uint64_t cycles = heap->stats.major_collections;
    cr_assert_lt(make_garbage(10000000), 10000000);
    cr_assert_not_null(strstr(gw_error_text(), "cycle after cycle"), "%s", gw_error_text());
    cr_assert_lt(heap->stats.major_collections - cycles, 12);
    roots[0] = NULL;
    cr_assert_eq(make_garbage(1000000), 1000000);
}

Test(exhaustion, given_little_room_but_enough_then_the_program_goes_on)
{
    heap_with_room_for_one_part_of(5);
    cr_assert_eq(make_garbage(3000000), 3000000);
}

Test(exhaustion, given_a_handler_that_drops_a_cache_when_the_limit_is_reached_then_the_program_goes_on)
{
    start_heap("max-heap=32m,nursery=1m");
    make_list(1, 200000);
    gw_set_oom_handler(drop_the_cache, NULL);
    uint64_t count = fill_with_nodes();
    cr_assert_eq(handler_calls, 2); /* once with the cache, once without */
    check_descending(count);
    cr_assert_gt(count, 500000);
    roots[0] = NULL;
    cr_assert_not_null(gw_new(node));
}

static size_t asked_for;
static bool note_size(void *data, size_t bytes)
{
    (void)data;
    asked_for = bytes;
    return ++handler_calls < 2;
}

Test(exhaustion, given_an_array_that_can_never_fit_then_the_handler_is_asked_as_for_any_other)
{
    start_heap("max-heap=32m,nursery=1m");
    gw_set_oom_handler(note_size, NULL);
    cr_assert_null(gw_new_array(bytes, (size_t)1 << 40));
    cr_assert_eq(handler_calls, 2, "it said once that it dropped something");
    cr_assert_eq(asked_for, ((size_t)1 << 40) + sizeof(uint64_t));
    cr_assert_null(gw_new_array(references, SIZE_MAX / 4));
    cr_assert_eq(asked_for, SIZE_MAX, "more than a number of bytes can say");
    cr_assert(strstr(gw_error_text(), "more than the heap can ever hold"), "%s", gw_error_text());
}

Test(exhaustion, given_large_objects_when_the_limit_is_reached_then_null_and_small_ones_still_fit)
{
    start_heap("max-heap=32m,nursery=1m");
    cr_assert_null(gw_new_array(bytes, 64u << 20));
    cr_assert_null(gw_new_array(bytes, SIZE_MAX / 2));
    roots[0] = gw_new_array(bytes, 16u << 20);
    cr_assert_not_null(roots[0]);
    cr_assert_null(gw_new_array(bytes, 16u << 20));
    cr_assert_not_null(gw_new(node));
    roots[0] = NULL;
    cr_assert_not_null(gw_new_array(bytes, 16u << 20));
}

Test(exhaustion, given_a_mixture_of_sizes_when_filled_then_the_limit_holds)
{
    struct gw_heap *heap = start_heap("max-heap=16m,nursery=256k");
    roots[0] = gw_new_array(references, 60000);
    unsigned seed = 5;
    uint64_t kept = 0;
    for (; kept < 60000; kept++) {
        struct bytes *object = gw_new_array(bytes, (size_t)rand_r(&seed) % (rand_r(&seed) % 50 ? 200 : 40000));
        if (!object) break;
        struct references *array = roots[0];
        gw_write_barrier(array, &array->at[kept]);
        array->at[kept] = object;
        cr_assert_leq(gw_heap_used_bytes(heap), 16u << 20);
    }
    cr_assert_lt(kept, 60000);
    cr_assert_eq(gw_verify(), GW_OK, "%s", gw_error_text());
}

/* The sanitizer's shadow memory needs the address space itself, and so does the emulator. */
#if !defined(__SANITIZE_ADDRESS__) && !defined(CRITERION_EMULATED)
Test(exhaustion, given_no_address_space_when_a_heap_is_created_then_it_says_so)
{
    struct rlimit limit = {300u << 20, 300u << 20};
    cr_assert_eq(setrlimit(RLIMIT_AS, &limit), 0);
    struct gw_options options;
    gw_options_parse("max-heap=4g", &options);
    struct gw_heap *heap;
    cr_assert_eq(gw_heap_create(&options, &heap), GW_ERROR_MEMORY);
    cr_assert_null(heap);
    cr_assert_not_null(strstr(gw_error_text(), "max-heap"), "%s", gw_error_text());
    gw_options_parse("max-heap=32m,nursery=1m", &options);
    cr_assert_eq(gw_heap_create(&options, &heap), GW_OK, "%s", gw_error_text());
    cr_assert_eq(gw_heap_destroy(heap), GW_OK);
}
#endif

Test(heaps, given_two_heaps_when_one_is_collected_then_the_other_is_untouched)
{
    struct gw_heap *first, *second;
    cr_assert_eq(gw_heap_create(NULL, &first), GW_OK);
    cr_assert_eq(gw_heap_create(NULL, &second), GW_OK);
    cr_assert_eq(gw_attach(first), GW_OK);
    cr_assert_eq(gw_attach(second), GW_ERROR_STATE);
    cr_assert_eq(gw_heap_destroy(first), GW_ERROR_STATE);
    gw_add_roots(roots, 1);
    make_list(0, 100);
    gw_detach();
    gw_attach(second);
    gw_add_roots(roots, 2); /* roots[0] is the other heap's: ignored */
    make_list(1, 50);
    gw_collect(GW_FULL);
    cr_assert_eq(old_objects(second), 50);
    gw_detach();
    gw_attach(first);
    cr_assert_eq(list_length(roots[0]), 100);
    gw_collect(GW_FULL);
    cr_assert_eq(old_objects(first), 100);
    gw_detach();
    cr_assert_eq(gw_heap_destroy(first), GW_OK);
    cr_assert_eq(gw_heap_destroy(second), GW_OK);
}
