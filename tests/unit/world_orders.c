/* heap/world.c and engine/barrier.c, as they are, in every order of what two or three threads do: who stops the others finds all of them at
 * rest, one is inside at a time, nobody waits for ever, and what was written to an object is recorded once and seen. What is not shared
 * between threads, and what a limit would be, is a model's. So is compiled code: how it publishes an object. */
#include "interleavings.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

/* The words that threads share are the model's from here on, and the locks. */
#define __atomic_load_n(word, order) ((__typeof__(*(word)))(uintptr_t)model_load(word, sizeof *(word)))
#define __atomic_store_n(word, value, order) model_store((void *)(word), sizeof *(word), (uint64_t)(uintptr_t)(value), order)
#define __atomic_add_fetch(word, value, order) model_add(word, sizeof *(word), (uint64_t)(value), order)
#define __atomic_sub_fetch(word, value, order) model_add(word, sizeof *(word), -(uint64_t)(value), order)

#define GW_OS_LINUX_FUTEX_H
struct gw_mutex {
    unsigned word;
};
#define gw_mutex_try(mutex) model_try_lock(&(mutex)->word)
#define gw_mutex_take(mutex) model_lock(&(mutex)->word)
#define gw_mutex_release(mutex) model_unlock(&(mutex)->word)
#define gw_futex_wait(word, value, ns) model_wait(word, value, (ns) != 0)
#define gw_futex_wake(word, count) model_wake(word)
#define gw_spin() model_spin()

#include "heap/world.h"

#include "base/report.h"
#include "os/linux/thread_stack.h"

static struct gw_heap shared_heap;
static struct gw_thread records[MODEL_THREADS];
static struct gw_mutator mutators[MODEL_THREADS];
static const struct gw_entry *const somewhere = (const struct gw_entry *)records;
static char room;

#define gw_current_thread records[model_me()]
#define gw_heap_set_limit open_limit
#define gw_nursery_shorten_piece(...) ((void)0)
#define gw_heap_piece_bytes(...) 0
#define gw_thread_roots_learn(roots) ((void)0)
#define gw_warn(format, ...) ((void)sizeof printf(format, __VA_ARGS__))
#define gw_thread_name(number, to, bytes) ((void)(to))
#define gw_stacks_thread_is_gone(...) ((void)0)
#define gw_fatal(format, ...) ((void)sizeof printf(format, ##__VA_ARGS__), model_fail("the runtime says that something is wrong"))

_Noreturn void gw_refuse_without_heap(const char *what)
{
    model_fail(what);
    abort();
}

/* As room.c's, of a piece of eden that has room. */
static void open_limit(struct gw_heap *of)
{
    struct gw_thread *thread = of->mutator->thread;
    gw_thread_set_limit(thread, &room);
    if (gw_thread_is_asked(thread)) gw_thread_set_limit(thread, NULL);
}

#define gw_account_look(...) ((void)0)
#define gw_old_contains(...) true
#define gw_heap_beside_marker(what) come_beside()

#define STOP_SPINS 2
#include "heap/world.c"

static struct gw_heap *come_beside(void)
{
    if (gw_world_is_watched(&shared_heap)) gw_world_enter_beside(&shared_heap);
    return &shared_heap;
}

#include "engine/barrier.c"

/* ---- What a thread does ---------------------------------------------------------------------------------- */

/* Runs compiled code, or what may touch the heap outside of the runtime; and is inside. */
static bool is_at_large[MODEL_THREADS];
static int inside;
static bool have_stopped;

static void come_inside(void)
{
    is_at_large[model_me()] = false;
    if (gw_world_is_watched(&shared_heap)) gw_world_arrive(&shared_heap, somewhere);
    if (inside++) model_fail("two threads are inside");
}

static void leave(void)
{
    inside--;
    is_at_large[model_me()] = true;
    struct gw_heap *left = &shared_heap;
    gw_heap_left(&left);
}

/* ---- An old object, which two threads write to ----------------------------------------------------------- */

static const struct gw_type type = {.name = "old", .size = 16};
static struct {
    uint64_t header;
    uintptr_t field[2];
} old;
static uintptr_t remembered[GW_REMEMBERED_CAPACITY];
enum { OLD_REFERENCE = 8, YOUNG_REFERENCE = 16 };
static bool has_written[2];

static uint64_t tracked_header(void)
{
    return (uintptr_t)&type | GW_HEADER_TRACK;
}

/* As compiled code does it: the barrier, and then the store. */
static void write_young(int field)
{
    if (__atomic_load_n(&old.header, __ATOMIC_RELAXED) & GW_HEADER_TRACK) gw_barrier_record(old.field, &old.field[field]);
    __atomic_store_n(&old.field[field], YOUNG_REFERENCE, __ATOMIC_RELAXED);
    has_written[field] = true;
}

/* A minor collection: what is recorded is read, and refers to old objects then. */
static void look_for_what_was_written(void)
{
    struct gw_recorded *recorded = &shared_heap.recorded;
    bool has_young = false;
    for (int i = 0; i < 2; i++) {
        if (has_written[i] && old.field[i] != YOUNG_REFERENCE) model_fail("what was written before a stop is not seen at it");
        has_young |= old.field[i] == YOUNG_REFERENCE;
    }
    if (recorded->remembered_count > 1) model_fail("an object is recorded twice");
    if (has_young && !recorded->remembered_count) model_fail("an object that refers to a young one is not recorded");
    if (!recorded->remembered_count) return;
    recorded->remembered_count = 0;
    old.header = tracked_header();
    for (int i = 0; i < 2; i++) {
        old.field[i] = OLD_REFERENCE;
        has_written[i] = false;
    }
}

static bool others_are_at_large(void)
{
    for (int t = 0; t < MODEL_THREADS; t++)
        if (t != model_me() && is_at_large[t]) return true;
    return false;
}

/* Another thread that stops the world meanwhile has its way first, in the middle of this. */
static void collect(void)
{
    for (;;) {
        inside--;
        bool stopped = gw_world_stop(&shared_heap, somewhere);
        if (inside++) model_fail("two threads are inside");
        if (stopped) break;
    }
    if (others_are_at_large()) model_fail("the world is stopped, and a thread runs");
    look_for_what_was_written();
    model_step();
    if (others_are_at_large()) model_fail("a thread runs again in a stopped world");
    gw_world_check(&shared_heap);
    inside--;
    gw_world_start(&shared_heap);
    inside++;
}

static void stop_the_world(void)
{
    come_inside();
    collect();
    open_limit(&shared_heap);
    leave();
    __atomic_store_n(&have_stopped, true, __ATOMIC_RELAXED);
}

static void refill(void)
{
    come_inside();
    open_limit(&shared_heap);
    leave();
}

/* Compiled code looks at its limit, and at a loop's end at its poll. */
static bool is_asked(void)
{
    return !__atomic_load_n(&gw_current_thread.limit, __ATOMIC_RELAXED) || __atomic_load_n(&gw_current_thread.poll, __ATOMIC_RELAXED);
}

/* Until nobody wants anything of it any more: a question that is lost keeps all waiting. */
static void run_code(void)
{
    while (!__atomic_load_n(&have_stopped, __ATOMIC_RELAXED))
        if (is_asked()) refill();
        else model_spin();
}

static void run_short_code(void)
{
    for (int turn = 0; turn < 2; turn++)
        if (is_asked()) refill();
}

static void be_outside(void)
{
    come_inside();
    inside--;
    gw_world_go_outside(&shared_heap, somewhere);
    model_step();
    gw_world_come_back(&shared_heap);
    inside++;
    leave();
}

static void attach(void)
{
    struct gw_mutator *me = &mutators[model_me()];
    gw_world_let_in(&shared_heap);
    gw_current_thread.heap = &shared_heap;
    gw_current_thread.mutator = me;
    me->thread = &gw_current_thread;
    gw_world_join(&shared_heap, me);
    open_limit(&shared_heap);
    is_at_large[model_me()] = true;
    struct gw_heap *left = &shared_heap;
    gw_heap_left(&left);
}

/* Comes in whether the world is watched or not, as gw_heap_detach does. */
static void detach(void)
{
    gw_world_enter(&shared_heap);
    is_at_large[model_me()] = false;
    if (inside++) model_fail("two threads are inside");
    gw_world_part(&shared_heap);
    inside--;
    gw_world_let_out(&shared_heap);
}

/* ---- How it begins --------------------------------------------------------------------------------------- */

#define BREAKS 3

static int attached;

static void begin(void)
{
    memset(&shared_heap, 0, sizeof shared_heap);
    memset(records, 0, sizeof records);
    memset(mutators, 0, sizeof mutators);
    memset(is_at_large, 0, sizeof is_at_large);
    inside = 0;
    have_stopped = false;
    memset(has_written, 0, sizeof has_written);
    shared_heap.recorded.remembered = remembered;
    old.header = tracked_header();
    old.field[0] = old.field[1] = OLD_REFERENCE;
    shared_heap.world.running = (unsigned)attached;
    shared_heap.world.watched = attached > 1;
    for (int t = 0; t < attached; t++) {
        records[t].heap = &shared_heap;
        records[t].mutator = &mutators[t];
        records[t].limit = &room;
        mutators[t] = (struct gw_mutator){.next = shared_heap.mutators, .thread = &records[t], .runs = true};
        shared_heap.mutators = shared_heap.mutator = &mutators[t];
        is_at_large[t] = true;
    }
}

static void end(void)
{
    if (shared_heap.world.inside.word) model_fail("somebody has left, and holds the lock");
    if (shared_heap.world.stop) model_fail("the world stays stopped");
    gw_world_check(&shared_heap);
}

/* Three threads have too many orders for stores that become visible late, and for all others. */
static void run(int of_the_start, bool patient, void (*first)(void), void (*second)(void), void (*third)(void))
{
    attached = of_the_start;
    struct model model = {.threads = third ? 3 : 2,
                          .run = {first, second, third},
                          .begin = begin,
                          .end = end,
                          .in_order = third,
                          .most_breaks = third ? BREAKS : 0,
                          .memory = {{&shared_heap.world, sizeof shared_heap.world},
                                     {&shared_heap.mutator, 2 * sizeof shared_heap.mutator},
                                     {records, sizeof records},
                                     {mutators, sizeof mutators},
                                     {&old, sizeof old},
                                     {&shared_heap.recorded.remembered_count, sizeof shared_heap.recorded.remembered_count}},
                          .patient = patient};
    struct model_result result = model_run(&model);
    cr_log_info("%lu orders, %lu states, %lu steps\n", result.orders, result.states, result.steps);
    cr_assert_null(result.fault, "%s", result.fault);
    cr_assert_gt(result.orders, 0);
}

/* ---- Orders ---------------------------------------------------------------------------------------------- */

static void code_then_detach(void)
{
    run_code();
    detach();
}

static void short_code_then_detach(void)
{
    run_short_code();
    detach();
}

static void stop_then_detach(void)
{
    stop_the_world();
    detach();
}

static void outside_then_detach(void)
{
    be_outside();
    detach();
}

static void attach_then_detach(void)
{
    attach();
    detach();
}

Test(world_orders, given_one_that_stops_and_one_that_runs_then_no_wait_needs_time)
{
    run(2, false, stop_then_detach, code_then_detach, NULL);
}

Test(world_orders, given_two_that_stop_then_each_has_its_way)
{
    run(2, false, stop_then_detach, stop_then_detach, NULL);
}

Test(world_orders, given_one_that_goes_outside_and_comes_back_then_it_runs_in_no_stopped_world)
{
    run(2, false, stop_then_detach, outside_then_detach, NULL);
}

Test(world_orders, given_three_then_two_stop_and_one_goes_outside)
{
    run(3, false, stop_then_detach, stop_then_detach, outside_then_detach);
}

static void write_and_stop(void)
{
    write_young(0);
    stop_the_world();
    detach();
}

static void write_and_run(void)
{
    write_young(1);
    if (is_asked()) refill();
    detach();
}

Test(world_orders, given_two_that_write_to_an_object_then_it_is_recorded_once_and_both_are_seen)
{
    run(2, false, write_and_stop, write_and_run, NULL);
}

/* The one place where time has to help: the lone thread's limit, opened without the lock, may overtake the question. */
Test(world_orders, given_a_lone_thread_then_a_second_one_comes_in)
{
    run(1, true, short_code_then_detach, attach_then_detach, NULL);
}

/* ---- Publishing ------------------------------------------------------------------------------------------ */

/* The memory of a new object held others before. */
enum { GARBAGE = 0x666, VALUE = 8 };
static struct {
    uint64_t header, field;
    uintptr_t published;
    unsigned lock;
} fresh;
static int order_of_publication;

static void begin_fresh(void)
{
    fresh.header = fresh.field = GARBAGE;
    fresh.published = 0;
    fresh.lock = 0;
}

static void end_fresh(void) {}

static void fill_in(void)
{
    __atomic_store_n(&fresh.header, (uintptr_t)&type, __ATOMIC_RELAXED);
    __atomic_store_n(&fresh.field, 0, __ATOMIC_RELAXED);
    __atomic_store_n(&fresh.field, VALUE, __ATOMIC_RELAXED);
}

static void publish(void)
{
    fill_in();
    __atomic_store_n(&fresh.published, (uintptr_t)&fresh, order_of_publication);
}

static void publish_under_lock(void)
{
    model_lock(&fresh.lock);
    fill_in();
    __atomic_store_n(&fresh.published, (uintptr_t)&fresh, __ATOMIC_RELAXED);
    model_unlock(&fresh.lock);
}

static void look_at_fresh(void)
{
    if (!__atomic_load_n(&fresh.published, __ATOMIC_RELAXED)) return;
    if (__atomic_load_n(&fresh.header, __ATOMIC_RELAXED) == GARBAGE) model_fail("the header of before");
    if (__atomic_load_n(&fresh.field, __ATOMIC_RELAXED) != VALUE) model_fail("the field of before");
}

static void look_under_lock(void)
{
    model_lock(&fresh.lock);
    look_at_fresh();
    model_unlock(&fresh.lock);
}

static const char *fault_of_publishing(void (*writer)(void), void (*reader)(void), bool in_order)
{
    struct model model = {.threads = 2,
                          .run = {writer, reader},
                          .begin = begin_fresh,
                          .end = end_fresh,
                          .memory = {{&fresh, sizeof fresh}},
                          .in_order = in_order};
    return model_run(&model).fault;
}

/* What docs/threads.md says of both machines. */
Test(world_orders, given_a_new_object_then_it_is_seen_filled_in_where_the_documents_say_so)
{
    order_of_publication = __ATOMIC_RELEASE;
    cr_assert_null(fault_of_publishing(publish, look_at_fresh, false));
    cr_assert_null(fault_of_publishing(publish_under_lock, look_under_lock, false));
    order_of_publication = __ATOMIC_RELAXED;
    cr_assert_not_null(fault_of_publishing(publish, look_at_fresh, false));
    cr_assert_null(fault_of_publishing(publish, look_at_fresh, true));
}
