#include "follow/zero_tests.h"
#include "x86_64/flags.h"
#include "x86_64/transfer.h"

/* Where a copied value was before; -1: it was none, or that is not known. */
static int64_t copied_from(struct walk *walk, uint32_t at, uint32_t location, struct transfer transfer)
{
    if (transfer.kind == TRANSFER_NONE) return location;
    return transfer.kind == TRANSFER_COPY ? operand_location(walk, at, transfer.operand, transfer.word) : -1;
}

static int64_t slot_before(struct walk *walk, uint32_t at, uint32_t location)
{
    const struct instruction *instruction = at_position(walk, at);
    const struct place *place = &walk->analysed->frame->places.at[at];
    struct value slot = location_slot(&walk->follow->locations, location);
    if (slot.symbol == (int32_t)at + SYMBOL_INSTRUCTION) return -1;
    if (!writes_memory(instruction)) return location;
    if (place->indexed || !is_stack(place->start)) return -1;
    enum overlap overlap = place_overlap(place, slot);
    if (overlap == OVERLAP_NONE) return location;
    uint32_t word = (uint32_t)((slot.offset - place->start.offset) / 8);
    return overlap == OVERLAP_WHOLE ? copied_from(walk, at, location, memory_transfer(instruction, word)) : -1;
}

/* The location that held, in front of the instruction, the value that `location` holds behind it; -1: not known. */
static int64_t place_before(struct walk *walk, uint32_t at, uint32_t location)
{
    const struct instruction *instruction = at_position(walk, at);
    if (instruction->operation == OP_CALL) return -1;
    if (is_slot(location)) return slot_before(walk, at, location);
    if (!is_general_location(location)) return -1;
    if (!instruction_writes(instruction, location)) return location;
    return copied_from(walk, at, location, register_transfer(instruction, location));
}

/* Whether both locations hold one value in front of the instruction at `at`, as far as its block shows. */
static bool are_copies(struct walk *walk, uint32_t at, int64_t a, int64_t b)
{
    uint32_t first = walk->analysed->graph->blocks.at[walk->analysed->graph->block_of.at[at]].first;
    while (a >= 0 && b >= 0 && a != b && at-- > first) {
        a = place_before(walk, at, (uint32_t)a);
        b = place_before(walk, at, (uint32_t)b);
    }
    return a >= 0 && a == b;
}

/* Whether the flags in front of the instruction at `at` say "equal" only if `location` is a number. */
static bool is_number_if_equal(struct walk *walk, uint32_t at, int64_t location)
{
    uint32_t first = walk->analysed->graph->blocks.at[walk->analysed->graph->block_of.at[at]].first;
    while (location >= 0 && at-- > first) {
        if (!sets_flags(at_position(walk, at))) {
            location = place_before(walk, at, (uint32_t)location);
            continue;
        }
        const struct operand *compared = operand_compared_with_number(at_position(walk, at));
        return compared && are_copies(walk, at, operand_location(walk, at, compared, 0), location);
    }
    return false;
}

bool is_number_on_edge(struct walk *walk, const struct edge *edge)
{
    uint32_t at = walk->analysed->graph->blocks.at[edge->from].end - 1;
    const struct instruction *branch = at_position(walk, at);
    if (branch->operation != OP_BRANCH || !(edge->kind == EDGE_JUMP ? branch->if_equal : branch->if_unequal)) return false;
    return is_number_if_equal(walk, at, walk->now.location);
}

bool is_number_if_moved(struct walk *walk, uint32_t at, int64_t location)
{
    return at_position(walk, at)->if_equal && is_number_if_equal(walk, at, location);
}

bool is_number_if_kept(struct walk *walk, uint32_t at, int64_t location)
{
    return at_position(walk, at)->if_unequal && is_number_if_equal(walk, at, location);
}
