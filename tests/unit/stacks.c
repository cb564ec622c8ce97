/* Stacks of the program's own: values that are handed over, references in frames that wait, what a minor collection looks at, memory, and
 * what is refused. Frames with maps are written by hand (hand_written_frames.h). */
#include "arch/stacks.h"
#include "engine/mark.h"
#include "engine/stacks.h"
#include "hand_written_frames.h"
#include "heap_fixture.h"
#include "machine_registers.h"
#include "mutator/shadow_stack.h"
#include "roots/modules.h"

#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

void walk_from_door(int unused, const struct gw_entry *entry)
{
    (void)unused, (void)entry;
}

static struct gw_heap *start_with_frames(const char *options)
{
    cr_assert_eq(gw_module_register(&module), GW_OK, "%s", gw_error_text());
    return start_heap(options);
}

static struct gw_stacks *stacks_of(struct gw_heap *heap)
{
    return &heap->stacks;
}

static uintptr_t number_of(uintptr_t node)
{
    return ((struct node *)node)->number;
}

/* Immediates: numbers with a bit below. */
static void *immediate(uintptr_t number)
{
    return (void *)(number << 3 | 1);
}

/* ---- Values ---------------------------------------------------------------------------------------- */

static void *add_up(void *argument, void *value)
{
    uintptr_t sum = (uintptr_t)argument >> 3;
    for (int i = 0; i < 3; i++) {
        sum += (uintptr_t)value >> 3;
        value = gw_stack_yield(immediate(sum));
    }
    return immediate(1000 + sum);
}

Test(stacks, given_values_when_switching_then_they_arrive_and_so_does_the_result)
{
    start_heap(NULL);
    gw_stack *stack = gw_stack_new(0, add_up, immediate(100));
    cr_assert_eq(gw_stack_switch(stack, immediate(1)), immediate(101));
    cr_assert_eq(gw_stack_switch(stack, immediate(2)), immediate(103));
    cr_assert_eq(gw_stack_switch(stack, immediate(3)), immediate(106));
    cr_assert(!gw_stack_is_done(stack));
    cr_assert_eq(gw_stack_switch(stack, NULL), immediate(1106));
    cr_assert(gw_stack_is_done(stack));
    cr_assert_eq(gw_stack_free(stack), GW_OK);
}

static void *outer_body(void *argument, void *value)
{
    (void)value;
    gw_stack *inner = gw_stack_new(0, add_up, argument);
    void *first = gw_stack_switch(inner, immediate(5));
    gw_stack_yield(first); /* to this stack's resumer, whoever has run meanwhile */
    cr_assert_eq(gw_stack_free(inner), GW_OK);
    return first;
}

Test(stacks, given_a_stack_on_a_stack_when_yielding_then_each_goes_to_its_own_resumer)
{
    start_heap(NULL);
    gw_stack *own = gw_stack_current(), *outer = gw_stack_new(0, outer_body, immediate(10));
    cr_assert_eq(gw_stack_switch(outer, NULL), immediate(15));
    cr_assert_eq(gw_stack_current(), own);
    cr_assert_eq(gw_stack_switch(outer, NULL), immediate(15));
    cr_assert(gw_stack_is_done(outer));
}

static void *round_down(void *argument, void *value)
{
    (void)value;
    set_control_words((control_words() & ~(unsigned)ROUNDING) | DOWN);
    gw_stack_yield(NULL);
    cr_assert_eq(control_words() & ROUNDING, (unsigned)DOWN);
    return argument;
}

/* Rounds as it is told by its argument, and finds a result inexact. */
static void *be_inexact(void *argument, void *value)
{
    (void)value;
    unsigned rounding = argument ? DOWN : 0;
    set_control_words((control_words() & ~(unsigned)ROUNDING) | rounding | INEXACT);
    gw_stack_yield(NULL);
    cr_assert_eq(control_words() & (ROUNDING | FOUND), rounding | INEXACT | UNDERFLOW, "what another stack found is there as well");
    return argument;
}

Test(stacks, given_another_rounding_on_a_stack_then_it_stays_there)
{
    start_heap(NULL);
    gw_stack *stack = gw_stack_new(0, round_down, NULL);
    unsigned before = control_words();
    gw_stack_switch(stack, NULL);
    cr_assert_eq(control_words(), before);
    gw_stack_switch(stack, NULL);
    cr_assert_eq(control_words(), before);
}

/* Whether the stacks round alike or not, that is whether a switch loads the register or not. */
Test(stacks, given_results_that_were_inexact_then_all_stacks_of_the_thread_know_it)
{
    start_heap(NULL);
    for (int down = 0; down < 2; down++) {
        gw_stack *stack = gw_stack_new(0, be_inexact, down ? immediate(1) : NULL);
        unsigned clean = control_words() & ~(unsigned)FOUND;
        set_control_words(clean);
        gw_stack_switch(stack, NULL);
        cr_assert_eq(control_words(), clean | INEXACT);
        set_control_words(clean | INEXACT | UNDERFLOW);
        gw_stack_switch(stack, NULL);
        cr_assert_eq(control_words(), clean | INEXACT | UNDERFLOW);
        gw_stack_free(stack);
    }
}

/* ---- References ------------------------------------------------------------------------------------ */

static uintptr_t yield_once(void *unused)
{
    (void)unused;
    gw_stack_yield(NULL);
    return 0;
}

/* Keeps its argument in a frame of the kind that the first value names, and returns its number. */
static managed *const kinds[] = {static_frame, register_frame, dynamic_frame, marked_frame};

static void *keep_in_frame(void *argument, void *value)
{
    uintptr_t kept = kinds[(uintptr_t)value >> 3]((uintptr_t)argument, yield_once, NULL);
    return immediate(number_of(kept));
}

static gw_stack *waiting(uint64_t number, uintptr_t kind)
{
    gw_stack *stack = gw_stack_new(0, keep_in_frame, new_node(number));
    cr_assert_not_null(stack);
    gw_stack_switch(stack, immediate(kind));
    return stack;
}

static void finish(gw_stack *stack, uint64_t number)
{
    cr_assert_eq(gw_stack_switch(stack, NULL), immediate(number));
    cr_assert_eq(gw_stack_free(stack), GW_OK);
}

static void keep_through_collections(const char *options)
{
    start_with_frames(options);
    for (uintptr_t kind = 0; kind < 4; kind++) {
        gw_stack *stack = waiting(70 + kind, kind), *unbegun = gw_stack_new(0, keep_in_frame, new_node(90 + kind));
        for (int i = 0; i < 4; i++) {
            for (int k = 0; k < 5; k++) new_node(1);
            gw_collect(i == 2 ? GW_FULL : GW_MINOR);
        }
        finish(stack, 70 + kind);
        gw_stack_switch(unbegun, immediate(kind));
        finish(unbegun, 90 + kind);
    }
}

Test(stacks, given_references_in_frames_that_wait_when_collecting_then_they_are_found)
{
    keep_through_collections("poison=1,verify=1,verify-walk=1");
}

Test(stacks, given_everything_moves_each_time_then_references_in_frames_that_wait_follow)
{
    keep_through_collections("stress=alloc+move,poison=1,verify=1");
}

Test(stacks, given_one_object_a_step_then_stacks_are_marked_in_time)
{
    keep_through_collections("stress=alloc+step,poison=1,verify=1");
}

/* ---- What a minor collection looks at -------------------------------------------------------------- */

static uint64_t frames_of_minor(void)
{
    struct gw_heap *heap = gw_current_thread.heap;
    uint64_t before = heap->stats.frames_walked;
    gw_collect(GW_MINOR);
    return heap->stats.frames_walked - before;
}

Test(stacks, given_stacks_that_wait_with_old_objects_then_minor_collections_do_not_look_at_them)
{
    struct gw_heap *heap = start_with_frames("age=1");
    gw_stack *stacks[100];
    for (uint64_t i = 0; i < 100; i++) stacks[i] = waiting(i, 3);
    cr_assert_eq(frames_of_minor(), 100);
    cr_assert_eq(frames_of_minor(), 100, "their objects have survived once, and moved to the old generation now");
    cr_assert_eq(frames_of_minor(), 0);
    cr_assert_null(stacks_of(heap)->changed);
    finish(stacks[7], 7);
    cr_assert_eq(frames_of_minor(), 0);
}

static void *yield_twice(void *argument, void *value)
{
    (void)value;
    marked_frame((uintptr_t)argument, yield_once, NULL);
    return immediate(number_of(marked_frame((uintptr_t)new_node(8), yield_once, NULL)));
}

Test(stacks, given_a_stack_that_has_run_again_then_it_is_looked_at_again)
{
    start_with_frames(NULL);
    gw_stack *stack = gw_stack_new(0, yield_twice, new_node(7));
    gw_stack_switch(stack, NULL);
    gw_collect(GW_MINOR);
    gw_collect(GW_MINOR);
    gw_stack_switch(stack, NULL);
    cr_assert_eq(frames_of_minor(), 1);
    finish(stack, 8);
}

/* A function that marks nothing may have given others the address of its variable. */
static uintptr_t *open_word;

static uintptr_t show_word_and_yield(void *unused)
{
    (void)unused;
    struct gw_stack *running = gw_current_thread.heap->mutator->stacks.running;
    uintptr_t *word = __builtin_frame_address(0);
    while (*word != 4711 << 3) word++;
    cr_assert((uintptr_t)word < running->bounds.start);
    open_word = word;
    gw_stack_yield(NULL);
    return 0;
}

static void *show_frame(void *argument, void *value)
{
    (void)argument, (void)value;
    return immediate(number_of(static_frame(4711 << 3, show_word_and_yield, NULL)));
}

Test(stacks, given_a_variable_that_others_may_write_to_then_what_they_write_is_found_while_the_stack_waits)
{
    start_with_frames("poison=1,age=1");
    gw_stack *stack = gw_stack_new(0, show_frame, NULL);
    gw_stack_switch(stack, NULL);
    *open_word = 0;
    for (int i = 0; i < 4; i++) gw_collect(GW_MINOR);
    *open_word = (uintptr_t)new_node(11);
    cr_assert_eq(frames_of_minor(), 0, "the word is visited without a walk");
    for (int i = 0; i < 3; i++) gw_collect(GW_MINOR);
    gw_collect(GW_FULL);
    finish(stack, 11);
}

/* ---- Planted faults -------------------------------------------------------------------------------- */

Test(stacks, given_a_stack_that_has_run_and_is_not_listed_then_verification_says_so)
{
    struct gw_heap *heap = start_with_frames(NULL);
    waiting(5, 3);
    cr_assert_eq(gw_verify(), GW_OK, "%s", gw_error_text());
    for (struct gw_stack *stack; (stack = stacks_of(heap)->changed);) {
        stacks_of(heap)->changed = stack->next_changed;
        stack->listed = false;
    }
    cr_assert_eq(gw_verify(), GW_ERROR_STATE);
    cr_assert_not_null(strstr(gw_error_text(), "no minor collection will look at it: it has run unnoticed"), "%s", gw_error_text());
}

Test(stacks, given_a_stack_that_has_run_and_is_not_listed_then_the_structures_check_says_so, .signal = SIGABRT)
{
    struct gw_heap *heap = start_with_frames(NULL);
    waiting(5, 3)->listed = false;
    gw_stacks_check(stacks_of(heap));
}

static void *push_and_yield(void *argument, void *value)
{
    (void)value;
    gw_shadow_reserve(1);
    *gw_current_thread.shadow_top++ = argument;
    gw_stack_yield(NULL);
    struct node *node = *--gw_current_thread.shadow_top;
    return immediate(node->number);
}

Test(stacks, given_words_on_the_shadow_stack_then_they_stay_with_their_stack)
{
    start_heap("stress=move,verify=1");
    gw_stack *stacks[10];
    for (uint64_t i = 0; i < 10; i++) {
        stacks[i] = gw_stack_new(0, push_and_yield, new_node(i));
        gw_stack_switch(stacks[i], NULL);
        gw_collect(GW_MINOR);
    }
    for (uint64_t i = 0; i < 10; i++) finish(stacks[i], i);
    cr_assert_null(gw_current_thread.shadow_base);
}

Test(stacks, given_a_shadow_stack_that_is_another_stacks_then_the_structures_check_says_so, .signal = SIGABRT)
{
    struct gw_heap *heap = start_heap(NULL);
    gw_stack *a = gw_stack_new(0, push_and_yield, new_node(1)), *b = gw_stack_new(0, push_and_yield, new_node(2));
    gw_stack_switch(a, NULL);
    gw_stack_switch(b, NULL);
    gw_stacks_check(stacks_of(heap));
    a->part = b->part;
    gw_stacks_check(stacks_of(heap));
}

Test(stacks, given_a_stack_that_was_left_elsewhere_then_the_structures_check_says_so, .signal = SIGABRT)
{
    struct gw_heap *heap = start_with_frames(NULL);
    gw_stack *a = waiting(1, 0), *b = waiting(2, 0);
    gw_stacks_check(stacks_of(heap));
    a->entry = b->entry;
    gw_stacks_check(stacks_of(heap));
}

/* ---- Scopes ---------------------------------------------------------------------------------------- */

static void *scope_and_yield(void *argument, void *value)
{
    (void)value;
    gw_scope scope = gw_scope_begin();
    gw_handle handle = gw_scope_handle(argument);
    gw_stack_yield(NULL);
    struct node *node = gw_handle_get(handle);
    uint64_t number = node->number;
    gw_scope_end(scope);
    return immediate(number);
}

Test(stacks, given_scopes_on_several_stacks_then_each_ends_its_own)
{
    start_heap("stress=move,verify=1");
    gw_stack *a = gw_stack_new(0, scope_and_yield, new_node(1)), *b = gw_stack_new(0, scope_and_yield, new_node(2));
    gw_scope scope = gw_scope_begin();
    gw_handle own = gw_scope_handle(new_node(3));
    gw_stack_switch(a, NULL);
    gw_stack_switch(b, NULL);
    gw_collect(GW_MINOR);
    finish(a, 1);
    gw_collect(GW_FULL);
    finish(b, 2);
    cr_assert_eq(number_of((uintptr_t)gw_handle_get(own)), 3);
    gw_scope_end(scope);
}

Test(stacks, given_a_stack_with_a_scope_that_is_freed_then_its_handles_are_used_again)
{
    struct gw_heap *heap = start_heap("verify=1");
    for (uint64_t i = 0; i < 2000; i++) {
        gw_stack *stack = gw_stack_new(0, scope_and_yield, new_node(i));
        gw_stack_switch(stack, NULL);
        if (i % 100 == 0) gw_collect(GW_MINOR);
        cr_assert_eq(gw_stack_free(stack), GW_OK);
    }
    unsigned slabs = 0;
    for (struct gw_handle_slab *slab = stacks_of(heap)->scopes.spare; slab; slab = slab->next) slabs++;
    cr_assert_eq(slabs, 1);
}

/* ---- Memory ---------------------------------------------------------------------------------------- */

static void *nothing(void *argument, void *value)
{
    (void)value;
    return argument;
}

Test(stacks, given_a_stack_that_has_ended_then_its_memory_is_used_again)
{
    struct gw_heap *heap = start_heap(NULL);
    gw_stack *first = gw_stack_new(0, nothing, NULL);
    uintptr_t low = first->bounds.low;
    gw_stack_switch(first, NULL);
    gw_stack *second = gw_stack_new(0, nothing, NULL);
    cr_assert_eq(second->bounds.low, low);
    cr_assert_eq(stacks_of(heap)->pool.count, 0);
    gw_stack *larger = gw_stack_new(1 << 20, nothing, NULL);
    cr_assert_eq(gw_stack_free(second), GW_OK);
    cr_assert_eq(gw_stack_free(larger), GW_OK);
    cr_assert_eq(gw_stack_new(1 << 20, nothing, NULL)->bounds.bytes, 1 << 20);
    cr_assert_eq(stacks_of(heap)->pool.count, 1);
}

Test(stacks, given_many_stacks_that_are_freed_then_the_pool_stays_small)
{
    struct gw_heap *heap = start_heap(NULL);
    static gw_stack *stacks[1000];
    for (int i = 0; i < 1000; i++) stacks[i] = gw_stack_new(0, nothing, NULL);
    for (int i = 0; i < 1000; i++) cr_assert_eq(gw_stack_free(stacks[i]), GW_OK);
    cr_assert_leq(stacks_of(heap)->pool.count, 128);
}

static __attribute__((noinline)) uintptr_t recurse(uintptr_t depth)
{
    volatile char room[1000];
    room[depth % 1000] = 1;
    return depth > 100000 ? depth : recurse(depth + 1) + (uintptr_t)room[depth % 1000];
}

static void *overflow(void *argument, void *value)
{
    (void)argument, (void)value;
    return immediate(recurse(0));
}

Test(stacks, given_frames_beyond_a_stacks_end_then_a_signal_ends_the_process)
{
    start_heap(NULL);
    gw_stack *stack = gw_stack_new(0, overflow, NULL);
    gw_stack *below = gw_stack_new(0, nothing, NULL);
    memset((void *)below->bounds.low, 0x5a, 64);
    pid_t child = fork();
    if (child == 0) {
        signal(SIGSEGV, SIG_DFL);
        gw_stack_switch(stack, NULL);
        _exit(0);
    }
    int status;
    cr_assert_eq(waitpid(child, &status, 0), child);
    cr_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV);
}

Test(stacks, given_a_size_that_no_system_has_then_there_is_no_stack)
{
    start_heap(NULL);
    cr_assert_null(gw_stack_new(SIZE_MAX - 100, nothing, NULL));
    cr_assert_not_null(strstr(gw_error_text(), "no memory"), "%s", gw_error_text());
    cr_assert_null(gw_stack_new((size_t)1 << 50, nothing, NULL));
}

/* ---- The life of stacks ----------------------------------------------------------------------------- */

Test(stacks, given_a_stack_that_is_freed_then_what_it_referred_to_dies)
{
    struct gw_heap *heap = start_with_frames(NULL);
    gw_stack *stack = waiting(1, 0);
    gw_collect(GW_FULL);
    gw_collect(GW_FULL);
    cr_assert_eq(old_objects(heap), 1);
    cr_assert_eq(gw_stack_free(stack), GW_OK);
    gw_collect(GW_FULL);
    cr_assert_eq(old_objects(heap), 0);
}

struct holder {
    gw_stack *stack;
};
static void free_held(void *payload)
{
    gw_stack_free(((struct holder *)payload)->stack);
}
static const struct gw_type holder_type = {.name = "holder", .size = sizeof(struct holder), .destroy = free_held};

Test(stacks, given_an_object_that_owns_a_stack_when_it_dies_then_its_destructor_frees_the_stack)
{
    struct gw_heap *heap = start_with_frames("verify=1");
    for (int i = 0; i < 3; i++) {
        struct holder *holder = gw_alloc(&holder_type);
        roots[0] = holder;
        gw_stack *stack = waiting(1, i == 1 ? 0 : 3);
        ((struct holder *)roots[0])->stack = stack;
        if (i == 2) gw_collect(GW_FULL); /* the holder grows old */
        roots[0] = NULL;
        gw_collect(i == 0 ? GW_MINOR : GW_FULL);
        gw_collect(GW_FULL);
        cr_assert_eq(stack->state, GW_STACK_FREE);
    }
    gw_collect(GW_FULL);
    cr_assert_eq(old_objects(heap), 0);
}

Test(stacks, given_marking_under_way_when_stacks_are_freed_and_run_then_it_ends_right)
{
    start_with_frames("verify=1,poison=1");
    gw_stack *stacks[300];
    for (uint64_t i = 0; i < 300; i++) stacks[i] = waiting(i, i % 4);
    gw_collect(GW_FULL);
    unsigned seed = 1;
    for (int round = 0; round < 2000; round++) {
        gw_collect_step(0);
        seed = seed * 1103515245 + 12345;
        uint64_t i = (seed >> 16) % 300;
        if (round % 3 == 0) finish(stacks[i], i);
        else if (round % 3 == 1) gw_stack_free(stacks[i]);
        else continue;
        stacks[i] = waiting(i, i % 4);
    }
    for (uint64_t i = 0; i < 300; i++) finish(stacks[i], i);
}

static void *keep_in_scope(void *argument, void *value)
{
    gw_scope scope = gw_scope_begin();
    gw_handle kept = gw_scope_handle(argument);
    while (gw_stack_yield(NULL) != value) continue;
    const struct gw_stats *stats = &gw_current_thread.mutator->heap->stats;
    for (uint64_t cycles = stats->major_collections; stats->major_collections == cycles;) new_node(1);
    uintptr_t number = number_of((uintptr_t)gw_handle_get(kept));
    gw_scope_end(scope);
    return immediate(number);
}

/* It is still to be marked when it goes on, and what it holds by a handle is old. */
Test(stacks, given_a_scope_on_a_stack_that_waited_when_marking_began_and_runs_then_its_handles_are_marked)
{
    struct gw_heap *heap = start_with_frames("stress=step,verify=1,poison=1");
    gw_stack *stack = gw_stack_new(0, keep_in_scope, new_node(9)), *others[50];
    gw_stack_switch(stack, immediate(1));
    for (int i = 0; i < 50; i++) others[i] = gw_stack_new(0, nothing, NULL);
    gw_collect(GW_FULL);
    gw_collect(GW_FULL);
    while (heap->stacks.unmarked != others[40]) new_node(1);
    cr_assert_eq(gw_stack_switch(stack, immediate(1)), immediate(9));
}

Test(stacks, given_stacks_that_wait_when_their_heap_is_detached_and_attached_then_they_go_on)
{
    struct gw_heap *heap = start_with_frames("verify=1");
    gw_stack *stack = waiting(1, 1);
    cr_assert_eq(gw_detach(), GW_OK);
    cr_assert_eq(gw_attach(heap), GW_OK);
    gw_collect(GW_MINOR);
    finish(stack, 1);
}

static void *collect_elsewhere(void *heap)
{
    cr_assert_eq(gw_attach(heap), GW_OK);
    gw_collect(GW_MINOR);
    gw_collect(GW_FULL);
    cr_assert_eq(gw_detach(), GW_OK);
    return NULL;
}

Test(stacks, given_another_thread_that_collects_then_references_on_stacks_that_wait_are_found)
{
    struct gw_heap *heap = start_with_frames("verify=1,poison=1");
    gw_stack *stack = waiting(1, 1);
    pthread_t thread;
    cr_assert_eq(gw_detach(), GW_OK);
    cr_assert_eq(pthread_create(&thread, NULL, collect_elsewhere, heap), 0);
    cr_assert_eq(pthread_join(thread, NULL), 0);
    cr_assert_eq(gw_attach(heap), GW_OK);
    finish(stack, 1);
}

static gw_stack *left_behind;

static void *leave_behind(void *heap)
{
    cr_assert_eq(gw_attach(heap), GW_OK);
    left_behind = waiting(1, 3);
    return NULL;
}

/* The thread ends with a stack that waits: its references stay, it goes on nowhere, and can be freed. */
static void end_thread_with_a_stack(void)
{
    struct gw_heap *heap = start_with_frames("verify=1");
    pthread_t thread;
    cr_assert_eq(gw_detach(), GW_OK);
    cr_assert_eq(pthread_create(&thread, NULL, leave_behind, heap), 0);
    cr_assert_eq(pthread_join(thread, NULL), 0);
    cr_assert_eq(gw_attach(heap), GW_OK);
    gw_collect(GW_FULL);
    cr_assert_eq(old_objects(heap), 1);
}

Test(stacks, given_a_thread_that_has_ended_then_its_stack_can_be_freed)
{
    end_thread_with_a_stack();
    cr_assert_eq(gw_stack_free(left_behind), GW_OK);
}

Test(stacks, given_a_thread_that_has_ended_then_its_stack_goes_on_nowhere, .signal = SIGABRT)
{
    end_thread_with_a_stack();
    gw_stack_switch(left_behind, NULL);
}

/* ---- Other threads --------------------------------------------------------------------------------- */

static void *join(void *thread)
{
    pthread_join(*(pthread_t *)thread, NULL);
    return NULL;
}

static void run_beside(void *(*function)(void *), struct gw_heap *heap)
{
    pthread_t thread;
    cr_assert_eq(pthread_create(&thread, NULL, function, heap), 0);
    gw_outside_call(join, &thread);
}

void __real_gw_stack_has_left(void);
void __wrap_gw_stack_has_left(void);
static unsigned left_inside;

void __wrap_gw_stack_has_left(void)
{
    bool on_other = gw_on_native_stack((uintptr_t)__builtin_frame_address(0));
    left_inside += on_other && gw_current_thread.mutator->depth == 1;
    __real_gw_stack_has_left();
    cr_assert_eq(gw_current_thread.mutator->depth, 0);
}

static void *switch_there_and_back(void *heap)
{
    cr_assert_eq(gw_attach(heap), GW_OK);
    gw_stack *stack = gw_stack_new(0, keep_in_frame, new_node(1));
    gw_stack_switch(stack, immediate(0));
    finish(stack, 1);
    return NULL;
}

/* Another thread may be waiting to go on on the stack that is left, or to free it. */
Test(stacks, given_a_shared_heap_when_a_stack_is_left_then_its_thread_is_inside_until_it_stands_on_the_next)
{
    struct gw_heap *heap = start_with_frames(NULL);
    run_beside(switch_there_and_back, heap);
    cr_assert_eq(left_inside, 4);
}

#if GW_STACKS_MAY_MOVE
static void *unbind_and_leave_behind(void *heap)
{
    cr_assert_eq(gw_attach(heap), GW_OK);
    left_behind = waiting(7, 3);
    cr_assert_eq(gw_stack_unbind(left_behind), GW_OK);
    gw_collect(GW_MINOR);
    return NULL;
}

Test(stacks, given_a_thread_that_has_ended_when_its_stack_is_unbound_then_it_goes_on_on_another)
{
    struct gw_heap *heap = start_with_frames("verify=1,poison=1,verify-walk=1");
    run_beside(unbind_and_leave_behind, heap);
    gw_collect(GW_FULL);
    finish(left_behind, 7);
}

/* Takes it on, and leaves it again. */
static void *rest_twice(void *argument, void *value)
{
    uintptr_t kept = marked_frame((uintptr_t)argument, yield_once, NULL);
    kept = kinds[(uintptr_t)value >> 3](kept, yield_once, NULL);
    return immediate(number_of(kept));
}

static void *go_on_with_it(void *heap)
{
    cr_assert_eq(gw_attach(heap), GW_OK);
    gw_stack_switch(left_behind, NULL);
    gw_collect(GW_FULL);
    return NULL;
}

Test(stacks, given_an_unbound_stack_when_threads_take_turns_then_its_references_are_found)
{
    struct gw_heap *heap = start_with_frames("verify=1,poison=1,verify-walk=1,stress=alloc+move");
    for (uintptr_t kind = 0; kind < 4; kind++) {
        left_behind = gw_stack_new(0, rest_twice, new_node(80 + kind));
        cr_assert_eq(gw_stack_unbind(left_behind), GW_OK);
        gw_stack_switch(left_behind, immediate(kind));
        run_beside(go_on_with_it, heap);
        new_node(1);
        finish(left_behind, 80 + kind);
    }
}

static void *collect_and_go_on(void *argument, void *value)
{
    (void)value;
    run_beside(go_on_with_it, gw_current_thread.heap);
    return argument;
}

Test(stacks, given_an_unbound_stack_that_runs_then_another_thread_is_refused_in_words, .signal = SIGABRT)
{
    start_heap(NULL);
    left_behind = gw_stack_new(0, collect_and_go_on, NULL);
    cr_assert_eq(gw_stack_unbind(left_behind), GW_OK);
    gw_stack_switch(left_behind, NULL);
}

/* Nothing is known twice of one stack, by whichever thread it was surveyed last. */
Test(stacks, given_walks_by_several_threads_then_each_has_a_number_above_those_before)
{
    struct gw_known_stack known = {.walk = 40};
    uint64_t surveys = 3;
    cr_assert_eq(gw_survey_next(&surveys, &known), 41);
    cr_assert_eq(gw_survey_next(&surveys, NULL), 42);
    known.walk = 7;
    cr_assert_eq(gw_survey_next(&surveys, &known), 43);
}

/* One that waits for its stack's end stands on its own meanwhile. */
static gw_stack *own_elsewhere;

static void *free_anothers_own(void *heap)
{
    cr_assert_eq(gw_attach(heap), GW_OK);
    cr_assert_eq(gw_stack_free(own_elsewhere), GW_ERROR_STATE);
    cr_assert_eq(gw_stack_unbind(own_elsewhere), GW_ERROR_STATE);
    return NULL;
}

static void *free_it_beside(void *argument, void *value)
{
    (void)value;
    run_beside(free_anothers_own, gw_current_thread.heap);
    return argument;
}

Test(stacks, given_another_threads_own_stack_then_it_is_neither_freed_nor_unbound)
{
    start_heap(NULL);
    own_elsewhere = gw_stack_current();
    cr_assert_eq(gw_stack_unbind(own_elsewhere), GW_ERROR_STATE);
    gw_stack *stack = gw_stack_new(0, free_it_beside, immediate(5));
    cr_assert_eq(gw_stack_switch(stack, NULL), immediate(5));
}

#else
Test(stacks, given_code_that_keeps_its_threads_address_then_no_stack_is_unbound)
{
    start_heap(NULL);
    gw_stack *stack = gw_stack_new(0, nothing, NULL);
    cr_assert_eq(gw_stack_unbind(stack), GW_ERROR_STATE);
    cr_assert_eq(gw_stack_free(stack), GW_OK);
}
#endif

#ifndef __SANITIZE_ADDRESS__ /* which takes the frames that the thread leaves behind on its own stack for living ones */
static void *exit_thread(void *argument, void *value)
{
    (void)value;
    pthread_exit(argument);
}

static void *exit_on_a_stack(void *heap)
{
    cr_assert_eq(gw_attach(heap), GW_OK);
    left_behind = gw_stack_new(0, exit_thread, immediate(2));
    gw_stack_switch(left_behind, NULL);
    return NULL;
}

Test(stacks, given_a_thread_that_ends_on_a_stack_then_the_heap_goes_on)
{
    struct gw_heap *heap = start_heap("verify=1");
    pthread_t thread;
    cr_assert_eq(gw_detach(), GW_OK);
    cr_assert_eq(pthread_create(&thread, NULL, exit_on_a_stack, heap), 0);
    cr_assert_eq(pthread_join(thread, NULL), 0);
    cr_assert_eq(gw_attach(heap), GW_OK);
    gw_collect(GW_FULL);
    cr_assert(gw_stack_is_done(left_behind));
    cr_assert_eq(old_objects(heap), 0);
}
#endif

Test(stacks, given_a_heap_with_stacks_when_destroyed_then_they_are_freed, .signal = SIGABRT)
{
    struct gw_heap *heap = start_with_frames(NULL), *other;
    gw_stack *stack = waiting(1, 0);
    cr_assert_eq(gw_detach(), GW_OK);
    cr_assert_eq(gw_heap_destroy(heap), GW_OK);
    cr_assert_eq(stack->state, GW_STACK_FREE);
    cr_assert_eq(gw_heap_create(NULL, &other), GW_OK);
    cr_assert_eq(gw_attach(other), GW_OK);
    gw_stack_switch(stack, NULL); /* refused in words */
}

Test(stacks, given_a_child_of_fork_then_its_stacks_go_on)
{
    start_with_frames("verify=1");
    gw_stack *stack = waiting(1, 0);
    pid_t child = fork();
    if (child == 0) {
        gw_collect(GW_FULL);
        finish(stack, 1);
        _exit(0);
    }
    int status;
    cr_assert_eq(waitpid(child, &status, 0), child);
    cr_assert_eq(status, 0);
    finish(stack, 1);
}

/* ---- What is refused ------------------------------------------------------------------------------- */

static void *detach_here(void *argument, void *value)
{
    (void)value;
    cr_assert_eq(gw_detach(), GW_ERROR_STATE);
    cr_assert_eq(gw_stack_free(gw_stack_current()), GW_ERROR_STATE);
    return argument;
}

Test(stacks, given_a_stack_that_runs_then_neither_is_it_freed_nor_its_heap_detached)
{
    start_heap(NULL);
    gw_stack_switch(gw_stack_new(0, detach_here, NULL), NULL);
    cr_assert_eq(gw_stack_free(gw_stack_current()), GW_ERROR_STATE);
    cr_assert_eq(gw_stack_free(NULL), GW_OK);
}

Test(stacks, given_a_stack_that_was_freed_then_it_is_refused, .signal = SIGABRT)
{
    start_heap(NULL);
    gw_stack *stack = gw_stack_new(0, nothing, NULL);
    gw_stack_free(stack);
    gw_stack_free(stack);
}

Test(stacks, given_a_stack_that_has_ended_then_it_is_refused, .signal = SIGABRT)
{
    start_heap(NULL);
    gw_stack *stack = gw_stack_new(0, nothing, NULL);
    gw_stack_switch(stack, NULL);
    gw_stack_switch(stack, NULL);
}

Test(stacks, given_the_running_stack_then_switching_to_it_is_refused, .signal = SIGABRT)
{
    start_heap(NULL);
    gw_stack_switch(gw_stack_current(), NULL);
}

Test(stacks, given_no_resumer_then_yielding_is_refused, .signal = SIGABRT)
{
    start_heap(NULL);
    gw_stack_yield(NULL);
}

static gw_stack *first_stack;

static void *free_first(void *argument, void *value)
{
    (void)argument, (void)value;
    gw_stack_free(first_stack);
    return NULL; /* to whom? */
}

static void *start_second(void *argument, void *value)
{
    (void)value;
    gw_stack_switch(argument, NULL);
    return NULL;
}

Test(stacks, given_a_resumer_that_was_freed_then_the_end_of_the_function_is_refused, .signal = SIGABRT)
{
    start_heap(NULL);
    gw_stack *second = gw_stack_new(0, free_first, NULL);
    first_stack = gw_stack_new(0, start_second, NULL);
    *gw_stack_argument(((struct gw_stack *)first_stack)->entry) = (uintptr_t)second;
    gw_stack_switch(first_stack, NULL);
}

static void switch_in_hook(void *stack, const struct gw_minor_event *event)
{
    (void)event;
    gw_stack_switch(stack, NULL);
}

Test(stacks, given_a_hook_then_switching_in_it_is_refused, .signal = SIGABRT)
{
    start_heap(NULL);
    struct gw_hooks hooks = {.minor = switch_in_hook, .data = gw_stack_new(0, nothing, NULL)};
    gw_set_hooks(&hooks);
    gw_collect(GW_MINOR);
}
