/* Threads that share a heap, compiled by GCC: roots by markers, and a shadow stack for each. */
#include "check.h"

#include <pthread.h>

enum { THREADS = 4, ROUNDS = 3, DEPTH = 3 };

struct tree {
    struct tree GW *left, *right;
    uint64_t number;
};
GW_TYPE_FIELDS(tree, struct tree, left, right);

static struct gw_heap *heap;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static unsigned long waiting; /* threads that have done their work */

/* Of all, under the lock, and of each. */
static struct tree GW *newest;
static __thread struct tree GW *own;
GW_GLOBAL(newest);
GW_GLOBAL(own);

/* A tree whose nodes are numbered as in a binary heap that begins with `number`. */
static struct tree GW *tree_make(int depth, uint64_t number)
{
    struct tree GW *left = NULL, *right = NULL, *tree;
    if (depth > 0) {
        GW_CALL(left = tree_make(depth - 1, 2 * number));
        GW_CALL(right = tree_make(depth - 1, 2 * number + 1), left);
    }
    GW_CALL(tree = gw_new(tree), left, right);
    CHECK(tree);
    GW_STORE(tree, left, left);
    GW_STORE(tree, right, right);
    tree->number = number;
    return tree;
}

static uint64_t tree_sum(struct tree GW *tree)
{
    return tree ? tree->number + tree_sum(tree->left) + tree_sum(tree->right) : 0;
}

/* Level k has 2^k nodes, numbered from number * 2^k. */
static uint64_t sum_expected(int depth, uint64_t number)
{
    uint64_t sum = 0;
    for (int k = 0; k <= depth; k++) sum += (number << 2 * k) + ((UINT64_C(1) << k) * ((UINT64_C(1) << k) - 1)) / 2;
    return sum;
}

static void *take_lock(void *ignored)
{
    pthread_mutex_lock(&lock);
    return ignored;
}

static void *join(void *thread)
{
    pthread_join(*(pthread_t *)thread, NULL);
    return NULL;
}

/* What others left in `newest` is whole, and what this thread leaves there others hold on to. */
static void exchange(struct tree GW *kept, uint64_t number)
{
    struct tree GW *fresh, *found;
    GW_CALL(gw_outside_call(take_lock, NULL), kept);
    found = newest;
    GW_CALL(fresh = tree_make(0, number), kept, found);
    GW_STORE(fresh, left, kept);
    GW_STORE(fresh, right, found ? found->left : NULL);
    newest = fresh;
    pthread_mutex_unlock(&lock);
    GW_CALL(churn(), fresh, kept, found);
    CHECK(fresh->left == kept && (!found || fresh->right == found->left));
    if (found) CHECK(tree_sum(found->left) == sum_expected(DEPTH, found->number));
}

/* Until all are here, without a safepoint but the poll. */
static void meet(struct tree GW *kept)
{
    __atomic_add_fetch(&waiting, 1, __ATOMIC_RELAXED);
    while (__atomic_load_n(&waiting, __ATOMIC_RELAXED) % THREADS) GW_CALL(gw_poll(), kept);
    CHECK(tree_sum(kept) == sum_expected(DEPTH, kept->number));
}

/* The thread ends attached, which detaches it. */
static void *work(void *argument)
{
    uint64_t number = (uint64_t)(uintptr_t)argument;
    struct tree GW *kept = NULL, *made;
    CHECK(gw_attach(heap) == GW_OK);
    for (int round = 0; round < ROUNDS; round++) {
        GW_CALL(made = tree_make(DEPTH, number), kept);
        CHECK(!kept || tree_sum(kept) == sum_expected(DEPTH, number));
        own = kept = made;
        GW_CALL(exchange(made, number), kept);
        CHECK(own == kept && tree_sum(own) == sum_expected(DEPTH, number));
    }
    GW_CALL(meet(kept), kept);
    own = NULL;
    return NULL;
}

int main(void)
{
    pthread_t threads[THREADS];
    CHECK(gw_heap_create(NULL, &heap) == GW_OK && gw_attach(heap) == GW_OK);
    for (uintptr_t i = 0; i < THREADS; i++) CHECK(pthread_create(&threads[i], NULL, work, (void *)(i + 1)) == 0);
    for (int i = 0; i < THREADS; i++) gw_outside_call(join, &threads[i]);
    CHECK(newest && tree_sum(newest->left) == sum_expected(DEPTH, newest->number));
    puts("gcc_threads: all kept");
    return 0;
}
