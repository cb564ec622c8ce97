/* The control-flow graph of one function: blocks in the order of the text, edges both ways. */
#ifndef GW_ASMGCROOT_GRAPH_H
#define GW_ASMGCROOT_GRAPH_H

#include "source/function.h"

enum edge_kind {
    EDGE_FALL, /* from one instruction to the next; the other side of a branch */
    EDGE_JUMP,
    EDGE_TABLE, /* of an indirect jump */
    EDGE_PAD,   /* a call that throws */
};

struct edge {
    uint32_t from, to; /* blocks */
    enum edge_kind kind;
};

struct block {
    uint32_t first, end; /* instructions */
    bool entry;          /* control comes here from outside */
};

struct graph {
    VECTOR(struct block) blocks;
    VECTOR(struct edge) edges;   /* sorted by `from` */
    VECTOR(uint32_t) incoming;   /* edges sorted by `to` */
    VECTOR(uint32_t) first_edge; /* of each block, and one more */
    VECTOR(uint32_t) first_incoming;
    VECTOR(uint32_t) block_of; /* each instruction's block */
};

/* False after a complaint: an indirect jump that no table explains, a block that falls out of the function. */
bool graph_build(struct graph *graph, const struct function *function, struct complaints *complaints);
void graph_free(struct graph *graph);

#endif
