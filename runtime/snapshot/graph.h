/* The heap as the nodes and edges of a snapshot: what there is, and the number of each node.
 *
 *     root | kinds of roots that are not empty | external memory | places of roots | objects, by address
 *
 * Which objects there are is a bitmap, and an object's number is how many bits are set before its own: one counter for 64 bytes of it. So
 * the objects themselves take no native memory, two bits a granule apart. */
#ifndef GW_SNAPSHOT_GRAPH_H
#define GW_SNAPSHOT_GRAPH_H

#include "snapshot/root_copy.h"

/* What a node may be as large as in 32 bits, which is what readers keep: more external memory than that is several nodes. */
#define GW_LARGEST_NODE_BYTES UINT64_C(0xfffffff8)

struct gw_graph {
    struct gw_heap *heap;
    struct gw_names names;
    struct gw_root_copy roots;
    uint64_t *reached;                   /* one bit a granule of the heap's range */
    size_t bytes;                        /* of it */
    uint64_t *ranks;                     /* bits before each 512 */
    uint64_t objects, external;          /* nodes */
    uint64_t kind_edges[GW_ROOT_KINDS];  /* of the kind's node: to places, or to objects */
    uint64_t kind_places[GW_ROOT_KINDS]; /* 0: the kind has no places */
    uint64_t kinds, places;              /* nodes */
    uint64_t edges;                      /* in all */
};

/* Looks at roots and heap; changes nothing but `graph`, which is to be destroyed also after a failure. GW_ERROR_MEMORY; GW_ERROR_STATE:
 * there are roots that cannot be found. */
gw_status gw_graph_make(struct gw_graph *graph, struct gw_heap *heap, const struct gw_entry *entry);
void gw_graph_destroy(struct gw_graph *graph);

/* Numbers of nodes. */
uint64_t gw_graph_object(const struct gw_graph *graph, uintptr_t ref);

static inline uint64_t gw_graph_first_external(const struct gw_graph *graph)
{
    return 1 + graph->kinds;
}

static inline uint64_t gw_graph_first_place(const struct gw_graph *graph)
{
    return gw_graph_first_external(graph) + graph->external;
}

static inline uint64_t gw_graph_first_object(const struct gw_graph *graph)
{
    return gw_graph_first_place(graph) + graph->places;
}

static inline uint64_t gw_graph_nodes(const struct gw_graph *graph)
{
    return gw_graph_first_object(graph) + graph->objects;
}

static inline bool gw_kind_has_places(enum gw_root_kind kind)
{
    return kind < GW_ROOT_HANDLE;
}

/* Calls `visit` for each object, by address. */
void gw_graph_each_object(const struct gw_graph *graph, gw_object_visitor *visit, void *context);

/* An edge of an object. `name`: the number of a name, or of an element of an array, counted in words from the first. */
enum gw_edge_type { GW_EDGE_ELEMENT = 1, GW_EDGE_PROPERTY = 2, GW_EDGE_WEAK = 6 }; /* as the format numbers them */
struct gw_edge {
    enum gw_edge_type type;
    uint64_t name;
    uintptr_t to;
};
typedef void gw_edge_visitor(void *context, const struct gw_edge *edge);

/* Calls `visit` for each edge of the object to another, in an order that is the same each time: references, and words that hold something
 * weakly, to what is reachable otherwise. */
void gw_graph_each_edge(struct gw_graph *graph, uintptr_t ref, gw_edge_visitor *visit, void *context);
uint64_t gw_graph_count_edges(struct gw_graph *graph, uintptr_t ref);

#endif
