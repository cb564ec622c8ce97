/* Work that threads divide, in C:
 *
 *   trees         each builds trees of depth 12, counts their nodes and drops them: nothing is shared but the heap
 *   queue         half of the threads put messages into a ring under a lock, the others take them out; one thread does both
 *   map           a hash map that all share, a lock for each of 64 parts: entries are replaced, found and removed
 *   short-lived   as many threads at a time as asked for, each of which builds a list and ends
 *   blocked       one thread builds the trees, the others wait in read
 *
 *   (nothing)        Greywave
 *   -DCONTEST_MALLOC  malloc and free, whoever provides them
 *   -DCONTEST_BOEHM   the Boehm collector, with its threads' own free lists and its markers, as many as it likes
 *
 * Arguments: the work, threads, and how much in hundredths. Prints nanoseconds of all of it; ends with 1 when what was built is not what
 * was found.
 */
#include "../contest/memory_version.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#if defined(CONTEST_MALLOC)
#define GW
#define MAKE(type) calloc(1, sizeof(struct type))
#define release(object) free(object)
static void start(void) {}
static void join_heap(void) {}
#elif defined(CONTEST_BOEHM)
#define GW
#define MAKE(type) GC_MALLOC(sizeof(struct type))
#define release(object) ((void)(object))
static void start(void)
{
    GC_INIT();
}
static void join_heap(void) {}
#else
#define MAKE(type) gw_new(type)
#define release(object) ((void)(object))
static struct gw_heap *heap;
static void fail(void)
{
    fprintf(stderr, "%s\n", gw_error_text());
    exit(2);
}
static void start(void)
{
    if (gw_init(NULL) != GW_OK) fail();
    heap = gw_current_thread.heap;
}
static void join_heap(void)
{
    if (gw_attach(heap) != GW_OK) fail();
}
#endif

enum { MOST_THREADS = 64, DEPTH = 12, RING = 1024, PARTS = 64, CHAINS = 64, KEYS = 200000, LIST = 1000 };

struct node {
    struct node GW *left, *right;
};
struct message {
    uint64_t number;
    char text[56];
};
struct entry {
    struct entry GW *next;
    uint64_t key, value;
};
#if !defined(CONTEST_MALLOC) && !defined(CONTEST_BOEHM)
GW_TYPE(node, struct node);
GW_TYPE_LEAF(message, struct message);
GW_TYPE(entry, struct entry);
#endif

static long threads, size;
static _Atomic uint64_t found; /* by all threads: what a work checks at its end */

_Noreturn static void exhausted(void)
{
    fputs("out of memory\n", stderr);
    exit(3);
}

/* Of `all`, what this thread does. */
static long share(long all, long thread, long count)
{
    return all / count + (thread < all % count);
}

/* ---- Trees ------------------------------------------------------------------------------------------ */

static struct node GW *tree(int depth)
{
    struct node GW *node = MAKE(node);
    if (!node) exhausted();
    if (depth == 0) return node;
    node->left = tree(depth - 1);
    node->right = tree(depth - 1);
    return node;
}

static uint64_t take_apart(struct node GW *node)
{
    uint64_t count = node ? 1 + take_apart(node->left) + take_apart(node->right) : 0;
    release(node);
    return count;
}

static void build_trees(long count)
{
    for (long i = 0; i < count; i++) found += take_apart(tree(DEPTH));
}

static long trees_in_all(void)
{
    return 20 * size;
}

static void do_trees(long thread)
{
    build_trees(share(trees_in_all(), thread, threads));
}

static uint64_t expect_trees(void)
{
    return (uint64_t)trees_in_all() * ((1u << (DEPTH + 1)) - 1);
}

/* ---- Queue ------------------------------------------------------------------------------------------ */

static struct message GW *ring[RING];
static long put, taken; /* guarded, like the ring */
static pthread_mutex_t ring_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t ring_changed = PTHREAD_COND_INITIALIZER;

static long messages_in_all(void)
{
    return 20000 * size;
}

static void put_message(uint64_t number)
{
    struct message GW *message = MAKE(message);
    if (!message) exhausted();
    message->number = number;
    message->text[0] = 'm';
    pthread_mutex_lock(&ring_lock);
    while (put - taken == RING) pthread_cond_wait(&ring_changed, &ring_lock);
    ring[put++ % RING] = message;
    if (put - taken == 1) pthread_cond_broadcast(&ring_changed);
    pthread_mutex_unlock(&ring_lock);
}

static void take_message(void)
{
    pthread_mutex_lock(&ring_lock);
    while (put == taken) pthread_cond_wait(&ring_changed, &ring_lock);
    long at = taken++ % RING;
    struct message GW *message = ring[at];
    ring[at] = NULL;
    if (put - taken == RING - 1) pthread_cond_broadcast(&ring_changed);
    pthread_mutex_unlock(&ring_lock);
    found += message->number;
    release(message);
}

static void do_queue(long thread)
{
    long producers = threads / 2, consumers = threads - producers;
    long count = threads == 1 ? messages_in_all()
                 : thread % 2 ? share(messages_in_all(), thread / 2, producers)
                              : share(messages_in_all(), thread / 2, consumers);
    for (long i = 0; i < count; i++) {
        if (threads == 1 || thread % 2) put_message(3);
        if (thread % 2 == 0) take_message();
    }
}

static uint64_t expect_queue(void)
{
    return 3 * (uint64_t)messages_in_all();
}

/* ---- Map -------------------------------------------------------------------------------------------- */

static struct entry GW *chains[PARTS * CHAINS * 32];
static pthread_mutex_t part_locks[PARTS];

static uint64_t next_number(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    return *state ^= *state << 17;
}

static struct entry GW *without(struct entry GW *chain, uint64_t key)
{
    if (!chain) return NULL;
    if (chain->key != key) {
        chain->next = without(chain->next, key);
        return chain;
    }
    struct entry GW *rest = chain->next;
    release(chain);
    return rest;
}

static struct entry GW *with(struct entry GW *chain, uint64_t key)
{
    struct entry GW *entry = MAKE(entry);
    if (!entry) exhausted();
    entry->key = key;
    entry->value = key * 3;
    entry->next = without(chain, key);
    return entry;
}

static void look_for(const struct entry GW *entry, uint64_t key)
{
    while (entry && entry->key != key) entry = entry->next;
    if (entry && entry->value != key * 3) fputs("map: another value\n", stderr), exit(1);
}

static void use_map(uint64_t number)
{
    uint64_t key = number % KEYS, at = key % (sizeof chains / sizeof *chains);
    pthread_mutex_t *lock = &part_locks[at % PARTS];
    pthread_mutex_lock(lock);
    switch (number / KEYS % 8) {
    case 0: chains[at] = without(chains[at], key); break;
    case 1:
    case 2:
    case 3: chains[at] = with(chains[at], key); break;
    default: look_for(chains[at], key);
    }
    pthread_mutex_unlock(lock);
}

static long uses_in_all(void)
{
    return 40000 * size;
}

static void do_map(long thread)
{
    uint64_t state = 88172645463325252u + (uint64_t)thread * 7919;
    long count = share(uses_in_all(), thread, threads);
    for (long i = 0; i < count; i++) use_map(next_number(&state) >> 8);
    found += (uint64_t)count;
}

static uint64_t expect_map(void)
{
    return (uint64_t)uses_in_all();
}

/* ---- Threads that end ------------------------------------------------------------------------------- */

static void *live_shortly(void *unused)
{
    struct node GW *list = NULL;
    join_heap();
    for (int i = 0; i < LIST; i++) {
        struct node GW *node = MAKE(node);
        if (!node) exhausted();
        node->left = list;
        list = node;
    }
    found += take_apart(list);
    return unused;
}

static long lives_in_all(void)
{
    return 40 * size;
}

static void do_short_lived(long thread)
{
    for (long n = share(lives_in_all(), thread, threads); n > 0; n--) {
        pthread_t child;
        if (pthread_create(&child, NULL, live_shortly, NULL)) exhausted();
        pthread_join(child, NULL);
    }
}

static uint64_t expect_short_lived(void)
{
    return (uint64_t)lives_in_all() * LIST;
}

/* ---- Threads that wait ------------------------------------------------------------------------------ */

static int ends[2];

static void do_blocked(long thread)
{
    char byte[1];
    if (thread) {
        while (read(ends[0], byte, 1) > 0) continue;
    } else {
        build_trees(trees_in_all());
        close(ends[1]);
    }
}

/* ---- The whole -------------------------------------------------------------------------------------- */

static const struct work {
    const char *name;
    void (*run)(long thread);
    uint64_t (*expect)(void);
} works[] = {{"trees", do_trees, expect_trees},
             {"queue", do_queue, expect_queue},
             {"map", do_map, expect_map},
             {"short-lived", do_short_lived, expect_short_lived},
             {"blocked", do_blocked, expect_trees}};

static const struct work *work;

static void *run_thread(void *number)
{
    join_heap();
    work->run((long)number);
    return NULL;
}

static void run_all(void)
{
    pthread_t others[MOST_THREADS];
    for (long i = 1; i < threads; i++)
        if (pthread_create(&others[i], NULL, run_thread, (void *)i)) exhausted();
    work->run(0);
    for (long i = 1; i < threads; i++) pthread_join(others[i], NULL);
}

static uint64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static bool read_arguments(int argc, char **argv)
{
    if (argc != 4) return false;
    for (size_t i = 0; i < sizeof works / sizeof *works; i++)
        if (strcmp(argv[1], works[i].name) == 0) work = &works[i];
    threads = atol(argv[2]);
    size = atol(argv[3]);
    return work && threads > 0 && threads <= MOST_THREADS && size > 0;
}

int main(int argc, char **argv)
{
    if (!read_arguments(argc, argv) || pipe(ends)) return 2;
    for (int i = 0; i < PARTS; i++) pthread_mutex_init(&part_locks[i], NULL);
    start();
    uint64_t began = now_ns();
    run_all();
    uint64_t total = now_ns() - began;
    if (found != work->expect()) {
        fprintf(stderr, "%s: %" PRIu64 " found, %" PRIu64 " expected\n", work->name, found, work->expect());
        return 1;
    }
    print_version();
    printf("total %" PRIu64 "\n", total);
    return 0;
}
