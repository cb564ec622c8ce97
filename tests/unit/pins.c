/* Pinned objects, handles of scopes, external memory. */
#include "heap_fixture.h"

Test(pin, given_a_young_object_when_pinned_then_it_stays_where_it_is_and_alive)
{
    struct gw_heap *heap = start_heap("nursery=64k,verify=1");
    make_list(0, 3);
    roots[1] = new_node(9);
    struct node *pinned = gw_pin(roots[1]);
    cr_assert_eq((void *)pinned, roots[1]);
    cr_assert(gw_is_pinned(pinned));
    cr_assert(gw_is_young(&heap->old, (uintptr_t)roots[0]), "only the pinned object is promoted");
    GW_STORE(pinned, left, roots[0]);
    roots[0] = roots[1] = NULL;
    for (int i = 0; i < 3; i++) gw_collect(GW_FULL);
    cr_assert_eq(pinned->number, 9);
    cr_assert_eq(list_length(pinned->left), 3);
    cr_assert_eq(gw_unpin(pinned), GW_OK);
    gw_collect(GW_FULL);
    cr_assert_eq(old_objects(heap), 0);
}

Test(pin, pins_are_counted)
{
    struct gw_heap *heap = start_heap("nursery=64k");
    struct node *pinned = gw_pin(new_node(1));
    cr_assert_eq(gw_pin(pinned), pinned);
    cr_assert_eq(gw_unpin(pinned), GW_OK);
    gw_collect(GW_FULL);
    cr_assert_eq(old_objects(heap), 1);
    cr_assert_eq(gw_unpin(pinned), GW_OK);
    cr_assert_eq(gw_unpin(pinned), GW_ERROR_ARGUMENT);
    gw_collect(GW_FULL);
    cr_assert_eq(old_objects(heap), 0);
}

Test(pin, under_stress_the_pinned_stay_and_all_others_move)
{
    start_heap("nursery=1m,stress=3+move,poison=1,verify=1");
    struct node *pinned[40];
    for (uint64_t i = 0; i < 40; i++) pinned[i] = gw_pin(new_node(i));
    for (uint64_t i = 0; i < 200; i++) new_node(i);
    for (uint64_t i = 0; i < 40; i++) cr_assert_eq(pinned[i]->number, i);
}

Test(pin, a_hundred_thousand_at_once)
{
    struct gw_heap *heap = start_heap("nursery=1m");
    make_list(0, 100000);
    gw_collect(GW_FULL);
    for (struct node *node = roots[0]; node; node = node->left) cr_assert_eq((void *)gw_pin(node), (void *)node);
    struct node *first = roots[0];
    roots[0] = NULL;
    gw_collect(GW_FULL);
    cr_assert_eq(old_objects(heap), 100000);
    for (struct node *node = first; node; node = node->left) cr_assert_eq(gw_unpin(node), GW_OK);
    gw_collect(GW_FULL);
    cr_assert_eq(old_objects(heap), 0);
}

Test(pin, pinned_and_unpinned_between_steps_nothing_is_lost)
{
    struct gw_heap *heap = start_heap("nursery=64k,growth=10,verify=1");
    gw_disable();
    make_list(0, 2000);
    make_list(1, 2000);
    gw_collect(GW_MINOR);
    gw_collect(GW_MINOR);
    roots[1] = NULL;
    struct node *pinned[200] = {0};
    struct node *at = roots[0];
    for (unsigned turn = 0;; turn++) {
        if (pinned[turn % 200]) {
            cr_assert_eq(pinned[turn % 200]->number % 2000, pinned[turn % 200]->number);
            gw_unpin(pinned[turn % 200]);
        }
        pinned[turn % 200] = gw_pin(at);
        at = at->left ? at->left : roots[0];
        if (gw_collect_step(0).status == GW_STEP_DONE) break;
    }
    cr_assert_eq(old_objects(heap), 2000);
}

/* ---- Scopes ---------------------------------------------------------------------------------------- */

Test(scope, handles_keep_their_objects_until_the_scope_ends)
{
    struct gw_heap *heap = start_heap("nursery=64k");
    gw_scope outer = gw_scope_begin();
    gw_handle first = gw_scope_handle(new_node(1));
    gw_scope inner = gw_scope_begin();
    gw_handle many[1200];
    for (uint64_t i = 0; i < 1200; i++) many[i] = gw_scope_handle(new_node(i));
    gw_collect(GW_FULL);
    for (uint64_t i = 0; i < 1200; i++) cr_assert_eq(((struct node *)gw_handle_get(many[i]))->number, i);
    gw_handle kept = gw_scope_end_with(inner, many[77]);
    gw_collect(GW_FULL);
    cr_assert_eq(old_objects(heap), 2);
    cr_assert_eq(((struct node *)gw_handle_get(first))->number, 1);
    cr_assert_eq(((struct node *)gw_handle_get(kept))->number, 77);
    gw_scope_end(outer);
    gw_collect(GW_FULL);
    cr_assert_eq(old_objects(heap), 0);
}

Test(external_memory, adds_up)
{
    start_heap(NULL);
    gw_external_memory(1000);
    gw_external_memory(-400);
    cr_assert_eq(gw_external_memory_bytes(), 600);
    gw_external_memory(-4000);
    cr_assert_eq(gw_external_memory_bytes(), 0);
}
