/* The thread that marks while the program runs: what it does, what it leaves alone, and faults that are planted in it. */
#include "heap_fixture.h"

#include "control/marker.h"
#include "engine/mark.h"
#include "heap/world.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#define COUNT 20000

static struct gw_heap *heap;

/* A list of old objects, and a cycle that has begun to mark them; the marker may be at work. */
static void go_on_to_mark(void)
{
    make_list(0, COUNT);
    gw_collect(GW_MINOR);
    gw_collect(GW_MINOR);
    while (heap->cycle.phase != GW_PHASE_MARK) {
        make_list(2, 1000);
        gw_collect(GW_MINOR);
        gw_collect(GW_MINOR);
        gw_collect_step(0);
    }
}

static uint64_t marked_beside(void)
{
    return __atomic_load_n(&heap->marker.bytes, __ATOMIC_RELAXED);
}

/* The program comes by now and then, for roots and changes of phase. */
static void wait_until_marked(uint64_t bytes)
{
    while (heap->cycle.phase == GW_PHASE_MARK && marked_beside() < bytes) {
        gw_collect_step(0);
        usleep(1000);
    }
    cr_assert_geq(marked_beside(), bytes);
}

static void begin_to_mark(const char *options)
{
    heap = start_heap(options);
    go_on_to_mark();
}

Test(marker, given_a_cycle_when_the_program_runs_then_most_of_it_is_marked_beside)
{
    begin_to_mark("nursery=64k,helpers=1");
    wait_until_marked(COUNT / 2 * sizeof(struct node));
    gw_collect(GW_FULL);
    cr_assert_eq(list_length(roots[0]), COUNT);
    cr_assert_eq(gw_verify(), GW_OK, "%s", gw_error_text());
}

Test(marker, given_a_cycle_whose_garbage_is_known_when_the_program_runs_then_it_is_swept)
{
    begin_to_mark("nursery=64k,helpers=1,poison=1");
    roots[0] = ((struct node *)roots[0])->left;
    roots[2] = NULL;
    while (heap->cycle.phase != GW_PHASE_IDLE) new_node(0);
    cr_assert_eq(((struct node *)roots[0])->number, 1);
    gw_collect(GW_FULL);
    gw_collect(GW_FULL);
    cr_assert_eq(old_objects(heap), COUNT - 1);
}

Test(marker, given_free_memory_beyond_what_the_heap_will_fill_when_the_program_runs_then_it_goes_back)
{
    begin_to_mark("nursery=64k,helpers=1");
    roots[0] = roots[2] = NULL;
    gw_collect(GW_FULL);
    make_list(0, 20 * COUNT);
    gw_collect(GW_FULL);
    roots[0] = NULL;
    while (heap->cycle.phase == GW_PHASE_IDLE) {
        new_node(0);
        gw_collect_step(0);
        make_list(2, 1000);
    }
    uint64_t before;
    do { /* no piece does the last of one phase and the first of the next */
        before = __atomic_load_n(&heap->stats.returned_bytes, __ATOMIC_RELAXED);
        gw_collect_step(0);
    } while (heap->cycle.phase != GW_PHASE_RETURN);
    for (int i = 0; i < 100 && __atomic_load_n(&heap->stats.returned_bytes, __ATOMIC_RELAXED) == before; i++) usleep(10000);
    cr_assert_gt(heap->stats.returned_bytes, before);
    gw_collect(GW_FULL);
    cr_assert_eq(gw_verify(), GW_OK, "%s", gw_error_text());
}

/* References go to where the marker has been, and are taken from where it has not. */
Test(marker, given_references_that_move_while_it_marks_then_none_is_lost)
{
    begin_to_mark("nursery=64k,helpers=1,poison=1,verify=1");
    for (int round = 0; round < 4; round++) {
        struct node *last = roots[0];
        for (int i = 0; i < 200; i++) last = last->left;
        struct node *rest = last->left;
        GW_STORE(last, left, NULL);
        gw_collect(GW_MINOR);
        GW_STORE(last, left, rest);
        new_node(0);
    }
    while (heap->cycle.phase != GW_PHASE_IDLE) new_node(0);
    cr_assert_eq(list_length(roots[0]), COUNT);
}

/* ---- What it leaves to the program ----------------------------------------------------------------- */

struct traced {
    void *left;
};
static pthread_t program;
static _Atomic unsigned traced_count;

static void trace_here(void *payload, struct gw_tracer *tracer)
{
    cr_assert(pthread_equal(pthread_self(), program));
    traced_count++;
    gw_trace_edge(tracer, payload);
}

static const struct gw_type gw_type_traced = {.name = "traced", .size = sizeof(struct traced), .trace = trace_here};

Test(marker, given_a_trace_function_then_the_program_runs_it)
{
    program = pthread_self();
    heap = start_heap("nursery=64k,helpers=1");
    for (int i = 0; i < 2000; i++) {
        struct traced *object = gw_alloc(&gw_type_traced);
        gw_write_barrier(object, &object->left);
        object->left = roots[1];
        roots[1] = object;
    }
    go_on_to_mark();
    while (heap->cycle.phase != GW_PHASE_IDLE) new_node(0);
    cr_assert_gt(traced_count, 2000);
    unsigned length = 0;
    for (struct traced *object = roots[1]; object; object = object->left) length++;
    cr_assert_eq(length, 2000);
}

#define MORTALS 20000
static unsigned buried, buried_elsewhere;

static void bury(void *payload)
{
    (void)payload;
    buried++;
    if (!pthread_equal(pthread_self(), program) || !heap->marker.parked) buried_elsewhere++;
}

static const struct gw_type gw_type_buried = {.name = "buried", .size = 24, .destroy = bury};

/* Large ones among them, which are swept one by one. */
static void make_mortals(void)
{
    static const struct gw_type large = {.name = "large", .size = 40000, .destroy = bury};
    struct references *all = gw_alloc_array(&gw_type_references, MORTALS);
    roots[1] = all;
    for (int i = 0; i < MORTALS; i++) {
        void *object = gw_alloc(i % 400 ? &gw_type_buried : &large);
        all = roots[1];
        GW_STORE(all, at[i], object);
    }
}

Test(marker, given_destructors_then_the_program_runs_them_while_it_is_stopped)
{
    program = pthread_self();
    heap = start_heap("nursery=64k,helpers=1");
    make_mortals();
    go_on_to_mark();
    roots[1] = NULL;
    while (heap->cycle.phase != GW_PHASE_IDLE) {
        new_node(0);
        if (heap->cycle.phase == GW_PHASE_SWEEP) usleep(100);
    }
    gw_collect(GW_FULL);
    gw_collect(GW_FULL);
    cr_assert_eq(buried, MORTALS);
    cr_assert_eq(buried_elsewhere, 0, "%u", buried_elsewhere);
}

/* A word may be read while it is written byte by byte, or be a number whose tag says otherwise. */
Test(marker, given_a_word_that_leads_nowhere_when_it_is_read_then_nothing_is_marked)
{
    heap = start_heap("nursery=64k,helpers=1");
    roots[0] = new_node(1);
    gw_collect(GW_FULL);
    uintptr_t object = (uintptr_t)roots[0], inside = object + 8;
    gw_mark_begin(heap);
    gw_mark_shade(heap, object);
    gw_mark_flush(heap);
    uint64_t before = heap->mark.live_bytes;
    ((struct node *)object)->left = (struct node *)inside;
    cr_assert_not(gw_mark_beside(heap, 10));
    cr_assert_eq(heap->mark.live_bytes, before);
    cr_assert_not(gw_bit_get(heap->old.marks, gw_granule(&heap->old, inside)));
    ((struct node *)object)->left = NULL;
}

static void *attach_and_collect(void *unused)
{
    cr_assert_eq(gw_attach(heap), GW_OK, "%s", gw_error_text());
    gw_collect(GW_FULL);
    cr_assert_eq(gw_detach(), GW_OK);
    return unused;
}

Test(marker, given_a_heap_that_threads_leave_and_come_back_to_then_it_rests_meanwhile)
{
    pthread_t thread;
    begin_to_mark("nursery=64k,helpers=1");
    cr_assert_eq(gw_detach(), GW_OK);
    uint64_t bytes = marked_beside();
    usleep(20000);
    cr_assert_eq(marked_beside(), bytes);
    cr_assert_eq(pthread_create(&thread, NULL, attach_and_collect, NULL), 0);
    pthread_join(thread, NULL);
    cr_assert_eq(gw_attach(heap), GW_OK);
    cr_assert_eq(list_length(roots[0]), COUNT);
    cr_assert_eq(gw_detach(), GW_OK);
    cr_assert_eq(gw_heap_destroy(heap), GW_OK);
}

static _Atomic pthread_t handled_by;

static void note_thread(int signal)
{
    (void)signal;
    handled_by = pthread_self();
}

Test(marker, given_a_signal_to_the_process_then_the_marker_does_not_handle_it)
{
    sigset_t usr1;
    begin_to_mark("nursery=64k,helpers=1");
    signal(SIGUSR1, note_thread);
    sigemptyset(&usr1);
    sigaddset(&usr1, SIGUSR1);
    pthread_sigmask(SIG_BLOCK, &usr1, NULL);
    kill(getpid(), SIGUSR1);
    usleep(20000);
    cr_assert_eq(handled_by, 0);
    pthread_sigmask(SIG_UNBLOCK, &usr1, NULL);
    cr_assert(pthread_equal(handled_by, pthread_self()));
}

/* ---- fork ------------------------------------------------------------------------------------------ */

static void be_child(void)
{
    for (int i = 0; i < 10000; i++) new_node(0);
    gw_collect(GW_FULL);
    _exit(list_length(roots[0]) == COUNT && gw_verify() == GW_OK && !heap->marker.exists ? 0 : 1);
}

Test(marker, given_a_fork_while_it_marks_then_the_child_marks_by_itself)
{
    begin_to_mark("nursery=64k,helpers=1");
    for (int i = 0; i < 20; i++) {
        int status = -1;
        pid_t child = fork();
        if (child == 0) be_child();
        waitpid(child, &status, 0);
        cr_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0, "child %d: status %#x", i, status);
        gw_collect_step(0);
        for (int k = 0; k < 100; k++) new_node(0);
    }
    cr_assert(heap->marker.exists);
    cr_assert_eq(list_length(roots[0]), COUNT);
}

/* ---- Planted faults -------------------------------------------------------------------------------- */

Test(marker, given_one_that_is_not_parked_when_the_heap_is_checked_then_fatal, .signal = SIGABRT)
{
    heap = start_heap("nursery=64k,helpers=1");
    gw_world_enter_beside(heap);
    gw_heap_check(heap);
}

/* What it has marked is never traced. */
Test(marker, given_an_object_that_it_has_marked_and_forgotten_when_verified_then_it_is_seen, .signal = SIGABRT)
{
    begin_to_mark("nursery=64k,verify=1");
    while (!heap->mark.depth) gw_collect_step(0);
    cr_assert(gw_mark_beside(heap, 100));
    heap->mark.depth = 0;
    while (heap->cycle.phase != GW_PHASE_IDLE) new_node(0);
}
