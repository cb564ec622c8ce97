/* Ways from the root of a heap snapshot to a node. */
#ifndef GW_TOOLS_HEAP_PATHS_H
#define GW_TOOLS_HEAP_PATHS_H

#include "tools/heap_file.h"

/* The edge by which each node is reached first from the root, breadth first, without the edges of `around` and without weak ones. */
struct heap_paths {
    uint32_t *from; /* HEAP_NO_NODE: not reached */
    uint64_t *edge;
};

/* False: no memory. */
bool heap_paths_find(struct heap_paths *paths, const struct heap_file *file, uint32_t around);
void heap_paths_free(struct heap_paths *paths);

#endif
