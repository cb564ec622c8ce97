/* Finds what the next collection will free and is held by nothing but itself: strongly connected components (Tarjan 1972,
 * without recursion) of the graph of unreachable objects, grouped by the types they are made of. */
#include "verify/leaks.h"

#include "verify/reach.h"

#include <stdio.h>
#include <stdlib.h>

#define GROUPS_SHOWN 20

/* Cycles made of the same types. */
struct group {
    uint64_t signature; /* sum of hashes of the types */
    uint64_t cycles, objects, bytes;
    size_t sample; /* where one of them lies in `members` */
};

struct leaks {
    struct gw_heap *heap;
    struct gw_address_table reachable, dead; /* dead: number is the index of its edges' end */
    uint32_t *edges;
    size_t edge_count, edge_capacity;
    uint32_t *index, *low; /* Tarjan's, from 1; low 0: its component is finished */
    uint32_t *members;     /* Tarjan's stack; finished components are read from its top */
    uint32_t *path;        /* nodes whose edges are being followed */
    size_t *next_edge;
    size_t member_count;
    struct group *groups;
    size_t group_count, group_capacity;
    bool failed;
};

/* ---- The graph ------------------------------------------------------------------------------------- */

static void add_dead(void *context, uintptr_t ref)
{
    struct leaks *leaks = context;
    if (leaks->failed || gw_address_find(&leaks->reachable, ref)) return;
    leaks->failed = !gw_address_table_reserve(&leaks->dead, leaks->dead.count + 1);
    if (!leaks->failed) gw_address_add(&leaks->dead, ref, 0);
}

static void add_edge(void *context, uintptr_t *slot)
{
    struct leaks *leaks = context;
    struct gw_address_entry *to = gw_is_reference(*slot) ? gw_address_find(&leaks->dead, *slot) : NULL;
    if (!to || leaks->failed) return;
    if (leaks->edge_count == leaks->edge_capacity) {
        size_t capacity = leaks->edge_capacity ? 2 * leaks->edge_capacity : 1024;
        uint32_t *edges = realloc(leaks->edges, capacity * sizeof *edges);
        if (!edges) {
            leaks->failed = true;
            return;
        }
        leaks->edges = edges;
        leaks->edge_capacity = capacity;
    }
    leaks->edges[leaks->edge_count++] = (uint32_t)(to - leaks->dead.entries);
}

static void make_graph(struct leaks *leaks, const struct gw_entry *entry)
{
    leaks->failed = !gw_reach(leaks->heap, entry, 0, &leaks->reachable);
    gw_each_object(leaks->heap, add_dead, leaks);
    for (size_t i = 0; i < leaks->dead.count; i++) {
        gw_each_referent(leaks->dead.entries[i].object, add_edge, leaks);
        leaks->dead.entries[i].number = leaks->edge_count;
    }
}

static size_t first_edge(const struct leaks *leaks, uint32_t node)
{
    return node ? leaks->dead.entries[node - 1].number : 0;
}

/* ---- Components ------------------------------------------------------------------------------------ */

static struct group *group_of(struct leaks *leaks, uint64_t signature)
{
    for (size_t i = 0; i < leaks->group_count; i++)
        if (leaks->groups[i].signature == signature) return &leaks->groups[i];
    if (leaks->group_count == leaks->group_capacity) {
        size_t capacity = leaks->group_capacity ? 2 * leaks->group_capacity : 16;
        struct group *groups = realloc(leaks->groups, capacity * sizeof *groups);
        if (!groups) return NULL;
        leaks->groups = groups;
        leaks->group_capacity = capacity;
    }
    leaks->groups[leaks->group_count] = (struct group){.signature = signature};
    return &leaks->groups[leaks->group_count++];
}

static bool refers_to_itself(const struct leaks *leaks, uint32_t node)
{
    for (size_t i = first_edge(leaks, node); i < leaks->dead.entries[node].number; i++)
        if (leaks->edges[i] == node) return true;
    return false;
}

/* The component is on top of the stack, down to `root`. Its members move to the end of the finished ones. */
static void finish_component(struct leaks *leaks, uint32_t root, size_t *depth)
{
    size_t from = *depth;
    uint64_t signature = 0, bytes = 0;
    do {
        uint32_t node = leaks->members[--from];
        uintptr_t ref = leaks->dead.entries[node].object;
        const struct gw_type *type = gw_object_type(ref);
        signature += gw_mix((uintptr_t)type);
        bytes += gw_object_bytes(ref, type);
        leaks->low[node] = 0;
    } while (leaks->members[from] != root);
    size_t objects = *depth - from;
    *depth = from;
    if (objects == 1 && !refers_to_itself(leaks, root)) return;
    struct group *group = group_of(leaks, signature);
    if (!group) {
        leaks->failed = true;
        return;
    }
    if (!group->cycles++) {
        group->sample = leaks->member_count;
        for (size_t i = from; i < from + objects; i++) leaks->path[leaks->dead.count + leaks->member_count++] = leaks->members[i];
    }
    group->objects += objects;
    group->bytes += bytes;
}

static void search_from(struct leaks *leaks, uint32_t start, uint32_t *counter)
{
    size_t depth = 0, members = 0;
    leaks->path[depth++] = start;
    while (depth) {
        uint32_t node = leaks->path[depth - 1];
        if (!leaks->index[node]) {
            leaks->index[node] = leaks->low[node] = ++*counter;
            leaks->next_edge[node] = first_edge(leaks, node);
            leaks->members[members++] = node;
        }
        if (leaks->next_edge[node] < leaks->dead.entries[node].number) {
            uint32_t to = leaks->edges[leaks->next_edge[node]++];
            if (!leaks->index[to]) leaks->path[depth++] = to;
            else if (leaks->low[to] && leaks->index[to] < leaks->low[node]) leaks->low[node] = leaks->index[to];
            continue;
        }
        uint32_t low = leaks->low[node];
        if (low == leaks->index[node]) finish_component(leaks, node, &members);
        if (--depth && low < leaks->low[leaks->path[depth - 1]] && leaks->low[node]) leaks->low[leaks->path[depth - 1]] = low;
    }
}

static void find_components(struct leaks *leaks)
{
    size_t count = leaks->dead.count;
    uint32_t counter = 0;
    leaks->index = calloc(count, sizeof *leaks->index);
    leaks->low = calloc(count, sizeof *leaks->low);
    leaks->members = malloc(count * sizeof *leaks->members);
    leaks->path = malloc(2 * count * sizeof *leaks->path); /* behind the path: one sample of each group */
    leaks->next_edge = malloc(count * sizeof *leaks->next_edge);
    if (!leaks->index || !leaks->low || !leaks->members || !leaks->path || !leaks->next_edge) {
        leaks->failed = true;
        return;
    }
    for (uint32_t node = 0; node < count && !leaks->failed; node++)
        if (!leaks->index[node]) search_from(leaks, node, &counter);
}

/* ---- The report ------------------------------------------------------------------------------------ */

static int by_bytes(const void *a, const void *b)
{
    const struct group *first = a, *second = b;
    return (first->bytes < second->bytes) - (first->bytes > second->bytes);
}

static void print_group(const struct leaks *leaks, const struct group *group)
{
    size_t objects = group->objects / group->cycles;
    fprintf(stderr, "greywave: leak: %lu dead cycle%s of %zu, %lu bytes in all:", (unsigned long)group->cycles,
            group->cycles == 1 ? "" : "s", objects, (unsigned long)group->bytes);
    for (size_t i = 0; i < objects && i < 8; i++) {
        uint32_t node = leaks->path[leaks->dead.count + group->sample + i];
        fprintf(stderr, "%s %s", i ? "," : "", gw_object_type(leaks->dead.entries[node].object)->name);
    }
    fprintf(stderr, "%s\n", objects > 8 ? ", …" : "");
}

static void print_report(struct leaks *leaks)
{
    if (leaks->failed) {
        fprintf(stderr, "greywave: leak: no native memory for the report\n");
        return;
    }
    if (leaks->group_count) qsort(leaks->groups, leaks->group_count, sizeof *leaks->groups, by_bytes);
    for (size_t i = 0; i < leaks->group_count && i < GROUPS_SHOWN; i++) print_group(leaks, &leaks->groups[i]);
    if (leaks->group_count > GROUPS_SHOWN)
        fprintf(stderr, "greywave: leak: and %zu kinds of cycles more\n", leaks->group_count - GROUPS_SHOWN);
}

void gw_report_leaks(struct gw_heap *heap, const struct gw_entry *entry)
{
    struct leaks leaks = {.heap = heap};
    make_graph(&leaks, entry);
    if (!leaks.failed && leaks.dead.count) find_components(&leaks);
    print_report(&leaks);
    gw_address_table_destroy(&leaks.reachable);
    gw_address_table_destroy(&leaks.dead);
    free(leaks.edges);
    free(leaks.index);
    free(leaks.low);
    free(leaks.members);
    free(leaks.path);
    free(leaks.next_edge);
    free(leaks.groups);
}
