/* The major cycle in steps: what a step reports, what the program may do between steps, and that a lost object is seen. */
#include "control/cycle.h"
#include "engine/mark.h"
#include "counted_clock.h"
#include "heap_fixture.h"

#include <string.h>
#include <time.h>

/* An old list of `length` in roots[0], and as much garbage, so that a cycle is worth starting. */
static struct gw_heap *heap_with_garbage(uint64_t length)
{
    struct gw_heap *heap = start_heap("nursery=64k,growth=10");
    gw_disable();
    make_list(1, length);
    make_list(0, length);
    gw_collect(GW_MINOR);
    gw_collect(GW_MINOR);
    roots[1] = NULL;
    return heap;
}

static unsigned step_to_the_end(uint64_t budget_ns)
{
    for (unsigned steps = 1;; steps++) {
        struct gw_step step = gw_collect_step(budget_ns);
        cr_assert_neq(step.status, GW_STEP_IDLE);
        cr_assert_eq(step.needs_ns, 0, "no minor collection is needed any more, or the budget is 0");
        cr_assert_geq(step.used_ns, step.atomic_ns);
        if (step.status == GW_STEP_DONE) return steps;
    }
}

Test(step, given_an_empty_heap_when_stepped_then_it_is_idle)
{
    start_heap(NULL);
    struct gw_step step = gw_collect_step(1000000);
    cr_assert_eq(step.status, GW_STEP_IDLE);
    cr_assert_eq(step.after, GW_PHASE_IDLE);
}

Test(step, given_garbage_when_stepped_by_the_smallest_pieces_then_exactly_the_live_list_is_left)
{
    struct gw_heap *heap = heap_with_garbage(5000);
    cr_assert_eq(gw_collect_step(0).after, GW_PHASE_MARK);
    unsigned steps = step_to_the_end(0);
    cr_assert_gt(steps, 5000, "one object a step; %u steps", steps);
    cr_assert_eq(old_objects(heap), 5000);
    cr_assert_eq(list_length(roots[0]), 5000);
    cr_assert_eq(gw_collect_step(0).status, GW_STEP_IDLE);
}

static uint64_t clock_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* What the caller waited for is all in the report, and all that is beyond the budget in the overrun. */
static bool adds_up(const struct gw_step *step, uint64_t budget_ns, uint64_t waited_ns)
{
    uint64_t overrun = step->used_ns > budget_ns ? step->used_ns - budget_ns : 0;
    return step->used_ns <= waited_ns && step->minor_ns + step->atomic_ns <= step->used_ns && step->overrun_ns == overrun;
}

static struct gw_step timed_step(uint64_t budget_ns, uint64_t *waited_ns)
{
    uint64_t start = clock_ns();
    struct gw_step step = gw_collect_step(budget_ns);
    *waited_ns = clock_ns() - start;
    return step;
}

Test(step, given_a_budget_when_stepped_then_the_report_adds_up)
{
    uint64_t waited;
    heap_with_garbage(100000);
    struct gw_step step = timed_step(200000, &waited);
    cr_assert_eq(step.before, GW_PHASE_IDLE);
    cr_assert_geq(step.used_ns, 200000 / 4);
    cr_assert(adds_up(&step, 200000, waited));
    while (step.status != GW_STEP_DONE) {
        uint64_t budget = 50000 + step.needs_ns;
        step = timed_step(budget, &waited);
        cr_assert(adds_up(&step, budget, waited));
    }
    cr_assert_eq(list_length(roots[0]), 100000);
}

/* ---- Minor collections that do not fit --------------------------------------------------------------- */

enum { YOUNG = 30000, YOUNG_NS = YOUNG * 32 };

/* As above, but with room for 2 MB of young objects, of which half are there: at 1 ns a byte a millisecond. */
static struct gw_heap *heap_with_much_that_is_young(void)
{
    struct gw_heap *heap = start_heap("nursery=2m,growth=10");
    gw_disable();
    make_list(1, 80000);
    gw_collect(GW_MINOR);
    gw_collect(GW_MINOR);
    roots[1] = NULL;
    make_list(0, YOUNG);
    heap->eden.copy_cost = heap->eden.survival = 1;
    return heap;
}

static void step_with_what_is_needed(void)
{
    struct gw_step step = {.status = GW_STEP_MORE};
    while (step.status != GW_STEP_DONE) step = gw_collect_step(500000 + step.needs_ns);
}

Test(step, given_a_cycle_whose_beginning_does_not_fit_then_the_step_says_what_it_needs_and_the_next_minor_collection_begins_it)
{
    struct gw_heap *heap = heap_with_much_that_is_young();
    uint64_t minors = heap->stats.minor_collections;
    for (int i = 0; i < 3; i++) {
        struct gw_step step = gw_collect_step(500000);
        cr_assert_eq(step.status, GW_STEP_IDLE, "whoever steps until a cycle is done must not spin");
        cr_assert_geq(step.needs_ns, YOUNG_NS);
        cr_assert_lt(step.needs_ns, 2 * YOUNG_NS);
        cr_assert_eq(step.minor_ns, 0);
        cr_assert_eq(heap->stats.minor_collections, minors);
    }
    while (heap->stats.minor_collections == minors) make_list(2, 1000);
    cr_assert_eq(heap->cycle.phase, GW_PHASE_MARK);
    step_with_what_is_needed();
    cr_assert_eq(list_length(roots[0]), YOUNG);
}

Test(step, given_as_much_as_was_needed_then_the_step_begins_the_cycle)
{
    heap_with_much_that_is_young();
    struct gw_step step = gw_collect_step(500000);
    look_ns = 10000; /* so that the whole cycle does not fit */
    step = gw_collect_step(step.needs_ns + 100000);
    cr_assert_neq(step.status, GW_STEP_IDLE);
    cr_assert_gt(step.minor_ns, 0);
    cr_assert_neq(step.after, GW_PHASE_IDLE);
}

/* Nothing is expected to fit, so that no step ends marking. */
static void step_to_remark(struct gw_heap *heap)
{
    while (heap->cycle.phase != GW_PHASE_REMARK) {
        heap->eden.least_ns = 1e9;
        gw_collect_step(heap->cycle.phase == GW_PHASE_IDLE ? 0 : 500000);
    }
    heap->eden.least_ns = 1;
}

Test(step, given_an_end_of_marking_that_does_not_fit_then_the_step_waits_for_the_next_minor_collection)
{
    struct gw_heap *heap = heap_with_much_that_is_young();
    step_to_remark(heap);
    make_list(2, YOUNG);
    heap->eden.copy_cost = heap->eden.survival = 1;
    uint64_t minors = heap->stats.minor_collections, steps = heap->cycle.steps;
    struct gw_step step = gw_collect_step(500000);
    cr_assert_eq(step.status, GW_STEP_MORE);
    cr_assert_eq(step.after, GW_PHASE_REMARK);
    cr_assert_geq(step.needs_ns, YOUNG_NS);
    cr_assert_eq(heap->stats.minor_collections, minors);
    cr_assert_leq(heap->cycle.steps, steps + 1);
    gw_collect(GW_MINOR);
    cr_assert_eq(heap->cycle.phase, GW_PHASE_WEAK);
    step_with_what_is_needed();
    cr_assert_eq(list_length(roots[0]), YOUNG);
    cr_assert_eq(list_length(roots[2]), YOUNG);
}

/* The planted faults: a guess that makes the step begin what does not fit, and a report that leaves a minor collection out of the overrun,
 * as reports did. The first shows in the second's place. */
Test(planted, a_minor_collection_begun_without_time_for_it_and_an_overrun_that_is_not_counted_are_seen)
{
    uint64_t waited;
    struct gw_heap *heap = heap_with_much_that_is_young();
    heap->eden.copy_cost = 1e-9;
    heap->eden.survival = 0;
    look_ns = 60000;
    struct gw_step step = timed_step(50000, &waited);
    cr_assert_gt(step.minor_ns, 50000, "it was begun");
    cr_assert_gt(step.overrun_ns, 0, "and it is seen");
    cr_assert(adds_up(&step, 50000, waited));
    uint64_t worked = step.used_ns - step.minor_ns;
    step.overrun_ns = worked > 50000 ? worked - 50000 : 0;
    cr_assert_not(adds_up(&step, 50000, waited));
}

/* ---- What the program may do meanwhile --------------------------------------------------------------- */

Test(step, given_a_cycle_under_way_when_the_graph_is_turned_around_at_every_step_then_nothing_is_lost)
{
    heap_with_garbage(3000);
    /* Each step moves the list's head from one root to the other through a fresh object: the snapshot never sees it twice. */
    for (uint64_t turn = 0;; turn++) {
        struct node *holder = new_node(turn);
        GW_STORE(holder, right, roots[0]);
        roots[2] = holder;
        roots[0] = NULL;
        struct gw_step step = gw_collect_step(0);
        cr_assert_eq(gw_verify(), GW_OK, "%s", gw_error_text());
        roots[0] = ((struct node *)roots[2])->right;
        roots[2] = NULL;
        if (step.status == GW_STEP_DONE) break;
    }
    cr_assert_eq(list_length(roots[0]), 3000);
}

Test(step, given_a_white_object_when_its_only_reference_moves_into_a_root_then_the_last_look_at_the_roots_finds_it)
{
    struct gw_heap *heap = heap_with_garbage(3000);
    struct node *last = roots[0];
    while (last->left) last = last->left;
    struct node *child = new_node(42);
    GW_STORE(last, right, child);
    gw_collect(GW_FULL);
    for (last = roots[0]; last->left;) last = last->left;
    gw_disable();
    make_list(1, 3000); /* garbage, so that a cycle is worth starting */
    gw_collect(GW_MINOR);
    gw_collect(GW_MINOR);
    while (gw_collect_step(0).after != GW_PHASE_MARK) continue;
    cr_assert_not(gw_is_marked(heap, (uintptr_t)last->right), "the list is marked from its head on");
    roots[3] = last->right;
    GW_STORE(last, right, NULL);
    step_to_the_end(0);
    cr_assert_eq(gw_verify(), GW_OK, "%s", gw_error_text());
    cr_assert_eq(((struct node *)roots[3])->number, 42);
}

Test(step, given_a_cycle_under_way_when_a_full_collection_is_asked_for_then_no_floating_garbage_is_left)
{
    struct gw_heap *heap = heap_with_garbage(2000);
    for (int i = 0; i < 1000; i++) gw_collect_step(0);
    cr_assert_eq(heap->cycle.phase, GW_PHASE_MARK);
    roots[0] = NULL; /* already marked in part */
    gw_collect(GW_FULL);
    cr_assert_eq(old_objects(heap), 0);
}

Test(disable, given_a_disabled_heap_when_it_grows_then_no_cycle_starts_until_the_limit_is_near)
{
    struct gw_heap *heap = start_heap("nursery=64k,max-heap=16m,growth=10");
    gw_disable();
    cr_assert_not(gw_is_enabled());
    for (int i = 0; i < 200000; i++) make_list(0, 1);
    cr_assert_eq(heap->stats.major_collections, 0);
    cr_assert_gt(heap->stats.minor_collections, 50);
    for (int i = 0; i < 4000; i++) roots[i % 4] = gw_new_array(bytes, 20000);
    cr_assert_gt(heap->stats.major_collections, 0);
    cr_assert_leq(heap->stats.peak_heap_bytes, 16u << 20);
    gw_enable();
    cr_assert(gw_is_enabled());
}

Test(planted, a_black_object_that_gets_a_white_one_unrecorded_is_reported)
{
    struct gw_heap *heap = start_heap(NULL);
    roots[0] = new_node(1);
    roots[1] = new_node(2);
    gw_collect(GW_FULL);
    gw_cycle_begin(heap);
    gw_mark_slot(heap, (uintptr_t *)&roots[0]);
    while (!gw_mark_step(heap, 1)) continue;
    cr_assert_eq(gw_verify(), GW_OK, "%s", gw_error_text());
    ((struct node *)roots[0])->left = roots[1]; /* the planted bug: no barrier */
    cr_assert_eq(gw_verify(), GW_ERROR_STATE);
    cr_assert_not_null(strstr(gw_error_text(), "white"), "%s", gw_error_text());
}
