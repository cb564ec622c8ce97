/* What gw-heap says is retained, against removing each node and looking at what is left: of random graphs, and of files.
 *
 *     snapshot_retained <graphs> <seed> <scratch file> [file...]
 */
#include "snapshot_file.h"
#include "tools/dominators.h"

#include <stdio.h>
#include <stdlib.h>

static uint64_t state;

static unsigned below(unsigned n) /* xorshift64*, Vigna 2016 */
{
    state ^= state >> 12;
    state ^= state << 25;
    state ^= state >> 27;
    return (unsigned)((state * UINT64_C(2685821657736338717) >> 33) % n);
}

struct graph {
    unsigned nodes, edges, from[400], to[400], weak[400];
};

/* Every node hangs on an earlier one, near or anywhere; the rest of the edges go forwards and back. */
static void make(struct graph *graph)
{
    unsigned near = 1 + below(4), more = below(100);
    graph->nodes = 2 + below(60);
    graph->edges = 0;
    for (unsigned node = 1; node < graph->nodes; node++) {
        unsigned reach = below(2) && node > near ? near : node;
        graph->from[graph->edges] = node - 1 - below(reach);
        graph->to[graph->edges] = node;
        graph->weak[graph->edges++] = 0;
    }
    for (; more; more--) {
        graph->from[graph->edges] = below(graph->nodes);
        graph->to[graph->edges] = below(graph->nodes);
        graph->weak[graph->edges++] = below(8) == 0;
    }
}

static unsigned edges_from(const struct graph *graph, unsigned node, FILE *file, const char *separator)
{
    unsigned count = 0;
    for (unsigned i = 0; i < graph->edges; i++) {
        if (graph->from[i] != node) continue;
        count++;
        if (file)
            fprintf(file, "%s%d,0,%u", node || count > 1 ? separator : "", graph->weak[i] ? EDGE_WEAK : EDGE_PROPERTY, graph->to[i] * 7);
    }
    return count;
}

static void write(const struct graph *graph, const char *path)
{
    FILE *file = fopen(path, "w");
    if (!file) exit(2);
    fprintf(file,
            "{\"snapshot\":{\"meta\":{\"node_fields\":[\"type\",\"name\",\"id\",\"self_size\",\"edge_count\",\"trace_node_id\","
            "\"detachedness\"],\"edge_fields\":[\"type\",\"name_or_index\",\"to_node\"],\"edge_types\":[[\"context\",\"element\","
            "\"property\",\"internal\",\"hidden\",\"shortcut\",\"weak\"],\"\",\"\"]},\"node_count\":%u,\"edge_count\":%u},\"nodes\":[",
            graph->nodes, graph->edges);
    for (unsigned node = 0; node < graph->nodes; node++)
        fprintf(file, "%s3,0,%u,%u,%u,0,0", node ? "," : "", node + 1, 1 + below(1000), edges_from(graph, node, NULL, ""));
    fprintf(file, "],\"edges\":[");
    for (unsigned node = 0; node < graph->nodes; node++) edges_from(graph, node, file, ",");
    fprintf(file, "],\"trace_function_infos\":[],\"trace_tree\":[],\"samples\":[],\"locations\":[],\"strings\":[\"x\"]}");
    fclose(file);
}

/* Whether both say the same of every node. */
static bool compare(const char *path)
{
    struct heap_file file;
    struct dominators dominators;
    struct snapshot *snapshot = snapshot_read(path);
    uint64_t *retained = snapshot_retained(snapshot);
    bool same = heap_file_read(&file, path) && dominators_find(&dominators, &file) && file.node_count == snapshot->node_count;
    for (uint32_t node = 0; same && node < file.node_count; node++) {
        if (dominators.retained[node] == retained[node]) continue;
        fprintf(stderr, "%s: node %u retains %lu, not %lu\n", path, node, (unsigned long)retained[node],
                (unsigned long)dominators.retained[node]);
        same = false;
    }
    free(retained);
    snapshot_free(snapshot);
    dominators_free(&dominators);
    heap_file_free(&file);
    return same;
}

int main(int argc, char **argv)
{
    if (argc < 4) return 2;
    state = strtoull(argv[2], NULL, 10) * 2 + 1;
    bool same = true;
    for (unsigned long i = strtoul(argv[1], NULL, 10); same && i; i--) {
        struct graph graph;
        make(&graph);
        write(&graph, argv[3]);
        same = compare(argv[3]);
    }
    for (int i = 4; same && i < argc; i++) same = compare(argv[i]);
    if (same) remove(argv[3]);
    return !same;
}
