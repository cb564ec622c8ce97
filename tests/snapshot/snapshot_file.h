/* A heap snapshot as it is read by a parser that is not ours, and asked for what a reader relies on. */
#ifndef SNAPSHOT_FILE_H
#define SNAPSHOT_FILE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { NODE_TYPE, NODE_NAME, NODE_ID, NODE_BYTES, NODE_EDGES, NODE_TRACE, NODE_DETACHED, NODE_FIELDS };
enum { EDGE_TYPE, EDGE_NAME, EDGE_TO, EDGE_FIELDS };
enum { EDGE_ELEMENT = 1, EDGE_PROPERTY = 2, EDGE_WEAK = 6 };

struct snapshot {
    json_t *json;
    const json_t *strings;
    size_t node_count, edge_count;
    uint64_t (*nodes)[NODE_FIELDS];
    uint64_t (*edges)[EDGE_FIELDS]; /* EDGE_TO: the number of a node */
    size_t *first_edge;             /* of each node, and one more */
};

/* Ends the process in words when the file is no snapshot: parts out of order, counts that are not those of the arrays, numbers that lead
 * nowhere, ids that occur twice, nodes that are not reachable from the first by edges that are not weak. */
struct snapshot *snapshot_read(const char *path);
void snapshot_free(struct snapshot *snapshot);

const char *snapshot_string(const struct snapshot *snapshot, uint64_t number);
static inline const char *snapshot_node_name(const struct snapshot *snapshot, size_t node)
{
    return snapshot_string(snapshot, snapshot->nodes[node][NODE_NAME]);
}

/* The first node among those that `from` has edges to whose name begins so, or SIZE_MAX. */
size_t snapshot_child(const struct snapshot *snapshot, size_t from, const char *name);

/* Bytes that would go with each node, by removing it and looking at what is reachable then: for small snapshots. */
uint64_t *snapshot_retained(const struct snapshot *snapshot);

#endif
