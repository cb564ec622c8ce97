/* Finding the nodes and edges of a snapshot. */
#include "snapshot/graph.h"

#include "base/report.h"
#include "engine/roots.h"
#include "os/linux/memory.h"
#include "roots/modules.h"
#include "verify/reach.h"
#include "verify/trace.h"

#include <stdlib.h>

#define RANK_SHIFT 9 /* granules to a counter */

/* ---- Edges of an object ---------------------------------------------------------------------------- */

struct edges {
    struct gw_graph *graph;
    uintptr_t from;
    const struct gw_type *type;
    gw_edge_visitor *visit;
    void *context;
};

static void tell(const struct edges *edges, enum gw_edge_type type, uint64_t name, uintptr_t to)
{
    const struct gw_graph *graph = edges->graph;
    if (!gw_is_reference(to) || !gw_heap_contains(graph->heap, to) || !gw_trace_has(graph->heap, graph->reached, to)) return;
    edges->visit(edges->context, &(struct gw_edge){type, name, to});
}

static void tell_field(void *context, uintptr_t *slot)
{
    const struct edges *edges = context;
    uintptr_t offset = (uintptr_t)slot - edges->from;
    if (!gw_is_reference(*slot) || !gw_heap_contains(edges->graph->heap, *slot)) return;
    if (edges->type->element_size && offset >= edges->type->size)
        tell(edges, GW_EDGE_ELEMENT, (offset - edges->type->size) / sizeof(uintptr_t), *slot);
    else tell(edges, GW_EDGE_PROPERTY, gw_name_number(&edges->graph->names, GW_NAME_OF_OFFSET, offset), *slot);
}

/* The words that an ephemeron or a weak reference hides from its layout. The next one in a weak map's bucket is a field. */
static void tell_cell(const struct edges *edges)
{
    const struct gw_cell *cell = (const struct gw_cell *)edges->from;
    enum gw_cell_kind kind = gw_cell_kind_of(edges->type);
    tell(edges, GW_EDGE_WEAK, gw_kind_has_value(kind) ? GW_NAME_KEY : GW_NAME_TARGET, cell->key);
    if (gw_kind_has_value(kind)) tell(edges, gw_kind_is_ephemeron(kind) ? GW_EDGE_PROPERTY : GW_EDGE_WEAK, GW_NAME_VALUE, cell->value);
}

void gw_graph_each_edge(struct gw_graph *graph, uintptr_t ref, gw_edge_visitor *visit, void *context)
{
    struct edges edges = {graph, ref, gw_object_type(ref), visit, context};
    gw_each_field(ref, edges.type, tell_field, &edges);
    if (gw_is_cell(edges.type)) tell_cell(&edges);
}

static void count_edge(void *context, const struct gw_edge *edge)
{
    (void)edge;
    ++*(uint64_t *)context;
}

uint64_t gw_graph_count_edges(struct gw_graph *graph, uintptr_t ref)
{
    uint64_t count = 0;
    gw_graph_each_edge(graph, ref, count_edge, &count);
    return count;
}

/* ---- Numbers of objects ---------------------------------------------------------------------------- */

uint64_t gw_graph_object(const struct gw_graph *graph, uintptr_t ref)
{
    size_t granule = gw_granule(&graph->heap->old, ref), word = granule >> 6;
    uint64_t rank = graph->ranks[granule >> RANK_SHIFT];
    for (size_t i = granule >> RANK_SHIFT << (RANK_SHIFT - 6); i < word; i++) rank += (uint64_t)__builtin_popcountll(graph->reached[i]);
    rank += (uint64_t)__builtin_popcountll(graph->reached[word] & ((UINT64_C(1) << (granule & 63)) - 1));
    return gw_graph_first_object(graph) + rank;
}

static bool count_objects(struct gw_graph *graph)
{
    size_t words = gw_trace_used_bytes(graph->heap) / sizeof(uint64_t), step = (size_t)1 << (RANK_SHIFT - 6);
    graph->ranks = malloc((words / step + 1) * sizeof *graph->ranks);
    if (!graph->ranks) return false;
    for (size_t i = 0; i < words; i++) {
        if (i % step == 0) graph->ranks[i / step] = graph->objects;
        graph->objects += (uint64_t)__builtin_popcountll(graph->reached[i]);
    }
    return true;
}

void gw_graph_each_object(const struct gw_graph *graph, gw_object_visitor *visit, void *context)
{
    const struct gw_heap *heap = graph->heap;
    size_t end = gw_trace_used_bytes(heap) * 8;
    for (size_t at = gw_bit_next(graph->reached, 0, end); at < end; at = gw_bit_next(graph->reached, at + 1, end))
        visit(context, heap->old.base + (at << GW_GRANULE_SHIFT));
}

/* ---- Making it ------------------------------------------------------------------------------------- */

static void check_root(void *context, uintptr_t *slot)
{
    const struct gw_graph *graph = context;
    uintptr_t ref = *slot;
    if (gw_is_reference(ref) && gw_heap_contains(graph->heap, ref) && !gw_trace_has(graph->heap, graph->reached, ref))
        gw_fatal("snapshot: the root at %p was not copied: verify/root_places.c and engine/roots.c differ", (void *)slot);
}

/* The copy of the roots is by finders of its own. What lies in no memory that others write to must be what collections find. */
static void check_roots(struct gw_graph *graph)
{
    gw_visit_own_roots(graph->heap, check_root, graph);
    gw_visit_held(graph->heap, check_root, graph);
}

static bool trace(struct gw_graph *graph)
{
    struct gw_trace trace;
    graph->bytes = gw_trace_bitmap_bytes(graph->heap);
    graph->reached = gw_reserve(graph->bytes, 4096);
    if (!graph->reached || !gw_trace_begin(&trace, graph->heap, graph->reached)) return false;
    for (size_t i = 0; i < graph->roots.words.count; i++) gw_trace_slot(&trace, &graph->roots.words.at[i]);
    return gw_trace_end(&trace);
}

static void count_frozen(void *context, uintptr_t *slot)
{
    (void)slot;
    ++*(uint64_t *)context;
}

/* Kinds' and places' nodes and edges. */
static void count_roots(struct gw_graph *graph)
{
    for (size_t i = 0; i < graph->roots.count; i++) {
        const struct gw_copied_place *place = &graph->roots.places[i];
        bool has_places = gw_kind_has_places(place->kind);
        graph->kind_edges[place->kind] += has_places ? 1 : place->count;
        graph->kind_places[place->kind] += has_places;
        graph->places += has_places;
        if (has_places) graph->edges += place->count;
    }
    gw_visit_frozen(graph->heap, count_frozen, &graph->kind_edges[GW_ROOT_FROZEN]);
    for (enum gw_root_kind kind = 0; kind < GW_ROOT_KINDS; kind++) {
        graph->kinds += graph->kind_edges[kind] != 0;
        graph->edges += graph->kind_edges[kind];
    }
    uint64_t bytes = graph->heap->external_bytes > 0 ? (uint64_t)graph->heap->external_bytes : 0;
    graph->external = (bytes + GW_LARGEST_NODE_BYTES - 1) / GW_LARGEST_NODE_BYTES;
    graph->edges += graph->kinds + graph->external;
}

static void count_edges_of(void *context, uintptr_t ref)
{
    struct gw_graph *graph = context;
    graph->edges += gw_graph_count_edges(graph, ref);
}

/* Frames are looked at as a collection does first, which ends in words where they cannot be. */
static void check_stacks(struct gw_heap *heap, const struct gw_entry *entry)
{
    uint64_t roots = 0;
    if (entry) gw_visit_roots(heap, entry, count_frozen, &roots);
}

static bool has_all_roots(void)
{
    bool without_roots = gw_registry_read()->without_roots;
    gw_registry_read_end();
    return !without_roots;
}

gw_status gw_graph_make(struct gw_graph *graph, struct gw_heap *heap, const struct gw_entry *entry)
{
    *graph = (struct gw_graph){.heap = heap};
    if (!has_all_roots())
        return gw_fail(GW_ERROR_STATE,
                       "gw_heap_snapshot: parts of the program were compiled with --roots=none: what they refer to is not known");
    check_stacks(heap, entry);
    bool made = gw_root_copy_make(&graph->roots, heap, entry, &graph->names) && trace(graph) && count_objects(graph);
    if (made) {
        check_roots(graph);
        count_roots(graph);
        gw_graph_each_object(graph, count_edges_of, graph);
    }
    return made && !graph->names.failed ? GW_OK : gw_fail(GW_ERROR_MEMORY, "gw_heap_snapshot: no native memory for the graph");
}

void gw_graph_destroy(struct gw_graph *graph)
{
    gw_root_copy_destroy(&graph->roots);
    gw_names_destroy(&graph->names);
    if (graph->reached) gw_release(graph->reached, graph->bytes);
    free(graph->ranks);
}
