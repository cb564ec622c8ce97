/* Stacks that belong to dead objects: they go before the system runs out of memory for them, and before there are many; and where a stack
 * lies. */
#include "heap_fixture.h"

#include <stdio.h>
#include <sys/resource.h>

struct holder {
    gw_stack *stack;
};
static void free_held(void *payload)
{
    gw_stack_free(((struct holder *)payload)->stack);
}
static const struct gw_type holder_type = {.name = "holder", .size = sizeof(struct holder), .destroy = free_held};

static void *number_of(void *argument, void *value)
{
    (void)value;
    gw_stack_yield(argument);
    return NULL;
}

/* A stack with a young argument, in a holder; NULL: there is none. */
static struct holder *new_holder(uint64_t number)
{
    struct holder *holder = gw_alloc(&holder_type);
    roots[1] = holder;
    gw_stack *stack = gw_stack_new(0, number_of, new_node(number));
    ((struct holder *)roots[1])->stack = stack;
    return roots[1];
}

#ifndef __SANITIZE_ADDRESS__ /* whose shadow memory needs the address space itself */
/* Room for a hundred stacks or so beside what there is. */
static void limit_address_space(void)
{
    char line[64];
    FILE *file = fopen("/proc/self/statm", "r");
    cr_assert(file && fgets(line, sizeof line, file));
    fclose(file);
    size_t bytes = strtoul(line, NULL, 10) * 4096 + ((size_t)24 << 20);
    cr_assert_eq(setrlimit(RLIMIT_AS, &(struct rlimit){bytes, bytes}), 0);
}

Test(many_stacks, given_no_more_memory_when_the_others_belong_to_dead_objects_then_they_make_room)
{
    struct gw_heap *heap = start_heap(NULL);
    limit_address_space();
    for (uint64_t i = 0; i < 1000; i++) {
        struct holder *holder = new_holder(i);
        cr_assert_not_null(holder->stack, "%s", gw_error_text());
        struct node *argument = gw_stack_switch(holder->stack, NULL);
        cr_assert_eq(argument->number, i);
    }
    cr_assert_gt(heap->stats.major_collections, 3);
}

/* Each stack keeps the holder of the one before, so that one cycle frees one. */
Test(many_stacks, given_a_chain_of_dead_stacks_then_it_is_collected_as_often_as_that_helps)
{
    start_heap(NULL);
    limit_address_space();
    size_t made = 0;
    roots[0] = NULL;
    for (;; made++) {
        roots[1] = gw_alloc(&holder_type);
        gw_stack *stack = gw_stack_new(0, number_of, roots[0]);
        if (!stack) break;
        ((struct holder *)roots[1])->stack = stack;
        roots[0] = roots[1];
    }
    cr_assert(strstr(gw_error_text(), "others that have not ended or been freed; free those that nobody needs, give the process more "
                                      "mappings"),
              "%s", gw_error_text());
    cr_assert_gt(made, 20);
    roots[0] = roots[1] = NULL;
    for (int i = 0; i < 10; i++) cr_assert_not_null(gw_stack_new(0, number_of, NULL), "%s", gw_error_text());
}

Test(many_stacks, given_no_more_memory_in_a_stretch_without_collections_then_there_is_none)
{
    struct gw_heap *heap = start_heap(NULL);
    limit_address_space();
    while (gw_current_thread.heap->stacks.count < 20) new_holder(1);
    cr_assert_eq(gw_no_collect_begin(1 << 20), GW_OK);
    uint64_t before = heap->stats.major_collections;
    while (gw_stack_new(0, number_of, NULL)) continue;
    cr_assert_eq(heap->stats.major_collections, before);
}
#endif

/* At its end the address sanitizer looks into every stack that is left for what is lost: a minute for 10,000. */
#ifdef __SANITIZE_ADDRESS__
enum { DEAD = 5000, NEEDED = 3000 };
#else
enum { DEAD = 20000, NEEDED = 10000 };
#endif

/* Holders that die old, and nothing else that would fill the nursery. */
Test(many_stacks, given_many_that_belong_to_dead_objects_then_a_cycle_comes_by_itself)
{
    enum { at_once = 500 };
    struct gw_heap *heap = start_heap(NULL);
    for (uint64_t i = 0; i < DEAD; i++) {
        if (i % at_once == 0) roots[2] = gw_new_array(references, at_once);
        cr_assert_not_null(new_holder(i)->stack, "%s", gw_error_text());
        gw_write_barrier(roots[2], &((struct references *)roots[2])->at[i % at_once]);
        ((struct references *)roots[2])->at[i % at_once] = roots[1];
        for (int k = 0; k < 3 && i % at_once == at_once - 1; k++) gw_collect(GW_MINOR);
        cr_assert_lt(heap->stacks.count, DEAD / 5 * 4, "cycles go by the clock, and may be late on a busy machine, but they come");
    }
    cr_assert_gt(heap->stats.major_collections, 3);
}

Test(many_stacks, given_many_that_are_needed_then_few_cycles_look_at_them)
{
    struct gw_heap *heap = start_heap(NULL);
    for (int i = 0; i < NEEDED; i++) {
        cr_assert_not_null(gw_stack_new(0, number_of, NULL), "%s", gw_error_text());
        new_node(1);
    }
    cr_assert_leq(heap->stats.major_collections, 5);
}

/* ---- Bounds ---------------------------------------------------------------------------------------- */

static bool is_here(const gw_stack *stack)
{
    size_t bytes;
    char here, *low = gw_stack_bounds(stack, &bytes);
    cr_assert_eq(low, gw_stack_bounds(stack, NULL));
    return (size_t)(&here - low) < bytes;
}

static gw_stack *own, *made;

static void *look_at_bounds(void *argument, void *value)
{
    (void)argument, (void)value;
    cr_assert(is_here(made) && !is_here(own));
    gw_stack_yield(NULL);
    return NULL;
}

Test(many_stacks, given_stacks_then_their_bounds_are_those_of_their_frames)
{
    size_t bytes;
    start_heap(NULL);
    own = gw_stack_current();
    made = gw_stack_new(100000, look_at_bounds, NULL);
    const char *low = gw_stack_bounds(made, &bytes);
    cr_assert(is_here(own) && !is_here(made));
    cr_assert_eq(bytes, 102400);
    gw_stack_switch(made, NULL);
    cr_assert(is_here(own) && !is_here(made));
    cr_assert_eq(low, gw_stack_bounds(made, &bytes));
    cr_assert_eq(bytes, 102400);
    gw_stack_switch(made, NULL);
    cr_assert(gw_stack_is_done(made));
    gw_stack_bounds(made, &bytes);
    cr_assert_eq(bytes, 0);
}

Test(many_stacks, given_a_stack_of_the_programs_then_its_bounds_are_what_it_said)
{
    static char room[32768];
    size_t bytes;
    start_heap(NULL);
    gw_stack *added = gw_stack_add(room, sizeof room);
    cr_assert_eq(gw_stack_bounds(added, &bytes), room);
    cr_assert_eq(bytes, sizeof room);
    cr_assert_eq(gw_stack_free(added), GW_OK);
}
