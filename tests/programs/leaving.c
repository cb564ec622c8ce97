/* Functions of the program that the runtime calls, and that do not return: leaving.c leaves by longjmp, thrown_out.cc, which is this text
 * as C++, by exception. Those that may leave do so several times, and the heap is as if they had returned; the others end the process in
 * words, as greywave.h says. Those that may not allocate are told when they do. */
#include "outcome.h"

/* Whether `body` was left. Holds no reference, as setjmp wants it. */
#ifdef __cplusplus
#define LEAVE() throw 1
__attribute__((noinline)) static bool left(piece *body)
{
    try {
        body();
        return false;
    } catch (int) {
        return true;
    }
}
#else
#include <setjmp.h>
static jmp_buf out;
#define LEAVE() longjmp(out, 1)
__attribute__((noinline)) static bool left(piece *body)
{
    if (setjmp(out)) return true;
    body();
    return false;
}
#endif

#define ROUNDS 3

static struct node GW *global;
static int calls;
static bool leave, allocate;

/* What each function of the program does when it is called. */
static void act(void)
{
    calls++;
    if (allocate) node_make(calls, NULL);
    if (leave) LEAVE();
}

/* The heap works: nothing is left of what was under way. */
static void still_works(void)
{
    leave = allocate = false;
    struct node GW *kept = node_make(1, node_make(2, NULL));
    for (int i = 0; i < 100; i++) node_make(i, NULL);
    gw_collect(GW_MINOR);
    gw_collect(GW_FULL);
    CHECK(kept->value == 1 && kept->next->value == 2);
    CHECK(gw_verify() == GW_OK);
}

/* ---- What may leave -------------------------------------------------------------------------------- */

static bool exhausted(void *data, size_t bytes)
{
    (void)data;
    (void)bytes;
    global = NULL;
    act();
    return false;
}

/* So large that stress does not have to collect for ever, and with little in them for checks to look at. */
struct large {
    struct large GW *next;
    char rest[320000];
};
GW_TYPE(large, struct large);

static void fill(void)
{
    struct large GW *first = NULL;
    for (;;) {
        struct large GW *more = gw_new(large);
        if (!more) return;
        more->next = first;
        first = more;
    }
}

static void handler(void)
{
    start("max-heap=8m");
    gw_set_oom_handler(exhausted, NULL);
    for (int i = 0; i < ROUNDS; i++) {
        leave = true;
        CHECK(left(fill));
        still_works();
    }
    CHECK(calls == ROUNDS);
}

static void finalize(void GW *object)
{
    (void)object;
    act();
}

static void make_ready(int count)
{
    for (int i = 0; i < count; i++) CHECK(gw_finalize(node_make(i, NULL), finalize) == GW_OK);
    gw_collect(GW_FULL);
}

static void allocate_for_finalizers(void)
{
    for (int i = 0; i < 10; i++) node_make(i, NULL);
}

static void finalizer_at_allocation(void)
{
    start(NULL);
    gw_run_finalizers_at_allocation(true);
    for (int i = 1; i <= ROUNDS; i++) {
        make_ready(5);
        leave = true;
        CHECK(left(allocate_for_finalizers));
        still_works();
        allocate_for_finalizers();
        CHECK(calls == 5 * i);
    }
}

static void run_all(void)
{
    gw_run_finalizers(SIZE_MAX, UINT64_MAX);
}

static void finalizer_by_hand(void)
{
    start(NULL);
    for (int i = 0; i < ROUNDS; i++) {
        make_ready(5);
        leave = true;
        CHECK(left(run_all));
        leave = false;
        CHECK(gw_run_finalizers(SIZE_MAX, UINT64_MAX) == 4);
        still_works();
    }
}

static int compare(const void *a, const void *b)
{
    int64_t first = (*(struct node GW *const *)a)->value, second = (*(struct node GW *const *)b)->value;
    act();
    return (first > second) - (first < second);
}

static struct node GW *sorted[50];

static void sort_all(void)
{
    gw_sort(sorted, 50, sizeof sorted[0], compare);
}

static void comparison(void)
{
    start(NULL);
    int64_t sum = 0;
    for (int i = 0; i < 50; i++) sorted[i] = node_make(i * 7 % 50, NULL);
    for (int i = 0; i < ROUNDS; i++) {
        leave = true;
        CHECK(left(sort_all));
        still_works();
    }
    allocate = true;
    sort_all();
    for (int i = 0; i < 50; i++) sum += sorted[i]->value == i;
    CHECK(sum == 50);
}

/* ---- Visitors -------------------------------------------------------------------------------------- */

static void visit_entry(void *data, void GW *key, void GW *value)
{
    (void)data;
    (void)key;
    (void)value;
    act();
}

static void visit_object(void *data, void GW *object)
{
    (void)data;
    (void)object;
    act();
}

static void visit_again(void *data, void GW *object)
{
    (void)data;
    gw_path_to(object, visit_object, NULL);
}

static struct gw_weak_map GW *map;
static void each_entry(void)
{
    gw_weak_map_each(map, visit_entry, NULL);
}
static void each_object(void)
{
    gw_heap_walk(visit_object, NULL);
}
static void each_referent(void)
{
    gw_referents(global, visit_object, NULL);
}
static void each_referrer(void)
{
    gw_referrers(global->next, visit_object, NULL);
}
static void path(void)
{
    gw_path_to(global->next, visit_object, NULL);
}
static void path_in_path(void)
{
    gw_path_to(global->next, visit_again, NULL);
}

static void (*const visits[])(void) = {each_entry, each_object, each_referent, each_referrer, path, path_in_path};

static void prepare_visits(void)
{
    start(NULL);
    global = node_make(1, node_make(2, NULL));
    map = gw_weak_map_new(GW_WEAK_KEYS);
    CHECK(map && gw_weak_map_set(map, global, global->next) == GW_OK);
}

static void visitors(void)
{
    prepare_visits();
    for (size_t i = 0; i < sizeof visits / sizeof visits[0]; i++) {
        leave = true;
        CHECK(left(visits[i]));
        CHECK(left(visits[i]));
        still_works();
        int before = calls;
        visits[i]();
        CHECK(calls > before);
    }
}

/* A thread may give its heap back although a visitor was left. */
static void detaching_after_a_visitor(void)
{
    prepare_visits();
    leave = true;
    CHECK(left(each_object));
    CHECK(gw_detach() == GW_OK);
}

static void allocating_visitor(size_t which)
{
    prepare_visits();
    allocate = true;
    visits[which]();
}

static void allocating_0(void)
{
    allocating_visitor(0);
}
static void allocating_1(void)
{
    allocating_visitor(1);
}
static void allocating_2(void)
{
    allocating_visitor(2);
}
static void allocating_3(void)
{
    allocating_visitor(3);
}
static void allocating_4(void)
{
    allocating_visitor(4);
}
static void allocating_5(void)
{
    allocating_visitor(5);
}

static void allocating_handler(void)
{
    start("max-heap=8m");
    gw_set_oom_handler(exhausted, NULL);
    allocate = true;
    fill();
}

/* ---- What must return ------------------------------------------------------------------------------ */

struct plain {
    int64_t value;
};
GW_TYPE_LEAF(plain, struct plain);
static struct gw_type type __attribute__((aligned(16)));

static void trace(void *payload, struct gw_tracer *tracer)
{
    (void)payload;
    (void)tracer;
    act();
}

static void destroy(void *payload)
{
    (void)payload;
    act();
}

static void notify(void *data)
{
    (void)data;
    act();
}

static void minor_hook(void *data, const struct gw_minor_event *event)
{
    (void)data;
    (void)event;
    act();
}

static void step_hook(void *data, const struct gw_step_event *event)
{
    (void)data;
    (void)event;
    act();
}

static void cycle_hook(void *data, const struct gw_cycle_event *event)
{
    (void)data;
    (void)event;
    act();
}

static void collect_all(void)
{
    gw_collect(GW_FULL);
}

/* Runs the collection in which the function is called; leaves its function under way, or has been told before. */
static void collect_once(void)
{
    CHECK(left(collect_all) == leave);
    for (int i = 0; i < 10; i++) node_make(i, NULL);
    CHECK(!"it was told");
}

static void prepare(bool leaving)
{
    leave = leaving;
    allocate = !leaving;
}

static void *kept;

static void run_trace(bool leaving)
{
    start(NULL);
    type = gw_type_plain;
    type.trace = trace;
    kept = gw_pin(gw_alloc(&type));
    prepare(leaving);
    collect_once();
}

static void run_destructor(bool old, bool leaving)
{
    start(NULL);
    type = gw_type_plain;
    type.destroy = destroy;
    void GW *object = gw_alloc(&type);
    if (old) gw_collect(GW_FULL);
    CHECK(((struct plain GW *)object)->value == 0);
    object = NULL;
    prepare(leaving);
    collect_once();
}

static void run_notify(bool leaving)
{
    start(NULL);
    gw_finalizer_queue *queue = gw_finalizer_queue_new(notify, NULL);
    CHECK(gw_finalize_with(queue, node_make(1, NULL)) == GW_OK);
    prepare(leaving);
    collect_once();
}

static void run_hook(struct gw_hooks hooks, bool leaving)
{
    start(NULL);
    gw_set_hooks(&hooks);
    prepare(leaving);
    collect_once();
}

static struct gw_hooks hooks_of(int which)
{
    struct gw_hooks hooks = {};
    if (which == 0) hooks.minor = minor_hook;
    if (which == 1) hooks.step = step_hook;
    if (which == 2) hooks.cycle = cycle_hook;
    return hooks;
}

static void trace_leaves(void)
{
    run_trace(true);
}
static void trace_allocates(void)
{
    run_trace(false);
}
static void young_destructor_leaves(void)
{
    run_destructor(false, true);
}
static void young_destructor_allocates(void)
{
    run_destructor(false, false);
}
static void old_destructor_leaves(void)
{
    run_destructor(true, true);
}
static void old_destructor_allocates(void)
{
    run_destructor(true, false);
}
static void notify_leaves(void)
{
    run_notify(true);
}
static void notify_allocates(void)
{
    run_notify(false);
}
static void minor_hook_leaves(void)
{
    run_hook(hooks_of(0), true);
}
static void minor_hook_allocates(void)
{
    run_hook(hooks_of(0), false);
}
static void step_hook_leaves(void)
{
    run_hook(hooks_of(1), true);
}
static void step_hook_allocates(void)
{
    run_hook(hooks_of(1), false);
}
static void cycle_hook_leaves(void)
{
    run_hook(hooks_of(2), true);
}
static void cycle_hook_allocates(void)
{
    run_hook(hooks_of(2), false);
}

/* ---- Other things a function may try ---------------------------------------------------------------- */

static void detaching_hook(void *data, const struct gw_minor_event *event)
{
    (void)data;
    (void)event;
    CHECK(gw_detach() == GW_ERROR_STATE && strstr(gw_error_text(), "a hook"));
    CHECK(gw_heap_walk(NULL, NULL) > 0 && gw_verify() == GW_OK);
    calls++;
}

static void hook_detaches(void)
{
    start(NULL);
    struct gw_hooks hooks = {};
    hooks.minor = detaching_hook;
    global = node_make(1, NULL);
    gw_set_hooks(&hooks);
    gw_collect(GW_MINOR);
    CHECK(calls > 0);
    still_works();
}

static void detach(void GW *object)
{
    (void)object;
    gw_detach();
}

static void finalizer_detaches(void)
{
    start(NULL);
    CHECK(gw_finalize(node_make(1, NULL), detach) == GW_OK);
    gw_collect(GW_FULL);
    gw_run_finalizers(1, UINT64_MAX);
}

static int compare_and_detach(const void *a, const void *b)
{
    (void)a, (void)b;
    return gw_detach() == GW_OK ? 0 : 1;
}

static void comparison_detaches(void)
{
    int numbers[] = {2, 1};
    start(NULL);
    gw_sort(numbers, 2, sizeof numbers[0], compare_and_detach);
}

/* A notify function frees all queues, its own among them, while news of the others wait. */
static gw_finalizer_queue *queues[3];

static void free_queues(void *unused)
{
    (void)unused;
    calls++;
    for (int i = 0; i < 3; i++) gw_finalizer_queue_free(queues[i]);
    memset(queues, 0, sizeof queues);
}

/* All are registered before one can die. */
__attribute__((noinline)) static void register_with_each(void)
{
    struct node GW *list = node_make(1, node_make(2, node_make(3, NULL)));
    for (int i = 0; i < 3; i++) {
        struct node GW *next = list->next;
        queues[i] = gw_finalizer_queue_new(free_queues, NULL);
        CHECK(queues[i] && gw_finalize_with(queues[i], list) == GW_OK);
        list->next = NULL; /* or they would be delivered one after the other */
        list = next;
    }
}

static void notify_frees(void)
{
    start(NULL);
    register_with_each();
    gw_collect(GW_FULL);
    CHECK(calls == 1);
    still_works();
}

/* A finalizer that registers another object and collects, for ever: each allocation returns. */
static void register_again(void GW *object)
{
    CHECK(++calls < 1000);
    CHECK(gw_finalize(node_make(((struct node GW *)object)->value + 1, NULL), register_again) == GW_OK);
    gw_collect(GW_MINOR);
}

static void finalizers_without_end(void)
{
    start(NULL);
    gw_run_finalizers_at_allocation(true);
    CHECK(gw_finalize(node_make(0, NULL), register_again) == GW_OK);
    gw_collect(GW_MINOR);
    for (int i = 0; i < 100; i++) node_make(i, NULL);
    CHECK(calls > 0);
}

/* A program that collects or steps by hand, and never fills eden, has its finalizers run. */
static void finalizers_of_a_game(void)
{
    start(NULL);
    gw_run_finalizers_at_allocation(true);
    for (int i = 0; i < 20; i++) {
        CHECK(gw_finalize(node_make(i, NULL), finalize) == GW_OK);
        for (int k = 0; k < 10; k++) node_make(k, NULL);
        gw_collect(GW_MINOR);
    }
    CHECK(calls >= 18);
}

/* An exception finds nobody to catch it, and a longjmp goes on where the runtime believes nobody to run. */
#ifdef __cplusplus
#define STACK_LEFT "an exception has left the function of a stack"
#else
#define STACK_LEFT "gw_collect on another stack"
#endif

static void GW *leave_stack(void GW *argument, void GW *value)
{
    if (!value) LEAVE();
    return argument;
}

static void switch_and_leave(void)
{
    gw_stack_switch(gw_stack_new(0, leave_stack, NULL), NULL);
}

static void stack_function_leaves(void)
{
    start(NULL);
    left(switch_and_leave);
    gw_collect(GW_MINOR);
}

int main(void)
{
    static const struct outcome rows[] = {
        {"function of a stack leaves", stack_function_leaves, STACK_LEFT},
        {"out-of-memory handler leaves", handler, NULL},
        {"finalizer at allocation leaves", finalizer_at_allocation, NULL},
        {"finalizer by hand leaves", finalizer_by_hand, NULL},
        {"comparison leaves", comparison, NULL},
        {"visitors leave", visitors, NULL},
        {"detaching after a visitor has left", detaching_after_a_visitor, NULL},
        {"trace function leaves", trace_leaves, "must return"},
        {"destructor of a young object leaves", young_destructor_leaves, "must return"},
        {"destructor of an old object leaves", old_destructor_leaves, "must return"},
        {"notify function leaves", notify_leaves, "must return"},
        {"hook of minor collections leaves", minor_hook_leaves, "must return"},
        {"hook of steps leaves", step_hook_leaves, "must return"},
        {"hook of cycles leaves", cycle_hook_leaves, "must return"},
        {"out-of-memory handler allocates", allocating_handler, "inside an out-of-memory handler"},
        {"visitor of a map allocates", allocating_0, "inside a visitor of a weak map"},
        {"visitor of the heap allocates", allocating_1, "inside a visitor"},
        {"visitor of referents allocates", allocating_2, "inside a visitor"},
        {"visitor of referrers allocates", allocating_3, "inside a visitor"},
        {"visitor of a path allocates", allocating_4, "inside a visitor"},
        {"visitor inside another allocates", allocating_5, "inside a visitor"},
        {"trace function allocates", trace_allocates, "may neither allocate nor collect"},
        {"destructor of a young object allocates", young_destructor_allocates, "may neither allocate nor collect"},
        {"destructor of an old object allocates", old_destructor_allocates, "may neither allocate nor collect"},
        {"notify function allocates", notify_allocates, "may neither allocate nor collect"},
        {"hook of minor collections allocates", minor_hook_allocates, "may neither allocate nor collect"},
        {"hook of steps allocates", step_hook_allocates, "may neither allocate nor collect"},
        {"hook of cycles allocates", cycle_hook_allocates, "may neither allocate nor collect"},
        {"hook detaches", hook_detaches, NULL},
        {"finalizer detaches", finalizer_detaches, "has detached the heap"},
        {"comparison detaches", comparison_detaches, "a comparison has detached the heap"},
        {"notify function frees queues", notify_frees, NULL},
        {"finalizers without end", finalizers_without_end, NULL},
        {"finalizers of a program that collects by hand", finalizers_of_a_game, NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) expect(&rows[i]);
}
