/* Null and wrong arguments to every function of the interface: a status, a message, or nothing; never a crash. Each row is run in a
 * child of its own. */
#define _GNU_SOURCE
#include "heap_fixture.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static struct node *node;
static struct references *array;
static struct gw_options options;
static struct gw_handle_cell *handle;
static struct gw_weak *weak;
static struct gw_heap *heap;
static struct gw_scope scope;
static struct gw_heap *gone; /* destroyed, and what is left of it: */
static struct gw_handle_cell *left_handle, *left_scope_handle;
static gw_finalizer_queue *left_queue, *freed_queue;

/* What a row comes to: it ends in words, or its value is as wanted. */
enum outcome { WORDS, STATUS, FINE };
struct row {
    const char *call;
    enum outcome outcome;
    long wanted; /* of STATUS */
    long (*run)(void);
};

/* The call, on this thread with another heap attached. */
#define ELSEWHERE(call) (gw_detach(), start_other_heap(), (call))

/* The name of a row and its function, from the call itself. */
/* clang-format off */
#define ROWS(row)                                                                                                      \
    row(options_parse_text, STATUS, GW_ERROR_ARGUMENT, gw_options_parse(NULL, &options))                               \
    row(options_parse_options, STATUS, GW_ERROR_ARGUMENT, gw_options_parse("", NULL))                                  \
    row(options_parse_words, STATUS, GW_ERROR_OPTION, gw_options_parse("what=1", &options))                            \
    row(init, STATUS, GW_ERROR_STATE, gw_init(NULL))                                                                   \
    row(heap_create, STATUS, GW_ERROR_ARGUMENT, gw_heap_create(NULL, NULL))                                            \
    row(heap_destroy, STATUS, GW_ERROR_ARGUMENT, gw_heap_destroy(NULL))                                                \
    row(heap_destroy_attached, STATUS, GW_ERROR_STATE, gw_heap_destroy(heap))                                          \
    row(attach, STATUS, GW_ERROR_ARGUMENT, gw_attach(NULL))                                                            \
    row(attach_again, STATUS, GW_ERROR_STATE, gw_attach(heap))                                                         \
    row(heap_destroy_twice, STATUS, GW_ERROR_ARGUMENT, gw_heap_destroy(gone))                                          \
    row(attach_destroyed, STATUS, GW_ERROR_ARGUMENT, (gw_detach(), gw_attach(gone)))                                   \
    row(attach_no_heap, STATUS, GW_ERROR_ARGUMENT, (gw_detach(), gw_attach((struct gw_heap *)&options)))               \
    row(handle_get_freed, WORDS, 0, (gw_handle_free(handle), gw_handle_get(handle) != NULL))                           \
    row(handle_set_freed, WORDS, 0, (gw_handle_free(handle), gw_handle_set(handle, NULL), 0))                          \
    row(handle_free_twice, WORDS, 0, (gw_handle_free(handle), gw_handle_free(handle), 0))                              \
    row(handle_free_scope, WORDS, 0, (gw_handle_free(gw_scope_handle(NULL)), 0))                                       \
    row(handle_free_foreign, WORDS, 0, ELSEWHERE((gw_handle_free(handle), 0)))                                         \
    row(handle_get_foreign, WORDS, 0, ELSEWHERE(gw_handle_get(handle) != NULL))                                        \
    row(handle_set_foreign, WORDS, 0, ELSEWHERE((gw_handle_set(handle, NULL), 0)))                                     \
    row(handle_get_detached, WORDS, 0, (gw_detach(), gw_handle_get(handle) != NULL))                                   \
    row(handle_new_foreign_object, WORDS, 0, ELSEWHERE(gw_handle_new(node) != NULL))                                   \
    row(handle_set_foreign_object, WORDS, 0, ELSEWHERE((gw_handle_set(gw_handle_new(NULL), node), 0)))                 \
    row(scope_handle_foreign_object, WORDS, 0, ELSEWHERE(gw_scope_handle(node) != NULL))                               \
    row(scope_end_with_foreign, WORDS, 0, ELSEWHERE((gw_scope_end_with(gw_scope_begin(), handle), 0)))                 \
    row(weak_new_foreign, WORDS, 0, ELSEWHERE(gw_weak_new(node, GW_WEAK_SHORT) != NULL))                               \
    row(weak_get_foreign, WORDS, 0, ELSEWHERE(gw_weak_get(weak) != NULL))                                              \
    row(ephemeron_new_foreign, WORDS, 0, ELSEWHERE(gw_ephemeron_new(NULL, node) != NULL))                              \
    row(ephemeron_set_foreign, WORDS, 0, ELSEWHERE((gw_ephemeron_set(gw_ephemeron_new(new_node(2), NULL), node), 0)))  \
    row(weak_map_set_foreign, WORDS, 0, ELSEWHERE((gw_weak_map_set(gw_weak_map_new(GW_WEAK_KEYS), node, NULL), 0)))    \
    row(weak_map_get_foreign, STATUS, 0, ELSEWHERE(gw_weak_map_get(gw_weak_map_new(GW_WEAK_KEYS), node) != NULL))      \
    row(pin_foreign, WORDS, 0, ELSEWHERE(gw_pin(node) != NULL))                                                        \
    row(unpin_foreign, WORDS, 0, ELSEWHERE((gw_unpin(node), 0)))                                                       \
    row(is_pinned_foreign, STATUS, 0, (gw_pin(node), ELSEWHERE(gw_is_pinned(node))))                                   \
    row(identity_hash_foreign, WORDS, 0, ELSEWHERE(gw_identity_hash(node) != 0))                                       \
    row(finalize_foreign_object, STATUS, GW_ERROR_ARGUMENT, ELSEWHERE(gw_finalize(node, finalizer)))                   \
    row(scope_handle_ended, WORDS, 0, gw_handle_get(ended_handle()) != NULL)                                           \
    row(add_endless_roots, STATUS, GW_ERROR_ARGUMENT, gw_add_roots(roots, SIZE_MAX))                                   \
    row(add_far_roots, STATUS, GW_ERROR_ARGUMENT, gw_add_roots(roots, SIZE_MAX / 8))                                   \
    row(add_roots_nowhere, STATUS, GW_ERROR_ARGUMENT, gw_add_roots((void *)(UINTPTR_MAX - 7), 1))                      \
    row(alloc_array_that_wraps, STATUS, 0, gw_alloc_array(&gw_type_fat, (SIZE_MAX - sizeof(struct fat)) / 8 + 8) != NULL) \
    row(words_in_a_cancelled_thread, WORDS, 0, run_thread(say_words_when_cancelled))                                   \
    row(left_handle_get, WORDS, 0, gw_handle_get(left_handle) != NULL)                                                 \
    row(left_handle_set, WORDS, 0, (gw_handle_set(left_handle, NULL), 0))                                              \
    row(left_handle_free, WORDS, 0, (gw_handle_free(left_handle), 0))                                                  \
    row(left_scope_handle_get, WORDS, 0, gw_handle_get(left_scope_handle) != NULL)                                     \
    row(left_queue_next, WORDS, 0, gw_finalizer_queue_next(left_queue) != NULL)                                        \
    row(left_queue_length, WORDS, 0, (long)gw_finalizer_queue_length(left_queue))                                      \
    row(left_queue_free, WORDS, 0, (gw_finalizer_queue_free(left_queue), 0))                                           \
    row(left_queue_with, STATUS, GW_ERROR_ARGUMENT, gw_finalize_with(left_queue, node))                                \
    row(freed_queue_next, WORDS, 0, gw_finalizer_queue_next(freed_queue) != NULL)                                      \
    row(freed_queue_free, WORDS, 0, (gw_finalizer_queue_free(freed_queue), 0))                                         \
    row(freed_queue_with, STATUS, GW_ERROR_ARGUMENT, gw_finalize_with(freed_queue, node))                              \
    row(detach_twice, STATUS, GW_ERROR_STATE, (gw_detach(), gw_detach()))                                              \
    row(alloc, WORDS, 0, gw_alloc(NULL) != NULL)                                                                       \
    row(alloc_detached, WORDS, 0, (gw_detach(), gw_alloc(&gw_type_node) != NULL))                                      \
    row(alloc_array, WORDS, 0, gw_alloc_array(NULL, 1) != NULL)                                                        \
    row(alloc_array_huge, STATUS, 0, gw_alloc_array(&gw_type_references, SIZE_MAX) != NULL)                            \
    row(length, WORDS, 0, (long)gw_length(NULL))                                                                       \
    row(type_of, WORDS, 0, gw_type_of(NULL) != NULL)                                                                   \
    row(trace_edge, WORDS, 0, (gw_trace_edge(NULL, roots), 0))                                                         \
    row(trace_runs, WORDS, 0, (gw_trace_runs(NULL, NULL), 0))                                                          \
    row(trace_tagged, WORDS, 0, (gw_trace_tagged(NULL, NULL), 0))                                                      \
    row(set_oom_handler, FINE, 0, (gw_set_oom_handler(NULL, NULL), 0))                                                 \
    row(add_roots, STATUS, GW_ERROR_ARGUMENT, gw_add_roots(NULL, 1))                                                   \
    row(add_no_roots, FINE, 0, gw_add_roots(NULL, 0))                                                                  \
    row(add_odd_roots, STATUS, GW_ERROR_ARGUMENT, gw_add_roots((char *)&node + 1, 1))                                  \
    row(remove_roots, STATUS, GW_ERROR_ARGUMENT, gw_remove_roots(NULL))                                                \
    row(remove_unknown_roots, STATUS, GW_ERROR_ARGUMENT, gw_remove_roots(&node))                                       \
    row(handle_new, STATUS, 1, gw_handle_new(NULL) != NULL)                                                            \
    row(handle_get, WORDS, 0, gw_handle_get(NULL) != NULL)                                                             \
    row(handle_set, WORDS, 0, (gw_handle_set(NULL, NULL), 0))                                                          \
    row(handle_copy, WORDS, 0, gw_handle_copy(NULL) != NULL)                                                           \
    row(handle_free, FINE, 0, (gw_handle_free(NULL), 0))                                                               \
    row(scope_handle, STATUS, 1, gw_scope_handle(NULL) != NULL)                                                        \
    row(scope_end_with, WORDS, 0, (gw_scope_end_with(scope, NULL), 0))                                                 \
    row(array_copy_to, WORDS, 0, (gw_array_copy(NULL, 0, array, 0, 1), 0))                                             \
    row(array_copy_from, WORDS, 0, (gw_array_copy(array, 0, NULL, 0, 1), 0))                                           \
    row(array_copy_range, WORDS, 0, (gw_array_copy(array, 3, array, 0, 2), 0))                                         \
    row(array_copy_far, WORDS, 0, (gw_array_copy(array, SIZE_MAX, array, 0, 2), 0))                                    \
    row(array_copy_no_array, WORDS, 0, (gw_array_copy(node, 0, node, 0, 1), 0))                                        \
    row(sort, WORDS, 0, (gw_sort(&node, 1, 8, NULL), 0))                                                               \
    row(sort_r, WORDS, 0, (gw_sort_r(&node, 1, 8, NULL, NULL), 0))                                                     \
    row(sort_nowhere, WORDS, 0, (gw_sort(NULL, 2, 8, compare), 0))                                                     \
    row(sort_nothing, FINE, 0, (gw_sort(NULL, 0, 8, compare), 0))                                                      \
    row(collect_detached, WORDS, 0, (gw_detach(), gw_collect(GW_FULL), 0))                                             \
    row(step_detached, WORDS, 0, (gw_detach(), (long)gw_collect_step(0).status))                                       \
    row(enable_detached, WORDS, 0, (gw_detach(), gw_enable(), 0))                                                      \
    row(no_collect_begin, STATUS, GW_ERROR_ARGUMENT, gw_no_collect_begin(0))                                           \
    row(no_collect_end, STATUS, GW_ERROR_STATE, gw_no_collect_end())                                                   \
    row(weak_new, STATUS, 1, gw_weak_new(NULL, GW_WEAK_SHORT) != NULL)                                                 \
    row(weak_new_kind, STATUS, 0, gw_weak_new(NULL, (gw_weak_kind)2) != NULL)                                          \
    row(weak_map_new_kind, STATUS, 0, gw_weak_map_new((gw_weak_map_kind)3) != NULL)                                    \
    row(collect_kind, WORDS, 0, (gw_collect((gw_collection)2), 0))                                                     \
    row(pause_kind, WORDS, 0, (gw_get_pause_histogram((gw_pause_kind)3, 0, NULL, NULL), 0))                            \
    row(weak_get, WORDS, 0, gw_weak_get(NULL) != NULL)                                                                 \
    row(weak_clear, WORDS, 0, (gw_weak_clear(NULL), 0))                                                                \
    row(weak_get_other, WORDS, 0, gw_weak_get((const struct gw_weak *)node) != NULL)                                   \
    row(weak_clear_ephemeron, WORDS, 0, (gw_weak_clear((struct gw_weak *)gw_ephemeron_new(node, NULL)), 0))            \
    row(ephemeron_key_other, WORDS, 0, gw_ephemeron_key((const struct gw_ephemeron *)node) != NULL)                    \
    row(ephemeron_value_weak, WORDS, 0, gw_ephemeron_value((const struct gw_ephemeron *)gw_weak_new(node, GW_WEAK_SHORT)) != NULL)\
    row(weak_map_set_other, WORDS, 0, gw_weak_map_set((struct gw_weak_map *)node, node, node))                         \
    row(weak_map_each_other, WORDS, 0, (gw_weak_map_each((const struct gw_weak_map *)node, map_visitor, NULL), 0))     \
    row(ephemeron_new, STATUS, 1, gw_ephemeron_new(NULL, NULL) != NULL)                                                \
    row(ephemeron_key, WORDS, 0, gw_ephemeron_key(NULL) != NULL)                                                       \
    row(ephemeron_value, WORDS, 0, gw_ephemeron_value(NULL) != NULL)                                                   \
    row(ephemeron_set, WORDS, 0, gw_ephemeron_set(NULL, NULL))                                                         \
    row(ephemeron_clear, WORDS, 0, (gw_ephemeron_clear(NULL), 0))                                                      \
    row(weak_map_set, WORDS, 0, gw_weak_map_set(NULL, node, node))                                                     \
    row(weak_map_set_key, STATUS, GW_ERROR_ARGUMENT, gw_weak_map_set(gw_weak_map_new(GW_WEAK_KEYS), NULL, roots[1]))   \
    row(weak_map_get, WORDS, 0, gw_weak_map_get(NULL, node) != NULL)                                                   \
    row(weak_map_get_key, STATUS, 0, gw_weak_map_get(gw_weak_map_new(GW_WEAK_KEYS), NULL) != NULL)                     \
    row(weak_map_remove, WORDS, 0, gw_weak_map_remove(NULL, node))                                                     \
    row(weak_map_each, WORDS, 0, (gw_weak_map_each(NULL, map_visitor, NULL), 0))                                       \
    row(weak_map_each_visitor, FINE, 0, (gw_weak_map_each(gw_weak_map_new(GW_WEAK_KEYS), NULL, NULL), 0))             \
    row(weak_map_count, WORDS, 0, (long)gw_weak_map_count(NULL))                                                       \
    row(queue_free, FINE, 0, (gw_finalizer_queue_free(NULL), 0))                                                       \
    row(finalize_with, STATUS, GW_ERROR_ARGUMENT, gw_finalize_with(NULL, node))                                        \
    row(finalize_nothing, STATUS, GW_ERROR_ARGUMENT, gw_finalize_with(gw_finalizer_queue_new(NULL, NULL), NULL))       \
    row(finalize_foreign, STATUS, GW_ERROR_ARGUMENT, gw_finalize_with(gw_finalizer_queue_new(NULL, NULL), &options))   \
    row(queue_next, WORDS, 0, gw_finalizer_queue_next(NULL) != NULL)                                                   \
    row(queue_length, WORDS, 0, (long)gw_finalizer_queue_length(NULL))                                                 \
    row(finalize_function, STATUS, GW_ERROR_ARGUMENT, gw_finalize(node, NULL))                                         \
    row(finalize_object, STATUS, GW_ERROR_ARGUMENT, gw_finalize(NULL, finalizer))                                      \
    row(run_finalizers, STATUS, 0, (long)gw_run_finalizers(0, 0))                                                      \
    row(identity_hash, FINE, 0, (gw_identity_hash(NULL), 0))                                                           \
    row(pin, FINE, 0, (gw_pin(NULL), 0))                                                                               \
    row(unpin, STATUS, GW_ERROR_ARGUMENT, gw_unpin(node))                                                              \
    row(unpin_nothing, FINE, 0, (gw_unpin(NULL), 0))                                                                   \
    row(is_pinned, STATUS, 0, gw_is_pinned(NULL))                                                                      \
    row(unfreeze, FINE, 0, (gw_unfreeze(), 0))                                                                         \
    row(external_memory, STATUS, 0, (gw_external_memory(-5), (long)gw_external_memory_bytes()))                        \
    row(get_stats, WORDS, 0, (gw_get_stats(NULL), 0))                                                                  \
    row(heap_walk, FINE, 0, (gw_heap_walk(NULL, NULL), 0))                                                             \
    row(referents, STATUS, 0, (long)gw_referents(NULL, NULL, NULL))                                                    \
    row(referents_immediate, STATUS, 0, (long)gw_referents((void *)9, NULL, NULL))                                     \
    row(referrers, STATUS, 0, (long)gw_referrers(NULL, NULL, NULL))                                                    \
    row(path_to, STATUS, 0, (long)gw_path_to(NULL, NULL, NULL))                                                        \
    row(get_pauses, WORDS, 0, (gw_get_pauses(GW_PAUSE_ANY, NULL), 0))                                                  \
    row(get_pause_histogram, FINE, 0, (gw_get_pause_histogram(GW_PAUSE_ANY, 100, NULL, NULL), 0))                      \
    row(stack_unbind, WORDS, 0, gw_stack_unbind(NULL))                                                                 \
    row(stopped_call, WORDS, 0, gw_stopped_call(NULL, NULL) != NULL)                                                   \
    row(set_stop_handler, FINE, 0, (gw_set_stop_handler(NULL, NULL), 0))                                               \
    row(set_hooks, FINE, 0, (gw_set_hooks(NULL), 0))                                                                   \
    row(module_register, STATUS, GW_ERROR_ARGUMENT, gw_module_register(NULL))                                          \
    row(module_unregister, STATUS, GW_ERROR_ARGUMENT, gw_module_unregister(NULL))                                      \
    row(stackmaps_register, STATUS, GW_ERROR_ARGUMENT, gw_stackmaps_register(NULL, 0, NULL))                           \
    row(stackmaps_short, STATUS, GW_ERROR_MAP, gw_stackmaps_register(&options, 8, NULL))                               \
    row(stackmaps_unregister, STATUS, GW_ERROR_ARGUMENT, gw_stackmaps_unregister(NULL))                                \
    row(unwind_register, STATUS, GW_ERROR_ARGUMENT, gw_unwind_register(NULL, 0))                                       \
    row(unwind_unregister, STATUS, GW_ERROR_ARGUMENT, gw_unwind_unregister(NULL))

/* clang-format on */ /* Its fixed part alone is larger than the heap: with so many elements that the size wraps around it seems small. */
struct fat {
    uint64_t length;
    char pad[64 << 20];
    uint64_t at[];
};
GW_TYPE_BYTES(fat, struct fat, length, at);

static void start_other_heap(void)
{
    cr_assert_eq(gw_init("max-heap=16m"), GW_OK);
}

static gw_handle ended_handle(void)
{
    gw_scope inner = gw_scope_begin();
    gw_handle ended = gw_scope_handle(NULL);
    gw_scope_end(inner);
    return ended;
}

static void *say_words_when_cancelled(void *unused)
{
    start_other_heap();
    pthread_cancel(pthread_self());
    gw_alloc(NULL);
    return unused;
}

static long run_thread(void *(*body)(void *))
{
    pthread_t thread;
    cr_assert_eq(pthread_create(&thread, NULL, body, NULL), 0);
    return pthread_join(thread, NULL);
}

static int compare(const void *a, const void *b)
{
    return a == b;
}

static void map_visitor(void *data, void *key, void *value)
{
    (void)data, (void)key, (void)value;
}

static void finalizer(void *object)
{
    (void)object;
}

#define DEFINE_ROW(name, outcome, wanted, call)                                                                                            \
    static long run_##name(void)                                                                                                           \
    {                                                                                                                                      \
        return (long)(call);                                                                                                               \
    }
ROWS(DEFINE_ROW)
#define LIST_ROW(name, outcome, wanted, call) {#call, outcome, wanted, run_##name},
static const struct row rows[] = {ROWS(LIST_ROW)};

static void leave_a_heap_behind(void)
{
    cr_assert_eq(gw_heap_create(NULL, &gone), GW_OK);
    cr_assert_eq(gw_attach(gone), GW_OK);
    left_handle = gw_handle_new(NULL);
    gw_scope_begin();
    left_scope_handle = gw_scope_handle(NULL);
    left_queue = gw_finalizer_queue_new(NULL, NULL);
    cr_assert_eq(gw_finalize_with(left_queue, new_node(1)), GW_OK);
    cr_assert_eq(gw_detach(), GW_OK);
    cr_assert_eq(gw_heap_destroy(gone), GW_OK);
}

static _Noreturn void run_row(const struct row *row, int errors)
{
    dup2(errors, STDERR_FILENO);
    signal(SIGABRT, SIG_DFL); /* not the test library's handlers */
    signal(SIGSEGV, SIG_DFL);
    heap = start_heap("nursery=256k,max-heap=16m");
    array = roots[0] = gw_new_array(references, 4);
    node = roots[1] = new_node(1);
    scope = gw_scope_begin();
    handle = gw_handle_new(node);
    weak = roots[2] = gw_weak_new(node, GW_WEAK_SHORT);
    node = roots[1];
    freed_queue = gw_finalizer_queue_new(NULL, NULL);
    gw_finalizer_queue_free(freed_queue);
    cr_assert_eq(gw_detach(), GW_OK);
    leave_a_heap_behind();
    cr_assert_eq(gw_attach(heap), GW_OK);
    long value = row->run();
    if (gw_current_thread.heap && gw_verify() != GW_OK) _exit(2);
    _exit(row->outcome == STATUS && value != row->wanted ? 1 : 0);
}

static bool came_out(const struct row *row)
{
    int ends[2], status;
    char text[2048] = "";
    cr_assert_eq(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) run_row(row, ends[1]);
    close(ends[1]);
    size_t size = 0;
    for (ssize_t got; (got = read(ends[0], text + size, sizeof text - 1 - size)) > 0;) size += (size_t)got;
    close(ends[0]);
    cr_assert_eq(waitpid(child, &status, 0), child);
    bool words = strstr(text, "greywave: fatal: gw_") && WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
    bool well = row->outcome == WORDS ? words : status == 0;
    if (!well) fprintf(stderr, "%s: status %#x, said: %s\n", row->call, (unsigned)status, text);
    return well;
}

Test(arguments, whatever_a_function_is_given_then_it_answers)
{
    unsigned wrong = 0;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) wrong += !came_out(&rows[i]);
    cr_assert_eq(wrong, 0);
}

/* ---- Heaps that begin and end ----------------------------------------------------------------------- */

static size_t address_space_pages(void)
{
    size_t pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    cr_assert(file && fscanf(file, "%zu", &pages) == 1);
    fclose(file);
    return pages;
}

Test(arguments, given_a_heap_when_gw_init_is_called_again_then_nothing_is_left_behind)
{
    start_heap("max-heap=64m");
    size_t before = address_space_pages();
    for (int i = 0; i < 1000; i++) cr_assert_eq(gw_init("max-heap=64m"), GW_ERROR_STATE);
    cr_assert_lt(address_space_pages(), before + 4096, "no second heap's range");
}

static void *attach_and_end(void *unused)
{
    (void)unused;
    cr_assert_eq(gw_attach(heap), GW_OK, "%s", gw_error_text());
    new_node(1);
    return NULL;
}

static int count_mappings(void)
{
    int lines = 0;
    FILE *maps = fopen("/proc/self/maps", "r");
    for (int c; (c = getc(maps)) != EOF;) lines += c == '\n';
    fclose(maps);
    return lines;
}

/* Sizes that are no whole pages, too. */
Test(arguments, given_heaps_that_come_and_go_then_no_mapping_is_left)
{
    int before = 0;
    gw_options_parse("nursery=64k,max-heap=8m", &options);
    for (int i = 0; i < 100; i++) {
        cr_assert_eq(gw_heap_create(&options, &heap), GW_OK);
        cr_assert_eq(gw_heap_destroy(heap), GW_OK);
        if (i == 10) before = count_mappings();
    }
    cr_assert_leq(count_mappings(), before + 5);
}

Test(arguments, given_a_thread_that_ended_attached_then_its_heap_can_be_had_again)
{
    pthread_t thread;
    cr_assert_eq(gw_heap_create(NULL, &heap), GW_OK);
    for (int i = 0; i < 3; i++) {
        cr_assert_eq(pthread_create(&thread, NULL, attach_and_end, NULL), 0);
        cr_assert_eq(pthread_join(thread, NULL), 0);
    }
    cr_assert_eq(gw_attach(heap), GW_OK, "%s", gw_error_text());
    new_node(2);
    gw_collect(GW_FULL);
    cr_assert_eq(gw_detach(), GW_OK);
    cr_assert_eq(gw_heap_destroy(heap), GW_OK, "%s", gw_error_text());
}
