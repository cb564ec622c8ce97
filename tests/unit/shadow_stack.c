/* The shadow stack as compiled code uses it: pushed words are roots and are updated, popped ones are not. */
#include "heap/shadow_stack.h"
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
