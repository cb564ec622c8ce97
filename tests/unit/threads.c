/* Threads that share a heap: who waits for whom, what is refused, and faults that are planted in it. */
#include "heap_fixture.h"

#include "heap/world.h"

#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#define COUNT 2000

static struct gw_heap *heap;

static void *join(void *thread)
{
    void *result;
    pthread_join(*(pthread_t *)thread, &result);
    return result;
}

static void *run_beside(void *(*function)(void *))
{
    pthread_t thread;
    cr_assert_eq(pthread_create(&thread, NULL, function, NULL), 0);
    return gw_outside_call(join, &thread);
}

/* ---- Sharing --------------------------------------------------------------------------------------- */

/* Keeps a list under a handle of its own while it makes garbage that is collected. */
static void *make_and_count(void *unused)
{
    (void)unused;
    cr_assert_eq(gw_attach(heap), GW_OK, "%s", gw_error_text());
    gw_handle list = gw_handle_new(NULL);
    for (uint64_t i = 0; i < COUNT; i++) {
        struct node *node = new_node(i);
        node->left = gw_handle_get(list);
        gw_handle_set(list, node);
        for (int k = 0; k < 20; k++) new_node(0);
    }
    uint64_t count = 0;
    for (struct node *node = gw_handle_get(list); node; node = node->left) count += node->number == COUNT - 1 - count;
    gw_handle_free(list);
    return (void *)count;
}

Test(threads, given_two_that_allocate_then_both_keep_what_is_theirs)
{
    pthread_t thread;
    heap = start_heap("nursery=64k");
    cr_assert_eq(pthread_create(&thread, NULL, make_and_count, NULL), 0);
    make_list(0, COUNT);
    for (int i = 0; i < 20 * COUNT; i++) new_node(0);
    cr_assert_eq((uint64_t)gw_outside_call(join, &thread), COUNT);
    struct node *node = roots[0];
    for (uint64_t i = 0; i < COUNT; i++, node = node->left) cr_assert_eq(node->number, i);
    cr_assert_eq(gw_verify(), GW_OK, "%s", gw_error_text());
}

Test(threads, given_that_the_others_have_gone_when_the_world_is_stopped_then_it_is_watched_no_more)
{
    heap = start_heap("nursery=64k");
    cr_assert_not(gw_world_is_watched(heap));
    cr_assert_eq((uint64_t)run_beside(make_and_count), COUNT);
    cr_assert(gw_world_is_watched(heap));
    gw_collect(GW_MINOR);
    cr_assert_not(gw_world_is_watched(heap));
    cr_assert_null(heap->mutators->next);
}

static void *collect_and_wait(void *unused)
{
    (void)unused;
    cr_assert_eq(gw_attach(heap), GW_OK);
    for (int i = 0; i < 50; i++) gw_collect(i % 2 ? GW_MINOR : GW_FULL);
    return NULL;
}

Test(threads, given_two_that_collect_at_once_then_both_come_back)
{
    pthread_t thread;
    heap = start_heap("nursery=64k");
    make_list(0, 100);
    cr_assert_eq(pthread_create(&thread, NULL, collect_and_wait, NULL), 0);
    for (int i = 0; i < 50; i++) gw_collect(i % 2 ? GW_MINOR : GW_FULL);
    gw_outside_call(join, &thread);
    cr_assert_eq(((struct node *)roots[0])->number, 0);
}

/* An object that one thread made, and another one wrote to. */
static void *write_to_old(void *unused)
{
    (void)unused;
    cr_assert_eq(gw_attach(heap), GW_OK);
    struct node *holder = roots[0], *young = new_node(7);
    holder = roots[0];
    GW_STORE(holder, left, young);
    return NULL;
}

Test(threads, given_an_old_object_that_another_thread_has_written_to_then_what_it_refers_to_is_kept)
{
    heap = start_heap("nursery=64k,poison=1");
    roots[0] = new_node(1);
    gw_collect(GW_FULL);
    run_beside(write_to_old);
    gw_collect(GW_MINOR);
    struct node *holder = roots[0];
    cr_assert_eq(holder->left->number, 7);
}

static void *call_exit(void *unused)
{
    (void)unused;
    pthread_exit(NULL);
}

static void *end_outside(void *unused)
{
    (void)unused;
    cr_assert_eq(gw_attach(heap), GW_OK);
    gw_outside_call(call_exit, NULL);
    return NULL;
}

Test(threads, given_one_that_ends_outside_then_nobody_waits_for_it)
{
    heap = start_heap("nursery=64k");
    run_beside(end_outside);
    gw_collect(GW_FULL);
    cr_assert_null(heap->mutators->next);
    cr_assert_eq(heap->world.attached, 1);
}

/* ---- fork ------------------------------------------------------------------------------------------ */

static _Atomic bool enough;

static void *allocate_until_enough(void *unused)
{
    (void)unused;
    cr_assert_eq(gw_attach(heap), GW_OK);
    while (!enough) new_node(0);
    return NULL;
}

/* What the other threads were at work on does not matter to the child. */
static void be_child(void)
{
    for (int i = 0; i < 10000; i++) new_node(0);
    gw_collect(GW_FULL);
    uint64_t count = 0;
    for (struct node *node = roots[0]; node; node = node->left) count++;
    _exit(count == 500 && gw_verify() == GW_OK && !heap->mutators->next ? 0 : 1);
}

Test(threads, given_a_fork_beside_others_then_the_child_goes_on_alone)
{
    pthread_t threads[2];
    heap = start_heap("nursery=64k");
    make_list(0, 500);
    for (int i = 0; i < 2; i++) cr_assert_eq(pthread_create(&threads[i], NULL, allocate_until_enough, NULL), 0);
    for (int i = 0; i < 20; i++) {
        int status = -1;
        for (int k = 0; k < 100; k++) new_node(0);
        pid_t child = fork();
        if (child == 0) be_child();
        waitpid(child, &status, 0);
        cr_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0, "child %d: status %#x", i, status);
    }
    enough = true;
    for (int i = 0; i < 2; i++) gw_outside_call(join, &threads[i]);
}

#ifndef CRITERION_EMULATED /* which ends by itself where the child of several threads begins one */
static void *allocate_on_stack(void *argument, void *value)
{
    while (!enough) new_node(0);
    return argument ? argument : value;
}

static void *run_on_stack(void *unused)
{
    (void)unused;
    cr_assert_eq(gw_attach(heap), GW_OK);
    gw_stack *stack = gw_stack_new(0, allocate_on_stack, NULL);
    gw_stack_switch(stack, NULL);
    cr_assert_eq(gw_stack_free(stack), GW_OK);
    return NULL;
}

static void *attach_and_detach(void *unused)
{
    cr_assert_eq(gw_attach(heap), GW_OK);
    return gw_detach() == GW_OK ? heap : unused;
}

/* The record of a thread that ran on a stack of the runtime's is another thread's in the child, which runs on its own. */
Test(threads, given_a_fork_beside_one_that_runs_on_a_stack_then_its_record_serves_another_thread)
{
    pthread_t thread;
    int status = -1;
    heap = start_heap("nursery=64k");
    cr_assert_eq(pthread_create(&thread, NULL, run_on_stack, NULL), 0);
    while (__atomic_load_n(&heap->world.attached, __ATOMIC_RELAXED) < 2 || heap->stacks.count == 0) new_node(0);
    for (int i = 0; i < 200; i++) gw_collect(GW_MINOR);
    pid_t child = fork();
    if (child == 0) _exit(run_beside(attach_and_detach) == heap ? 0 : 1);
    waitpid(child, &status, 0);
    enough = true;
    gw_outside_call(join, &thread);
    cr_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0, "status %#x", status);
}
#endif

/* What a thread has handed to a function of the runtime in which it rests is a root, too. */
static void *be_at_doors(void *unused)
{
    (void)unused;
    cr_assert_eq(gw_attach(heap), GW_OK);
    while (!enough) gw_weak_new(new_node(1), GW_WEAK_SHORT);
    return NULL;
}

Test(threads, given_snapshots_beside_a_thread_at_doors_then_all_its_roots_are_found)
{
    pthread_t thread;
    heap = start_heap("nursery=64k");
    cr_assert_eq(pthread_create(&thread, NULL, be_at_doors, NULL), 0);
    for (int i = 0; i < 300; i++) cr_assert_eq(gw_heap_snapshot("/dev/null"), GW_OK, "%s", gw_error_text());
    enough = true;
    gw_outside_call(join, &thread);
}

/* ---- Calls that wait ------------------------------------------------------------------------------- */

static void *heap_at_hand(void *unused)
{
    (void)unused;
    return gw_current_thread.heap;
}

static void *call_twice(void *unused)
{
    (void)unused;
    return gw_blocking_call(heap_at_hand, NULL, 0);
}

Test(threads, given_a_call_that_waits_then_it_is_made_outside_wherever_there_is_something_to_leave)
{
    cr_assert_null(gw_blocking_call(heap_at_hand, NULL, 0));
    heap = start_heap("nursery=64k");
    cr_assert_null(gw_blocking_call(heap_at_hand, NULL, 0));
    cr_assert_null(gw_blocking_call(call_twice, NULL, 0));
    cr_assert_eq(heap_at_hand(NULL), heap);
}

/* The object may not move while the call writes to it. */
Test(threads, given_a_call_that_waits_with_an_address_inside_an_object_then_it_is_made_inside)
{
    heap = start_heap("nursery=64k");
    uintptr_t arguments[3] = {1, (uintptr_t)new_node(1) + 8, 2};
    cr_assert_eq(gw_blocking_call(heap_at_hand, arguments, sizeof arguments), heap);
    cr_assert_null(gw_blocking_call(heap_at_hand, arguments, sizeof *arguments));
}

static void *errno_is_set(void *unused)
{
    errno = EBADF;
    return unused;
}

Test(threads, given_a_call_that_waits_when_it_fails_then_its_errno_is_kept)
{
    heap = start_heap("nursery=64k");
    errno = 0;
    gw_blocking_call(errno_is_set, NULL, 0);
    cr_assert_eq(errno, EBADF);
}

static bool called_in_hook;

static void wait_in_hook(void *data, const struct gw_minor_event *event)
{
    (void)data, (void)event;
    called_in_hook = gw_blocking_call(heap_at_hand, NULL, 0) == heap;
}

Test(threads, given_a_call_that_waits_in_a_hook_then_it_is_made_where_it_is)
{
    heap = start_heap("nursery=64k");
    gw_set_hooks(&(struct gw_hooks){.minor = wait_in_hook});
    gw_collect(GW_MINOR);
    cr_assert(called_in_hook);
}

/* ---- Handles outside ------------------------------------------------------------------------------- */

static gw_handle passed[200];

/* Copies one, and frees the first of both. */
static void *copy_and_free(void *handle)
{
    gw_handle copy = gw_handle_copy(handle);
    gw_handle_free(handle);
    return copy;
}

Test(threads, given_a_handle_that_is_copied_and_freed_outside_then_the_copy_holds_what_it_held)
{
    heap = start_heap("nursery=64k,verify=1,poison=1");
    gw_handle copy = gw_outside_call(copy_and_free, gw_handle_new(new_node(3)));
    cr_assert(!gw_world_is_watched(heap));
    gw_collect(GW_MINOR);
    gw_collect(GW_FULL);
    cr_assert_eq(((struct node *)gw_handle_get(copy))->number, 3);
    gw_handle_free(copy);
    gw_collect(GW_FULL);
    cr_assert_eq(heap->stats.live_bytes, 0);
}

static _Atomic bool ends;

static void *renew_handles(void *unused)
{
    (void)unused;
    for (unsigned at = 0; !ends; at = (at + 7) % 200) passed[at] = copy_and_free(passed[at]);
    return NULL;
}

static void *renew_handles_outside(void *unused)
{
    cr_assert_eq(gw_attach(heap), GW_OK);
    return gw_outside_call(renew_handles, unused);
}

/* Objects move all the time, and handles are made of handles meanwhile. */
static void collect_beside_renewal(const char *options)
{
    pthread_t thread;
    heap = start_heap(options);
    for (uint64_t i = 0; i < 200; i++) passed[i] = gw_handle_new(new_node(i));
    cr_assert_eq(pthread_create(&thread, NULL, renew_handles_outside, NULL), 0);
    for (int i = 0; i < 300; i++) {
        gw_handle own = gw_handle_new(new_node(1000));
        gw_collect(i % 50 ? GW_MINOR : GW_FULL);
        cr_assert_eq(((struct node *)gw_handle_get(own))->number, 1000);
        gw_handle_free(own);
    }
    ends = true;
    gw_outside_call(join, &thread);
    for (uint64_t i = 0; i < 200; i++) cr_assert_eq(((struct node *)gw_handle_get(passed[i]))->number, i);
}

Test(threads, given_handles_that_are_renewed_outside_when_others_collect_then_none_is_lost)
{
    collect_beside_renewal("nursery=64k,verify=1,poison=1,stress=4+move");
}

Test(threads, given_a_marker_when_handles_are_renewed_outside_then_none_is_lost)
{
    collect_beside_renewal("nursery=64k,verify=1,poison=1,helpers=1,age=2");
}

static void *free_twice(void *handle)
{
    gw_handle_free(handle);
    gw_handle_free(handle);
    return NULL;
}

Test(threads, given_a_handle_that_is_freed_twice_outside_then_fatal, .signal = SIGABRT)
{
    start_heap("nursery=64k");
    gw_outside_call(free_twice, gw_handle_new(new_node(1)));
}

static void *get_handle(void *handle)
{
    return gw_handle_get(handle);
}

Test(threads, given_a_handle_that_is_read_outside_then_fatal, .signal = SIGABRT)
{
    start_heap("nursery=64k");
    gw_outside_call(get_handle, gw_handle_new(new_node(1)));
}

Test(threads, given_a_thread_without_the_heap_when_it_frees_a_handle_then_fatal, .signal = SIGABRT)
{
    pthread_t thread;
    start_heap("nursery=64k");
    pthread_create(&thread, NULL, free_twice, gw_handle_new(new_node(1)));
    gw_outside_call(join, &thread);
}

/* ---- Stops that the program asks for --------------------------------------------------------------- */

static bool others_rest(void)
{
    bool rest = true;
    for (const struct gw_mutator *each = heap->mutators; each; each = each->next) rest &= each == gw_current_thread.mutator || !each->runs;
    return rest && gw_world_is_stopped(heap);
}

static void count_object(void *count, void *object)
{
    *(uint64_t *)count += object != NULL;
}

static struct {
    uint64_t walked, referrers, path;
    gw_status snapshot, verified;
    bool rested;
} seen;

/* A list of so many objects hangs on roots[0]; what else there is other threads have made. */
static void *look_at_all(void *unused)
{
    struct node *second = ((struct node *)roots[0])->left;
    seen.rested = others_rest();
    cr_assert_eq(gw_heap_walk(count_object, &seen.walked), seen.walked);
    seen.referrers = gw_referrers(second, NULL, NULL);
    seen.path = gw_path_to(second, count_object, &(uint64_t){0});
    seen.snapshot = gw_heap_snapshot("/dev/null");
    seen.verified = gw_verify();
    return unused;
}

static _Atomic bool enough;
static _Atomic int at_work;

static void *make_until_enough(void *unused)
{
    cr_assert_eq(gw_attach(heap), GW_OK);
    at_work++;
    while (!enough) new_node(5);
    return unused;
}

static void beside_two_that_allocate(const char *options, void (*act)(void))
{
    pthread_t threads[2];
    heap = start_heap(options);
    make_list(0, 100);
    for (int i = 0; i < 2; i++) cr_assert_eq(pthread_create(&threads[i], NULL, make_until_enough, NULL), 0);
    while (at_work < 2) new_node(1);
    act();
    enough = true;
    for (int i = 0; i < 2; i++) gw_outside_call(join, &threads[i]);
}

static void look_twenty_times(void)
{
    for (int i = 0; i < 20; i++) {
        seen.walked = 0;
        cr_assert_eq(gw_stopped_call(look_at_all, roots), roots);
        cr_assert(seen.rested && seen.snapshot == GW_OK && seen.verified == GW_OK);
        cr_assert_geq(seen.walked, 100);
        cr_assert_eq(seen.referrers, 1);
        cr_assert_eq(seen.path, 2);
    }
}

Test(threads, given_others_that_allocate_when_all_are_stopped_then_the_whole_heap_can_be_looked_at)
{
    beside_two_that_allocate("nursery=64k,verify=1", look_twenty_times);
}

Test(threads, given_a_marker_when_all_are_stopped_then_the_whole_heap_can_be_looked_at)
{
    beside_two_that_allocate("nursery=64k,helpers=1,stress=step", look_twenty_times);
}

static jmp_buf out_of_the_path;

static void leave_path(void *data, void *object)
{
    (void)data, (void)object;
    longjmp(out_of_the_path, 1);
}

/* They would wait for ever, and so would who joins them. */
static void leave_twenty_paths(void)
{
    for (volatile int i = 0; i < 20; i++)
        if (!setjmp(out_of_the_path)) gw_path_to(roots[0], leave_path, NULL);
}

Test(threads, given_visitors_of_paths_that_leave_then_the_others_go_on)
{
    beside_two_that_allocate("nursery=64k", leave_twenty_paths);
}

static uint64_t handled;
static bool always_rested = true;

static void note_request(void *data)
{
    cr_assert_eq(data, &handled);
    handled++;
    always_rested &= others_rest();
}

static void ask_by_signal(int signal)
{
    (void)signal;
    gw_request_stop(heap);
}

static void handle_signals(void)
{
    signal(SIGUSR1, ask_by_signal);
    gw_set_stop_handler(note_request, &handled);
}

static void ask_fifty_times(void)
{
    handle_signals();
    for (uint64_t i = 0; i < 50; i++) {
        raise(SIGUSR1);
        while (handled == i) new_node(1);
    }
    cr_assert(handled == 50 && always_rested);
}

Test(threads, given_a_signal_handler_that_requests_a_stop_then_the_next_allocation_is_one)
{
    heap = start_heap("nursery=64k");
    handle_signals();
    raise(SIGUSR1);
    raise(SIGUSR1);
    cr_assert_eq(handled, 0);
    new_node(1);
    cr_assert_eq(handled, 1);
    gw_poll_slow();
    cr_assert_eq(handled, 1);
    raise(SIGUSR1);
    gw_poll_slow();
    cr_assert_eq(handled, 2);
    gw_set_stop_handler(NULL, NULL);
    raise(SIGUSR1);
    new_node(1);
    cr_assert_eq(handled, 2);
}

Test(threads, given_requests_beside_others_that_allocate_then_all_rest_each_time)
{
    beside_two_that_allocate("nursery=64k,verify=1", ask_fifty_times);
}

static void *ask_elsewhere(void *unused)
{
    gw_request_stop(heap);
    return unused;
}

Test(threads, given_a_request_by_a_thread_without_a_heap_then_one_that_allocates_stops)
{
    heap = start_heap("nursery=64k");
    handle_signals();
    run_beside(ask_elsewhere);
    gw_poll_slow();
    cr_assert_eq(handled, 1);
}

Test(threads, given_a_request_while_it_is_outside_then_a_thread_stops_at_its_next_poll)
{
    heap = start_heap("nursery=64k");
    handle_signals();
    gw_outside_call(ask_elsewhere, NULL);
    cr_assert_eq(handled, 0);
    cr_assert(gw_current_thread.poll && !gw_current_thread.limit);
    gw_poll_slow();
    cr_assert_eq(handled, 1);
}

/* As when a signal comes between an allocation's look at requests and its answer to whoever polled. */
Test(threads, given_a_request_when_a_poll_is_answered_then_it_stays)
{
    heap = start_heap("nursery=64k");
    handle_signals();
    gw_request_stop(heap);
    gw_heap_answer_poll(heap);
    cr_assert(gw_current_thread.poll && !gw_current_thread.limit);
    gw_poll_slow();
    cr_assert_eq(handled, 1);
    gw_poll_slow();
    cr_assert(!gw_current_thread.poll && gw_current_thread.limit);
}

/* Requests may interrupt anything. */
Test(threads, given_signals_all_the_time_then_no_request_is_lost)
{
    struct itimerval often = {{0, 200}, {0, 200}};
    heap = start_heap("nursery=64k,verify=1,stress=step");
    gw_set_stop_handler(note_request, &handled);
    signal(SIGALRM, ask_by_signal);
    make_list(0, 100);
    setitimer(ITIMER_REAL, &often, NULL);
    while (handled < 200) new_node(1);
    setitimer(ITIMER_REAL, &(struct itimerval){0}, NULL);
    gw_poll_slow();
    cr_assert_not(heap->stop_requested);
    cr_assert_eq(((struct node *)roots[0])->number, 0);
}

/* ---- Refusals -------------------------------------------------------------------------------------- */

static void *allocate_outside(void *unused)
{
    (void)unused;
    return gw_new(node);
}

Test(threads, given_an_allocation_outside_then_fatal, .signal = SIGABRT)
{
    start_heap("nursery=64k");
    gw_outside_call(allocate_outside, NULL);
}

static void *attach_again(void *unused)
{
    (void)unused;
    cr_assert_eq(gw_attach(heap), GW_ERROR_STATE);
    cr_assert_eq(gw_detach(), GW_ERROR_STATE);
    return NULL;
}

Test(threads, given_an_attachment_outside_then_an_error)
{
    heap = start_heap("nursery=64k");
    gw_outside_call(attach_again, NULL);
    new_node(1);
}

static void *walk(void *unused)
{
    (void)unused;
    cr_assert_eq(gw_attach(heap), GW_OK);
    gw_heap_walk(NULL, NULL);
    return NULL;
}

Test(threads, given_a_walk_over_a_shared_heap_then_fatal, .signal = SIGABRT)
{
    heap = start_heap("nursery=64k");
    run_beside(walk);
}

static void *allocate_in_a_stop(void *unused)
{
    (void)unused;
    return gw_new(node);
}

Test(threads, given_an_allocation_while_the_others_are_stopped_then_fatal, .signal = SIGABRT)
{
    start_heap("nursery=64k");
    gw_stopped_call(allocate_in_a_stop, NULL);
}

static jmp_buf out_of_the_stop;

static void *leave_the_stop(void *unused)
{
    (void)unused;
    longjmp(out_of_the_stop, 1);
}

Test(threads, given_a_jump_out_of_a_stop_then_fatal, .signal = SIGABRT)
{
    start_heap("nursery=64k");
    if (!setjmp(out_of_the_stop)) gw_stopped_call(leave_the_stop, NULL);
    new_node(1);
}

Test(threads, given_a_heap_that_another_thread_has_then_it_is_not_destroyed)
{
    pthread_t thread;
    heap = start_heap("nursery=64k");
    cr_assert_eq(pthread_create(&thread, NULL, allocate_until_enough, NULL), 0);
    while (__atomic_load_n(&heap->world.attached, __ATOMIC_RELAXED) < 2) new_node(0);
    while (!gw_world_is_watched(heap)) new_node(0);
    cr_assert_eq(gw_detach(), GW_OK);
    cr_assert_eq(gw_heap_destroy(heap), GW_ERROR_STATE);
    cr_assert_eq(gw_attach(heap), GW_OK);
    enough = true;
    gw_outside_call(join, &thread);
}

/* ---- Planted faults -------------------------------------------------------------------------------- */

/* A thread that goes on with a limit of its own, as if it had not been asked: it is asked again. */
static void *forget_to_stop(void *unused)
{
    (void)unused;
    cr_assert_eq(gw_attach(heap), GW_OK);
    while (!enough) {
        for (int i = 0; i < 100; i++) new_node(0);
        gw_current_thread.poll = 0;
        gw_current_thread.limit = gw_current_thread.mutator->piece.end;
    }
    return NULL;
}

Test(threads, given_a_stop_that_was_lost_at_a_refill_then_it_is_asked_for_again)
{
    pthread_t thread;
    heap = start_heap("nursery=64k");
    cr_assert_eq(pthread_create(&thread, NULL, forget_to_stop, NULL), 0);
    while (__atomic_load_n(&heap->world.attached, __ATOMIC_RELAXED) < 2) new_node(0);
    for (int i = 0; i < 50; i++) gw_collect(GW_MINOR);
    enough = true;
    gw_outside_call(join, &thread);
}

Test(threads, given_a_thread_that_came_back_without_looking_then_the_check_is_fatal, .signal = SIGABRT)
{
    heap = start_heap("nursery=64k");
    struct gw_mutator other = {.runs = true, .thread = &gw_current_thread};
    heap->mutators->next = &other;
    heap->world.stopper = heap->mutator;
    heap->world.others_rest = true;
    gw_world_check(heap);
}

Test(threads, given_one_that_rests_nobody_knows_where_then_the_check_is_fatal, .signal = SIGABRT)
{
    heap = start_heap("nursery=64k");
    struct gw_mutator other = {.thread = &gw_current_thread};
    heap->mutators->next = &other;
    gw_world_check(heap);
}

static void *write_and_drop(void *unused)
{
    write_to_old(unused);
    heap->recorded.remembered_count = 0;
    return NULL;
}

Test(threads, given_a_write_of_another_thread_that_was_dropped_when_verified_then_it_is_seen)
{
    heap = start_heap("nursery=64k");
    roots[0] = new_node(1);
    gw_collect(GW_FULL);
    run_beside(write_and_drop);
    cr_assert_eq(gw_verify(), GW_ERROR_STATE);
    cr_assert_not_null(strstr(gw_error_text(), "the remembered set lists 0"), "%s", gw_error_text());
}

/* Two threads change bits of one header, and one of the changes is lost. */
static void *write_and_lose_a_bit(void *unused)
{
    write_to_old(unused);
    *gw_header((uintptr_t)roots[0]) |= GW_HEADER_TRACK;
    return NULL;
}

Test(threads, given_a_bit_of_a_header_that_was_lost_then_the_check_is_fatal, .signal = SIGABRT)
{
    heap = start_heap("nursery=64k");
    roots[0] = new_node(1);
    gw_collect(GW_FULL);
    run_beside(write_and_lose_a_bit);
    gw_heap_check(heap);
}
