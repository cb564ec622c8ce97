/* The shadow stack as compiled code uses it: pushed words are roots and are updated, popped ones are not. */
#include "mutator/shadow_stack.h"
#include "heap_fixture.h"

#include <signal.h>

static void push(void *word)
{
    struct gw_thread *thread = &gw_current_thread;
    if ((size_t)((char *)thread->shadow_limit - (char *)thread->shadow_top) < sizeof word) gw_shadow_reserve(1);
    void **top = thread->shadow_top;
    top[0] = word;
    thread->shadow_top = top + 1;
}

static void *pop(void)
{
    return *--gw_current_thread.shadow_top;
}

Test(shadow_stack, given_a_pushed_object_when_it_moves_then_the_pop_gives_its_new_place)
{
    start_heap("stress=move");
    void *before = new_node(7);
    push(before);
    gw_collect(GW_MINOR);
    struct node *after = pop();
    cr_assert_neq((void *)after, before);
    cr_assert_eq(after->number, 7);
}

Test(shadow_stack, given_a_popped_object_when_collected_then_it_is_gone)
{
    struct gw_heap *heap = start_heap(NULL);
    push(new_node(1));
    push(new_node(2));
    pop();
    gw_collect(GW_FULL);
    gw_collect(GW_FULL);
    cr_assert_eq(old_objects(heap), 1);
    pop();
    gw_collect(GW_FULL);
    cr_assert_eq(old_objects(heap), 0);
}

Test(shadow_stack, given_a_variable_and_its_layout_when_collected_then_its_references_are_found_and_updated)
{
    static const struct {
        _Alignas(8) struct gw_shadow_layout layout;
        uint32_t offsets[1];
    } second_of_two = {{.count = 2, .stride = 16, .offset_count = 1}, {8}};
    start_heap("stress=move");
    /* What is no reference may look like anything. */
    struct pair {
        uint64_t word;
        struct node *node;
    } pairs[2] = {{.word = 8, .node = new_node(7)}, {.word = 16, .node = new_node(8)}};
    void *before = pairs[1].node;
    push((void *)((uintptr_t)pairs | GW_SHADOW_VARIABLE));
    push((void *)((uintptr_t)&second_of_two | GW_SHADOW_VARIABLE));
    gw_collect(GW_MINOR);
    cr_assert_eq(pairs[0].node->number, 7);
    cr_assert_eq(pairs[1].node->number, 8);
    cr_assert_neq((void *)pairs[1].node, before);
    cr_assert_eq(pairs[1].word, 16);
    pop();
    pop();
}

Test(shadow_stack, given_a_variable_without_layout_when_collected_then_fatal, .signal = SIGABRT)
{
    start_heap(NULL);
    void *variable = NULL;
    push((void *)((uintptr_t)&variable | GW_SHADOW_VARIABLE));
    gw_collect(GW_MINOR);
}

/* Whose frame was left: it lies below this one. */
static __attribute__((noinline)) void push_own_variable(void)
{
    static const struct {
        _Alignas(8) struct gw_shadow_layout layout;
        uint32_t offsets[1];
    } one = {{.count = 1, .stride = 8, .offset_count = 1}, {0}};
    void *volatile variable = NULL;
    push((void *)((uintptr_t)&variable | GW_SHADOW_VARIABLE));
    push((void *)((uintptr_t)&one | GW_SHADOW_VARIABLE));
}

Test(shadow_stack, given_a_variable_of_a_frame_that_was_left_when_collected_then_fatal, .signal = SIGABRT)
{
    start_heap(NULL);
    push_own_variable();
    gw_collect(GW_MINOR);
}

Test(shadow_stack, given_words_pushed_before_a_heap_is_attached_when_detached_and_attached_then_they_stay)
{
    push(NULL);
    push((void *)9);
    struct gw_heap *heap = start_heap(NULL);
    gw_collect(GW_FULL);
    cr_assert_eq(gw_detach(), GW_OK);
    cr_assert_eq(gw_attach(heap), GW_OK);
    cr_assert_eq(pop(), (void *)9);
    cr_assert_null(pop());
    cr_assert_eq(gw_detach(), GW_OK);
    cr_assert_null(gw_current_thread.shadow_base, "an empty stack's memory goes back");
}

Test(shadow_stack, given_a_full_stack_when_reserved_then_fatal, .signal = SIGABRT)
{
    push(NULL);
    gw_current_thread.shadow_top = gw_current_thread.shadow_limit - 2;
    gw_shadow_reserve(2);
    gw_shadow_reserve(3);
}

Test(shadow_stack, given_a_pop_too_many_when_collected_then_fatal, .signal = SIGABRT)
{
    start_heap(NULL);
    push(NULL);
    gw_current_thread.shadow_top -= 2;
    gw_collect(GW_MINOR);
}
