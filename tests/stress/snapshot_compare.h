/* Compares a heap snapshot with the model of random_heap.c, which includes this: every object, its type and bytes, every edge with its
 * name, every root. */
#include "../snapshot/snapshot_file.h"

/* --plant: what is changed in the snapshot that was read, which must then be found. */
static const char *planted = "";

static uint64_t snapshot_id(const void *object)
{
    return 2 * (((uintptr_t)object - (uintptr_t)gw_current_thread.heap->base) / 16 + 1);
}

static size_t node_of(const struct snapshot *snapshot, uint64_t id)
{
    uint64_t wanted = snapshot_id((void *)model[id].seen_at);
    size_t from = 0, to = snapshot->node_count; /* objects stand last, by their ids; those of other nodes are odd */
    while (from < to) {
        size_t middle = from + (to - from) / 2;
        const uint64_t *node = snapshot->nodes[middle];
        if (node[NODE_ID] % 2 || node[NODE_ID] < wanted) from = middle + 1;
        else to = middle;
    }
    if (from == snapshot->node_count || snapshot->nodes[from][NODE_ID] != wanted)
        FAIL("object %lu at %p is not in the snapshot", (unsigned long)id, (void *)model[id].seen_at);
    return from;
}

static uint64_t bytes_of(const struct model_object *object)
{
    size_t payload = 0;
    switch (object->kind) {
    case NODE:
    case TRACED:
    case MORTAL: payload = 40; break;
    case ALIGNED: payload = 64; break;
    case REFERENCES: payload = 16 + 8 * object->length; break;
    case PAIRS: payload = 16 + 24 * object->length; break;
    case BYTES: payload = 16 + (object->length + 7) / 8 * 8; break;
    case KINDS: break;
    }
    return payload + 8;
}

/* "+24", or the number of a word behind the first element. */
static void name_field(enum kind kind, size_t i, char name[32])
{
    if (kind == REFERENCES) snprintf(name, 32, "%zu", i);
    else if (kind == PAIRS) snprintf(name, 32, "%zu", 3 * (i / 2) + 1 + i % 2);
    else if (kind == TRACED) snprintf(name, 32, "+%zu", 8 + 8 * (2 * i + 1));
    else snprintf(name, 32, "+%zu", 8 + 8 * i);
}

static void name_edge(const struct snapshot *snapshot, const uint64_t *edge, char name[32])
{
    if (edge[EDGE_TYPE] == EDGE_ELEMENT) snprintf(name, 32, "%lu", (unsigned long)edge[EDGE_NAME]);
    else snprintf(name, 32, "%s", snapshot_string(snapshot, edge[EDGE_NAME]));
}

static void compare_edge(const struct snapshot *snapshot, size_t at, size_t end, uint64_t id, size_t field)
{
    char name[32], found[32];
    name_field(model[id].kind, field, name);
    if (at == end) FAIL("object %lu: its field %s is not in the snapshot", (unsigned long)id, name);
    const uint64_t *edge = snapshot->edges[at];
    name_edge(snapshot, edge, found);
    if (edge[EDGE_TYPE] == EDGE_WEAK || strcmp(name, found))
        FAIL("object %lu: the edge '%s' should be '%s'", (unsigned long)id, found, name);
    if (edge[EDGE_TO] != node_of(snapshot, model[id].field[field] / 2)) FAIL("object %lu: '%s' leads elsewhere", (unsigned long)id, name);
}

static bool is_object(uint64_t value)
{
    return value && !(value & 1);
}

static void compare_node(const struct snapshot *snapshot, uint64_t id)
{
    const struct model_object *object = &model[id];
    size_t node = node_of(snapshot, id), at = snapshot->first_edge[node], end = snapshot->first_edge[node + 1];
    if (strcmp(snapshot_node_name(snapshot, node), types[object->kind]->name)) FAIL("object %lu has another type", (unsigned long)id);
    if (snapshot->nodes[node][NODE_BYTES] != bytes_of(object))
        FAIL("object %lu has %lu bytes, should have %lu", (unsigned long)id, (unsigned long)snapshot->nodes[node][NODE_BYTES],
             (unsigned long)bytes_of(object));
    for (size_t i = 0; i < object->fields; i++)
        if (is_object(object->field[i])) compare_edge(snapshot, at++, end, id, i);
    if (at != end) FAIL("object %lu has %zu edges too many", (unsigned long)id, end - at);
}

/* The words of a place, in their order: those that are references into the heap. */
static void compare_place(const struct snapshot *snapshot, const char *kind, const char *name, const uint64_t *values, size_t count)
{
    size_t group = snapshot_child(snapshot, 0, kind), place = group == SIZE_MAX ? group : snapshot_child(snapshot, group, name);
    size_t at = place == SIZE_MAX ? 0 : snapshot->first_edge[place], end = place == SIZE_MAX ? 0 : snapshot->first_edge[place + 1];
    for (size_t i = 0; i < count; i++) {
        if (!is_object(values[i])) continue;
        if (at == end || snapshot->edges[at++][EDGE_TO] != node_of(snapshot, values[i] / 2)) FAIL("%s: word %zu is not there", kind, i);
    }
    if (at != end) FAIL("%s: %zu words too many", kind, end - at);
}

static bool has_edge(const struct snapshot *snapshot, size_t from, size_t to)
{
    for (size_t i = snapshot->first_edge[from]; i < snapshot->first_edge[from + 1]; i++)
        if (snapshot->edges[i][EDGE_TO] == to) return true;
    return false;
}

static void compare_pins(const struct snapshot *snapshot)
{
    size_t group = snapshot_child(snapshot, 0, "(pinned objects)"), distinct = 0;
    for (size_t i = 0; i < PINS; i++) {
        bool again = false;
        for (size_t k = 0; k < i; k++) again |= pinned[k].id == pinned[i].id;
        distinct += pinned[i].id && !again;
        if (pinned[i].id && (group == SIZE_MAX || !has_edge(snapshot, group, node_of(snapshot, pinned[i].id)))) FAIL("a pin is not there");
    }
    if (distinct != (group == SIZE_MAX ? 0 : snapshot->nodes[group][NODE_EDGES])) FAIL("%zu objects are pinned", distinct);
}

/* Of the object that has the most edges: it has one, whatever else the heap is like. */
static void plant(struct snapshot *snapshot)
{
    size_t node = snapshot->node_count - 1;
    while (node && (snapshot->nodes[node][NODE_ID] % 2 || !snapshot->nodes[node][NODE_EDGES])) node--;
    if (!strcmp(planted, "size")) snapshot->nodes[node][NODE_BYTES] += 8;
    if (!strcmp(planted, "edge")) snapshot->edges[snapshot->first_edge[node]][EDGE_TO] = 0;
    if (!strcmp(planted, "missing")) snapshot->first_edge[node + 1]--;
    if (!strcmp(planted, "type")) snapshot->nodes[node][NODE_NAME] = 0;
}

static void compare_snapshot(const char *path)
{
    size_t reachable = compare_all(), objects = 0;
    if (gw_heap_snapshot(path) != GW_OK) FAIL("%s", gw_error_text());
    struct snapshot *snapshot = snapshot_read(path);
    plant(snapshot);
    for (size_t node = 0; node < snapshot->node_count; node++) objects += snapshot->nodes[node][NODE_ID] % 2 == 0;
    if (objects != reachable) FAIL("the snapshot has %zu objects, and %zu are reachable", objects, reachable);
    for (uint64_t id = 1; id < model_count; id++)
        if (model[id].walk == walk) compare_node(snapshot, id);
    compare_place(snapshot, "(registered roots)", "all_roots (", model_root, ROOTS);
    compare_place(snapshot, "(static objects)", "static_nodes (", model_static, FIELDS);
    compare_pins(snapshot);
    snapshot_free(snapshot);
}
