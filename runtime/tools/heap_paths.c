/* A breadth-first search. */
#include "tools/heap_paths.h"

#include <stdlib.h>

bool heap_paths_find(struct heap_paths *paths, const struct heap_file *file, uint32_t around)
{
    uint32_t *queue = malloc(file->node_count * sizeof *queue), count = 0;
    *paths = (struct heap_paths){malloc(file->node_count * sizeof(uint32_t)), malloc(file->node_count * sizeof(uint64_t))};
    bool found = queue && paths->from && paths->edge;
    for (uint32_t i = 0; found && i < file->node_count; i++) paths->from[i] = HEAP_NO_NODE;
    if (found) queue[count++] = paths->from[0] = 0;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t node = queue[i];
        for (uint64_t edge = file->first_edge[node]; node != around && edge < file->first_edge[node + 1]; edge++) {
            uint32_t to = file->edge_to[edge];
            if (file->edge_kinds[edge] == HEAP_EDGE_WEAK || paths->from[to] != HEAP_NO_NODE) continue;
            paths->from[to] = node;
            paths->edge[to] = edge;
            queue[count++] = to;
        }
    }
    free(queue);
    return found;
}

void heap_paths_free(struct heap_paths *paths)
{
    free(paths->from);
    free(paths->edge);
}
