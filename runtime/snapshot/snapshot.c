/* Writing a snapshot, in the order in which readers want it: how much there is, nodes, edges, names.
 *
 * The format is V8's (its HeapSnapshotJSONSerializer), read by DevTools' HeapSnapshotLoader, which finds the
 * parts by their order. The heap is gone through once for each of the first three, so that nothing of it has to be kept. */
#include "snapshot/snapshot.h"

#include "base/report.h"
#include "heap/callbacks.h"
#include "heap/file_names.h"
#include "snapshot/graph.h"
#include "verify/trace.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define NODE_FIELDS 7
#define MOST_NODES (UINT32_MAX / NODE_FIELDS) /* an edge names its node by the place of the node's first field, of 32 bits */

/* Types of nodes, as the format numbers them. */
enum node_type { NODE_OBJECT = 3, NODE_NATIVE = 8, NODE_SYNTHETIC = 9 };

static const char meta[] =
    "{\"snapshot\":{\"meta\":{"
    "\"node_fields\":[\"type\",\"name\",\"id\",\"self_size\",\"edge_count\",\"trace_node_id\",\"detachedness\"],"
    "\"node_types\":[[\"hidden\",\"array\",\"string\",\"object\",\"code\",\"closure\",\"regexp\",\"number\",\"native\","
    "\"synthetic\",\"concatenated string\",\"sliced string\",\"symbol\",\"bigint\",\"object shape\"],"
    "\"string\",\"number\",\"number\",\"number\",\"number\",\"number\"],"
    "\"edge_fields\":[\"type\",\"name_or_index\",\"to_node\"],"
    "\"edge_types\":[[\"context\",\"element\",\"property\",\"internal\",\"hidden\",\"shortcut\",\"weak\"],"
    "\"string_or_number\",\"node\"],"
    "\"trace_function_info_fields\":[\"function_id\",\"name\",\"script_name\",\"script_id\",\"line\",\"column\"],"
    "\"trace_node_fields\":[\"id\",\"function_info_index\",\"count\",\"size\",\"children\"],"
    "\"sample_fields\":[\"timestamp_us\",\"last_assigned_id\"],"
    "\"location_fields\":[\"object_index\",\"script_id\",\"line\",\"column\"]},\"node_count\":";

struct writer {
    struct gw_graph *graph;
    struct gw_json_file file;
    bool separates; /* something of the array stands already */
    uint64_t edges; /* of the object at hand */
};

static void write_numbers(struct writer *writer, const uint64_t *numbers, size_t count)
{
    if (writer->separates) gw_json_text(&writer->file, ",");
    writer->separates = true;
    for (size_t i = 0; i < count; i++) {
        if (i) gw_json_text(&writer->file, ",");
        gw_json_number(&writer->file, numbers[i]);
    }
    gw_json_text(&writer->file, "\n");
}

/* ---- Nodes ----------------------------------------------------------------------------------------- */

static void write_node(struct writer *writer, enum node_type type, uint64_t name, uint64_t id, uint64_t bytes, uint64_t edges)
{
    write_numbers(writer, (uint64_t[NODE_FIELDS]){type, name, id, bytes, edges, 0, 0}, NODE_FIELDS);
}

/* An object keeps its number as long as it does not move: snapshots are compared by it. Objects have even ones, the others odd ones. */
static uint64_t object_id(const struct gw_graph *graph, uintptr_t ref)
{
    return 2 * ((ref - graph->heap->old.base) / GW_SMALLEST_CELL + 1);
}

static void write_object(void *context, uintptr_t ref)
{
    struct writer *writer = context;
    struct gw_graph *graph = writer->graph;
    const struct gw_type *type = gw_object_type(ref);
    uint64_t edges = gw_graph_count_edges(graph, ref);
    write_node(writer, NODE_OBJECT, gw_name_of_type(&graph->names, type), object_id(graph, ref), gw_object_bytes(ref, type), edges);
}

static void write_external(struct writer *writer, uint64_t *id)
{
    uint64_t left = writer->graph->external ? (uint64_t)writer->graph->heap->external_bytes : 0;
    for (; left; *id += 2) {
        uint64_t part = left < GW_LARGEST_NODE_BYTES ? left : GW_LARGEST_NODE_BYTES;
        write_node(writer, NODE_NATIVE, GW_NAME_EXTERNAL, *id, part, 0);
        left -= part;
    }
}

static void write_nodes(struct writer *writer)
{
    struct gw_graph *graph = writer->graph;
    uint64_t id = 1;
    write_node(writer, NODE_SYNTHETIC, GW_NAME_ROOT, id, 0, graph->kinds + graph->external);
    id += 2;
    for (enum gw_root_kind kind = 0; kind < GW_ROOT_KINDS; kind++) {
        if (!graph->kind_edges[kind]) continue;
        write_node(writer, NODE_NATIVE, GW_NAME_KINDS + kind, id, 0, graph->kind_edges[kind]);
        id += 2;
    }
    write_external(writer, &id);
    for (size_t i = 0; i < graph->roots.count; i++) {
        const struct gw_copied_place *place = &graph->roots.places[i];
        if (!gw_kind_has_places(place->kind)) continue;
        write_node(writer, NODE_NATIVE, place->name, id, 0, place->count);
        id += 2;
    }
    gw_graph_each_object(graph, write_object, writer);
}

/* ---- Edges ----------------------------------------------------------------------------------------- */

static void write_edge(struct writer *writer, enum gw_edge_type type, uint64_t name, uint64_t node)
{
    write_numbers(writer, (uint64_t[]){type, name, node * NODE_FIELDS}, 3);
}

static void write_root_edges(struct writer *writer)
{
    const struct gw_graph *graph = writer->graph;
    uint64_t node = 1;
    for (uint64_t i = 0; i < graph->kinds + graph->external; i++, node++) write_edge(writer, GW_EDGE_ELEMENT, i, node);
}

static void write_words(struct writer *writer, const struct gw_copied_place *place)
{
    const struct gw_graph *graph = writer->graph;
    for (size_t i = 0; i < place->count; i++)
        write_edge(writer, GW_EDGE_ELEMENT, i, gw_graph_object(graph, graph->roots.words.at[place->first + i]));
}

/* From the nodes of kinds to those of places, frames of other stacks by the numbers of these; where there are none, to objects. */
static void write_kind_edges(struct writer *writer)
{
    const struct gw_graph *graph = writer->graph;
    uint64_t node = gw_graph_first_place(graph), number = 0;
    for (size_t i = 0; i < graph->roots.count; i++) {
        const struct gw_copied_place *place = &graph->roots.places[i];
        if (i && place[-1].kind != place->kind) number = 0;
        if (!gw_kind_has_places(place->kind)) write_words(writer, place);
        else write_edge(writer, GW_EDGE_ELEMENT, place->number ? place->number : number++, node++);
    }
}

static void write_frozen(void *context, uintptr_t *slot)
{
    struct writer *writer = context;
    write_edge(writer, GW_EDGE_ELEMENT, writer->edges++, gw_graph_object(writer->graph, *slot));
}

static void write_object_edge(void *context, const struct gw_edge *edge)
{
    struct writer *writer = context;
    write_edge(writer, edge->type, edge->name, gw_graph_object(writer->graph, edge->to));
}

static void write_object_edges(void *context, uintptr_t ref)
{
    struct writer *writer = context;
    gw_graph_each_edge(writer->graph, ref, write_object_edge, writer);
}

static void write_edges(struct writer *writer)
{
    struct gw_graph *graph = writer->graph;
    writer->separates = false;
    writer->edges = 0;
    write_root_edges(writer);
    write_kind_edges(writer);
    gw_visit_frozen(graph->heap, write_frozen, writer);
    for (size_t i = 0; i < graph->roots.count; i++)
        if (gw_kind_has_places(graph->roots.places[i].kind)) write_words(writer, &graph->roots.places[i]);
    gw_graph_each_object(graph, write_object_edges, writer);
}

/* ---- The file -------------------------------------------------------------------------------------- */

static void write_all(struct writer *writer)
{
    struct gw_json_file *file = &writer->file;
    gw_json_text(file, meta);
    gw_json_number(file, gw_graph_nodes(writer->graph));
    gw_json_text(file, ",\"edge_count\":");
    gw_json_number(file, writer->graph->edges);
    gw_json_text(file, ",\"trace_function_count\":0},\n\"nodes\":[");
    write_nodes(writer);
    gw_json_text(file, "],\n\"edges\":[");
    write_edges(writer);
    gw_json_text(file, "],\n\"trace_function_infos\":[],\n\"trace_tree\":[],\n\"samples\":[],\n\"locations\":[],\n\"strings\":[");
    gw_names_write(&writer->graph->names, file);
    gw_json_text(file, "]}\n");
}

/* A part of a snapshot is none. */
static gw_status fail_to_write(const char *path, int error)
{
    struct stat status;
    if (stat(path, &status) == 0 && S_ISREG(status.st_mode)) unlink(path);
    return gw_fail(GW_ERROR_ARGUMENT, "gw_heap_snapshot: cannot write '%s': %s", path, strerror(error));
}

static gw_status write_graph(struct gw_graph *graph, const char *path)
{
    struct writer writer = {.graph = graph};
    if (gw_graph_nodes(graph) > MOST_NODES)
        return gw_fail(GW_ERROR_STATE, "gw_heap_snapshot: %lu nodes are more than the %lu that the format can number",
                       (unsigned long)gw_graph_nodes(graph), (unsigned long)MOST_NODES);
    if (!gw_json_open(&writer.file, path))
        return errno == ENOMEM ? gw_fail(GW_ERROR_MEMORY, "gw_heap_snapshot: no native memory for a buffer")
                               : gw_fail(GW_ERROR_ARGUMENT, "gw_heap_snapshot: cannot make '%s': %s", path, strerror(errno));
    write_all(&writer);
    int error = gw_json_close(&writer.file);
    if (graph->names.failed) error = ENOMEM;
    return error ? fail_to_write(path, error) : GW_OK;
}

gw_status gw_snapshot_write(struct gw_heap *heap, const struct gw_entry *entry, const char *path)
{
    struct gw_graph graph;
    struct gw_callback before = {0};
    if (gw_is_collecting(heap)) return gw_fail(GW_ERROR_STATE, "gw_heap_snapshot: the heap is being collected");
    if (heap->mutators) before = gw_restrict(heap, "gw_heap_snapshot");
    gw_status status = gw_graph_make(&graph, heap, entry);
    if (status == GW_OK) status = write_graph(&graph, path);
    gw_graph_destroy(&graph);
    if (heap->mutators) gw_unrestrict(heap, before);
    return status;
}

void gw_snapshot_by_option(struct gw_heap *heap, const struct gw_entry *entry)
{
    char path[GW_FILE_NAME_BYTES];
    if (!heap->options.snapshot_file) return;
    gw_file_name(heap->options.snapshot_file, path);
    heap->options.snapshot_file = 0;
    if (gw_snapshot_write(heap, entry, path) != GW_OK) gw_warn("option 'snapshot': %s", gw_error_text());
}
