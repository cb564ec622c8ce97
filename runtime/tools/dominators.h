/* Which node keeps which: a node dominates another when every way from the root to that one leads through it, and retains what goes with
 * it. Weak edges do not count. */
#ifndef GW_TOOLS_DOMINATORS_H
#define GW_TOOLS_DOMINATORS_H

#include "tools/heap_file.h"

struct dominators {
    uint32_t *of;       /* the immediate dominator; HEAP_NO_NODE: of the root, and of what is not reachable */
    uint32_t *order;    /* reachable nodes, each behind its dominator */
    uint32_t count;     /* of them */
    uint64_t *retained; /* bytes that would go with the node, its own included; of one that is not reachable its own */
};

/* False: no memory. By Lengauer and Tarjan 1979, the simple version: m log n, whatever the heap is like. */
bool dominators_find(struct dominators *dominators, const struct heap_file *file);
void dominators_free(struct dominators *dominators);

#endif
