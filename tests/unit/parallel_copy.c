/* Minor collections that the marker takes part in. With stress they wait for it a little, however small they are. */
#include "heap_fixture.h"

#include <pthread.h>
#include <signal.h>
#include <time.h>

static struct gw_heap *heap;

/* Nothing collects by itself, and each collection calls the marker. */
#define CALLED "nursery=8m,helpers=1,stress=1000000000"

static struct node *make_tree(unsigned height, uint64_t number)
{
    if (!height) return NULL;
    struct node *node = new_node(number);
    node->left = make_tree(height - 1, 2 * number);
    node->right = make_tree(height - 1, 2 * number + 1);
    return node;
}

static void check_tree(const struct node *node, unsigned height, uint64_t number)
{
    if (!height) {
        cr_assert_null(node);
        return;
    }
    cr_assert_eq(node->number, number);
    check_tree(node->left, height - 1, 2 * number);
    check_tree(node->right, height - 1, 2 * number + 1);
}

#define HEIGHT 14

/* The marker may be late, but not always: a minute is long even where other work goes on. */
static void collect_trees_until_it_helps(void)
{
    uint64_t before = heap->marker.promoted;
    time_t end = time(NULL) + 60;
    for (int i = 0; heap->marker.promoted == before; i++) {
        cr_assert_leq(time(NULL), end, "the marker never came");
        roots[i % 4] = make_tree(HEIGHT, 1);
        gw_collect(GW_MINOR);
        for (int k = 0; k < 4; k++)
            if (roots[k]) check_tree(roots[k], HEIGHT, 1);
    }
}

Test(parallel_copy, given_large_trees_then_both_threads_move_them)
{
    for (const char *const *options = (const char *const[]){CALLED ",age=0", CALLED ",age=1", CALLED ",age=3,verify=1,poison=1", NULL};
         *options; options++) {
        heap = start_heap(*options);
        memset(roots, 0, sizeof roots);
        for (int i = 0; i < 5; i++) collect_trees_until_it_helps();
        gw_collect(GW_FULL);
        for (int k = 0; k < 4; k++)
            if (roots[k]) check_tree(roots[k], HEIGHT, 1);
        cr_assert_eq(gw_verify(), GW_OK, "%s", gw_error_text());
        end_heap(heap);
    }
}

static size_t young_nodes(const struct node *node)
{
    return node ? gw_is_young(&heap->old, (uintptr_t)node) + young_nodes(node->left) + young_nodes(node->right) : 0;
}

Test(parallel_copy, given_an_age_then_what_either_keeps_young_grows_old_after_as_many_collections)
{
    heap = start_heap(CALLED ",age=2");
    for (int round = 0; round < 5; round++) {
        roots[0] = make_tree(HEIGHT, 1);
        for (int age = 0; age < 2; age++) {
            gw_collect(GW_MINOR);
            cr_assert_eq(young_nodes(roots[0]), (1u << HEIGHT) - 1);
        }
        gw_collect(GW_MINOR);
        cr_assert_eq(young_nodes(roots[0]), 0);
    }
}

/* ---- What is left to one thread -------------------------------------------------------------------- */

static pthread_t program;
static unsigned buried, elsewhere;

struct traced {
    void *left;
    uint64_t number;
};

static void trace_here(void *payload, struct gw_tracer *tracer)
{
    elsewhere += !pthread_equal(pthread_self(), program);
    gw_trace_edge(tracer, payload);
}

static const struct gw_type gw_type_traced = {.name = "traced", .size = sizeof(struct traced), .trace = trace_here};

#define WIDTH 300 /* references: enough for cards */

/* Arrays of traced objects, large ones and small trees; all refer to young objects. */
static void *make_wide(void)
{
    roots[5] = gw_new_array(references, WIDTH);
    for (unsigned i = 0; i < WIDTH; i++) {
        struct traced *traced = gw_alloc(&gw_type_traced);
        traced->number = i;
        roots[6] = traced;
        void *below = i % 3 == 0   ? (void *)make_tree(5, 1)
                      : i % 3 == 1 ? (void *)gw_new_array(references, WIDTH)
                                   : (void *)gw_new_array(bytes, 5000);
        traced = roots[6];
        GW_STORE(traced, left, below);
        GW_STORE((struct references *)roots[5], at[i], traced);
        if (i % 3 == 1) GW_STORE((struct references *)below, at[WIDTH - 1], traced);
    }
    return roots[5];
}

static void check_wide(const struct references *wide)
{
    for (unsigned i = 0; i < WIDTH; i++) {
        const struct traced *traced = wide->at[i];
        cr_assert_eq(traced->number, i);
        if (i % 3 == 0) check_tree(traced->left, 5, 1);
        if (i % 3 == 1) cr_assert_eq(((struct references *)traced->left)->at[WIDTH - 1], traced);
        if (i % 3 == 2) cr_assert_eq(((struct bytes *)traced->left)->length, 5000);
    }
}

Test(parallel_copy, given_cards_trace_functions_and_large_objects_then_the_programs_thread_does_these)
{
    program = pthread_self();
    heap = start_heap(CALLED ",verify=1,poison=1");
    for (int i = 0; i < 10; i++) {
        roots[4] = make_wide();
        collect_trees_until_it_helps();
        check_wide(roots[4]);
    }
    cr_assert_eq(elsewhere, 0);
    cr_assert_eq(gw_verify(), GW_OK, "%s", gw_error_text());
}

/* What is larger than a cell is left to one thread when other slots have been seen to. It grows old with what holds it, the small one does
 * not. */
Test(parallel_copy, given_objects_that_grow_old_with_a_large_referent_and_a_young_one_then_they_are_recorded)
{
    heap = start_heap(CALLED ",age=3,verify=1,poison=1");
    for (int round = 0; round < 50; round++) {
        roots[4] = gw_new_array(references, 20);
        for (unsigned i = 0; i < 20; i++) {
            roots[5] = new_node(i);
            GW_STORE((struct references *)roots[4], at[i], roots[5]);
            void *large = gw_new_array(bytes, 20000);
            GW_STORE((struct node *)roots[5], right, large);
        }
        for (int age = 0; age < 3; age++) gw_collect(GW_MINOR);
        for (unsigned i = 0; i < 20; i++) {
            void *small = new_node(i + 1);
            GW_STORE((struct node *)((struct references *)roots[4])->at[i], left, small);
        }
        gw_collect(GW_MINOR);
        gw_collect(GW_MINOR);
        for (unsigned i = 0; i < 20; i++) {
            const struct node *holder = ((struct references *)roots[4])->at[i];
            cr_assert_eq(holder->left->number, i + 1);
            cr_assert_eq(((struct bytes *)holder->right)->length, 20000);
        }
    }
}

static void bury(void *payload)
{
    (void)payload;
    buried++;
    elsewhere += !pthread_equal(pthread_self(), program);
}

static const struct gw_type gw_type_buried = {.name = "buried", .size = sizeof(struct node), .destroy = bury};

static void make_mortals(unsigned count)
{
    roots[7] = gw_new_array(references, count);
    for (unsigned i = 0; i < count; i++) {
        void *object = gw_alloc(&gw_type_buried);
        GW_STORE((struct references *)roots[7], at[i], object);
    }
}

/* Promotion sweeps blocks of its size class. */
Test(parallel_copy, given_blocks_with_dead_objects_that_have_destructors_when_the_marker_promotes_then_it_leaves_them)
{
    program = pthread_self();
    heap = start_heap(CALLED ",age=0");
    make_mortals(100000);
    gw_collect(GW_MINOR);
    roots[7] = NULL;
    gw_disable(); /* or allocation would go on with the cycle, and sweep them */
    while (heap->cycle.phase != GW_PHASE_SWEEP) {
        make_list(3, 10000);
        gw_collect(GW_MINOR);
        gw_collect_step(0);
    }
    roots[3] = NULL;
    cr_assert_lt(buried, 50000);
    for (int i = 0; i < 3; i++) collect_trees_until_it_helps();
    gw_enable();
    gw_collect(GW_FULL);
    cr_assert_eq(buried, 100000);
    cr_assert_eq(elsewhere, 0);
}

/* ---- Planted faults -------------------------------------------------------------------------------- */

Test(parallel_copy, given_an_object_that_was_left_and_never_scanned_when_the_heap_is_checked_then_fatal, .signal = SIGABRT)
{
    heap = start_heap("nursery=1m");
    heap->parallel.left_count = 1;
    gw_heap_check(heap);
}

Test(parallel_copy, given_objects_handed_over_that_nobody_took_when_the_heap_is_checked_then_fatal, .signal = SIGABRT)
{
    heap = start_heap("nursery=1m");
    heap->parallel.given_count = 1;
    gw_heap_check(heap);
}

/* Both would take the same cells. */
Test(parallel_copy, given_two_threads_with_holes_in_one_block_when_the_heap_is_checked_then_fatal, .signal = SIGABRT)
{
    heap = start_heap(CALLED ",age=0");
    roots[0] = make_tree(3, 1);
    gw_collect(GW_MINOR);
    heap->old.other_holes = heap->old.holes;
    gw_old_space_check(&heap->old);
}
