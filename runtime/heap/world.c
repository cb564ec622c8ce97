/* Who is inside, and who rests. Compiled without vector registers: the barrier's slow path comes here. */
#include "heap/world.h"

#include "base/report.h"
#include "os/linux/futex.h"
#include "os/linux/thread_stack.h"

/* ---- Inside ---------------------------------------------------------------------------------------- */

/* It looks whether it is called whenever it has traced a few objects or swept a block. */
static void park_marker(struct gw_marker *marker)
{
    if (!marker->exists) return;
    if (!gw_mutex_try(&marker->at_work)) {
        __atomic_add_fetch(&marker->called, 1, __ATOMIC_RELAXED);
        gw_mutex_take(&marker->at_work);
        __atomic_sub_fetch(&marker->called, 1, __ATOMIC_RELAXED);
    }
    marker->parked = true;
}

static void let_marker(struct gw_marker *marker)
{
    if (!marker->parked) return;
    bool wake = marker->offered;
    marker->parked = marker->offered = false;
    if (wake) __atomic_store_n(&marker->work, GW_MARKER_MARKS, __ATOMIC_RELAXED);
    gw_mutex_release(&marker->at_work);
    if (wake) gw_futex_wake(&marker->work, 1);
}

static void come_in(struct gw_heap *heap, struct gw_mutator *me)
{
    gw_mutex_take(&heap->world.inside);
    park_marker(&heap->marker);
    heap->mutator = me;
}

static void go_out(struct gw_heap *heap)
{
    let_marker(&heap->marker);
    gw_mutex_release(&heap->world.inside);
}

void gw_world_enter(struct gw_heap *heap)
{
    struct gw_mutator *me = gw_current_thread.mutator;
    if (me->depth++ == 0) come_in(heap, me);
}

void gw_world_enter_beside(struct gw_heap *heap)
{
    struct gw_mutator *me = gw_current_thread.mutator;
    if (me->depth++) return;
    gw_mutex_take(&heap->world.inside);
    heap->mutator = me;
}

struct gw_heap *gw_world_enter_from_outside(const char *what)
{
    struct gw_mutator *me = gw_current_thread.mutator;
    if (!me) gw_refuse_without_heap(what);
    gw_world_enter_beside(me->heap);
    return me->heap;
}

/* A door that was opened before the world was watched is closed behind nobody. */
void gw_world_leave(struct gw_heap *heap)
{
    struct gw_mutator *me = gw_current_thread.mutator;
    if (me && me->depth && --me->depth == 0) go_out(heap);
}

unsigned gw_world_step_out(struct gw_heap *heap)
{
    struct gw_mutator *me = gw_current_thread.mutator;
    unsigned depth = me->depth;
    me->depth = 0;
    if (depth) go_out(heap);
    return depth;
}

void gw_world_step_in(struct gw_heap *heap, unsigned depth)
{
    struct gw_mutator *me = gw_current_thread.mutator;
    if (!gw_world_is_watched(heap)) return;
    come_in(heap, me);
    me->depth = depth ? depth : 1;
}

/* ---- Resting --------------------------------------------------------------------------------------- */

static bool is_stopping(const struct gw_world *world)
{
    return __atomic_load_n(&world->stop, __ATOMIC_SEQ_CST);
}

/* Who stops the world writes `stop` and then reads `running`; here it is the other way round, so that one of the two sees the other. */
static void one_runs_less(struct gw_world *world)
{
    __atomic_sub_fetch(&world->running, 1, __ATOMIC_SEQ_CST);
    if (is_stopping(world)) gw_futex_wake(&world->running, 1);
}

static void rest(struct gw_heap *heap, struct gw_mutator *me, const struct gw_entry *entry)
{
    gw_thread_roots_learn(&me->thread_roots);
    me->entry = entry;
    __atomic_store_n(&me->runs, false, __ATOMIC_RELEASE);
    one_runs_less(&heap->world);
}

/* With the lock held, when this returns. */
static void come_in_when_started(struct gw_heap *heap)
{
    struct gw_world *world = &heap->world;
    for (;;) {
        gw_mutex_take(&world->inside);
        if (!is_stopping(world)) break;
        gw_mutex_release(&world->inside);
        gw_futex_wait(&world->stop, 1, 0);
    }
    park_marker(&heap->marker);
}

/* Whoever wanted this thread to rest has had that; questions (heap/questions.h) still wait for it. */
static void run_again(struct gw_heap *heap, struct gw_mutator *me)
{
    come_in_when_started(heap);
    heap->mutator = me;
    me->entry = NULL;
    me->runs = true;
    __atomic_add_fetch(&heap->world.running, 1, __ATOMIC_SEQ_CST);
    __atomic_store_n(&me->thread->poll, __atomic_load_n(&heap->asked, __ATOMIC_RELAXED), __ATOMIC_RELAXED);
    __atomic_signal_fence(__ATOMIC_SEQ_CST);
    if (gw_stop_is_requested(heap)) __atomic_store_n(&me->thread->poll, 1, __ATOMIC_RELAXED);
    gw_heap_set_limit(heap);
    if (gw_world_is_watched(heap)) {
        me->depth = 1;
        return;
    }
    me->depth = 0;
    go_out(heap);
}

void gw_world_arrive(struct gw_heap *heap, const struct gw_entry *entry)
{
    struct gw_mutator *me = gw_current_thread.mutator;
    if (me->depth++) return; /* code of the program, which the runtime calls */
    if (!is_stopping(&heap->world)) {
        come_in(heap, me);
        if (!is_stopping(&heap->world)) return;
        go_out(heap);
    }
    rest(heap, me, entry);
    run_again(heap, me);
}

void gw_world_go_outside(struct gw_heap *heap, const struct gw_entry *entry)
{
    gw_world_step_out(heap);
    rest(heap, gw_current_thread.mutator, entry);
    gw_current_thread.heap = NULL;
    gw_thread_set_limit(&gw_current_thread, NULL);
}

void gw_world_come_back(struct gw_heap *heap)
{
    gw_current_thread.heap = heap;
    run_again(heap, gw_current_thread.mutator);
}

/* ---- Stopping the others --------------------------------------------------------------------------- */

#define LOOK_AGAIN_NS UINT64_C(1000000)
#define LOOKS_A_SECOND 1000
#ifndef STOP_SPINS /* fewer in unit.world_orders, which tries all orders */
#define STOP_SPINS 2000
#endif

/* It asks again now and then: an answer may have been overtaken by what the thread wrote to its own limit before it was watched. */
static void ask_to_rest(struct gw_heap *heap, const struct gw_mutator *except)
{
    for (struct gw_mutator *other = heap->mutators; other; other = other->next) {
        if (other == except) continue;
        __atomic_store_n(&other->thread->poll, 1, __ATOMIC_RELAXED);
        gw_thread_set_limit(other->thread, NULL);
    }
}

/* Who calls may be inside another heap, whose threads call this one's: nobody waits. */
void gw_world_call_all(struct gw_heap *heap)
{
    if (!gw_mutex_try(&heap->world.inside)) return;
    ask_to_rest(heap, NULL);
    gw_mutex_release(&heap->world.inside);
}

static const struct gw_mutator *one_that_runs(const struct gw_heap *heap, const struct gw_mutator *except)
{
    const struct gw_mutator *other = heap->mutators;
    while (other && (other == except || !__atomic_load_n(&other->runs, __ATOMIC_ACQUIRE))) other = other->next;
    return other;
}

/* Once for each wait. */
static void warn_of_wait(const struct gw_heap *heap, const struct gw_mutator *except, unsigned seconds)
{
    char name[32];
    const struct gw_mutator *other = one_that_runs(heap, except);
    if (!other) return;
    gw_thread_name(other->number, name, sizeof name);
    gw_warn("other threads have waited %u s for thread %u (%s) to come to a safepoint: it blocks, or loops without polls; call what blocks "
            "through gw_outside_call, and compile loops with --polls",
            seconds, other->number, name);
}

#define DEFAULT_WARNING_S 10

static unsigned warning_after_s(const struct gw_heap *heap)
{
    return heap->options.stop_warning_s ? heap->options.stop_warning_s : DEFAULT_WARNING_S;
}

static void ask_again(struct gw_heap *heap, const struct gw_mutator *except, unsigned looks)
{
    gw_mutex_take(&heap->world.inside);
    ask_to_rest(heap, except);
    if (looks == warning_after_s(heap) * LOOKS_A_SECOND) warn_of_wait(heap, except, warning_after_s(heap));
    gw_mutex_release(&heap->world.inside);
}

/* Without the lock before and after; whoever is inside and does not rest yet needs it. */
static void wait_until_running(struct gw_heap *heap, unsigned most, const struct gw_mutator *except)
{
    struct gw_world *world = &heap->world;
    unsigned spins = 0, looks = 0, running;
    while ((running = __atomic_load_n(&world->running, __ATOMIC_SEQ_CST)) > most) {
        if (++spins < STOP_SPINS) {
            gw_spin();
            continue;
        }
        gw_futex_wait(&world->running, running, LOOK_AGAIN_NS);
        ask_again(heap, except, ++looks);
    }
}

static void stop_others(struct gw_heap *heap, const struct gw_mutator *me, unsigned most)
{
    struct gw_world *world = &heap->world;
    __atomic_store_n(&world->stop, 1, __ATOMIC_SEQ_CST);
    ask_to_rest(heap, me);
    go_out(heap);
    wait_until_running(heap, most, me);
    gw_mutex_take(&world->inside);
    park_marker(&heap->marker);
}

static void start_others(struct gw_world *world)
{
    __atomic_store_n(&world->stop, 0, __ATOMIC_SEQ_CST);
    gw_futex_wake(&world->stop, ~0u >> 1);
}

/* From inside, in the middle of a door. */
static void let_others(struct gw_heap *heap, struct gw_mutator *me, const struct gw_entry *entry)
{
    unsigned depth = gw_world_step_out(heap);
    rest(heap, me, entry);
    run_again(heap, me);
    if (me->depth && depth) me->depth = depth;
}

void gw_world_let_stop(struct gw_heap *heap, const struct gw_entry *entry)
{
    bool wanted = gw_world_is_watched(heap) && is_stopping(&heap->world) && heap->world.stopper != heap->mutator;
    if (gw_unlikely(wanted)) let_others(heap, heap->mutator, entry);
}

bool gw_world_stop(struct gw_heap *heap, const struct gw_entry *entry)
{
    struct gw_world *world = &heap->world;
    struct gw_mutator *me = heap->mutator;
    bool watched = gw_world_is_watched(heap), alone = heap->marker.exists && !gw_world_is_shared(heap);
    if (world->stopper != me && watched && is_stopping(world)) {
        let_others(heap, me, entry);
        return false;
    }
    if (world->stopper == me) {
        world->stops++;
        return true;
    }
    world->stopper = me;
    world->stops = 1;
    world->others_rest = watched && !alone;
    if (world->others_rest) stop_others(heap, me, 1);
    heap->mutator = me;
    return true;
}

/* Alone, a thread needs no lock: the next one to attach asks it to rest first. */
static void stop_watching(struct gw_heap *heap)
{
    heap->mutator->depth = 0;
    __atomic_store_n(&heap->world.watched, false, __ATOMIC_RELAXED);
    go_out(heap);
}

void gw_world_start(struct gw_heap *heap)
{
    struct gw_world *world = &heap->world;
    if (world->stopper != heap->mutator || --world->stops) return;
    world->stopper = NULL;
    if (!world->others_rest) return;
    world->others_rest = false;
    start_others(world);
    if (!gw_world_is_shared(heap) && !heap->marker.exists) stop_watching(heap);
}

bool gw_world_is_stopped(const struct gw_heap *heap)
{
    return heap->world.stopper == heap->mutator;
}

void gw_refuse_while_shared(const struct gw_heap *heap, const char *function)
{
    if (gw_world_is_shared(heap) && !gw_world_is_stopped(heap))
        gw_fatal("%s: other threads are attached to this heap and may be changing it; call it in a function that gw_stopped_call runs",
                 function);
}

/* ---- Threads that come and go ---------------------------------------------------------------------- */

static void begin_to_watch(struct gw_heap *heap)
{
    __atomic_store_n(&heap->world.watched, true, __ATOMIC_RELAXED);
    stop_others(heap, NULL, 0);
    struct gw_mutator *first = heap->mutators;
    heap->account.end = heap->cycle.assist_at = NULL; /* in the piece of a lone thread */
    if (first) gw_nursery_shorten_piece(&heap->nursery, &first->piece, first->thread->alloc, gw_heap_piece_bytes(heap));
    start_others(&heap->world);
}

void gw_world_let_in(struct gw_heap *heap)
{
    come_in_when_started(heap);
    bool second = heap->mutators && !heap->mutators->next;
    if (second && (heap->marker.exists || !gw_world_is_watched(heap))) begin_to_watch(heap);
}

void gw_world_join(struct gw_heap *heap, struct gw_mutator *mutator)
{
    mutator->next = heap->mutators;
    heap->mutators = heap->mutator = mutator;
    mutator->runs = true;
    __atomic_add_fetch(&heap->world.running, 1, __ATOMIC_SEQ_CST);
    mutator->depth = gw_world_is_watched(heap);
    if (!mutator->depth) go_out(heap);
}

struct gw_mutator *gw_world_part(struct gw_heap *heap)
{
    struct gw_mutator *me = gw_current_thread.mutator, **link = &heap->mutators;
    while (*link != me) link = &(*link)->next;
    *link = me->next;
    me->runs = false;
    me->depth = 0;
    if (heap->mutators) heap->mutator = heap->mutators;
    one_runs_less(&heap->world);
    return me;
}

void gw_world_let_out(struct gw_heap *heap)
{
    go_out(heap);
}

/* ---- Forks ----------------------------------------------------------------------------------------- */

void gw_world_hold_for_fork(struct gw_heap *heap)
{
    if (!gw_current_thread.mutator->depth) come_in(heap, gw_current_thread.mutator);
}

void gw_world_release_after_fork(struct gw_heap *heap)
{
    if (!gw_current_thread.mutator->depth) go_out(heap);
}

/* Objects of the other threads that this one refers to are in the lists of what was filled, or in pieces: those stay as they are, unread by
 * whoever walks through eden, for an object may have been in the making. */
static void drop(struct gw_heap *heap, struct gw_mutator *other)
{
    heap->nursery.given_bytes -= gw_piece_bytes(other->piece);
    heap->nursery.filled_bytes += gw_piece_bytes(other->piece);
    heap->nursery.given_count -= other->piece.from != NULL;
    other->piece = (struct gw_piece){0};
    gw_stacks_thread_is_gone(&heap->stacks, &other->stacks, other->thread);
    other->thread = NULL;
    other->runs = false;
    other->depth = 0;
    other->next = heap->idle;
    heap->idle = other;
}

void gw_world_survive_fork(struct gw_heap *heap)
{
    struct gw_world *world = &heap->world;
    struct gw_mutator *me = gw_current_thread.mutator;
    for (struct gw_mutator *other = heap->mutators, *next; other; other = next) {
        next = other->next;
        if (other != me) drop(heap, other);
    }
    me->next = NULL;
    me->depth = 0;
    heap->mutators = heap->mutator = me;
    heap->marker = (struct gw_marker){0};
    heap->world = (struct gw_world){.running = 1, .attached = 1, .stopper = world->stopper == me ? me : NULL, .stops = world->stops};
}

void gw_world_note_left_by_fork(struct gw_heap *heap)
{
    heap->left_by_fork |= heap->world.attached != 0;
    if (heap->left_by_fork) return;
    heap->marker = (struct gw_marker){0};
    heap->world.watched = false;
}

/* ---- Checking -------------------------------------------------------------------------------------- */

void gw_world_check(const struct gw_heap *heap)
{
    const struct gw_world *world = &heap->world;
    unsigned running = 0;
    for (const struct gw_mutator *mutator = heap->mutators; mutator; mutator = mutator->next) {
        running += mutator->runs;
        if (!mutator->runs && !mutator->entry) gw_fatal("threads: one rests, and nobody knows where its frames begin");
        if (mutator != heap->mutator && mutator->depth > 1) gw_fatal("threads: two are inside the runtime");
    }
    if (heap->marker.exists && heap->mutators && !heap->marker.parked)
        gw_fatal("threads: one is inside the runtime, and the marker is not parked");
    if (world->stopper && world->others_rest && running != 1) gw_fatal("threads: the world is stopped, and %u run", running);
}
