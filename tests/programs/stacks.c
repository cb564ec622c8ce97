/* The stacks a program can run on. Collected code finds its references on every stack that is a thread's own, however that was made,
 * and where the program switched to another by itself it is told. */
#define _GNU_SOURCE
#include "outcome.h"
#include "switches.h"

#include <pthread.h>
#include <sys/mman.h>
#include <sys/resource.h>

#define STACK_BYTES ((size_t)1 << 20)

/* Allocates far beyond a nursery, and checks what only this frame refers to. */
__attribute__((noinline)) static void use_references(void)
{
    struct node GW *kept = node_make(1, node_make(2, NULL));
    for (int i = 0; i < 40; i++) node_make(i, NULL);
    gw_collect(GW_MINOR);
    gw_collect(GW_FULL);
    CHECK(kept->value == 1 && kept->next->value == 2);
}

/* ---- Threads --------------------------------------------------------------------------------------- */

static void *thread_body(void *unused)
{
    (void)unused;
    struct gw_heap *heap;
    CHECK(gw_heap_create(NULL, &heap) == GW_OK && gw_attach(heap) == GW_OK);
    use_references();
    CHECK(gw_detach() == GW_OK && gw_attach(heap) == GW_OK);
    use_references();
    CHECK(gw_detach() == GW_OK && gw_heap_destroy(heap) == GW_OK);
    return NULL;
}

static void run_thread(const pthread_attr_t *attributes)
{
    pthread_t thread;
    CHECK(pthread_create(&thread, attributes, thread_body, NULL) == 0);
    CHECK(pthread_join(thread, NULL) == 0);
}

static void thread(void)
{
    run_thread(NULL);
}

static void thread_on_given_memory(void)
{
    pthread_attr_t attributes;
    void *memory = mmap(NULL, STACK_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(memory != MAP_FAILED && pthread_attr_init(&attributes) == 0);
    CHECK(pthread_attr_setstack(&attributes, memory, STACK_BYTES) == 0);
    run_thread(&attributes);
}

static void *attach_and_detach(void *unused)
{
    (void)unused;
    struct gw_heap *heap;
    CHECK(gw_heap_create(NULL, &heap) == GW_OK && gw_attach(heap) == GW_OK && gw_detach() == GW_OK);
    return NULL;
}

/* To know where a stack is takes no file. */
static void without_descriptors(void)
{
    struct rlimit none = {0, 0};
    pthread_t thread;
    CHECK(setrlimit(RLIMIT_NOFILE, &none) == 0);
    start(NULL);
    CHECK(pthread_create(&thread, NULL, attach_and_detach, NULL) == 0 && pthread_join(thread, NULL) == 0);
}

static void *fork_and_collect(void *unused)
{
    int status;
    pid_t child = fork();
    if (child == 0) {
        thread_body(unused);
        _exit(0);
    }
    CHECK(waitpid(child, &status, 0) == child && status == 0);
    return NULL;
}

/* The child's only thread runs on the stack of the one that forked. */
static void child_of_a_thread(void)
{
    pthread_t thread;
    CHECK(pthread_create(&thread, NULL, fork_and_collect, NULL) == 0 && pthread_join(thread, NULL) == 0);
}

/* ---- The first thread ------------------------------------------------------------------------------ */

__attribute__((noinline)) static int64_t descend(int depth)
{
    volatile char room[4096];
    room[0] = (char)depth;
    if (depth == 0) use_references();
    return depth == 0 ? room[0] : descend(depth - 1) + room[0];
}

static void set_limit(rlim_t bytes)
{
    struct rlimit limit;
    CHECK(getrlimit(RLIMIT_STACK, &limit) == 0);
    limit.rlim_cur = limit.rlim_max < bytes ? limit.rlim_max : bytes;
    CHECK(setrlimit(RLIMIT_STACK, &limit) == 0);
}

/* The limit is raised after the heap was attached, and the stack grows beyond the old one. */
static void raised_limit(void)
{
    set_limit((rlim_t)1 << 20);
    start(NULL);
    set_limit((rlim_t)16 << 20);
    descend(600);
}

static void no_limit(void)
{
    set_limit(RLIM_INFINITY);
    start(NULL);
    descend(600);
}

static void allocate_much(void)
{
    for (int i = 0; i < 1000000; i++) node_make(i, NULL);
}

/* ---- Stacks that the runtime made ------------------------------------------------------------------- */

static void GW *collects(void GW *argument, void GW *unused)
{
    (void)unused;
    use_references();
    return argument;
}

static void *coroutine_thread(void *unused)
{
    struct gw_heap *heap;
    CHECK(gw_heap_create(NULL, &heap) == GW_OK && gw_attach(heap) == GW_OK);
    struct node GW *kept = node_make(3, NULL);
    gw_stack *stack = gw_stack_new(0, collects, kept);
    CHECK((struct node GW *)gw_stack_switch(stack, NULL) == kept && kept->value == 3);
    CHECK(gw_stack_free(stack) == GW_OK);
    return unused;
}

static void coroutine_of_a_thread(void)
{
    pthread_t thread;
    CHECK(pthread_create(&thread, NULL, coroutine_thread, NULL) == 0 && pthread_join(thread, NULL) == 0);
}

/* A switch by hand on a stack of the runtime's. */
static void GW *switches_by_hand(void GW *argument, void GW *unused)
{
    (void)unused;
    by_hand(allocate_much);
    return argument;
}

static void hand_made_on_a_coroutine(void)
{
    start(NULL);
    gw_stack_switch(gw_stack_new(0, switches_by_hand, NULL), NULL);
}

static void GW *yields_for_ever(void GW *argument, void GW *value)
{
    for (;;) value = gw_stack_yield(value);
    return argument;
}

static void switched_to_when_freed(void)
{
    start(NULL);
    gw_stack *stack = gw_stack_new(0, yields_for_ever, NULL);
    gw_stack_switch(stack, NULL);
    CHECK(gw_stack_free(stack) == GW_OK);
    gw_stack_switch(stack, NULL);
}

/* ---- Stacks of the program's own, made known --------------------------------------------------------- */

static struct node GW *found_on_context;

static void keep_on_context(void)
{
    struct node GW *own = node_make(7, node_make(8, NULL));
    use_references();
    known_back();
    CHECK(own->value == 7 && own->next->value == 8);
    use_references();
    found_on_context = own;
}

__attribute__((noinline)) static void run_known(const struct known_switches *switches)
{
    struct node GW *here = node_make(5, node_make(6, NULL));
    known_make(switches, keep_on_context);
    known_enter();
    churn();
    gw_collect(GW_FULL);
    CHECK(here->value == 5 && here->next->value == 6);
    known_enter();
    churn();
    CHECK(here->value == 5 && here->next->value == 6 && found_on_context->value == 7);
    known_free();
}

static void known_context(void)
{
    start(NULL);
    run_known(&switches_of_context);
}
static void known_by_hand(void)
{
    start(NULL);
    run_known(&switches_by_assembler);
}

static void comes_back_without_a_word(void)
{
    start(NULL);
    known_make(&switches_by_assembler, known_back_without_a_word);
    known_enter();
}

static void collect_on_what_was_left(void)
{
    known_leave();
    gw_collect(GW_MINOR);
}

static void left_and_still_run(void)
{
    start(NULL);
    known_make(&switches_by_assembler, collect_on_what_was_left);
    known_enter();
}

static void entered_by_the_wrong_switch(void)
{
    static char memory[64 << 10];
    start(NULL);
    gw_stack_switch(gw_stack_add(memory, sizeof memory), NULL);
}

/* ---- Stacks of the program's own -------------------------------------------------------------------- */

static void collect_once(void)
{
    gw_collect(GW_FULL);
}

static void step_once(void)
{
    gw_collect_step(0);
}

static void pin_one(void)
{
    gw_pin(NULL);
}

static void refer_weakly(void)
{
    gw_weak_new(NULL, GW_WEAK_SHORT);
}

static void context_allocates(void)
{
    start(NULL);
    on_context(allocate_much);
}
static void context_collects(void)
{
    start(NULL);
    on_context(collect_once);
}
static void context_steps(void)
{
    start(NULL);
    on_context(step_once);
}
static void context_pins(void)
{
    start(NULL);
    on_context(pin_one);
}
static void context_refers(void)
{
    start(NULL);
    on_context(refer_weakly);
}

static void hand_made(void)
{
    start(NULL);
    by_hand(allocate_much);
}
static void hand_made_inside(void)
{
    start(NULL);
    by_hand_inside(allocate_much);
}

/* As the first thing a thread does, before any walk has come to its stack's start. */
static void *attach_and_switch(void *unused)
{
    struct gw_heap *heap;
    CHECK(gw_heap_create(NULL, &heap) == GW_OK && gw_attach(heap) == GW_OK);
    by_hand_inside(allocate_much);
    return unused;
}

static void hand_made_inside_a_thread(void)
{
    pthread_t thread;
    CHECK(pthread_create(&thread, NULL, attach_and_switch, NULL) == 0);
    CHECK(pthread_join(thread, NULL) == 0);
}

int main(void)
{
    static const struct outcome rows[] = {
        {"a thread", thread, NULL},
        {"a thread on memory that the program gave", thread_on_given_memory, NULL},
        {"no descriptor left", without_descriptors, NULL},
        {"the child of a thread", child_of_a_thread, NULL},
        {"a limit raised afterwards", raised_limit, NULL},
        {"no limit", no_limit, NULL},
        {"a coroutine of a thread", coroutine_of_a_thread, NULL},
        {"a coroutine made by hand on one of the runtime's", hand_made_on_a_coroutine, "on another stack"},
        {"a coroutine that was freed", switched_to_when_freed, "was freed"},
        {"makecontext, made known", known_context, NULL},
        {"a stack made by hand, made known", known_by_hand, NULL},
        {"a switch without a word", comes_back_without_a_word, "without a word"},
        {"a collection on a stack that was left for good", left_and_still_run, "gw_collect on another stack"},
        {"a stack that was added, switched to as one of the runtime's", entered_by_the_wrong_switch, "is one of gw_stack_add"},
        {"makecontext, allocating", context_allocates, "on another stack"},
        {"makecontext, collecting", context_collects, "gw_collect on another stack"},
        {"makecontext, stepping", context_steps, "gw_collect_step on another stack"},
        {"makecontext, pinning", context_pins, "gw_pin on another stack"},
        {"makecontext, referring weakly", context_refers, "gw_weak_new on another stack"},
        {"a coroutine made by hand", hand_made, "on another stack"},
        {"a coroutine inside the thread's own stack", hand_made_inside, "a collection on another stack"},
        {"a coroutine inside a thread's own stack, at once", hand_made_inside_a_thread, "a collection on another stack"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) expect(&rows[i]);
}
