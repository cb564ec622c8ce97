// Coroutines that go on on whichever thread is free: what they refer to is found and moves with its objects, what is a stack's goes with
// it, and what they ask of their thread is that of the one on which they run by then. Threads come and go meanwhile.
#include "check.h"

#include <pthread.h>
#include <sched.h>

constexpr int THREADS = 3, TURNS = 60, COROUTINES = 8, STEPS = 6, DEPTH = 24;

static struct node GW *node(void GW *reference)
{
    return (struct node GW *)reference;
}

// ---- Who runs where ---------------------------------------------------------------------------------

static gw_heap *heap;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static gw_stack *waiting[COROUTINES];
static unsigned waiting_count, chance = 1;
static _Atomic(long) done, moved;
static thread_local long number;
static thread_local struct node GW *own_of_thread;

// Addresses of thread-local variables are kept by compilers as long as they are in one function.
__attribute__((noinline)) static long thread_number()
{
    return number;
}

__attribute__((noinline)) static long number_in_own_of_thread()
{
    return own_of_thread->value;
}

// One that waits, any; null: none does now.
static gw_stack *take()
{
    gw_stack *taken = nullptr;
    pthread_mutex_lock(&lock);
    if (waiting_count) {
        unsigned at = (chance = chance * 1103515245 + 12345) / 65536 % waiting_count;
        taken = waiting[at];
        waiting[at] = waiting[--waiting_count];
    }
    pthread_mutex_unlock(&lock);
    return taken;
}

// It has been left: this stack goes on.
static void put(gw_stack *stack)
{
    pthread_mutex_lock(&lock);
    waiting[waiting_count++] = stack;
    pthread_mutex_unlock(&lock);
}

// ---- What they do -----------------------------------------------------------------------------------

// Whoever comes back is on another thread, maybe.
static struct node GW *rest(struct node GW *handed)
{
    long before = thread_number();
    struct node GW *got = node(gw_stack_yield(handed));
    moved += thread_number() != before;
    CHECK(number_in_own_of_thread() == thread_number());
    return got;
}

// A variable that younger frames write to, while its own function waits.
__attribute__((noinline)) static void replace(struct node GW **place, int64_t value)
{
    *place = node_make(value, *place);
    rest(*place);
}

__attribute__((noinline)) static int64_t descend(struct node GW *above, int64_t depth)
{
    struct node GW *here = node_make(depth, above);
    if (depth % 8 == 0) rest(here);
    int64_t below = depth ? descend(here, depth - 1) : 0;
    CHECK(here->value == depth && here->next == above);
    return below + 1;
}

// Nothing here allocates: who wants to collect waits for a poll.
__attribute__((noinline)) static int64_t spin(const struct node GW *from, int64_t turns)
{
    volatile int64_t total = 0;
    for (int64_t i = 0; i < turns; i++) total = total + from->value;
    return total;
}

// What is being handled stays with the stack, whatever the threads catch that it comes to.
__attribute__((noinline)) static void handle(struct node GW *own, int64_t step)
{
    try {
        throw own->value * 100 + step;
    } catch (const int64_t &caught) {
        rest(own);
        try {
            throw;
        } catch (const int64_t &again) {
            CHECK(&again == &caught && caught == own->value * 100 + step);
        }
    }
}

static void GW *work(void GW *argument, void GW *first)
{
    struct node GW *own = node(argument), *given = node(first), *written = nullptr;
    struct node GW *array[2] = {own, node_make(own->value * 2, own)};
    gw_scope scope = gw_scope_begin();
    gw_handle kept = gw_scope_handle(own);
    for (int64_t step = 0; step < STEPS; step++) {
        struct node GW *got = rest(node_make(step, given));
        struct node GW *made = node_make(step, got);
        CHECK(got->value == -1 && made->next == got);
        replace(&written, step);
        CHECK(written->value == step && spin(array[1], 200) == 400 * own->value);
        CHECK(descend(own, DEPTH) == DEPTH + 1);
        handle(own, step);
        CHECK(array[0] == own && array[1]->next == own && node(gw_handle_get(kept)) == own);
    }
    gw_scope_end(scope);
    int64_t length = 0;
    for (struct node GW *at = written; at; at = at->next) length++;
    return node_make(own->value * 1000 + length, own);
}

static void *run_for_a_while(void *id)
{
    number = (long)id;
    CHECK(gw_attach(heap) == GW_OK);
    own_of_thread = node_make(number, nullptr);
    for (int turn = 0; turn < TURNS && done < COROUTINES; turn++) {
        gw_stack *stack = take();
        if (!stack) {
            sched_yield();
            continue;
        }
        struct node GW *got = node(gw_stack_switch(stack, node_make(-1, nullptr)));
        CHECK(got && number_in_own_of_thread() == (long)id);
        if (!gw_stack_is_done(stack)) {
            put(stack);
            continue;
        }
        CHECK(got->value == got->next->value * 1000 + STEPS && gw_stack_free(stack) == GW_OK);
        done++;
    }
    return nullptr;
}

int main()
{
    start(nullptr);
    heap = gw_current_thread.heap;
    for (int64_t i = 0; i < COROUTINES; i++) {
        waiting[i] = gw_stack_new(i % 2 ? 0 : 1 << 18, work, node_make(i, nullptr));
        CHECK(gw_stack_unbind(waiting[i]) == GW_OK);
    }
    waiting_count = COROUTINES;
    for (long id = 0; done < COROUTINES;) {
        pthread_t threads[THREADS];
        for (auto &thread : threads) pthread_create(&thread, nullptr, run_for_a_while, (void *)id++);
        for (auto &thread : threads) pthread_join(thread, nullptr);
    }
    CHECK(moved > 0);
    puts("schedulers");
}
