/* Lengauer and Tarjan, "A fast algorithm for finding dominators in a flowgraph", TOPLAS 1979. Nothing recurs: heaps have lists of millions
 * of nodes. Nodes are named by the order of a depth-first search in what follows, from 0, the root. */
#include "tools/dominators.h"

#include <stdlib.h>
#include <string.h>

#define NONE UINT32_MAX

struct search {
    const struct heap_file *file;
    uint32_t count;     /* of reachable nodes */
    uint32_t *node;     /* the file's node of each */
    uint32_t *number;   /* the other way round; NONE: not reachable */
    uint32_t *parent;   /* in the tree of the search */
    uint32_t *semi;     /* semidominator */
    uint32_t *ancestor; /* in the forest; NONE: a root of it */
    uint32_t *label;    /* of least semidominator on the way to that root */
    uint32_t *dominator;
    uint32_t *bucket, *next; /* first whose semidominator it is, and the next of them */
    uint32_t *path;          /* to be compressed */
    uint64_t *first_before;  /* edges turned around: where those to a node begin */
    uint32_t *before;
};

/* ---- Numbers --------------------------------------------------------------------------------------- */

static bool keeps(const struct heap_file *file, uint64_t edge)
{
    return file->edge_kinds[edge] != HEAP_EDGE_WEAK;
}

/* `next_edge`: where each node goes on. */
static void visit(struct search *search, uint32_t root, uint64_t *next_edge)
{
    const struct heap_file *file = search->file;
    uint32_t depth = 0, *stack = search->path;
    search->number[root] = 0;
    search->node[search->count++] = root;
    stack[depth++] = root;
    while (depth) {
        uint32_t node = stack[depth - 1];
        if (next_edge[node] == file->first_edge[node + 1]) {
            depth--;
            continue;
        }
        uint64_t edge = next_edge[node]++;
        uint32_t to = file->edge_to[edge];
        if (!keeps(file, edge) || search->number[to] != NONE) continue;
        search->parent[search->count] = search->number[node];
        search->number[to] = search->count;
        search->node[search->count++] = to;
        stack[depth++] = to;
    }
}

static bool number_nodes(struct search *search)
{
    const struct heap_file *file = search->file;
    uint64_t *next_edge = malloc(file->node_count * sizeof *next_edge);
    if (!next_edge) return false;
    memcpy(next_edge, file->first_edge, file->node_count * sizeof *next_edge);
    for (uint32_t i = 0; i < file->node_count; i++) search->number[i] = NONE;
    visit(search, 0, next_edge);
    free(next_edge);
    return true;
}

/* Calls for each edge between reachable nodes, by their numbers. */
static void turn_edges(struct search *search, bool count_only)
{
    const struct heap_file *file = search->file;
    for (uint32_t from = 0; from < file->node_count; from++) {
        if (search->number[from] == NONE) continue;
        for (uint64_t edge = file->first_edge[from]; edge < file->first_edge[from + 1]; edge++) {
            if (!keeps(file, edge)) continue;
            uint64_t *at = &search->first_before[search->number[file->edge_to[edge]]];
            if (count_only) ++*at;
            else search->before[--*at] = search->number[from];
        }
    }
}

/* Counts, then ends of the parts, which are filled from their ends: so they become beginnings. */
static void turn_around(struct search *search)
{
    turn_edges(search, true);
    for (uint32_t i = 0; i < search->count; i++) search->first_before[i + 1] += search->first_before[i];
    turn_edges(search, false);
}

/* ---- The forest ------------------------------------------------------------------------------------ */

/* Afterwards the node's ancestor is the root of its tree, and so is that of all on the way. */
static void compress(struct search *search, uint32_t node)
{
    uint32_t depth = 0, *path = search->path;
    for (; search->ancestor[search->ancestor[node]] != NONE; node = search->ancestor[node]) path[depth++] = node;
    while (depth) {
        uint32_t at = path[--depth], above = search->ancestor[at];
        if (search->semi[search->label[above]] < search->semi[search->label[at]]) search->label[at] = search->label[above];
        search->ancestor[at] = search->ancestor[above];
    }
}

static uint32_t evaluate(struct search *search, uint32_t node)
{
    if (search->ancestor[node] == NONE) return node;
    compress(search, node);
    return search->label[node];
}

/* ---- Dominators ------------------------------------------------------------------------------------ */

static void find_semidominator(struct search *search, uint32_t node)
{
    for (uint64_t i = search->first_before[node]; i < search->first_before[node + 1]; i++) {
        uint32_t least = search->semi[evaluate(search, search->before[i])];
        if (least < search->semi[node]) search->semi[node] = least;
    }
}

static void empty_bucket(struct search *search, uint32_t node)
{
    for (uint32_t of = search->bucket[node]; of != NONE; of = search->next[of]) {
        uint32_t least = evaluate(search, of);
        search->dominator[of] = search->semi[least] < search->semi[of] ? least : node;
    }
    search->bucket[node] = NONE;
}

static void find(struct search *search)
{
    for (uint32_t i = 0; i < search->count; i++) {
        search->semi[i] = search->label[i] = i;
        search->ancestor[i] = search->bucket[i] = NONE;
    }
    for (uint32_t node = search->count; node-- > 1;) {
        find_semidominator(search, node);
        search->next[node] = search->bucket[search->semi[node]];
        search->bucket[search->semi[node]] = node;
        search->ancestor[node] = search->parent[node];
        empty_bucket(search, search->parent[node]);
    }
    for (uint32_t node = 1; node < search->count; node++)
        if (search->dominator[node] != search->semi[node]) search->dominator[node] = search->dominator[search->dominator[node]];
}

/* ---- The result ------------------------------------------------------------------------------------ */

static void fill(struct dominators *dominators, const struct search *search)
{
    const struct heap_file *file = search->file;
    dominators->count = search->count;
    for (uint32_t i = 0; i < file->node_count; i++) {
        uint32_t number = search->number[i];
        dominators->of[i] = number == NONE || number == 0 ? HEAP_NO_NODE : search->node[search->dominator[number]];
        dominators->retained[i] = file->bytes[i];
    }
    for (uint32_t i = 0; i < search->count; i++) dominators->order[i] = search->node[i];
    for (uint32_t i = search->count; i-- > 1;)
        dominators->retained[dominators->of[search->node[i]]] += dominators->retained[search->node[i]];
}

static bool take_memory(struct search *search)
{
    size_t nodes = search->file->node_count, bytes = nodes * sizeof(uint32_t);
    uint32_t **lists[] = {&search->node,  &search->number,    &search->parent, &search->semi, &search->ancestor,
                          &search->label, &search->dominator, &search->bucket, &search->next, &search->path};
    bool taken = true;
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) taken &= (*lists[i] = malloc(bytes)) != NULL;
    search->first_before = calloc(nodes + 1, sizeof *search->first_before);
    search->before = malloc((search->file->edge_count + 1) * sizeof *search->before);
    return taken && search->first_before && search->before;
}

static void give_memory(struct search *search)
{
    free(search->node);
    free(search->number);
    free(search->parent);
    free(search->semi);
    free(search->ancestor);
    free(search->label);
    free(search->dominator);
    free(search->bucket);
    free(search->next);
    free(search->path);
    free(search->first_before);
    free(search->before);
}

bool dominators_find(struct dominators *dominators, const struct heap_file *file)
{
    struct search search = {.file = file};
    size_t nodes = file->node_count;
    *dominators =
        (struct dominators){malloc(nodes * sizeof(uint32_t)), malloc(nodes * sizeof(uint32_t)), 0, malloc(nodes * sizeof(uint64_t))};
    bool found = dominators->of && dominators->order && dominators->retained && take_memory(&search) && number_nodes(&search);
    if (found) {
        turn_around(&search);
        find(&search);
        fill(dominators, &search);
    }
    give_memory(&search);
    return found;
}

void dominators_free(struct dominators *dominators)
{
    free(dominators->of);
    free(dominators->order);
    free(dominators->retained);
    *dominators = (struct dominators){0};
}
