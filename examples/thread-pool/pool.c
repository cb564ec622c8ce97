/* A pool of threads over one heap: tasks go into a queue under a lock, workers take them out, and results come back through an atomic word
 * of each task. Tasks and results are collected objects; nobody frees anything, and any thread may collect while the others work or wait.
 *
 *     gwcc -O2 -pthread pool.c -o pool && ./pool
 *
 * -pthread gives loops polls, and calls what waits (pthread_cond_wait, pthread_join) so that a waiting thread keeps nobody from collecting.
 */
#include <greywave/greywave.h>

#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

enum { WORKERS = 4, TASKS = 2000 };

struct tree {
    struct tree GW *left, *right;
};
GW_TYPE(tree, struct tree);

/* What a worker hands back. */
struct result {
    struct tree GW *built;
    long nodes;
};
GW_TYPE(result, struct result);

struct task {
    struct task GW *next;
    _Atomic(struct result GW *) result; /* null until it is done; whoever reads it sees all that the worker stored before */
    long depth;
};
GW_TYPE(task, struct task);

/* Guarded by the lock; roots of the heap, like all variables. */
static struct task GW *first, *last;
static bool closed;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;

static void put(struct task GW *task)
{
    pthread_mutex_lock(&lock);
    if (last) last->next = task;
    else first = task;
    last = task;
    pthread_cond_signal(&changed);
    pthread_mutex_unlock(&lock);
}

/* NULL when there will be no more. */
static struct task GW *take(void)
{
    pthread_mutex_lock(&lock);
    while (!first && !closed) pthread_cond_wait(&changed, &lock);
    struct task GW *task = first;
    if (task) first = task->next;
    if (!first) last = NULL;
    pthread_mutex_unlock(&lock);
    return task;
}

static void close_queue(void)
{
    pthread_mutex_lock(&lock);
    closed = true;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
}

static struct tree GW *build(long depth)
{
    struct tree GW *tree = gw_new(tree);
    if (!tree) exit(3);
    if (depth == 0) return tree;
    tree->left = build(depth - 1);
    tree->right = build(depth - 1);
    return tree;
}

static long count(const struct tree GW *tree)
{
    return tree ? 1 + count(tree->left) + count(tree->right) : 0;
}

static void do_task(struct task GW *task)
{
    struct result GW *result = gw_new(result);
    if (!result) exit(3);
    result->built = build(task->depth);
    result->nodes = count(result->built);
    __c11_atomic_store(&task->result, result, __ATOMIC_RELEASE); /* published: from here on others may look into it */
}

/* Its end detaches the thread. */
static void *work(void *heap)
{
    if (gw_attach(heap) != GW_OK) {
        fprintf(stderr, "%s\n", gw_error_text());
        exit(2);
    }
    for (struct task GW *task = take(); task; task = take()) do_task(task);
    return NULL;
}

/* Tasks that the workers have not come to yet are counted by a second round. */
static long add_up(struct task GW *tasks[TASKS])
{
    long nodes = 0;
    for (int i = 0; i < TASKS; i++) {
        struct result GW *result = __c11_atomic_load(&tasks[i]->result, __ATOMIC_ACQUIRE);
        if (result) nodes += result->nodes == count(result->built) ? result->nodes : -1000000;
    }
    return nodes;
}

int main(void)
{
    static struct task GW *tasks[TASKS];
    pthread_t workers[WORKERS];
    if (gw_init(NULL) != GW_OK) return fprintf(stderr, "%s\n", gw_error_text()), 2;
    for (int i = 0; i < WORKERS; i++)
        if (pthread_create(&workers[i], NULL, work, gw_current_thread.heap)) return 2;
    for (int i = 0; i < TASKS; i++) {
        struct task GW *task = tasks[i] = gw_new(task);
        if (!task) return 3;
        task->depth = i % 8;
        put(task);
    }
    long early = add_up(tasks); /* while the workers work */
    close_queue();
    for (int i = 0; i < WORKERS; i++) pthread_join(workers[i], NULL);
    long nodes = add_up(tasks);
    printf("%d tasks, %ld nodes%s\n", TASKS, nodes, early >= 0 && early <= nodes ? "" : ", and some were lost meanwhile");
    return nodes == 0;
}
