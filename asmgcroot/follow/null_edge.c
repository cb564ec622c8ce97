#include "follow/null_edge.h"
#include "x86_64/flags.h"
#include "x86_64/transfer.h"

/* Whether the test compares exactly this location with zero. */
static bool tests_zero(struct walk *walk, uint32_t at)
{
    const struct operand *tested = operand_tested_for_zero(at_position(walk, at));
    return tested && operand_location(walk, at, tested, 0) == (int64_t)walk->now.location;
}

bool null_on_edge(struct walk *walk, const struct edge *edge)
{
    const struct block *block = &walk->analysed->graph->blocks.at[edge->from];
    uint32_t at = block->end - 1;
    const struct instruction *branch = at_position(walk, at);
    if (branch->operation != OP_BRANCH || !(edge->kind == EDGE_JUMP ? branch->equal_branch : branch->unequal_branch)) return false;
    while (at-- > block->first) {
        const struct instruction *instruction = at_position(walk, at);
        if (sets_flags(instruction)) return tests_zero(walk, at);
        bool changed = is_general_location(walk->now.location) ? instruction->writes >> walk->now.location & 1
                                                               : writes_memory(instruction) || instruction->vector_writes;
        if (changed) return false;
    }
    return false;
}
