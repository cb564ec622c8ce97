/* Threads that work on one heap: trees, large arrays that are written to, thread-local roots, loops that only poll, deep stacks, and
 * objects that pass from hand to hand through globals, under a lock and without one; stops that it asks for. Prints the same however the
 * threads are interleaved.
 */
#include <greywave/greywave.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#define THREADS 2
#define ROUNDS 3
#define DEPTH 5
#define LENGTH 300 /* of an array with cards */
#define SLOTS 16

struct node {
    struct node GW *left, *right;
    long number;
};
GW_TYPE(node, struct node);

struct table {
    uint64_t length;
    struct node GW *at[];
};
GW_TYPE_ARRAY(table, struct table, length, at);

struct box {
    struct node GW *node;
};
GW_TYPE(box, struct box);

static struct gw_heap *heap;
static struct box GW *boxes[SLOTS];       /* guarded by the lock */
static _Atomic(struct node GW *) passed;  /* by anybody to anybody */
static _Thread_local struct node GW *own; /* a root of each thread */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static _Atomic long wrong, started, stops;

#define CHECK(condition) (wrong += !(condition))

static struct node GW *tree(int depth, long number)
{
    struct node GW *made = gw_new(node);
    made->number = number;
    if (depth == 0) return made;
    made->left = tree(depth - 1, 2 * number);
    made->right = tree(depth - 1, 2 * number + 1);
    return made;
}

static long sum(const struct node GW *node)
{
    return node ? node->number + sum(node->left) + sum(node->right) : 0;
}

/* Of the tree with `number` at its root: each level begins at twice the number of the one above. */
static long sum_of_tree(int depth, long number)
{
    long total = 0;
    for (int level = 0; level <= depth; level++) {
        long count = 1L << level;
        total += count * (number << level) + count * (count - 1) / 2;
    }
    return total;
}

static void *take_lock(void *unused)
{
    pthread_mutex_lock(&lock);
    return unused;
}

/* A box is replaced, and its number counts how often. */
static void count_in_box(long at)
{
    gw_outside_call(take_lock, NULL);
    struct box GW *box = boxes[at];
    if (!box) box = boxes[at] = gw_new(box);
    struct node GW *next = gw_new(node);
    next->number = box->node ? box->node->number + 1 : 1;
    box->node = next;
    pthread_mutex_unlock(&lock);
}

/* What somebody has passed is whole, whoever it was. */
static void pass_on(long number)
{
    struct node GW *mine = tree(3, number);
    struct node GW *taken = __c11_atomic_exchange(&passed, mine, __ATOMIC_SEQ_CST);
    if (taken) CHECK(sum(taken) == sum_of_tree(3, taken->number));
}

/* A frame for each, and each holds an object. */
__attribute__((noinline)) static long go_deep(int depth, struct node GW *above)
{
    struct node GW *here = gw_new(node);
    here->number = depth;
    here->left = above;
    long below = depth ? go_deep(depth - 1, here) : 0;
    CHECK(here->number == depth && here->left == above);
    return below + here->number;
}

/* Nothing here allocates: who wants to collect waits for a poll. */
__attribute__((noinline)) static long spin(const struct node GW *node, long turns)
{
    volatile long total = 0;
    for (long i = 0; i < turns; i++) total = total + node->number;
    return total;
}

/* ---- Stops that the program asks for */

static void ask(int signal)
{
    (void)signal;
    gw_request_stop(heap);
}

static void note_stop(void *count)
{
    ++*(_Atomic long *)count;
}

/* Nothing here allocates either. */
__attribute__((noinline)) static void wait_for_stop(void)
{
    long before = stops;
    raise(SIGUSR1);
    while (stops == before) continue;
}

static void count_tables(void *count, void GW *object)
{
    *(long *)count += gw_is(object, table);
}

static void *count_all_tables(void *count)
{
    gw_heap_walk(count_tables, count);
    return count;
}

/* Each thread has one, and goes on with it behind the call. */
static void look_at_all(struct table GW *table)
{
    long tables = 0;
    table->at[0] = NULL;
    CHECK(gw_stopped_call(count_all_tables, &tables) == &tables && tables >= 1);
    CHECK(table->length == LENGTH && !table->at[0]);
}

static void work(long id)
{
    struct table GW *table = gw_new_array(table, LENGTH);
    struct node GW *kept = NULL;
    own = gw_new(node);
    own->number = id;
    started++;
    for (long round = 0; round < ROUNDS; round++) {
        CHECK(sum(tree(DEPTH, id + round)) == sum_of_tree(DEPTH, id + round));
        for (long i = round; i < LENGTH; i += 5) {
            struct node GW *element = gw_new(node);
            element->number = i;
            table->at[i] = element;
        }
        struct node GW *link = gw_new(node);
        link->number = round;
        link->left = kept;
        kept = link;
        count_in_box((id * 5 + round) % SLOTS);
        pass_on(id * 100 + round);
        CHECK(go_deep(60, own) == 60 * 61 / 2);
        CHECK(spin(kept, 3000) == 3000 * round);
        wait_for_stop();
    }
    for (long i = 0; i < LENGTH; i++) CHECK(i % 5 < ROUNDS ? table->at[i]->number == i : !table->at[i]);
    CHECK(sum(kept) == ROUNDS * (ROUNDS - 1) / 2 && own->number == id);
    look_at_all(table);
}

static void *thread(void *id)
{
    if (gw_attach(heap) != GW_OK) {
        fprintf(stderr, "%s\n", gw_error_text());
        exit(2);
    }
    work((long)id);
    return NULL;
}

static void *join(void *thread)
{
    pthread_join(*(pthread_t *)thread, NULL);
    return NULL;
}

struct beginning {
    pthread_t threads[THREADS];
};

int main(void)
{
    struct beginning beginning;
    struct gw_options options;
    const char *text = getenv("GREYWAVE");
    if (gw_options_parse(text ? text : "", &options) != GW_OK || gw_heap_create(&options, &heap) != GW_OK || gw_attach(heap) != GW_OK) {
        fprintf(stderr, "%s\n", gw_error_text());
        return 2;
    }
    signal(SIGUSR1, ask);
    gw_set_stop_handler(note_stop, (void *)&stops);
    for (long i = 0; i < THREADS; i++) pthread_create(&beginning.threads[i], NULL, thread, (void *)(i + 1));
    work(0);
    for (int i = 0; i < THREADS; i++) gw_outside_call(join, &beginning.threads[i]);
    long counted = 0;
    for (int i = 0; i < SLOTS; i++) counted += boxes[i] ? boxes[i]->node->number : 0;
    passed = NULL;
    gw_collect(GW_FULL);
    printf("%ld threads, %ld counted, %ld wrong\n", started, counted, wrong);
    return gw_detach() != GW_OK || gw_heap_destroy(heap) != GW_OK || wrong;
}
