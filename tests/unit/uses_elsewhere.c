/* Whether a module that is about to go is in use by heaps of other threads: who is asked, when they answer, and what an answer is worth. */
#include "heap_fixture.h"

#include <pthread.h>
#include <semaphore.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* What stands for a module. */
static struct {
    struct gw_type type __attribute__((aligned(16)));
    struct {
        uint64_t header;
        struct node node;
    } constant;
    char code[64];
} made;
static const struct gw_extent extents[] = {{&made, sizeof made}};

static void prepare(void)
{
    made.type = gw_type_node;
    made.constant.header = (uintptr_t)&gw_type_node | GW_HEADER_STATIC | GW_HEADER_TRACK;
}

static bool in_use(void)
{
    return gw_module_in_use(extents, 1);
}

static bool says(const char *words)
{
    bool is = in_use();
    cr_assert(is && strstr(gw_error_text(), words), "%s", gw_error_text());
    return is;
}

/* ---- A thread that does as it is told --------------------------------------------------------------- */

typedef void task(void);

static struct {
    pthread_t thread;
    sem_t told, done;
    task *task;
    struct gw_heap *heap;
    void *root;
} other;

static void *obey(void *options)
{
    cr_assert_eq(gw_heap_create(options, &other.heap), GW_OK);
    cr_assert_eq(gw_attach(other.heap), GW_OK);
    cr_assert_eq(gw_add_roots(&other.root, 1), GW_OK);
    for (sem_post(&other.done); sem_wait(&other.told), other.task; sem_post(&other.done)) other.task();
    return NULL;
}

static void start_other(const char *text)
{
    static struct gw_options options;
    prepare();
    cr_assert_eq(gw_options_parse(text, &options), GW_OK);
    sem_init(&other.told, 0, 0);
    sem_init(&other.done, 0, 0);
    cr_assert_eq(pthread_create(&other.thread, NULL, obey, &options), 0);
    sem_wait(&other.done);
}

static void tell(task *next)
{
    other.task = next;
    sem_post(&other.told);
    sem_wait(&other.done);
}

static void end_other(void)
{
    other.task = NULL;
    sem_post(&other.told);
    cr_assert_eq(pthread_join(other.thread, NULL), 0);
}

static void allocate(void)
{
    new_node(1);
}

static void keep_object(void)
{
    other.root = gw_alloc(&made.type);
}

static void keep_code(void)
{
    other.root = new_node((uintptr_t)&made.code[5]);
}

static void keep_constant(void)
{
    other.root = &made.constant.node;
}

static void let_go(void)
{
    other.root = NULL;
    gw_collect(GW_FULL);
}

static void attach(void)
{
    cr_assert_eq(gw_attach(other.heap), GW_OK);
}

static void detach(void)
{
    cr_assert_eq(gw_detach(), GW_OK);
}

/* ---- Threads that run -------------------------------------------------------------------------------- */

static const char asked[] = "the heap of another thread has not answered yet";

static void ask_about(task *keep, const char *words)
{
    tell(keep);
    says(asked);
    says(asked); /* it waits for its thread, not for the clock */
    tell(allocate);
    says(words);
    says(asked);  /* what was said counts once */
    tell(let_go); /* answers when it has collected */
    cr_assert(!in_use(), "%s", gw_error_text());
}

Test(uses_elsewhere, given_uses_by_the_heap_of_another_thread_then_it_says_so_when_it_allocates)
{
    start_heap("verify=1");
    start_other("nursery=1m,verify=1");
    ask_about(keep_object, "in the heap of another thread the object at");
    ask_about(keep_code, "in the heap of another thread the 'node' at");
    ask_about(keep_constant, "in the heap of another thread the static object at");
    end_other();
}

Test(uses_elsewhere, given_a_thread_without_a_heap_when_it_asks_then_all_heaps_are_asked)
{
    start_other("nursery=1m");
    ask_about(keep_object, "the object at");
    end_other();
}

/* Eden is never full: without a word to the thread its slow path would not come. */
Test(uses_elsewhere, given_room_in_eden_when_a_thread_was_asked_then_its_next_allocation_answers_and_those_behind_are_fast)
{
    start_other("nursery=64m");
    says(asked);
    cr_assert_null(other.heap->mutator->thread->limit);
    tell(allocate);
    cr_assert_not_null(other.heap->mutator->thread->limit);
    cr_assert_eq(other.heap->stats.minor_collections, 0);
    cr_assert(!in_use(), "%s", gw_error_text());
    end_other();
}

static task poll_slow, collect_minor, step, ask_myself;

static void poll_slow(void)
{
    gw_poll_slow();
}

static void collect_minor(void)
{
    gw_collect(GW_MINOR);
}

static void step(void)
{
    gw_collect_step(1000000);
}

/* Of something else, which answers besides. */
static void ask_myself(void)
{
    static char elsewhere[16];
    gw_module_in_use(&(struct gw_extent){elsewhere, sizeof elsewhere}, 1);
}

Test(uses_elsewhere, given_a_question_then_every_kind_of_safepoint_answers)
{
    task *const tasks[] = {allocate, poll_slow, collect_minor, step, ask_myself};
    start_heap(NULL);
    start_other("nursery=1m");
    for (size_t i = 0; i < sizeof tasks / sizeof *tasks; i++) {
        says(asked);
        tell(tasks[i]);
        cr_assert(!in_use(), "%zu: %s", i, gw_error_text());
    }
    end_other();
}

/* What was said before the module was in use here is old by the time when it no longer is. */
Test(uses_elsewhere, given_a_use_here_then_answers_of_others_are_taken_back)
{
    start_heap("verify=1");
    start_other("nursery=1m");
    says(asked);
    tell(allocate);
    roots[0] = gw_alloc(&made.type);
    says("the module is in use: the object at");
    tell(keep_object);
    roots[0] = NULL;
    gw_collect(GW_FULL);
    says(asked);
    tell(allocate);
    says("in the heap of another thread the object at");
    tell(let_go);
    end_other();
}

static void write_constant(void)
{
    GW_STORE(&made.constant.node, left, new_node(7));
}

Test(uses_elsewhere, given_a_static_object_that_another_thread_wrote_to_then_the_module_stays_as_long_as_its_heap)
{
    start_heap("verify=1");
    start_other("nursery=1m");
    tell(write_constant);
    tell(let_go);
    says(asked);
    tell(allocate);
    says("was written to there, which is to be undone there");
    end_other();
    says("was written to there, which is to be undone there");
    cr_assert_eq(gw_heap_destroy(other.heap), GW_OK);
    cr_assert(!in_use(), "%s", gw_error_text());
}

/* ---- Heaps without a thread --------------------------------------------------------------------------- */

static void *begins(void *argument, void *value)
{
    (void)value;
    return argument;
}

static void keep_stack(void)
{
    other.root = NULL;
    gw_stack_new(0, begins, &made.constant.node);
}

Test(uses_elsewhere, given_a_heap_that_is_attached_nowhere_then_it_is_looked_into)
{
    start_heap("verify=1");
    start_other("nursery=1m");
    task *const keeps[] = {keep_object, keep_code, keep_constant, keep_stack};
    const char *const words[] = {"the object at", "the 'node' at", "the static object at", "the static object at"};
    tell(detach);
    cr_assert(!in_use(), "%s", gw_error_text());
    for (int i = 0; i < 4; i++) {
        tell(attach);
        tell(keeps[i]);
        tell(detach);
        says(words[i]);
        if (i == 3) break;
        tell(attach);
        tell(let_go);
        tell(detach);
        cr_assert(!in_use(), "%s", gw_error_text());
    }
    end_other();
    cr_assert_eq(gw_heap_destroy(other.heap), GW_OK);
    cr_assert(!in_use(), "%s", gw_error_text());
}

Test(uses_elsewhere, given_a_thread_that_ends_with_a_question_then_its_heap_is_looked_into)
{
    start_heap(NULL);
    start_other("nursery=1m");
    tell(keep_object);
    says(asked);
    end_other();
    says("in the heap of another thread the object at");
}

Test(uses_elsewhere, given_a_child_of_fork_then_heaps_of_threads_that_it_does_not_have_do_not_count)
{
    start_heap(NULL);
    start_other("nursery=1m");
    tell(keep_object);
    says(asked);
    pid_t child = fork();
    if (child == 0) _exit(in_use());
    int status;
    cr_assert_eq(waitpid(child, &status, 0), child);
    cr_assert_eq(status, 0);
    says(asked);
    end_other();
}

/* ---- Two that ask each other --------------------------------------------------------------------------- */

static void *remove_own(void *module)
{
    struct gw_options options;
    struct gw_heap *heap;
    cr_assert_eq(gw_options_parse("nursery=1m", &options), GW_OK);
    cr_assert_eq(gw_heap_create(&options, &heap), GW_OK);
    cr_assert_eq(gw_attach(heap), GW_OK);
    for (int round = 0; round < 200; round++)
        while (gw_module_in_use(&(struct gw_extent){module, 64}, 1)) new_node(1);
    cr_assert_eq(gw_detach(), GW_OK);
    cr_assert_eq(gw_heap_destroy(heap), GW_OK);
    return NULL;
}

Test(uses_elsewhere, given_threads_that_ask_each_other_then_all_come_to_an_end)
{
    static char modules[4][64];
    pthread_t threads[4];
    for (int i = 0; i < 4; i++) cr_assert_eq(pthread_create(&threads[i], NULL, remove_own, modules[i]), 0);
    for (int i = 0; i < 4; i++) cr_assert_eq(pthread_join(threads[i], NULL), 0);
}
