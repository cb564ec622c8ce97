#include "follow/unset.h"
#include "follow/roots.h"
#include "x86_64/transfer.h"

#define RESULT_BYTES 64 /* of a struct returned in memory; more is refused */

/* GCC gives a call the address of a struct that it returns in memory in rdi, or of a variable in any register. */
static bool has_address(const struct walk *walk, uint32_t at, struct value slot)
{
    const struct frame_state *state = &walk->analysed->frame->calls.at[walk->analysed->frame->call_of.at[at]];
    for (unsigned reg = 0; reg < GENERAL_REGISTERS; reg++) {
        if (!(ARGUMENT_REGISTERS >> reg & 1) || state->reg[reg].symbol != slot.symbol) continue;
        int64_t distance = slot.offset - state->reg[reg].offset;
        if (distance == 0 || (reg == RESULT_ADDRESS && distance > 0 && distance < RESULT_BYTES)) return true;
    }
    return false;
}

static bool writes_location(struct walk *walk, uint32_t at, uint32_t location)
{
    const struct instruction *instruction = at_position(walk, at);
    if (is_general_location(location)) return instruction_writes(instruction, location);
    if (!is_slot(location)) return true;
    const struct place *place = &walk->analysed->frame->places.at[at];
    return writes_memory(instruction) && !place->indexed && is_stack(place->start) &&
           place_overlap(place, location_slot(&walk->follow->locations, location));
}

/* A call that is given the address of a word initialises it; one that lists it names a word that is no reference. */
static bool meets_call(struct walk *walk, uint32_t at, const struct root *unset)
{
    struct follow *follow = walk->follow;
    struct root here = {at, unset->location, unset->marker};
    if (is_slot(unset->location) && has_address(walk, at, location_slot(&follow->locations, unset->location))) {
        vector_push(&follow->made, here);
        return true;
    }
    if (!walk->final || !is_root(follow, &here)) return false;
    walk->now = (struct follow_work){.location = unset->location, .marker = unset->marker, .mode = ROOT};
    refuse(walk, at, "which nothing has written on a path from the function's entry to this call; initialise the variable");
    return true;
}

/* Goes through a block with the location unwritten; true when it still is at the end. */
static bool stays_unset(struct walk *walk, uint32_t block, const struct root *unset)
{
    const struct block *here = &walk->analysed->graph->blocks.at[block];
    for (uint32_t at = here->first; at < here->end; at++) {
        if (at_position(walk, at)->operation == OP_CALL && meets_call(walk, at, unset)) return false;
        if (writes_location(walk, at, unset->location)) return false;
    }
    return true;
}

/* From the entry forwards along every path on which nothing has written the location. */
static void follow_unset(struct walk *walk, const struct root *unset)
{
    struct follow *follow = walk->follow;
    const struct graph *graph = walk->analysed->graph;
    follow->visited.at = vector_grown(follow->visited.at, &follow->visited.room, graph->blocks.count, 1);
    for (uint32_t b = 0; b < graph->blocks.count; b++) {
        follow->visited.at[b] = graph->blocks.at[b].entry;
        if (graph->blocks.at[b].entry) vector_push(&follow->pending, b);
    }
    while (follow->pending.count) {
        uint32_t block = follow->pending.at[--follow->pending.count];
        if (!stays_unset(walk, block, unset)) continue;
        for (uint32_t e = graph->first_edge.at[block]; e < graph->first_edge.at[block + 1]; e++) {
            uint32_t to = graph->edges.at[e].to;
            if (follow->visited.at[to]) continue;
            follow->visited.at[to] = true;
            vector_push(&follow->pending, to);
        }
    }
}

void check_unset(struct walk *walk)
{
    for (size_t i = 0; i < walk->follow->unset.count; i++) {
        struct root unset = walk->follow->unset.at[i];
        bool before = false;
        for (size_t k = 0; k < i; k++) before |= walk->follow->unset.at[k].location == unset.location;
        if (!before) follow_unset(walk, &unset);
    }
}
