/* Every door of the runtime, by several threads at once on one heap, in any order.
 *
 * What comes out of a door is compared with what the thread put in: each has weak references, ephemerons, maps, pins, hashes, finalizers,
 * handles, scopes and stacks of its own, over objects that it keeps; other stacks they pass to each other. Whether the doors bear each
 * other is what this is about: the graphs are random_heap's and random_life's.
 *
 *     random_doors [--seed N] [--actions N] [--threads N] [--options TEXT]
 */
#include <greywave/greywave.h>

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST_THREADS 16
#define KEPT 32

struct node {
    struct node *next;
    uint64_t id;
};
GW_TYPE_FIELDS(node, struct node, next);

/* What a thread keeps of one object, in registered words but for numbers. */
struct kept {
    uint64_t id, hash;
    bool pinned, finalizes;
};

struct worker {
    pthread_t thread;
    struct gw_heap *heap;
    uint64_t seed, state, actions, action;
    struct kept kept[KEPT];
    void *words[3 * KEPT + 1]; /* registered: objects, weak references, ephemerons, and a map */
    gw_handle handle;
    uint64_t next_id, finalizable;
};

static _Atomic uint64_t finalized;

#define FAIL(...)                                                                                                                          \
    do {                                                                                                                                   \
        fprintf(stderr, "random_doors: seed %lu, action %lu: ", (unsigned long)worker->seed, (unsigned long)worker->action);               \
        fprintf(stderr, __VA_ARGS__);                                                                                                      \
        fputc('\n', stderr);                                                                                                               \
        abort();                                                                                                                           \
    } while (0)
#define CHECK(condition)                                                                                                                   \
    do {                                                                                                                                   \
        if (!(condition)) FAIL("%s", #condition);                                                                                          \
    } while (0)

static size_t below(struct worker *worker, size_t n) /* xorshift64*, Vigna 2016 */
{
    worker->state ^= worker->state >> 12;
    worker->state ^= worker->state << 25;
    worker->state ^= worker->state >> 27;
    return (size_t)((worker->state * UINT64_C(2685821657736338717) >> 33) % n);
}

#define OBJECT(i) worker->words[i]
#define WEAK(i) worker->words[KEPT + (i)]
#define EPHEMERON(i) worker->words[2 * KEPT + (i)]
#define MAP worker->words[3 * KEPT]

static uint64_t id_of(const void *object)
{
    return ((const struct node *)object)->id;
}

static struct node *new_node(struct worker *worker)
{
    struct node *node = gw_new(node);
    if (!node) FAIL("%s", gw_error_text());
    node->id = ++worker->next_id;
    return node;
}

static void finalize(void *object)
{
    finalized += id_of(object) != 0;
}

/* ---- One door each --------------------------------------------------------------------------------- */

static void replace(struct worker *worker, size_t i)
{
    if (worker->kept[i].pinned) CHECK(gw_unpin(OBJECT(i)) == GW_OK);
    OBJECT(i) = WEAK(i) = EPHEMERON(i) = NULL;
    OBJECT(i) = new_node(worker);
    worker->kept[i] = (struct kept){.id = worker->next_id};
}

static void take_weak(struct worker *worker, size_t i)
{
    WEAK(i) = gw_weak_new(OBJECT(i), below(worker, 2) ? GW_WEAK_SHORT : GW_WEAK_LONG);
    CHECK(WEAK(i) && id_of(gw_weak_get(WEAK(i))) == worker->kept[i].id);
}

static void take_ephemeron(struct worker *worker, size_t i)
{
    size_t value = below(worker, KEPT);
    EPHEMERON(i) = gw_ephemeron_new(OBJECT(i), OBJECT(value));
    CHECK(EPHEMERON(i) && gw_ephemeron_key(EPHEMERON(i)) == OBJECT(i) && gw_ephemeron_value(EPHEMERON(i)) == OBJECT(value));
    CHECK(gw_ephemeron_set(EPHEMERON(i), OBJECT(i)) == GW_OK);
}

static void look_at_weak(struct worker *worker, size_t i)
{
    if (WEAK(i)) CHECK(gw_weak_get(WEAK(i)) == OBJECT(i));
    if (EPHEMERON(i)) CHECK(gw_ephemeron_key(EPHEMERON(i)) == OBJECT(i) && id_of(gw_ephemeron_value(EPHEMERON(i))) != 0);
}

static void use_map(struct worker *worker, size_t i)
{
    if (!MAP || below(worker, 200) == 0) MAP = gw_weak_map_new(GW_WEAK_KEYS);
    CHECK(MAP && gw_weak_map_set(MAP, OBJECT(i), OBJECT(i)) == GW_OK);
    CHECK(gw_weak_map_get(MAP, OBJECT(i)) == OBJECT(i) && gw_weak_map_count(MAP) >= 1);
    if (below(worker, 2)) CHECK(gw_weak_map_remove(MAP, OBJECT(i)));
}

static void hash(struct worker *worker, size_t i)
{
    uint64_t found = gw_identity_hash(OBJECT(i));
    CHECK(found && (!worker->kept[i].hash || worker->kept[i].hash == found));
    worker->kept[i].hash = found;
}

static void pin(struct worker *worker, size_t i)
{
    if (worker->kept[i].pinned) {
        CHECK(gw_is_pinned(OBJECT(i)) && gw_unpin(OBJECT(i)) == GW_OK);
    } else {
        void *pinned = gw_pin(OBJECT(i));
        CHECK(pinned == OBJECT(i) && id_of(pinned) == worker->kept[i].id);
    }
    worker->kept[i].pinned = !worker->kept[i].pinned;
}

static void register_finalizer(struct worker *worker, size_t i)
{
    if (worker->kept[i].finalizes) return;
    CHECK(gw_finalize(OBJECT(i), finalize) == GW_OK);
    worker->kept[i].finalizes = true;
    worker->finalizable++;
}

/* Outside, where others collect meanwhile. */
static void *renew(void *handle)
{
    for (int i = 0; i < 5; i++) {
        gw_handle copy = gw_handle_copy(handle);
        gw_handle_free(handle);
        handle = copy;
    }
    return handle;
}

static void use_handles(struct worker *worker, size_t i)
{
    gw_scope scope = gw_scope_begin();
    gw_handle scoped = gw_scope_handle(OBJECT(i)), other = gw_handle_new(OBJECT(i));
    gw_handle_set(worker->handle, OBJECT(i));
    new_node(worker);
    worker->handle = gw_outside_call(renew, worker->handle);
    CHECK(gw_handle_get(scoped) == OBJECT(i) && gw_handle_get(other) == OBJECT(i) && gw_handle_get(worker->handle) == OBJECT(i));
    gw_handle_free(other);
    gw_scope_end(scope);
}

/* A marker may read the field meanwhile. */
static void set_next(struct node *node, void *next)
{
    gw_write_barrier(node, &node->next);
    __atomic_store_n(&node->next, next, __ATOMIC_RELAXED);
}

static void link_objects(struct worker *worker, size_t i)
{
    struct node *node = OBJECT(i);
    set_next(node, OBJECT(below(worker, KEPT)));
    CHECK(node->next->id != 0);
    if (below(worker, 2)) set_next(node, NULL);
}

static void *count_down(void *argument, void *value)
{
    gw_handle kept = gw_handle_new(argument);
    for (int i = 0; i < 3; i++) value = gw_stack_yield(gw_handle_get(kept));
    gw_handle_free(kept);
    return value;
}

static void use_stack(struct worker *worker, size_t i)
{
    gw_stack *stack = gw_stack_new(0, count_down, OBJECT(i));
    if (!stack) FAIL("%s", gw_error_text());
    for (int k = 0; k < 3; k++) {
        CHECK(id_of(gw_stack_switch(stack, NULL)) == worker->kept[i].id);
        new_node(worker);
    }
    gw_stack_switch(stack, NULL);
    CHECK(gw_stack_is_done(stack) && gw_stack_free(stack) == GW_OK);
}

/* Stacks that pass from thread to thread: whoever takes one goes on on it, and the last one to do so frees it. */
#define PASSING 4

static _Atomic(gw_stack *) passing[PASSING];
static _Atomic uint64_t passed_on, stayed;

static void *keep_on_any_thread(void *argument, void *value)
{
    gw_scope scope = gw_scope_begin();
    gw_handle kept = gw_scope_handle(argument);
    uint64_t id = id_of(argument);
    for (int i = 0; i < 5; i++) {
        value = gw_stack_yield(gw_handle_get(kept));
        if (id_of(gw_handle_get(kept)) != id) abort();
        if (!gw_new(node)) abort();
    }
    gw_scope_end(scope);
    return value;
}

/* Where a stack may not change threads. */
static void stay_on_thread(struct worker *worker, gw_stack *stack)
{
    while (!gw_stack_is_done(stack)) {
        new_node(worker);
        gw_stack_switch(stack, NULL);
    }
    CHECK(gw_stack_free(stack) == GW_OK);
    stayed++;
}

static void pass_stack(struct worker *worker, size_t i)
{
    size_t place = below(worker, PASSING);
    gw_stack *stack = atomic_exchange(&passing[place], NULL);
    passed_on += stack != NULL;
    if (!stack) {
        stack = gw_stack_new(0, keep_on_any_thread, OBJECT(i));
        CHECK(stack);
        if (gw_stack_unbind(stack) != GW_OK) return stay_on_thread(worker, stack);
    }
    new_node(worker);
    gw_stack_switch(stack, NULL);
    new_node(worker);
    if (!gw_stack_is_done(stack)) stack = atomic_exchange(&passing[place], stack);
    if (stack) CHECK(gw_stack_free(stack) == GW_OK);
}

static void count_path(void *count, void *object)
{
    (void)object;
    ++*(size_t *)count;
}

/* A node and what refers to it, while nobody else runs. */
static void *walk(void *object_of)
{
    size_t count = 0;
    void *object = *(void **)object_of;
    if (gw_heap_walk(count_path, &count) != count || !count) return NULL;
    return gw_path_to(object, NULL, NULL) && gw_referrers(object, NULL, NULL) < count ? object_of : NULL;
}

/* Doors that look at the whole heap, or work on it. */
static void look_around(struct worker *worker, size_t i)
{
    size_t count = 0;
    struct gw_stats stats;
    switch (below(worker, 9)) {
    case 0: gw_collect(GW_MINOR); break;
    case 1: gw_collect(GW_FULL); break;
    case 2: gw_collect_step(below(worker, 20000)); break;
    case 3: CHECK(gw_path_to(OBJECT(i), count_path, &count) == count && count); break;
    case 4: CHECK(gw_verify() == GW_OK); break;
    case 5: gw_run_finalizers(4, UINT64_MAX); break;
    case 7: CHECK(gw_stopped_call(walk, &OBJECT(i)) == &OBJECT(i)); break;
    case 6: gw_external_memory(below(worker, 2) ? 4096 : -4096); break;
    default: gw_get_stats(&stats); CHECK(stats.allocated_bytes && stats.heap_bytes);
    }
}

static void act(struct worker *worker)
{
    size_t i = below(worker, KEPT), door = below(worker, 100);
    if (door < 30) new_node(worker);
    else if (door < 45) replace(worker, i);
    else if (door < 53) take_weak(worker, i);
    else if (door < 60) take_ephemeron(worker, i);
    else if (door < 70) look_at_weak(worker, i);
    else if (door < 75) use_map(worker, i);
    else if (door < 80) hash(worker, i);
    else if (door < 84) pin(worker, i);
    else if (door < 87) register_finalizer(worker, i);
    else if (door < 92) use_handles(worker, i);
    else if (door < 96) link_objects(worker, i);
    else if (door < 97) use_stack(worker, i);
    else if (door < 98) pass_stack(worker, i);
    else if (below(worker, 4) == 0) look_around(worker, i);
    CHECK(id_of(OBJECT(i)) == worker->kept[i].id);
}

/* ---- Threads --------------------------------------------------------------------------------------- */

static void run(struct worker *worker)
{
    CHECK(gw_add_roots(worker->words, sizeof worker->words / sizeof *worker->words) == GW_OK);
    worker->state = worker->seed * 2 + 1;
    worker->handle = gw_handle_new(NULL);
    for (size_t i = 0; i < KEPT; i++) replace(worker, i);
    while (++worker->action <= worker->actions) act(worker);
    for (size_t i = 0; i < KEPT; i++)
        if (worker->kept[i].pinned) CHECK(gw_unpin(OBJECT(i)) == GW_OK);
    gw_handle_free(worker->handle);
    CHECK(gw_remove_roots(worker->words) == GW_OK);
}

static void *work(void *argument)
{
    struct worker *worker = argument;
    if (gw_attach(worker->heap) != GW_OK) FAIL("%s", gw_error_text());
    run(worker);
    return NULL;
}

static void *join(void *thread)
{
    pthread_join(*(pthread_t *)thread, NULL);
    return NULL;
}

static const char *option(int argc, char **argv, const char *name, const char *value)
{
    for (int i = 1; i + 1 < argc; i++)
        if (!strcmp(argv[i], name)) value = argv[i + 1];
    return value;
}

int main(int argc, char **argv)
{
    static struct worker workers[MOST_THREADS];
    struct worker *worker = workers;
    const char *options = option(argc, argv, "--options", "nursery=64k");
    unsigned threads = (unsigned)atoi(option(argc, argv, "--threads", "4"));
    if (!threads || threads > MOST_THREADS) FAIL("1 to %d threads", MOST_THREADS);
    if (gw_init(options) != GW_OK) FAIL("%s", gw_error_text());
    gw_run_finalizers_at_allocation(true);
    for (unsigned i = 0; i < threads; i++) {
        workers[i].heap = gw_current_thread.heap;
        workers[i].seed = strtoull(option(argc, argv, "--seed", "20261130"), NULL, 0) + i;
        workers[i].actions = strtoull(option(argc, argv, "--actions", "20000"), NULL, 0);
        if (i) CHECK(pthread_create(&workers[i].thread, NULL, work, &workers[i]) == 0);
    }
    run(&workers[0]);
    uint64_t wanted = workers[0].finalizable;
    for (unsigned i = 1; i < threads; i++) {
        gw_outside_call(join, &workers[i].thread);
        wanted += workers[i].finalizable;
    }
    for (int i = 0; i < PASSING; i++) CHECK(gw_stack_free(passing[i]) == GW_OK);
    for (int i = 0; i < 4; i++) {
        gw_collect(GW_FULL);
        gw_run_finalizers(SIZE_MAX, UINT64_MAX);
    }
    if (finalized != wanted) FAIL("%lu finalizers ran, should be %lu", (unsigned long)finalized, (unsigned long)wanted);
    CHECK(gw_verify() == GW_OK && (threads == 1 || passed_on || stayed));
    printf("random_doors: %u threads, %lu finalizers\n", threads, (unsigned long)finalized);
    return 0;
}
