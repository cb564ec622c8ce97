/* Minor and major collections seen from outside: what survives, where it is, what is counted. */
#include "engine/mark.h"
#include "heap_fixture.h"

Test(minor, given_a_list_when_collected_then_it_moves_and_nothing_else_survives)
{
    struct gw_heap *heap = start_heap("age=0");
    make_list(0, 1000);
    for (int i = 0; i < 1000; i++) new_node(0);
    uintptr_t before = (uintptr_t)roots[0];
    gw_collect(GW_MINOR);
    cr_assert_neq((uintptr_t)roots[0], before);
    cr_assert_eq(list_length(roots[0]), 1000);
    cr_assert_eq(old_objects(heap), 1000);
}

Test(minor, given_an_age_limit_when_collected_then_objects_are_promoted_at_that_age)
{
    struct gw_heap *heap = start_heap("age=3");
    make_list(0, 10);
    for (int i = 0; i < 3; i++) {
        gw_collect(GW_MINOR);
        cr_assert(gw_is_young(&heap->old, (uintptr_t)roots[0]), "collection %d", i);
        cr_assert_eq(list_length(roots[0]), 10);
    }
    gw_collect(GW_MINOR);
    cr_assert(gw_old_is_object(&heap->old, (uintptr_t)roots[0]));
    cr_assert_eq(list_length(roots[0]), 10);
}

Test(minor, given_more_survivors_than_room_for_them_when_collected_then_the_rest_is_promoted)
{
    struct gw_heap *heap = start_heap("nursery=64k,age=14");
    make_list(0, 1500);
    gw_collect(GW_MINOR);
    cr_assert_eq(list_length(roots[0]), 1500);
    cr_assert_gt(old_objects(heap), 0);
    cr_assert_eq(gw_verify(), GW_OK, "%s", gw_error_text());
}

Test(minor, given_stress_move_when_collected_then_survivors_never_stay_where_they_are)
{
    start_heap("stress=move,poison=1");
    make_list(0, 100);
    for (int i = 0; i < 40; i++) {
        uintptr_t before = (uintptr_t)roots[0];
        gw_collect(GW_MINOR);
        cr_assert_neq((uintptr_t)roots[0], before);
        cr_assert_eq(list_length(roots[0]), 100);
    }
}

Test(minor, immediates_and_foreign_words_are_left_alone)
{
    start_heap(NULL);
    struct node *node = new_node(1);
    node->left = (struct node *)(uintptr_t)0x1001;
    node->right = (struct node *)(uintptr_t)0x7777777777777770;
    roots[0] = node;
    gw_collect(GW_FULL);
    node = roots[0];
    cr_assert_eq((uintptr_t)node->left, 0x1001);
    cr_assert_eq((uintptr_t)node->right, 0x7777777777777770);
}

static void check_tree(const struct node *node, unsigned depth)
{
    cr_assert_eq(node->number, depth);
    if (depth == 0) return;
    check_tree(node->left, depth - 1);
    check_tree(node->right, depth - 1);
}

/* Builds bottom up: level d is a list, in an array, of trees of depth d. */
static void make_tree(unsigned depth)
{
    size_t count = (size_t)1 << depth;
    roots[0] = gw_new_array(references, 2 * count);
    for (unsigned level = 0; level <= depth; level++, count /= 2) {
        for (size_t i = 0; i < count; i++) {
            struct node *node = new_node(level);
            struct references *array = roots[0];
            if (level) {
                GW_STORE(node, left, array->at[2 * i]);
                GW_STORE(node, right, array->at[2 * i + 1]);
            }
            gw_write_barrier(array, &array->at[i]);
            array->at[i] = node;
        }
    }
    roots[1] = ((struct references *)roots[0])->at[0];
    roots[0] = NULL;
}

Test(mark, given_a_mark_stack_of_a_few_words_when_a_tree_is_marked_then_all_of_it_is)
{
    struct gw_heap *heap = start_heap("nursery=64k");
    make_tree(14);
    heap->mark.capacity = 8;
    gw_collect(GW_FULL);
    cr_assert_eq(old_objects(heap), (1u << 15) - 1);
    check_tree(roots[1], 14);
    cr_assert_not(heap->mark.overflowed);
}

Test(mark, given_a_star_and_a_small_stack_when_marked_then_every_child_is)
{
    struct gw_heap *heap = start_heap("nursery=64k");
    roots[0] = gw_new_array(references, 20000);
    for (uint64_t i = 0; i < 20000; i++) {
        struct node *node = new_node(i);
        struct references *array = roots[0];
        gw_write_barrier(array, &array->at[i]);
        array->at[i] = node;
    }
    heap->mark.capacity = 8;
    gw_collect(GW_FULL);
    cr_assert_eq(old_objects(heap), 20001);
    for (uint64_t i = 0; i < 20000; i++) cr_assert_eq(((struct node *)((struct references *)roots[0])->at[i])->number, i);
}

Test(mark, given_any_size_of_step_when_stepped_then_marking_ends_with_the_same_objects)
{
    struct gw_heap *heap = start_heap("nursery=64k");
    make_tree(10);
    gw_collect(GW_FULL);
    for (size_t units = 1; units < 100; units = units * 3 + 1) {
        gw_mark_begin(heap);
        gw_mark_slot(heap, (uintptr_t *)&roots[1]);
        size_t steps = 1;
        while (!gw_mark_step(heap, units)) steps++;
        cr_assert_geq(steps * units, (1u << 11) - 1);
        cr_assert_eq(heap->mark.live_bytes, ((1u << 11) - 1) * (8 + sizeof(struct node)));
        gw_old_begin_sweep(&heap->old, heap->mark.live_bytes);
        gw_old_sweep(&heap->old, 0, UINT32_MAX);
        cr_assert_eq(old_objects(heap), (1u << 11) - 1);
    }
}

Test(handles, given_handles_when_collected_then_their_objects_live_and_freed_ones_do_not)
{
    struct gw_heap *heap = start_heap("age=0");
    gw_handle handles[2000];
    for (uint64_t i = 0; i < 2000; i++) handles[i] = gw_handle_new(new_node(i));
    gw_collect(GW_FULL);
    for (uint64_t i = 0; i < 2000; i++) cr_assert_eq(((struct node *)gw_handle_get(handles[i]))->number, i);
    for (uint64_t i = 0; i < 2000; i += 2) gw_handle_free(handles[i]);
    gw_collect(GW_FULL);
    cr_assert_eq(old_objects(heap), 1000);
    gw_handle again = gw_handle_new(NULL);
    size_t place = 0;
    while (place < 2000 && handles[place] != again) place += 2;
    cr_assert_lt(place, 2000, "a freed one's place");
}

static size_t young_handles(struct gw_heap *heap)
{
    size_t count = 0;
    for (const struct gw_handle_slab *slab = heap->handles.changed.first; slab; slab = slab->next_changed)
        for (size_t i = 0; i < GW_HANDLE_WORDS; i++) count += (size_t)__builtin_popcountll(slab->changed[i]);
    return count;
}

Test(handles, given_old_referents_then_minor_collections_read_none_until_one_is_set)
{
    struct gw_heap *heap = start_heap("age=1,verify=1");
    gw_handle handles[2000];
    for (uint64_t i = 0; i < 2000; i++) handles[i] = gw_handle_new(new_node(i));
    cr_assert_eq(young_handles(heap), 2000);
    gw_collect(GW_MINOR);
    cr_assert_eq(young_handles(heap), 2000, "survivors are young");
    gw_collect(GW_MINOR);
    cr_assert_eq(young_handles(heap), 0);
    gw_handle_set(handles[77], new_node(3));
    gw_collect(GW_MINOR);
    cr_assert_eq(young_handles(heap), 1);
    cr_assert_eq(((struct node *)gw_handle_get(handles[77]))->number, 3);
    gw_collect(GW_MINOR);
    for (uint64_t i = 0; i < 2000; i++) cr_assert_eq(((struct node *)gw_handle_get(handles[i]))->number, i == 77 ? 3 : i);
}

/* What a cycle has not marked when a handle comes to hold it has no other holder afterwards. */
Test(handles, given_an_old_object_when_set_while_marking_then_it_lives)
{
    struct gw_heap *heap = start_heap("nursery=64k,age=0,verify=1,poison=1");
    gw_disable();
    gw_handle handle = gw_handle_new(NULL);
    make_list(0, 10000); /* so that a cycle is worth starting */
    gw_collect(GW_MINOR);
    for (int i = 0; i < 9 && heap->cycle.phase != GW_PHASE_MARK; i++) gw_collect_step(0);
    cr_assert_eq(heap->cycle.phase, GW_PHASE_MARK);
    struct node *before = roots[0];
    while (before->left->left) before = before->left;
    cr_assert_not(gw_is_marked(heap, (uintptr_t)before->left));
    gw_handle_set(handle, before->left);
    before->left = NULL;
    gw_collect(GW_FULL);
    cr_assert_eq(((struct node *)gw_handle_get(handle))->number, 9999);
}

Test(handles, given_a_store_past_gw_handle_set_then_verify_reports_it)
{
    start_heap("nursery=256k");
    gw_handle handle = gw_handle_new(NULL);
    gw_collect(GW_MINOR);
    *(void **)handle = new_node(1);
    cr_assert_eq(gw_verify(), GW_ERROR_STATE);
    cr_assert_not_null(strstr(gw_error_text(), "not set by gw_handle_set"), "%s", gw_error_text());
    gw_check_store(handle, *(void **)handle); /* what compiled code calls in front of such a store is as good */
    cr_assert_eq(gw_verify(), GW_OK, "%s", gw_error_text());
    gw_scope scope = gw_scope_begin();
    handle = gw_scope_handle(NULL);
    gw_collect(GW_MINOR);
    *(void **)handle = new_node(2);
    cr_assert_eq(gw_verify(), GW_ERROR_STATE);
    gw_scope_end(scope);
}

/* ---- Registered ranges ----------------------------------------------------------------------------- */

Test(tracked, given_a_told_change_then_it_is_read_and_else_nothing)
{
    static void *words[1000];
    start_heap("age=1,verify=1");
    cr_assert_eq(gw_add_roots_tracked(words, 1000), GW_OK);
    for (uint64_t i = 0; i < 1000; i++) words[i] = new_node(i);
    cr_assert_eq(gw_roots_changed(words, 1000), GW_OK);
    for (int i = 0; i < 3; i++) gw_collect(GW_MINOR);
    cr_assert_null(gw_current_thread.heap->registered.changed, "all are old");
    cr_assert_eq(gw_roots_changed(&words[999], 1), GW_OK);
    words[999] = new_node(7);
    gw_collect(GW_MINOR);
    cr_assert_not_null(gw_current_thread.heap->registered.changed, "a survivor is young");
    gw_collect(GW_FULL);
    for (uint64_t i = 0; i < 999; i++) cr_assert_eq(((struct node *)words[i])->number, i);
    cr_assert_eq(((struct node *)words[999])->number, 7);
    cr_assert_eq(gw_remove_roots(words), GW_OK);
    gw_collect(GW_FULL);
    cr_assert_eq(old_objects(gw_current_thread.heap), 0);
}

Test(tracked, given_a_broken_promise_then_verify_reports_it)
{
    static void *words[200];
    start_heap("nursery=256k");
    cr_assert_eq(gw_add_roots_tracked(words, 200), GW_OK);
    gw_collect(GW_MINOR);
    words[150] = new_node(1);
    cr_assert_eq(gw_roots_changed(words, 64), GW_OK, "of other words");
    cr_assert_eq(gw_verify(), GW_ERROR_STATE);
    cr_assert_not_null(strstr(gw_error_text(), "gw_roots_changed was not told"), "%s", gw_error_text());
    cr_assert_eq(gw_roots_changed(&words[150], 1), GW_OK);
    cr_assert_eq(gw_verify(), GW_OK, "%s", gw_error_text());
}

Test(tracked, ranges_that_overlap_and_words_of_none_are_refused)
{
    static void *words[300];
    start_heap(NULL);
    cr_assert_eq(gw_add_roots_tracked(words, 0), GW_ERROR_ARGUMENT);
    cr_assert_eq(gw_add_roots_tracked((char *)words + 1, 1), GW_ERROR_ARGUMENT);
    cr_assert_eq(gw_add_roots_tracked(words + 200, 100), GW_OK);
    cr_assert_eq(gw_add_roots_tracked(words, 201), GW_ERROR_ARGUMENT);
    cr_assert_eq(gw_add_roots_tracked(words + 250, 1), GW_ERROR_ARGUMENT);
    cr_assert_eq(gw_add_roots_tracked(words, 100), GW_OK);
    cr_assert_eq(gw_roots_changed(words + 99, 1), GW_OK);
    cr_assert_eq(gw_roots_changed(words + 99, 2), GW_ERROR_ARGUMENT);
    cr_assert_eq(gw_roots_changed(words + 100, 1), GW_ERROR_ARGUMENT);
    cr_assert_eq(gw_roots_changed(words + 200, 100), GW_OK);
    cr_assert_eq(gw_remove_roots(words + 200), GW_OK);
    cr_assert_eq(gw_roots_changed(words + 200, 1), GW_ERROR_ARGUMENT);
    cr_assert_eq(gw_roots_changed(words, 1), GW_OK);
    cr_assert_eq(gw_remove_roots(words), GW_OK);
    cr_assert_eq(gw_remove_roots(words), GW_ERROR_ARGUMENT);
}

Test(roots, bad_ranges_are_refused)
{
    start_heap(NULL);
    cr_assert_eq(gw_add_roots((char *)roots + 1, 1), GW_ERROR_ARGUMENT);
    cr_assert_eq(gw_add_roots(new_node(1), 1), GW_ERROR_ARGUMENT);
    cr_assert_eq(gw_remove_roots(&roots[1]), GW_ERROR_ARGUMENT);
    cr_assert_eq(gw_remove_roots(roots), GW_OK);
}
