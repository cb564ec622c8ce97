#include "follow/spills.h"
#include "x86_64/transfer.h"

static bool moves_word(const struct instruction *instruction)
{
    const struct operand *target = instruction_target(instruction);
    return instruction->operation == OP_MOVE && instruction->operand_count == 2 &&
           (instruction->width == 8 || (is_general(&instruction->op[0]) ? instruction->op[0].width : target->width) == 8);
}

static bool is_stored_word(const struct instruction *instruction, const struct place *place)
{
    return moves_word(instruction) && is_general(&instruction->op[0]) && instruction->op[1].kind == OPERAND_MEMORY &&
           is_stack(place->start) && !place->indexed;
}

static bool is_spill(const struct frame_state *state, const struct instruction *instruction, const struct place *place)
{
    return is_stored_word(instruction, place) && is_stack(state->reg[instruction->op[0].reg]);
}

bool may_spill_address(const struct frame_state *state, const struct instruction *instruction)
{
    struct place place = place_of(state, instruction);
    return is_stored_word(instruction, &place) && state->reg[instruction->op[0].reg].symbol != SYMBOL_CONSTANT;
}

static bool has_address(const struct frame *frame, struct value slot)
{
    for (size_t i = 0; i < frame->addresses.count; i++)
        if (frame->addresses.at[i].symbol == slot.symbol && frame->addresses.at[i].offset <= slot.offset) return true;
    return false;
}

static void forget(struct frame_state *state, const struct place *place)
{
    for (unsigned i = 0; i < SPILLS; i++)
        if (is_stack(state->spills[i].slot) && place_overlap(place, state->spills[i].slot) != OVERLAP_NONE)
            state->spills[i] = (struct spill){value_unknown, value_unknown};
}

static void remember(struct frame_state *state, struct value slot, struct value address)
{
    for (unsigned i = 0; i < SPILLS; i++) {
        if (is_stack(state->spills[i].slot)) continue;
        state->spills[i] = (struct spill){slot, address};
        return;
    }
}

static struct value spilled_in(const struct frame_state *state, struct value slot)
{
    for (unsigned i = 0; i < SPILLS; i++)
        if (is_stack(slot) && value_equal(state->spills[i].slot, slot)) return state->spills[i].address;
    return value_unknown;
}

/* Memory that begins to exist once more: what was known of the piece before it is none of it. */
static void forget_symbol(struct frame_state *state, int32_t symbol)
{
    for (unsigned i = 0; i < SPILLS; i++)
        if (state->spills[i].slot.symbol == symbol || state->spills[i].address.symbol == symbol)
            state->spills[i] = (struct spill){value_unknown, value_unknown};
}

void spills_step(const struct frame *frame, const struct frame_state *before, struct frame_state *state,
                 const struct instruction *instruction)
{
    int32_t symbol = state->reg[STACK_POINTER].symbol;
    if (symbol != before->reg[STACK_POINTER].symbol && symbol >= SYMBOL_INSTRUCTION) forget_symbol(state, symbol);
    struct place place = place_of(before, instruction);
    if (writes_memory(instruction) && !place.indexed) forget(state, &place);
    if (is_spill(before, instruction, &place) && !has_address(frame, place.start))
        remember(state, place.start, before->reg[instruction->op[0].reg]);
    const struct operand *target = instruction_target(instruction);
    if (moves_word(instruction) && instruction->op[0].kind == OPERAND_MEMORY && is_general(target) && target->reg != STACK_POINTER)
        state->reg[target->reg] = spilled_in(before, place.indexed ? value_unknown : place.start);
}

bool spills_join(struct frame_state *into, const struct frame_state *from)
{
    bool changed = false;
    for (unsigned i = 0; i < SPILLS; i++) {
        struct spill *spill = &into->spills[i];
        if (!is_stack(spill->slot) || value_equal(spilled_in(from, spill->slot), spill->address)) continue;
        *spill = (struct spill){value_unknown, value_unknown};
        changed = true;
    }
    return changed;
}
