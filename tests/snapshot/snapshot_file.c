/* Reading a snapshot with Jansson. */
#include "snapshot_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FAIL(...)                                                                                                                          \
    do {                                                                                                                                   \
        fprintf(stderr, "snapshot: ");                                                                                                     \
        fprintf(stderr, __VA_ARGS__);                                                                                                      \
        fputc('\n', stderr);                                                                                                               \
        exit(1);                                                                                                                           \
    } while (0)

static const json_t *part(const json_t *object, const char *name)
{
    const json_t *found = json_object_get(object, name);
    if (!found) FAIL("'%s' is missing", name);
    return found;
}

/* DevTools reads the parts in this order and no other. */
static void check_order(const json_t *json)
{
    static const char *const order[] = {"snapshot",  "nodes",   "edges", "trace_function_infos", "trace_tree", "samples",
                                        "locations", "strings", NULL};
    size_t i = 0;
    for (void *at = json_object_iter((json_t *)(uintptr_t)json); at; at = json_object_iter_next((json_t *)(uintptr_t)json, at), i++)
        if (!order[i] || strcmp(order[i], json_object_iter_key(at))) FAIL("'%s' stands where it should not", json_object_iter_key(at));
    if (order[i]) FAIL("'%s' is missing", order[i]);
}

static void check_fields(const json_t *meta, const char *list, const char *const *names)
{
    const json_t *fields = part(meta, list);
    size_t count = 0;
    for (; names[count]; count++)
        if (strcmp(json_string_value(json_array_get(fields, count)), names[count]))
            FAIL("%s: field %zu is not '%s'", list, count, names[count]);
    if (json_array_size(fields) != count) FAIL("%s: %zu fields", list, json_array_size(fields));
}

static uint64_t number_at(const json_t *array, size_t i)
{
    const json_t *value = json_array_get(array, i);
    if (!json_is_integer(value) || json_integer_value(value) < 0) FAIL("element %zu is no number", i);
    return (uint64_t)json_integer_value(value);
}

static void *read_numbers(const json_t *json, const char *name, size_t count, size_t fields)
{
    const json_t *array = part(json, name);
    if (json_array_size(array) != count * fields) FAIL("%s: %zu numbers, should be %zu", name, json_array_size(array), count * fields);
    uint64_t *numbers = calloc(count * fields + 1, sizeof *numbers);
    for (size_t i = 0; i < count * fields; i++) numbers[i] = number_at(array, i);
    return numbers;
}

static void find_edges(struct snapshot *snapshot)
{
    size_t edge = 0;
    snapshot->first_edge = calloc(snapshot->node_count + 1, sizeof *snapshot->first_edge);
    for (size_t node = 0; node < snapshot->node_count; node++) {
        snapshot->first_edge[node] = edge;
        edge += snapshot->nodes[node][NODE_EDGES];
    }
    snapshot->first_edge[snapshot->node_count] = edge;
    if (edge != snapshot->edge_count) FAIL("nodes have %zu edges, the file %zu", edge, snapshot->edge_count);
}

const char *snapshot_string(const struct snapshot *snapshot, uint64_t number)
{
    const char *text = json_string_value(json_array_get(snapshot->strings, number));
    if (!text) FAIL("there is no string %lu", (unsigned long)number);
    return text;
}

static void check_edges(struct snapshot *snapshot)
{
    for (size_t i = 0; i < snapshot->edge_count; i++) {
        uint64_t *edge = snapshot->edges[i];
        if (edge[EDGE_TO] % NODE_FIELDS || edge[EDGE_TO] / NODE_FIELDS >= snapshot->node_count) FAIL("edge %zu leads to no node", i);
        edge[EDGE_TO] /= NODE_FIELDS;
        if (edge[EDGE_TYPE] != EDGE_ELEMENT) snapshot_string(snapshot, edge[EDGE_NAME]);
    }
}

static int by_number(const void *a, const void *b)
{
    uint64_t first = *(const uint64_t *)a, second = *(const uint64_t *)b;
    return (first > second) - (first < second);
}

static void check_ids(const struct snapshot *snapshot)
{
    uint64_t *ids = calloc(snapshot->node_count, sizeof *ids);
    for (size_t node = 0; node < snapshot->node_count; node++) ids[node] = snapshot->nodes[node][NODE_ID];
    qsort(ids, snapshot->node_count, sizeof *ids, by_number);
    for (size_t i = 1; i < snapshot->node_count; i++)
        if (ids[i] == ids[i - 1]) FAIL("two nodes have the id %lu", (unsigned long)ids[i]);
    free(ids);
}

/* Marks what is reachable without `without`, and returns how much that is, in bytes. */
static uint64_t reach(const struct snapshot *snapshot, size_t without, bool *reached, size_t *count)
{
    size_t *stack = calloc(snapshot->node_count + 1, sizeof *stack), depth = 0;
    uint64_t bytes = 0;
    memset(reached, 0, snapshot->node_count * sizeof *reached);
    *count = 0;
    if (without != 0) reached[stack[depth++] = 0] = true;
    while (depth) {
        size_t node = stack[--depth];
        bytes += snapshot->nodes[node][NODE_BYTES];
        ++*count;
        for (size_t i = snapshot->first_edge[node]; i < snapshot->first_edge[node + 1]; i++) {
            size_t to = snapshot->edges[i][EDGE_TO];
            if (snapshot->edges[i][EDGE_TYPE] == EDGE_WEAK || to == without || reached[to]) continue;
            reached[stack[depth++] = to] = true;
        }
    }
    free(stack);
    return bytes;
}

static void check_reachable(const struct snapshot *snapshot)
{
    bool *reached = calloc(snapshot->node_count + 1, sizeof *reached);
    size_t count;
    reach(snapshot, SIZE_MAX, reached, &count);
    for (size_t node = 0; node < snapshot->node_count; node++)
        if (!reached[node]) FAIL("node %zu, '%s', is not reachable", node, snapshot_node_name(snapshot, node));
    free(reached);
}

uint64_t *snapshot_retained(const struct snapshot *snapshot)
{
    uint64_t *retained = calloc(snapshot->node_count + 1, sizeof *retained);
    bool *reached = calloc(snapshot->node_count + 1, sizeof *reached);
    size_t count;
    uint64_t all = reach(snapshot, SIZE_MAX, reached, &count);
    for (size_t node = 0; node < snapshot->node_count; node++) retained[node] = all - reach(snapshot, node, reached, &count);
    free(reached);
    return retained;
}

struct snapshot *snapshot_read(const char *path)
{
    static const char *const node_fields[] = {"type", "name", "id", "self_size", "edge_count", "trace_node_id", "detachedness", NULL};
    static const char *const edge_fields[] = {"type", "name_or_index", "to_node", NULL};
    json_error_t error;
    struct snapshot *snapshot = calloc(1, sizeof *snapshot);
    snapshot->json = json_load_file(path, JSON_REJECT_DUPLICATES, &error);
    if (!snapshot->json) FAIL("%s: %s at line %d", path, error.text, error.line);
    check_order(snapshot->json);
    const json_t *head = part(snapshot->json, "snapshot"), *meta = part(head, "meta");
    check_fields(meta, "node_fields", node_fields);
    check_fields(meta, "edge_fields", edge_fields);
    snapshot->strings = part(snapshot->json, "strings");
    snapshot->node_count = (size_t)json_integer_value(part(head, "node_count"));
    snapshot->edge_count = (size_t)json_integer_value(part(head, "edge_count"));
    snapshot->nodes = read_numbers(snapshot->json, "nodes", snapshot->node_count, NODE_FIELDS);
    snapshot->edges = read_numbers(snapshot->json, "edges", snapshot->edge_count, EDGE_FIELDS);
    find_edges(snapshot);
    check_edges(snapshot);
    check_ids(snapshot);
    check_reachable(snapshot);
    return snapshot;
}

size_t snapshot_child(const struct snapshot *snapshot, size_t from, const char *name)
{
    for (size_t i = snapshot->first_edge[from]; i < snapshot->first_edge[from + 1]; i++) {
        size_t to = snapshot->edges[i][EDGE_TO];
        if (!strncmp(snapshot_node_name(snapshot, to), name, strlen(name))) return to;
    }
    return SIZE_MAX;
}

void snapshot_free(struct snapshot *snapshot)
{
    json_decref(snapshot->json);
    free(snapshot->nodes);
    free(snapshot->edges);
    free(snapshot->first_edge);
    free(snapshot);
}
