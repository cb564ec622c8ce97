#include "follow/unset.h"
#include "follow/roots.h"
#include "follow/written.h"
#include "x86_64/transfer.h"

#define STRUCT_BYTES 64 /* that a call fills and the function writes to as well; behind them, it is refused */

/* Whether another variable begins behind `start`, so that the word is not the struct's there. */
static bool begins_between(const struct walk *walk, struct value start, struct value slot)
{
    const struct frame *frame = walk->analysed->frame;
    for (size_t i = 0; i < frame->addresses.count; i++) {
        struct value address = frame->addresses.at[i];
        if (address.symbol == slot.symbol && address.offset > start.offset && address.offset <= slot.offset) return true;
    }
    return false;
}

/* The call may be given the address of a variable that it fills in any register, and the word may be any part of it as far as the next
 * variable whose address is taken. A word that no instruction of the function writes is part of whatever variable begins below it: a
 * variable of its own would be written. */
bool call_has_address(const struct walk *walk, uint32_t at, struct value slot, bool written_by_calls)
{
    const struct frame_state *state = &walk->analysed->frame->calls.at[walk->analysed->frame->call_of.at[at]];
    for (unsigned reg = 0; reg < GENERAL_REGISTERS; reg++) {
        if (!(ARGUMENT_REGISTERS >> reg & 1) || state->reg[reg].symbol != slot.symbol) continue;
        int64_t distance = slot.offset - state->reg[reg].offset;
        if (distance == 0) return true;
        bool inside = distance > 0 && (written_by_calls || distance < STRUCT_BYTES);
        if (inside && !begins_between(walk, state->reg[reg], slot)) return true;
    }
    return false;
}

/* The instruction writes or reads a part of the word, at places that are known. */
static bool touches(const struct place *place, struct value slot)
{
    const struct place from = {.start = place->from.start, .span = place->span};
    return (!place->indexed && is_stack(place->start) && place_overlap(place, slot) != OVERLAP_NONE) ||
           (!place->from.indexed && is_stack(from.start) && place_overlap(&from, slot) != OVERLAP_NONE);
}

/* Whether something reads the word behind the call, before another call. No instruction of the function writes it. */
static bool is_read_behind(const struct walk *walk, uint32_t call, struct value slot)
{
    uint32_t end = walk->analysed->graph->blocks.at[walk->analysed->graph->block_of.at[call]].end;
    for (uint32_t at = call + 1; at < end && at_position(walk, at)->operation != OP_CALL; at++)
        if (touches(&walk->analysed->frame->places.at[at], slot)) return true;
    return false;
}

bool is_result_word(struct walk *walk, struct value slot)
{
    bool is_argument = slot.symbol == SYMBOL_FRAME && slot.offset >= 0;
    if (!walk->follow->written_known) note_written(walk);
    if (is_argument || is_written(walk->follow, slot)) return false;
    for (uint32_t at = 0; at < walk->analysed->function->instructions.count; at++) {
        const struct instruction *instruction = at_position(walk, at);
        if (!is_reached(walk, at)) continue;
        bool by_program = instruction->block_call || instruction->operation == OP_MARKER;
        if (by_program && touches(&walk->analysed->frame->places.at[at], slot)) return false;
        if (instruction->operation != OP_CALL || !call_has_address(walk, at, slot, true)) continue;
        if (!is_read_behind(walk, at, slot)) return false;
    }
    return true;
}

static bool writes_location(struct walk *walk, uint32_t at, uint32_t location)
{
    const struct instruction *instruction = at_position(walk, at);
    if (is_general_location(location)) return instruction_writes(instruction, location);
    if (!is_slot(location)) return true;
    const struct place *place = &walk->analysed->frame->places.at[at];
    bool writes = writes_memory(instruction) || instruction->block_call;
    if (!writes || place->indexed || !is_stack(place->start)) return false;
    enum overlap overlap = place_overlap(place, location_slot(&walk->follow->locations, location));
    return overlap == OVERLAP_WHOLE || overlap == OVERLAP_PART;
}

struct unset_word {
    struct root root;
    bool written_by_calls; /* alone, if at all */
};

static bool is_written_by_calls(struct walk *walk, uint32_t location)
{
    if (!is_slot(location)) return false;
    if (!walk->follow->written_known) note_written(walk);
    return !is_written(walk->follow, location_slot(&walk->follow->locations, location));
}

/* A call that is given the address of a word initialises it; one that lists it names a word that is no reference. */
static bool meets_call(struct walk *walk, uint32_t at, const struct unset_word *unset)
{
    struct follow *follow = walk->follow;
    struct root here = {at, unset->root.location, unset->root.marker};
    if (is_slot(here.location) && call_has_address(walk, at, location_slot(&follow->locations, here.location), unset->written_by_calls)) {
        vector_push(&follow->made, here);
        return true;
    }
    if (!walk->final || !is_root(follow, &here)) return false;
    walk->now = (struct follow_work){.location = here.location, .marker = here.marker, .mode = ROOT};
    refuse(walk, at,
           "which nothing has written on a path to this call; initialise the variable, in front of any jump over its declaration");
    return true;
}

/* Goes through a block, or the rest of it, with the location unwritten; true when it still is at the end. Memory that begins to exist
 * once more is followed from there already. */
static bool stays_unset(struct walk *walk, uint32_t first, const struct unset_word *unset)
{
    uint32_t end = walk->analysed->graph->blocks.at[walk->analysed->graph->block_of.at[first]].end;
    for (uint32_t at = first; at < end; at++) {
        if (at == unset->root.call) return false;
        if (writes_location(walk, at, unset->root.location)) return false;
        if (at_position(walk, at)->operation == OP_CALL && meets_call(walk, at, unset)) return false;
    }
    return true;
}

static void visit(struct follow *follow, uint32_t block)
{
    if (follow->visited.at[block]) return;
    follow->visited.at[block] = true;
    vector_push(&follow->pending, block);
}

static void visit_successors(struct walk *walk, uint32_t block)
{
    const struct graph *graph = walk->analysed->graph;
    for (uint32_t e = graph->first_edge.at[block]; e < graph->first_edge.at[block + 1]; e++) visit(walk->follow, graph->edges.at[e].to);
}

/* The blocks that the location reaches unwritten from where it began to exist. */
static void visit_first(struct walk *walk, const struct unset_word *unset)
{
    const struct graph *graph = walk->analysed->graph;
    if (unset->root.call == AT_ENTRY) {
        for (uint32_t b = 0; b < graph->blocks.count; b++)
            if (graph->blocks.at[b].entry) visit(walk->follow, b);
        return;
    }
    uint32_t block = graph->block_of.at[unset->root.call], next = unset->root.call + 1;
    if (next == graph->blocks.at[block].end || stays_unset(walk, next, unset)) visit_successors(walk, block);
}

/* Forwards along every path on which nothing has written the location. */
static void follow_unset(struct walk *walk, const struct unset_word *unset)
{
    struct follow *follow = walk->follow;
    const struct graph *graph = walk->analysed->graph;
    follow->visited.at = vector_grown(follow->visited.at, &follow->visited.room, graph->blocks.count, 1);
    memset(follow->visited.at, 0, graph->blocks.count);
    bool ok = walk->ok;
    walk->ok = true; /* one complaint for one word */
    visit_first(walk, unset);
    while (walk->ok && follow->pending.count) {
        uint32_t block = follow->pending.at[--follow->pending.count];
        if (stays_unset(walk, graph->blocks.at[block].first, unset)) visit_successors(walk, block);
    }
    vector_clear(&follow->pending);
    walk->ok &= ok;
}

void check_unset(struct walk *walk)
{
    for (size_t i = 0; i < walk->follow->unset.count; i++) {
        struct unset_word unset = {.root = walk->follow->unset.at[i]};
        bool before = false;
        for (size_t k = 0; k < i; k++) before |= walk->follow->unset.at[k].location == unset.root.location;
        if (before) continue;
        unset.written_by_calls = is_written_by_calls(walk, unset.root.location);
        follow_unset(walk, &unset);
    }
}
