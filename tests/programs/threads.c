/* Eight threads with heaps of their own, in a process where libraries come, children are made, maps are registered and heaps change
 * hands. Native code, against a runtime that looks for data races; what is managed is in the libraries.
 *
 *     threads <seconds> <library>…
 *     threads message <library>…      the same, until a fatal message ends it
 */
#define _GNU_SOURCE
#include <greywave/greywave.h>

#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define THREADS 8
#define CHECK(condition)                                                                                                                   \
    do {                                                                                                                                   \
        if (!(condition)) fail(__LINE__, #condition);                                                                                      \
    } while (0)

static _Noreturn void fail(int line, const char *condition)
{
    fprintf(stderr, "threads.c:%d: not true: %s (%s)\n", line, condition, gw_error_text());
    _exit(1);
}

struct node {
    struct node *next;
    int64_t value;
};
GW_TYPE_FIELDS(node, struct node, next);

struct worker {
    pthread_t thread;
    unsigned number;
    uint64_t random;
    struct gw_heap *heap;
    void *roots[3];
    uint64_t actions, minors;
    uint8_t map[9], stackmaps[16]; /* registered now and then */
    struct gw_module module;
};

static char **libraries;
static unsigned library_count;
static atomic_bool stop, message;
static _Atomic(struct gw_heap *) waiting[THREADS]; /* heaps that any thread may take; gw_attach alone orders who had them before */

static uint64_t below(struct worker *worker, uint64_t limit)
{
    worker->random = worker->random * UINT64_C(6364136223846793005) + 1442695040888963407;
    return (worker->random >> 33) % limit;
}

/* ---- Living in a heap ------------------------------------------------------------------------------- */

static void make_list(struct worker *worker, int64_t length)
{
    worker->roots[0] = NULL;
    for (int64_t i = 0; i < length; i++) {
        struct node *node = gw_new(node);
        CHECK(node);
        node->value = i;
        GW_STORE(node, next, worker->roots[0]);
        worker->roots[0] = node;
    }
}

static void check_list(const struct worker *worker, int64_t length)
{
    for (const struct node *node = worker->roots[0]; node; node = node->next) CHECK(node->value == --length);
    CHECK(length == 0);
}

static void finalize(void *object)
{
    CHECK(((struct node *)object)->value == 7);
}

static void live(struct worker *worker)
{
    int64_t length = (int64_t)below(worker, 3000);
    make_list(worker, length);
    worker->roots[1] = gw_new(node);
    ((struct node *)worker->roots[1])->value = 7;
    CHECK(gw_finalize(worker->roots[1], finalize) == GW_OK && gw_identity_hash(worker->roots[1]));
    worker->roots[2] = gw_weak_new(worker->roots[1], GW_WEAK_LONG);
    gw_collect(below(worker, 4) ? GW_MINOR : GW_FULL);
    for (int i = 0; i < 20; i++) gw_collect_step(0);
    CHECK(gw_weak_get(worker->roots[2]) == worker->roots[1]);
    worker->roots[1] = NULL;
    check_list(worker, length);
    gw_run_finalizers(SIZE_MAX, UINT64_MAX);
}

static void count_minor(void *count, const struct gw_minor_event *event)
{
    *(uint64_t *)count += event->ns != 0;
}

static void observe(struct worker *worker)
{
    struct gw_stats stats;
    struct gw_pause_summary pauses;
    struct gw_hooks hooks = {.data = &worker->minors, .minor = count_minor};
    gw_set_hooks(below(worker, 2) ? &hooks : NULL);
    gw_get_stats(&stats);
    gw_get_pauses(GW_PAUSE_ANY, &pauses);
    CHECK(stats.heap_bytes && gw_verify() == GW_OK);
    CHECK(gw_init("nonsense") != GW_OK && strstr(gw_error_text(), "attached already"));
}

/* ---- Heaps that come, go and change hands ------------------------------------------------------------- */

static void new_heap(struct worker *worker)
{
    struct gw_options options;
    const char *text = below(worker, 2) ? "nursery=64k,max-heap=16m" : "nursery=64k,max-heap=16m,pause=1ms,verify=1";
    CHECK(gw_options_parse(text, &options) == GW_OK);
    CHECK(gw_heap_create(&options, &worker->heap) == GW_OK && gw_attach(worker->heap) == GW_OK);
    CHECK(gw_add_roots(worker->roots, 3) == GW_OK);
}

static void leave_heap(struct worker *worker)
{
    memset(worker->roots, 0, sizeof worker->roots);
    gw_set_hooks(NULL);
    CHECK(gw_remove_roots(worker->roots) == GW_OK);
}

static void replace_heap(struct worker *worker)
{
    leave_heap(worker);
    CHECK(gw_detach() == GW_OK && gw_heap_destroy(worker->heap) == GW_OK);
    new_heap(worker);
}

/* Another thread may be trying to have the same heap. */
static void exchange_heaps(struct worker *worker)
{
    leave_heap(worker);
    CHECK(gw_detach() == GW_OK);
    struct gw_heap *other = atomic_exchange_explicit(&waiting[below(worker, THREADS)], worker->heap, memory_order_relaxed);
    if (other && gw_attach(other) == GW_OK) {
        worker->heap = other;
        CHECK(gw_add_roots(worker->roots, 3) == GW_OK);
    } else {
        new_heap(worker);
    }
    make_list(worker, 10);
    check_list(worker, 10);
}

/* ---- What is process-wide ---------------------------------------------------------------------------- */

static void *symbol(void *library, const char *name)
{
    void *found = dlsym(library, name);
    CHECK(found);
    return found;
}

static void load(struct worker *worker)
{
    void *library = dlopen(libraries[below(worker, library_count)], RTLD_NOW | RTLD_LOCAL);
    if (!library) fprintf(stderr, "%s\n", dlerror());
    CHECK(library);
    int64_t (*work)(unsigned, int64_t) = (int64_t (*)(unsigned, int64_t))symbol(library, "library_work");
    CHECK(work(worker->number, 500) == 500 * 499 / 2);
    dlclose(library);
}

/* Maps of a function without references that nobody calls, and a section of LLVM's that says nothing. */
static void register_maps(struct worker *worker)
{
    memcpy(worker->map, (uint8_t[]){0x67, 0, 0, 0, 0, 0, 2, 0, 0}, sizeof worker->map);
    worker->stackmaps[0] = 3;
    worker->module =
        (struct gw_module){.abi_version = GW_ABI_VERSION, .maps_begin = worker->map, .maps_end = worker->map + sizeof worker->map};
    CHECK(gw_module_register(&worker->module) == GW_OK && gw_stackmaps_register(worker->stackmaps, 16, "none") == GW_OK);
    live(worker);
    CHECK(gw_module_unregister(&worker->module) == GW_OK && gw_stackmaps_unregister(worker->stackmaps) == GW_OK);
}

/* The child collects, or ends in words. */
static void make_child(struct worker *worker)
{
    int status, ends = (int)below(worker, 2);
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        alarm(60);
        live(worker);
        signal(SIGABRT, SIG_DFL);
        if (ends) dup2(open("/dev/null", O_WRONLY), STDERR_FILENO);
        if (ends) gw_alloc(NULL);
        _exit(0);
    }
    CHECK(waitpid(child, &status, 0) == child);
    CHECK(ends ? WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT : status == 0);
}

/* ---- The threads -------------------------------------------------------------------------------------- */

static void act(struct worker *worker)
{
    static void (*const often[])(struct worker *) = {live, live, observe, replace_heap, exchange_heaps, load, register_maps};
    if (below(worker, 100) == 0) make_child(worker);
    else often[below(worker, sizeof often / sizeof often[0])](worker);
    worker->actions++;
}

/* A thread lives for some actions and ends as it is, with a heap attached. */
static void *work(void *argument)
{
    struct worker *worker = argument;
    new_heap(worker);
    for (uint64_t left = 20 + below(worker, 200); left && !stop; left--) act(worker);
    if (message && worker->number == 0) gw_alloc_array(&gw_type_node, 1); /* is no array */
    leave_heap(worker);
    if (below(worker, 2)) return NULL;
    CHECK(gw_detach() == GW_OK && gw_heap_destroy(worker->heap) == GW_OK);
    worker->heap = NULL;
    return NULL;
}

static void begin(struct worker *worker)
{
    CHECK(pthread_create(&worker->thread, NULL, work, worker) == 0);
}

/* The thread's heap can be had by whoever comes next. */
static void end(struct worker *worker)
{
    CHECK(pthread_join(worker->thread, NULL) == 0);
    if (worker->heap) CHECK(gw_heap_destroy(worker->heap) == GW_OK);
}

int main(int count, char **words)
{
    static struct worker workers[THREADS];
    uint64_t actions = 0;
    CHECK(count > 2);
    message = !strcmp(words[1], "message");
    libraries = words + 2;
    library_count = (unsigned)count - 2;
    time_t until = time(NULL) + atoi(words[1]);
    for (unsigned i = 0; i < THREADS; i++) {
        workers[i].number = i;
        workers[i].random = (uint64_t)time(NULL) * THREADS + i;
        begin(&workers[i]);
    }
    for (unsigned i = 0; message || time(NULL) < until; i = (i + 1) % THREADS) {
        end(&workers[i]);
        begin(&workers[i]);
    }
    stop = true;
    for (unsigned i = 0; i < THREADS; i++) {
        end(&workers[i]);
        actions += workers[i].actions;
    }
    printf("%lu actions\n", (unsigned long)actions);
    return 0;
}
