/* Sums over a heap snapshot's nodes of one name: what a type's objects take, and keep. */
#ifndef GW_TOOLS_HEAP_TYPES_H
#define GW_TOOLS_HEAP_TYPES_H

#include "tools/dominators.h"

struct heap_type {
    const char *name;
    uint64_t objects, bytes;
    uint64_t retained; /* by them together: what one of them retains that another retains as well counts once */
};

/* Types of nodes that have bytes, in no order; NULL: no memory. `dominators` NULL: without what is retained. The caller frees. */
struct heap_type *heap_types(const struct heap_file *file, const struct dominators *dominators, size_t *count);

#endif
