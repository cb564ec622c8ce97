/* Weak references, ephemerons, weak maps and identity hashes: what each kind keeps, and when it is cleared. */
#include "heap_fixture.h"

/* A weak reference of `kind` to a fresh object in roots[0]; the reference is in roots[1]. */
static struct gw_heap *start_with_weak(gw_weak_kind kind)
{
    struct gw_heap *heap = start_heap("nursery=64k,verify=1");
    roots[0] = new_node(7);
    roots[1] = gw_weak_new(roots[0], kind);
    return heap;
}

Test(weak, given_a_live_target_when_it_moves_then_the_reference_follows)
{
    start_with_weak(GW_WEAK_SHORT);
    for (int i = 0; i < 3; i++) {
        gw_collect(GW_MINOR);
        cr_assert_eq(gw_weak_get(roots[1]), roots[0]);
    }
    gw_collect(GW_FULL);
    cr_assert_eq(gw_weak_get(roots[1]), roots[0]);
}

Test(weak, given_a_dead_young_target_when_minor_then_cleared)
{
    start_with_weak(GW_WEAK_SHORT);
    roots[0] = NULL;
    gw_collect(GW_MINOR);
    cr_assert_null(gw_weak_get(roots[1]));
}

Test(weak, given_a_dead_old_target_when_full_then_cleared)
{
    start_with_weak(GW_WEAK_SHORT);
    gw_collect(GW_FULL);
    roots[0] = NULL;
    gw_collect(GW_MINOR);
    cr_assert_not_null(gw_weak_get(roots[1]));
    gw_collect(GW_FULL);
    cr_assert_null(gw_weak_get(roots[1]));
}

Test(weak, given_a_finalizable_target_when_collected_then_short_is_cleared_and_long_is_not)
{
    start_with_weak(GW_WEAK_LONG);
    roots[2] = gw_weak_new(roots[0], GW_WEAK_SHORT);
    gw_finalizer_queue *queue = gw_finalizer_queue_new(NULL, NULL);
    gw_finalize_with(queue, roots[0]);
    gw_collect(GW_FULL);
    roots[0] = NULL;
    gw_collect(GW_FULL);
    cr_assert_null(gw_weak_get(roots[2]));
    cr_assert_not_null(gw_weak_get(roots[1]));
    cr_assert_eq(gw_finalizer_queue_next(queue), gw_weak_get(roots[1]));
    gw_collect(GW_FULL);
    cr_assert_null(gw_weak_get(roots[1]));
}

Test(weak, given_marks_that_are_final_when_a_dead_target_is_read_between_steps_then_it_is_not_handed_out)
{
    struct gw_heap *heap = start_with_weak(GW_WEAK_SHORT);
    gw_disable();
    make_list(3, 10000); /* so that a cycle is worth starting */
    gw_collect(GW_MINOR);
    gw_collect(GW_MINOR);
    roots[3] = roots[0] = NULL;
    while (heap->cycle.phase != GW_PHASE_WEAK) cr_assert_neq(gw_collect_step(0).status, GW_STEP_IDLE);
    cr_assert_neq(*(uintptr_t *)roots[1], 0, "the step has cleared it already: nothing is shown");
    cr_assert_null(gw_weak_get(roots[1]));
}

Test(weak, a_reference_to_an_immediate_is_never_cleared)
{
    start_heap(NULL);
    roots[0] = gw_weak_new(gw_small_integer(5), GW_WEAK_SHORT);
    gw_collect(GW_FULL);
    cr_assert_eq(gw_weak_get(roots[0]), gw_small_integer(5));
    gw_weak_clear(roots[0]);
    cr_assert_null(gw_weak_get(roots[0]));
}

/* ---- Ephemerons ------------------------------------------------------------------------------------ */

Test(ephemeron, given_a_value_that_leads_to_its_key_when_nothing_else_does_then_both_die)
{
    struct gw_heap *heap = start_heap("nursery=64k,verify=1");
    roots[0] = new_node(1);
    roots[1] = new_node(2);
    GW_STORE((struct node *)roots[1], left, roots[0]);
    roots[2] = gw_ephemeron_new(roots[0], roots[1]);
    roots[1] = NULL;
    gw_collect(GW_FULL);
    cr_assert_eq(((struct node *)gw_ephemeron_value(roots[2]))->number, 2);
    roots[0] = NULL;
    gw_collect(GW_FULL);
    cr_assert_null(gw_ephemeron_key(roots[2]));
    cr_assert_null(gw_ephemeron_value(roots[2]));
    cr_assert_eq(old_objects(heap), 1);
    cr_assert_eq(gw_ephemeron_set(roots[2], roots[2]), GW_ERROR_STATE);
}

/* Ephemeron i: key is object i, value object i + 1. roots[0] holds object 0, roots[1] the ephemerons in an array. */
static void make_chain(size_t length, bool backwards)
{
    roots[1] = gw_new_array(references, length);
    roots[2] = gw_new_array(references, length + 1);
    for (size_t i = 0; i <= length; i++) {
        struct node *node = new_node(i);
        struct references *nodes = roots[2];
        GW_STORE(nodes, at[i], node);
    }
    for (size_t n = 0; n < length; n++) {
        size_t i = backwards ? length - 1 - n : n;
        struct references *nodes = roots[2];
        void *ephemeron = gw_ephemeron_new(nodes->at[i], nodes->at[i + 1]);
        struct references *ephemerons = roots[1];
        GW_STORE(ephemerons, at[i], ephemeron);
    }
    roots[0] = ((struct references *)roots[2])->at[0];
    roots[2] = NULL;
}

static void check_chain(size_t length)
{
    for (size_t i = 0; i < length; i++) {
        struct node *value = gw_ephemeron_value(((struct references *)roots[1])->at[i]);
        cr_assert_not_null(value, "ephemeron %zu", i);
        cr_assert_eq(value->number, i + 1);
    }
}

Test(ephemeron, a_chain_lives_by_its_first_key_in_any_order)
{
    for (int backwards = 0; backwards < 2; backwards++) {
        if (!backwards) start_heap("nursery=64k");
        make_chain(3000, backwards);
        gw_collect(GW_MINOR);
        check_chain(3000);
        gw_collect(GW_FULL);
        check_chain(3000);
        roots[0] = NULL;
        gw_collect(GW_FULL);
        for (size_t i = 0; i < 3000; i++) cr_assert_null(gw_ephemeron_key(((struct references *)roots[1])->at[i]));
    }
}

Test(ephemeron, a_young_chain_lives_through_a_minor_collection_by_its_first_key)
{
    start_heap("nursery=4m,age=3");
    make_chain(20000, true);
    gw_collect(GW_MINOR);
    check_chain(20000);
}

/* ---- Weak maps ------------------------------------------------------------------------------------- */

static void fill(gw_weak_map_kind kind, size_t count)
{
    roots[0] = gw_weak_map_new(kind);
    roots[1] = gw_new_array(references, count);
    roots[2] = gw_new_array(references, count);
    for (size_t i = 0; i < count; i++) {
        roots[3] = new_node(i);
        roots[4] = new_node(1000000 + i);
        struct references *keys = roots[1], *values = roots[2];
        GW_STORE(keys, at[i], roots[3]);
        GW_STORE(values, at[i], roots[4]);
        cr_assert_eq(gw_weak_map_set(roots[0], roots[3], roots[4]), GW_OK);
    }
    roots[3] = roots[4] = NULL;
}

static void check_entries(size_t count, size_t dropped)
{
    const struct references *keys = roots[1];
    for (size_t i = 0; i < count; i++) {
        if (i % 3 == dropped) continue;
        struct node *value = gw_weak_map_get(roots[0], keys->at[i]);
        cr_assert_not_null(value, "entry %zu", i);
        cr_assert_eq(value->number, 1000000 + i);
    }
}

static void drop_thirds(unsigned root, size_t count)
{
    for (size_t i = 0; i < count; i += 3) ((struct references *)roots[root])->at[i] = NULL;
}

Test(weak_map, by_key_an_entry_lives_as_long_as_its_key)
{
    start_heap("nursery=64k");
    fill(GW_WEAK_KEYS, 3000);
    roots[2] = NULL; /* the values live by the map */
    check_entries(3000, 3);
    drop_thirds(1, 3000);
    gw_collect(GW_FULL);
    check_entries(3000, 0);
    cr_assert_eq(gw_weak_map_count(roots[0]), 2000);
}

Test(weak_map, by_value_an_entry_lives_as_long_as_its_value_and_keeps_its_key)
{
    start_heap("nursery=64k");
    fill(GW_WEAK_VALUES, 3000);
    drop_thirds(2, 3000);
    gw_collect(GW_FULL);
    check_entries(3000, 0);
    cr_assert_null(gw_weak_map_get(roots[0], ((struct references *)roots[1])->at[3]));
    roots[1] = NULL;
    gw_collect(GW_FULL);
    cr_assert_eq(gw_weak_map_count(roots[0]), 2000);
    roots[2] = NULL;
    gw_collect(GW_FULL);
    cr_assert_eq(gw_weak_map_count(roots[0]), 0);
}

Test(weak_map, by_both_an_entry_goes_when_one_dies)
{
    start_heap("nursery=64k");
    fill(GW_WEAK_BOTH, 300);
    drop_thirds(1, 300);
    gw_collect(GW_FULL);
    cr_assert_eq(gw_weak_map_count(roots[0]), 200);
    roots[2] = NULL;
    gw_collect(GW_FULL);
    cr_assert_eq(gw_weak_map_count(roots[0]), 0);
}

static void add_up(void *sum, void *key, void *value)
{
    *(uint64_t *)sum += ((struct node *)value)->number - ((struct node *)key)->number;
}

Test(weak_map, entries_are_replaced_removed_and_visited)
{
    start_heap("nursery=64k");
    for (int kind = GW_WEAK_KEYS; kind <= GW_WEAK_BOTH; kind++) {
        fill((gw_weak_map_kind)kind, 10);
        uint64_t sum = 0;
        gw_weak_map_each(roots[0], add_up, &sum);
        cr_assert_eq(sum, 10 * 1000000);
        roots[5] = new_node(5);
        struct references *keys = roots[1];
        cr_assert_eq(gw_weak_map_set(roots[0], keys->at[4], roots[5]), GW_OK);
        gw_collect(GW_MINOR);
        keys = roots[1];
        cr_assert_eq(gw_weak_map_get(roots[0], keys->at[4]), roots[5]);
        cr_assert_eq(gw_weak_map_count(roots[0]), 10);
        cr_assert(gw_weak_map_remove(roots[0], keys->at[4]));
        cr_assert_not(gw_weak_map_remove(roots[0], keys->at[4]));
        cr_assert_null(gw_weak_map_get(roots[0], keys->at[4]));
        cr_assert_eq(gw_weak_map_count(roots[0]), 9);
    }
    cr_assert_eq(gw_weak_map_set(roots[0], NULL, roots[5]), GW_ERROR_ARGUMENT);
    cr_assert_eq(gw_weak_map_set(roots[0], roots[5], NULL), GW_ERROR_ARGUMENT);
}

Test(weak_map, churn_does_not_let_it_grow)
{
    struct gw_heap *heap = start_heap("nursery=64k,growth=20");
    roots[0] = gw_weak_map_new(GW_WEAK_KEYS);
    for (uint64_t i = 0; i < 100000; i++) {
        roots[1] = new_node(i);
        cr_assert_eq(gw_weak_map_set(roots[0], roots[1], roots[1]), GW_OK);
    }
    gw_collect(GW_FULL);
    cr_assert_eq(gw_weak_map_count(roots[0]), 1);
    cr_assert_lt(heap->stats.peak_heap_bytes, 4u << 20);
}

/* ---- Identity -------------------------------------------------------------------------------------- */

Test(identity, a_hash_stays_when_the_object_moves_and_differs_from_others)
{
    struct gw_heap *heap = start_heap("nursery=64k,age=2");
    make_list(0, 1000);
    roots[1] = gw_new_array(bytes, 1000 * sizeof(uint64_t));
    uint64_t *hashes = (uint64_t *)((struct bytes *)roots[1])->at;
    size_t i = 0;
    for (struct node *node = roots[0]; node; node = node->left) hashes[i++] = gw_identity_hash(node);
    for (int round = 0; round < 4; round++) {
        gw_collect(round < 3 ? GW_MINOR : GW_FULL);
        hashes = (uint64_t *)((struct bytes *)roots[1])->at;
        i = 0;
        for (struct node *node = roots[0]; node; node = node->left) {
            cr_assert_eq(gw_identity_hash(node), hashes[i], "node %zu", i);
            cr_assert_neq(hashes[i], 0);
            if (i) cr_assert_neq(hashes[i], hashes[i - 1]);
            i++;
        }
    }
    cr_assert_eq(heap->identity.old.count, 1000);
    roots[0] = NULL;
    gw_collect(GW_FULL);
    cr_assert_eq(heap->identity.old.count, 0, "entries of dead objects are dropped");
}

Test(identity, objects_never_asked_for_cost_nothing)
{
    struct gw_heap *heap = start_heap("nursery=64k");
    make_list(0, 1000);
    gw_collect(GW_FULL);
    for (struct node *node = roots[0]; node; node = node->left) cr_assert_neq(gw_identity_hash(node), 0);
    cr_assert_eq(heap->identity.old.capacity + heap->identity.young.capacity, 0, "old objects need no table");
}
