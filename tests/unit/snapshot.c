/* Heap snapshots: what is not a random heap's (stress/random_heap.c): roots by kind, weak words, large shapes, names, refusals, options. */
#include "heap_fixture.h"
#include "snapshot/json_file.h"
#include "../snapshot/snapshot_file.h"

#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static char path[64];

static struct snapshot *take(void)
{
    snprintf(path, sizeof path, "/tmp/gw-snapshot-%d.heapsnapshot", (int)getpid());
    cr_assert_eq(gw_heap_snapshot(path), GW_OK, "%s", gw_error_text());
    struct snapshot *snapshot = snapshot_read(path);
    unlink(path);
    return snapshot;
}

static size_t group(const struct snapshot *snapshot, const char *name)
{
    size_t node = snapshot_child(snapshot, 0, name);
    cr_assert_neq(node, SIZE_MAX, "there is no '%s'", name);
    return node;
}

static const uint64_t *edge(const struct snapshot *snapshot, size_t node, size_t i)
{
    cr_assert_lt(i, snapshot->nodes[node][NODE_EDGES]);
    return snapshot->edges[snapshot->first_edge[node] + i];
}

static void expect_edge(const struct snapshot *snapshot, size_t node, size_t i, unsigned type, const char *name, const char *to)
{
    const uint64_t *found = edge(snapshot, node, i);
    cr_assert_eq(found[EDGE_TYPE], type);
    cr_assert_str_eq(snapshot_string(snapshot, found[EDGE_NAME]), name);
    cr_assert_str_eq(snapshot_node_name(snapshot, found[EDGE_TO]), to);
}

Test(snapshot, roots_of_native_code_stand_by_their_kinds)
{
    start_heap("nursery=64k");
    roots[2] = new_node(1);
    gw_handle handle = gw_handle_new(new_node(2));
    gw_scope scope = gw_scope_begin();
    gw_scope_handle(new_node(3));
    gw_pin(new_node(4));
    gw_external_memory(1000);
    struct snapshot *snapshot = take();
    size_t range = snapshot->edges[snapshot->first_edge[group(snapshot, "(registered roots)")]][EDGE_TO];
    cr_assert_eq(strncmp(snapshot_node_name(snapshot, range), "roots (", 7), 0);
    cr_assert_str_eq(snapshot_node_name(snapshot, edge(snapshot, range, 0)[EDGE_TO]), "node");
    cr_assert_eq(snapshot->nodes[group(snapshot, "(handles)")][NODE_EDGES], 1);
    cr_assert_eq(snapshot->nodes[group(snapshot, "(handles of scopes)")][NODE_EDGES], 1);
    cr_assert_eq(snapshot->nodes[group(snapshot, "(pinned objects)")][NODE_EDGES], 1);
    cr_assert_eq(snapshot->nodes[group(snapshot, "(external memory)")][NODE_BYTES], 1000);
    cr_assert_eq(snapshot_child(snapshot, 0, "(frames)"), SIZE_MAX);
    cr_assert_eq(snapshot->node_count, 1 + 5 + 1 + 4);
    snapshot_free(snapshot);
    gw_scope_end(scope);
    gw_handle_free(handle);
}

Test(snapshot, weak_words_lead_to_what_lives_otherwise)
{
    start_heap("nursery=64k");
    roots[0] = new_node(1);
    roots[1] = gw_weak_new(roots[0], GW_WEAK_SHORT);
    roots[2] = gw_weak_new(new_node(2), GW_WEAK_LONG); /* dead already */
    roots[3] = gw_ephemeron_new(roots[0], new_node(3));
    roots[4] = gw_ephemeron_new(new_node(4), new_node(5)); /* of a dead key */
    struct snapshot *snapshot = take();
    size_t range = edge(snapshot, group(snapshot, "(registered roots)"), 0)[EDGE_TO];
    expect_edge(snapshot, edge(snapshot, range, 1)[EDGE_TO], 0, EDGE_WEAK, "target", "node");
    cr_assert_eq(snapshot->nodes[edge(snapshot, range, 2)[EDGE_TO]][NODE_EDGES], 0);
    expect_edge(snapshot, edge(snapshot, range, 3)[EDGE_TO], 0, EDGE_WEAK, "key", "node");
    expect_edge(snapshot, edge(snapshot, range, 3)[EDGE_TO], 1, EDGE_PROPERTY, "value", "node");
    cr_assert_eq(snapshot->nodes[edge(snapshot, range, 4)[EDGE_TO]][NODE_EDGES], 0);
    snapshot_free(snapshot);
}

/* A chain of ephemerons, each the key of the next one's value: found whatever their order. */
Test(snapshot, values_of_ephemerons_are_followed_to_the_end)
{
    start_heap("nursery=64k");
    roots[0] = roots[1] = new_node(0);
    roots[2] = gw_new_array(references, 50);
    for (size_t i = 0; i < 50; i++) {
        struct node *value = new_node(i);
        roots[3] = value;
        void *ephemeron = gw_ephemeron_new(roots[1], roots[3]);
        GW_STORE((struct references *)roots[2], at[49 - i], ephemeron);
        roots[1] = roots[3];
    }
    roots[1] = roots[3] = NULL;
    struct snapshot *snapshot = take();
    cr_assert_eq(snapshot->node_count, 1 + 1 + 1 + 1 + 1 + 50 + 50); /* root, kind, range, first, array, ephemerons, values */
    snapshot_free(snapshot);
}

/* More objects in one array than the tracer's stack holds, each the head of a list. */
Test(snapshot, what_does_not_fit_on_the_tracers_stack_waits)
{
    enum { WIDE = 50000 };
    start_heap("nursery=1m");
    roots[0] = gw_new_array(references, WIDE);
    for (size_t i = 0; i < WIDE; i++) {
        roots[1] = new_node(i);
        struct node *second = new_node(i);
        GW_STORE((struct node *)roots[1], right, second);
        GW_STORE((struct references *)roots[0], at[i], roots[1]);
    }
    roots[1] = NULL;
    make_list(2, 200000);
    struct snapshot *snapshot = take();
    cr_assert_eq(snapshot->node_count, 1 + 1 + 1 + 1 + 2 * WIDE + 200000);
    snapshot_free(snapshot);
}

Test(snapshot, frozen_objects_are_roots)
{
    start_heap("nursery=64k");
    make_list(0, 3);
    gw_freeze();
    roots[0] = NULL;
    struct snapshot *snapshot = take();
    cr_assert_eq(snapshot->nodes[group(snapshot, "(frozen objects)")][NODE_EDGES], 3);
    snapshot_free(snapshot);
}

Test(snapshot, objects_that_wait_for_their_finalizers_are_roots)
{
    start_heap("nursery=64k");
    gw_finalizer_queue *queue = gw_finalizer_queue_new(NULL, NULL);
    cr_assert_eq(gw_finalize_with(queue, new_node(1)), GW_OK);
    gw_collect(GW_FULL);
    struct snapshot *snapshot = take();
    cr_assert_eq(snapshot->nodes[group(snapshot, "(ready for their finalizers)")][NODE_EDGES], 1);
    snapshot_free(snapshot);
}

/* It never collects, and at every moment of a cycle shows the same. */
Test(snapshot, is_the_same_between_all_steps_of_a_cycle)
{
    struct heap_now {
        struct gw_stats stats;
    } before, after;
    start_heap("nursery=64k");
    make_list(0, 5000);
    make_list(1, 5000);
    roots[1] = NULL;
    unsigned phases = 0;
    gw_disable();
    for (int i = 0; i < 3000 && phases != (1u << GW_PHASES) - 1; i++) {
        gw_collect_step(0);
        gw_phase phase = gw_current_thread.heap->cycle.phase;
        if (phases >> phase & 1 && i % 200) continue;
        phases |= 1u << phase;
        gw_get_stats(&before.stats);
        struct snapshot *snapshot = take();
        gw_get_stats(&after.stats);
        cr_assert_eq(snapshot->node_count, 1 + 1 + 1 + 5000, "in phase %d", phase);
        cr_assert_eq(after.stats.minor_collections, before.stats.minor_collections);
        snapshot_free(snapshot);
        if (phase == GW_PHASE_IDLE) make_list(2, 3000), roots[2] = NULL;
    }
    cr_assert_neq(phases & (1u << GW_PHASE_SWEEP | 1u << GW_PHASE_MARK), 0);
}

Test(snapshot, external_memory_beyond_32_bits_is_several_nodes)
{
    start_heap("nursery=64k");
    gw_external_memory((ptrdiff_t)10 << 30);
    struct snapshot *snapshot = take();
    uint64_t bytes = 0;
    for (size_t node = 1; node < snapshot->node_count; node++) {
        cr_assert_leq(snapshot->nodes[node][NODE_BYTES], UINT32_MAX);
        bytes += snapshot->nodes[node][NODE_BYTES];
    }
    cr_assert_eq(bytes, (uint64_t)10 << 30);
    cr_assert_eq(snapshot->node_count, 1 + 3);
    snapshot_free(snapshot);
    gw_external_memory(-((ptrdiff_t)10 << 30));
}

Test(snapshot, types_of_one_name_count_as_one)
{
    static const struct gw_type again = {.name = "node", .size = 24};
    start_heap("nursery=64k");
    roots[0] = new_node(1);
    roots[1] = gw_alloc(&again);
    struct snapshot *snapshot = take();
    size_t last = snapshot->node_count - 1;
    cr_assert_eq(snapshot->nodes[last][NODE_NAME], snapshot->nodes[last - 1][NODE_NAME]);
    snapshot_free(snapshot);
}

Test(snapshot, names_of_any_bytes_are_JSON)
{
    static const struct gw_type odd = {.name = "a\"b\\c\n\x01 \xc3\xa4 \xf0\x9f\x8c\x8a \xff \xc0\xaf \xed\xa0\x80 \xe2\x82", .size = 8};
    start_heap("nursery=64k");
    roots[0] = gw_alloc(&odd);
    struct snapshot *snapshot = take();
    cr_assert_str_eq(snapshot_node_name(snapshot, snapshot->node_count - 1),
                     "a\"b\\c\n\x01 \xc3\xa4 \xf0\x9f\x8c\x8a \xc3\xbf \xc3\x80\xc2\xaf \xc3\xad\xc2\xa0\xc2\x80 \xc3\xa2\xc2\x82");
    snapshot_free(snapshot);
}

/* ---- Refusals -------------------------------------------------------------------------------------- */

Test(snapshot, says_why_a_file_cannot_be_written)
{
    start_heap("nursery=64k");
    make_list(0, 10000);
    cr_assert_eq(gw_heap_snapshot(NULL), GW_ERROR_ARGUMENT);
    cr_assert_str_eq(gw_error_text(), "gw_heap_snapshot: no name of a file");
    cr_assert_eq(gw_heap_snapshot("/nowhere/at/all"), GW_ERROR_ARGUMENT);
    cr_assert_str_eq(gw_error_text(), "gw_heap_snapshot: cannot make '/nowhere/at/all': No such file or directory");
    cr_assert_eq(gw_heap_snapshot("/dev/full"), GW_ERROR_ARGUMENT);
    cr_assert_str_eq(gw_error_text(), "gw_heap_snapshot: cannot write '/dev/full': No space left on device");
}

Test(snapshot, is_refused_where_roots_cannot_be_found)
{
    start_heap("nursery=64k");
    gw_module_without_roots();
    cr_assert_eq(gw_heap_snapshot("/dev/null"), GW_ERROR_STATE);
    cr_assert_str_eq(gw_error_text(),
                     "gw_heap_snapshot: parts of the program were compiled with --roots=none: what they refer to is not known");
}

static gw_status while_collecting;
static char words[128];
static void take_in_destructor(void *payload)
{
    (void)payload;
    while_collecting = gw_heap_snapshot("/dev/null");
    snprintf(words, sizeof words, "%s", gw_error_text());
}
static gw_status in_hook;
static void take_in_hook(void *data, const struct gw_minor_event *event)
{
    (void)data, (void)event;
    in_hook = gw_heap_snapshot("/dev/null");
}

/* In the middle of a collection there are no objects to look at; afterwards there are. */
Test(snapshot, is_refused_while_objects_move)
{
    static const struct gw_type mortal = {.name = "mortal", .size = 16, .destroy = take_in_destructor};
    start_heap("nursery=64k");
    in_hook = GW_ERROR_STATE;
    gw_set_hooks(&(struct gw_hooks){.minor = take_in_hook});
    gw_alloc(&mortal);
    gw_collect(GW_MINOR);
    cr_assert_eq(while_collecting, GW_ERROR_STATE);
    cr_assert_str_eq(words, "gw_heap_snapshot: the heap is being collected");
    cr_assert_eq(in_hook, GW_OK);
}

/* ---- The option ------------------------------------------------------------------------------------ */

static const char *option(const char *more)
{
    static char text[128];
    snprintf(path, sizeof path, "/tmp/gw-snapshot-%d.heapsnapshot", (int)getpid());
    snprintf(text, sizeof text, "snapshot=/tmp/gw-snapshot-%%p.heapsnapshot%s", more);
    return text;
}

static size_t objects_of_type(const struct snapshot *snapshot, const char *name)
{
    size_t count = 0;
    for (size_t node = 1; node < snapshot->node_count; node++) count += !strcmp(snapshot_node_name(snapshot, node), name);
    return count;
}

static size_t nodes_in_file(void)
{
    struct snapshot *snapshot = snapshot_read(path);
    size_t count = objects_of_type(snapshot, "node");
    snapshot_free(snapshot);
    unlink(path);
    return count;
}

Test(snapshot, the_option_writes_when_the_heap_is_destroyed)
{
    struct gw_heap *heap = start_heap(option(",nursery=64k"));
    make_list(0, 7);
    cr_assert_eq(gw_detach(), GW_OK);
    cr_assert_eq(access(path, F_OK), -1);
    cr_assert_eq(gw_heap_destroy(heap), GW_OK);
    cr_assert_eq(nodes_in_file(), 7);
}

static bool file_is_there;
static bool look_for_file(void *data, size_t bytes)
{
    (void)data, (void)bytes;
    file_is_there = access(path, F_OK) == 0;
    return false;
}

/* Before the handler, with all that filled the heap; what comes later is not written over it. */
Test(snapshot, the_option_writes_when_memory_is_out)
{
    struct gw_heap *heap = start_heap(option(",nursery=64k,max-heap=8m"));
    gw_set_oom_handler(look_for_file, NULL);
    uint64_t count = 0;
    for (struct node *node; (node = gw_new(node)); roots[0] = node, count++) GW_STORE(node, left, roots[0]);
    cr_assert(file_is_there);
    roots[0] = NULL;
    cr_assert_eq(gw_detach(), GW_OK);
    cr_assert_eq(gw_heap_destroy(heap), GW_OK);
    cr_assert_eq(nodes_in_file(), count);
}

Test(snapshot, the_option_writes_when_the_process_ends)
{
    pid_t child = fork();
    if (child == 0) {
        start_heap(option(",nursery=64k"));
        make_list(0, 11);
        exit(0);
    }
    int status;
    cr_assert_eq(waitpid(child, &status, 0), child);
    cr_assert_eq(status, 0);
    snprintf(path, sizeof path, "/tmp/gw-snapshot-%d.heapsnapshot", (int)child);
    cr_assert_eq(nodes_in_file(), 11);
}

Test(snapshot, the_option_wants_a_name)
{
    struct gw_options options;
    cr_assert_eq(gw_options_parse("snapshot=", &options), GW_ERROR_OPTION);
    cr_assert_str_eq(gw_error_text(), "option 'snapshot': '' is not the name of a file");
    cr_assert_eq(gw_options_parse("snapshot=a", &options), GW_OK);
    unsigned first = options.snapshot_file;
    cr_assert_eq(gw_options_parse("snapshot=b", &options), GW_OK);
    cr_assert_neq(options.snapshot_file, first);
    cr_assert_eq(gw_options_parse("snapshot=a", &options), GW_OK);
    cr_assert_eq(options.snapshot_file, first);
}
