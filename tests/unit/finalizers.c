/* Finalizer queues: the state table of docs/finalization.md, a test for each transition, and what must never happen. */
#include "heap_fixture.h"

#include <setjmp.h>

static gw_finalizer_queue *queue;

static struct gw_heap *start_with_queue(void)
{
    struct gw_heap *heap = start_heap("nursery=64k,verify=1,growth=10");
    queue = gw_finalizer_queue_new(NULL, NULL);
    cr_assert_not_null(queue);
    return heap;
}

/* A registered node, in roots[root]. */
static void make_registered(unsigned root, uint64_t number)
{
    roots[root] = new_node(number);
    cr_assert_eq(gw_finalize_with(queue, roots[root]), GW_OK);
}

static uint64_t next_number(void)
{
    struct node *node = gw_finalizer_queue_next(queue);
    return node ? node->number : 0;
}

/* The tests run with young objects, and with old ones. */
static void for_young_and_old(void test(void))
{
    start_with_queue();
    test();
    gw_collect(GW_FULL);
    cr_assert_eq(gw_finalizer_queue_length(queue), 0);
    test();
}

static bool old_ones;
static void age(void)
{
    if (old_ones) gw_collect(GW_FULL);
    old_ones = !old_ones;
}

/* ---- reachable, unfinalized ------------------------------------------------------------------------ */

static void stays_while_reachable(void)
{
    make_registered(0, 1);
    age();
    for (int i = 0; i < 3; i++) {
        gw_collect(i ? GW_FULL : GW_MINOR);
        cr_assert_eq(gw_finalizer_queue_length(queue), 0);
    }
    roots[0] = NULL;
    gw_collect(GW_FULL);
    cr_assert_eq(next_number(), 1);
}

Test(reachable_unfinalized, is_never_finalizable)
{
    for_young_and_old(stays_while_reachable);
}

/* ---- unreachable, unfinalized -> finalizer-reachable, finalizable ---------------------------------- */

static void delivered_once(void)
{
    make_registered(0, 5);
    age();
    roots[0] = NULL;
    gw_collect(GW_FULL);
    cr_assert_eq(gw_finalizer_queue_length(queue), 1);
    for (int i = 0; i < 3; i++) gw_collect(GW_FULL); /* finalizable: waits, and stays alive */
    cr_assert_eq(gw_finalizer_queue_length(queue), 1);
    cr_assert_eq(next_number(), 5);
    for (int i = 0; i < 3; i++) gw_collect(GW_FULL);
    cr_assert_null(gw_finalizer_queue_next(queue));
}

Test(unreachable_unfinalized, becomes_finalizable_once)
{
    for_young_and_old(delivered_once);
}

Test(unreachable_unfinalized, a_young_one_is_ready_after_a_minor_collection)
{
    start_with_queue();
    make_registered(0, 5);
    roots[0] = NULL;
    gw_collect(GW_MINOR);
    cr_assert_eq(next_number(), 5);
}

/* ---- finalizer-reachable, unfinalized: behind another ---------------------------------------------- */

static void chain_in_order(void)
{
    make_registered(0, 3);
    for (uint64_t number = 2; number > 0; number--) {
        void *next = roots[0];
        roots[1] = next;
        make_registered(0, number);
        GW_STORE((struct node *)roots[0], left, roots[1]);
    }
    roots[1] = NULL;
    age();
    roots[0] = NULL;
    for (uint64_t number = 1; number <= 3; number++) {
        gw_collect(GW_FULL);
        cr_assert_eq(gw_finalizer_queue_length(queue), 1, "only the first of what is left");
        roots[0] = gw_finalizer_queue_next(queue);
        cr_assert_eq(((struct node *)roots[0])->number, number);
        gw_collect(GW_FULL);
        cr_assert_eq(gw_finalizer_queue_length(queue), 0, "the one before is not gone");
        roots[0] = NULL;
    }
    gw_collect(GW_FULL);
    cr_assert_null(gw_finalizer_queue_next(queue));
}

Test(finalizer_reachable_unfinalized, waits_until_what_reaches_it_is_gone)
{
    for_young_and_old(chain_in_order);
}

static void resurrected_chain(void)
{
    make_registered(1, 2);
    make_registered(0, 1);
    GW_STORE((struct node *)roots[0], left, roots[1]);
    roots[1] = NULL;
    age();
    roots[0] = NULL;
    gw_collect(GW_FULL);
    roots[0] = gw_finalizer_queue_next(queue);
    roots[0] = ((struct node *)roots[0])->left; /* the second is reachable again: reachable, unfinalized */
    gw_collect(GW_FULL);
    cr_assert_eq(gw_finalizer_queue_length(queue), 0);
    roots[0] = NULL;
    gw_collect(GW_FULL);
    cr_assert_eq(next_number(), 2);
}

Test(finalizer_reachable_unfinalized, may_become_reachable_again)
{
    for_young_and_old(resurrected_chain);
}

static void cycle_one_at_a_time(void)
{
    make_registered(0, 1);
    make_registered(1, 2);
    GW_STORE((struct node *)roots[0], left, roots[1]);
    GW_STORE((struct node *)roots[1], left, roots[0]);
    age();
    roots[0] = roots[1] = NULL;
    gw_collect(GW_FULL);
    cr_assert_eq(gw_finalizer_queue_length(queue), 1);
    uint64_t first = next_number();
    gw_collect(GW_FULL);
    cr_assert_eq(gw_finalizer_queue_length(queue), 1);
    cr_assert_eq(next_number(), 3 - first);
}

Test(finalizer_reachable_unfinalized, a_cycle_is_broken_at_one_object_a_collection)
{
    for_young_and_old(cycle_one_at_a_time);
}

Test(order, whole_chains_are_delivered_by_one_cycle_where_the_program_opted_in)
{
    start_heap("nursery=64k,growth=10");
    queue = gw_finalizer_queue_new(NULL, NULL);
    cr_assert_eq(gw_finalize_whole_chains(true), GW_OK);
    make_list(0, 100000);
    gw_collect(GW_FULL);
    for (struct node *node = roots[0]; node; node = node->left) gw_finalize_with(queue, node);
    struct node *ring = new_node(1); /* not part of any chain */
    roots[1] = ring;
    make_registered(2, 2);
    GW_STORE((struct node *)roots[1], left, roots[2]);
    GW_STORE((struct node *)roots[2], left, roots[1]);
    gw_finalize_with(queue, roots[1]);
    gw_collect(GW_FULL);
    roots[0] = roots[1] = roots[2] = NULL;
    gw_collect(GW_FULL);
    cr_assert_eq(gw_finalizer_queue_length(queue), 100001);
    uint64_t expected = 0;
    for (struct node *node; (node = gw_finalizer_queue_next(queue));)
        if (node->left && node->left->left == node) /* one of the ring */
            continue;
        else cr_assert_eq(node->number, expected++);
    cr_assert_eq(expected, 100000);
}

/* The graph of docs/finalization.md: A > b > C > D, E <> F > C, G; numbers 1 to 7, b is 2 and not registered. */
static void example_graph(void)
{
    static const char edges[][2] = {{1, 2}, {2, 3}, {3, 4}, {5, 6}, {6, 5}, {6, 3}};
    for (uint64_t number = 1; number <= 7; number++)
        if (number == 2) roots[2] = new_node(2);
        else make_registered((unsigned)number, number);
    for (size_t i = 0; i < sizeof edges / sizeof *edges; i++) {
        struct node *from = roots[(int)edges[i][0]];
        if (from->left) GW_STORE(from, right, roots[(int)edges[i][1]]);
        else GW_STORE(from, left, roots[(int)edges[i][1]]);
    }
    age();
    for (int i = 1; i <= 7; i++) roots[i] = NULL;
    uint64_t delivered[5] = {0};
    for (int collection = 1; collection <= 4; collection++) {
        gw_collect(GW_FULL);
        for (uint64_t number; (number = next_number());) delivered[collection] |= (uint64_t)1 << number;
    }
    uint64_t cycle = 1u << 5 | 1u << 6, first = delivered[1] & cycle;
    cr_assert(first == 1u << 5 || first == 1u << 6);
    cr_assert_eq(delivered[1], 1u << 1 | 1u << 7 | first);
    cr_assert_eq(delivered[2], cycle & ~first);
    cr_assert_eq(delivered[3], 1u << 3);
    cr_assert_eq(delivered[4], 1u << 4);
}

Test(order, is_that_of_the_documentation)
{
    for_young_and_old(example_graph);
}

/* ---- finalized ------------------------------------------------------------------------------------- */

static void finalized_is_ordinary(void)
{
    struct gw_heap *heap = gw_current_thread.heap;
    make_registered(0, 1);
    age();
    roots[0] = NULL;
    gw_collect(GW_FULL);
    roots[0] = gw_finalizer_queue_next(queue); /* reachable, finalized */
    gw_collect(GW_FULL);
    cr_assert_eq(((struct node *)roots[0])->number, 1);
    roots[0] = NULL; /* unreachable, finalized: gone, never finalizable */
    gw_collect(GW_FULL);
    cr_assert_eq(gw_finalizer_queue_length(queue), 0);
    cr_assert_eq(old_objects(heap), 0);
}

Test(finalized, is_an_ordinary_object_again)
{
    for_young_and_old(finalized_is_ordinary);
}

static void registered_again(void)
{
    make_registered(0, 1);
    age();
    for (int i = 0; i < 3; i++) {
        roots[0] = NULL;
        gw_collect(GW_FULL);
        roots[0] = gw_finalizer_queue_next(queue);
        cr_assert_not_null(roots[0]);
        gw_finalize_with(queue, roots[0]);
    }
    roots[0] = NULL;
    gw_collect(GW_FULL);
    cr_assert_eq(next_number(), 1);
}

Test(finalized, may_be_registered_again)
{
    for_young_and_old(registered_again);
}

/* ---- Queues ---------------------------------------------------------------------------------------- */

static void several_queues(void)
{
    gw_finalizer_queue *other = gw_finalizer_queue_new(NULL, NULL);
    make_registered(0, 1);
    gw_finalize_with(queue, roots[0]);
    gw_finalize_with(other, roots[0]);
    age();
    roots[0] = NULL;
    gw_collect(GW_FULL);
    cr_assert_eq(next_number(), 1);
    cr_assert_eq(next_number(), 1);
    cr_assert_eq(next_number(), 0);
    cr_assert_eq(((struct node *)gw_finalizer_queue_next(other))->number, 1);
    cr_assert_null(gw_finalizer_queue_next(other));
    gw_finalizer_queue_free(other);
}

Test(queues, all_registrations_of_an_object_are_delivered_together)
{
    for_young_and_old(several_queues);
}

static void freed_queue(void)
{
    gw_finalizer_queue *other = gw_finalizer_queue_new(NULL, NULL);
    roots[0] = new_node(1);
    gw_finalize_with(other, roots[0]);
    make_registered(1, 2);
    age();
    gw_finalizer_queue_free(other);
    roots[0] = roots[1] = NULL;
    gw_collect(GW_FULL);
    cr_assert_eq(next_number(), 2);
    gw_collect(GW_FULL);
    cr_assert_eq(old_objects(gw_current_thread.heap), 0);
}

Test(queues, a_freed_queue_forgets_its_objects)
{
    for_young_and_old(freed_queue);
}

static void count_news(void *count)
{
    ++*(int *)count;
}

Test(queues, the_owner_is_told_once_a_collection)
{
    start_heap("nursery=64k");
    int news = 0;
    queue = gw_finalizer_queue_new(count_news, &news);
    make_registered(0, 1);
    make_registered(1, 2);
    gw_collect(GW_MINOR);
    cr_assert_eq(news, 0);
    roots[0] = roots[1] = NULL;
    gw_collect(GW_MINOR);
    cr_assert_eq(news, 1);
    cr_assert_eq(gw_finalizer_queue_length(queue), 2);
}

Test(queues, foreign_words_are_refused)
{
    start_with_queue();
    cr_assert_eq(gw_finalize_with(queue, NULL), GW_ERROR_ARGUMENT);
    cr_assert_eq(gw_finalize_with(queue, gw_small_integer(1)), GW_ERROR_ARGUMENT);
    cr_assert_eq(gw_finalize_with(queue, &queue), GW_ERROR_ARGUMENT);
}

/* ---- The default queue ----------------------------------------------------------------------------- */

static uint64_t ran;
static jmp_buf out;

static void count_run(void *object)
{
    (void)object;
    ran++;
}

static void allocate_collect_register(void *object)
{
    ran++;
    roots[7] = object;
    for (uint64_t i = 0; i < 100; i++) new_node(i);
    roots[6] = new_node(1);
    gw_finalize(roots[6], count_run);
    roots[6] = NULL;
    gw_collect(GW_FULL);
    roots[7] = NULL;
}

static void never_return(void *object)
{
    (void)object;
    ran++;
    longjmp(out, 1);
}

static void make_dead(unsigned count, gw_finalizer *function)
{
    for (unsigned i = 0; i < count; i++) cr_assert_eq(gw_finalize(new_node(i), function), GW_OK);
    gw_collect(GW_MINOR);
}

Test(default_queue, runs_at_most_as_many_as_asked_for)
{
    start_heap("nursery=64k");
    make_dead(10, count_run);
    cr_assert_eq(gw_run_finalizers(3, UINT64_MAX), 3);
    cr_assert_eq(gw_run_finalizers(SIZE_MAX, 0), 1);
    cr_assert_eq(gw_run_finalizers(SIZE_MAX, UINT64_MAX), 6);
    cr_assert_eq(ran, 10);
}

Test(default_queue, finalizers_may_allocate_collect_and_register_others)
{
    start_heap("nursery=64k,verify=1,poison=1");
    make_dead(10, allocate_collect_register);
    while (gw_run_finalizers(SIZE_MAX, UINT64_MAX)) gw_collect(GW_FULL);
    cr_assert_eq(ran, 20);
}

Test(default_queue, finalizers_need_not_return)
{
    start_heap("nursery=64k,verify=1");
    make_dead(5, never_return);
    for (volatile int i = 0; i < 6; i++)
        if (!setjmp(out)) gw_run_finalizers(SIZE_MAX, UINT64_MAX);
    cr_assert_eq(ran, 5);
    gw_run_finalizers_at_allocation(true);
    make_dead(5, never_return);
    for (volatile int i = 0; i < 20000; i++)
        if (!setjmp(out)) new_node(0);
    cr_assert_eq(ran, 10);
}

Test(default_queue, runs_at_allocation_where_the_program_opted_in)
{
    start_heap("nursery=64k,verify=1");
    gw_run_finalizers_at_allocation(true);
    for (uint64_t i = 0; i < 20000; i++) gw_finalize(new_node(i), count_run);
    cr_assert_gt(ran, 15000);
}

/* ---- Between steps --------------------------------------------------------------------------------- */

Test(steps, dead_objects_become_ready_in_order_while_the_program_runs)
{
    struct gw_heap *heap = start_with_queue();
    gw_disable();
    make_list(3, 3000);
    for (struct node *node = roots[3]; node; node = node->left)
        if (node->number % 100 == 0) gw_finalize_with(queue, node);
    gw_collect(GW_MINOR);
    gw_collect(GW_MINOR);
    make_list(4, 3000);
    gw_collect(GW_MINOR);
    gw_collect(GW_MINOR);
    roots[3] = NULL;
    for (uint64_t turn = 0; gw_collect_step(0).status == GW_STEP_MORE; turn++) new_node(turn);
    cr_assert_eq(gw_finalizer_queue_length(queue), 1);
    struct node *first = gw_finalizer_queue_next(queue);
    cr_assert_eq(first->number, 0);
    roots[3] = first;
    cr_assert_eq(list_length(roots[3]), 3000);
    cr_assert_eq(heap->cycle.phase, GW_PHASE_IDLE);
}
