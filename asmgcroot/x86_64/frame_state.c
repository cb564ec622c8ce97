#include "x86_64/frame_state.h"
#include "x86_64/transfer.h"

static struct value constant(int64_t number)
{
    return (struct value){SYMBOL_CONSTANT, number};
}

struct value value_moved(struct value value, int64_t by)
{
    if (value.symbol == SYMBOL_UNKNOWN) return value_unknown;
    value.offset = (int64_t)((uint64_t)value.offset + (uint64_t)by);
    return value;
}

static struct value made_by(uint32_t instruction)
{
    return (struct value){(int32_t)instruction + SYMBOL_INSTRUCTION, 0};
}

/* ---- Registers ------------------------------------------------------------------------------------- */

struct value value_told(struct cfa_rule cfa)
{
    return (struct value){SYMBOL_FRAME, -(int64_t)cfa.offset};
}

struct frame_state frame_state_at_entry(void)
{
    struct frame_state state = {0};
    state.reg[cfa_at_entry.base] = value_told(cfa_at_entry);
    return state;
}

void frame_state_heed_cfi(struct frame_state *state, const struct instruction *instruction)
{
    uint8_t base = instruction->cfa.base;
    if (base < GENERAL_REGISTERS && state->reg[base].symbol != SYMBOL_FRAME) state->reg[base] = value_told(instruction->cfa);
}

static struct value operand_value(const struct frame_state *state, const struct operand *operand)
{
    if (operand->kind == OPERAND_IMMEDIATE && !operand->symbolic) return constant(operand->number);
    if (is_general(operand)) return state->reg[operand->reg];
    return value_unknown;
}

static struct value address_of(const struct frame_state *state, const struct operand *memory)
{
    if (memory->symbolic || memory->segment || memory->base >= GENERAL_REGISTERS) return value_unknown;
    struct value base = state->reg[memory->base];
    if (memory->index != NO_REGISTER) return value_unknown;
    return value_moved(base, memory->number);
}

static uint8_t operand_width(const struct instruction *instruction)
{
    const struct operand *target = instruction_target(instruction);
    return target && is_general(target) ? target->width : instruction->width;
}

static struct value moved_value(const struct frame_state *state, const struct instruction *instruction)
{
    struct value value = operand_value(state, &instruction->op[0]);
    uint8_t width = operand_width(instruction);
    if (width == 4 && value.symbol == SYMBOL_CONSTANT) return constant((int64_t)(uint32_t)value.offset);
    return width == 8 ? value : value_unknown;
}

static struct value sum(struct value a, struct value b, char arithmetic)
{
    if (b.symbol == SYMBOL_CONSTANT) return value_moved(a, arithmetic == '+' ? b.offset : (int64_t)(0 - (uint64_t)b.offset));
    if (arithmetic == '+' && a.symbol == SYMBOL_CONSTANT) return value_moved(b, a.offset);
    return value_unknown;
}

static struct value modified_value(const struct frame_state *state, const struct instruction *instruction)
{
    const struct operand *op = instruction->op;
    if (instruction->operand_count != 2) return value_unknown;
    bool self = is_general(&op[0]) && is_general(&op[1]) && op[0].reg == op[1].reg && op[1].width >= 4;
    if (self && (instruction->arithmetic == '^' || instruction->arithmetic == '-')) return constant(0);
    if (op[1].width != 8 || !is_general(&op[1])) return value_unknown;
    if (instruction->arithmetic != '+' && instruction->arithmetic != '-') return value_unknown;
    return sum(state->reg[op[1].reg], operand_value(state, &op[0]), instruction->arithmetic);
}

/* The stack pointer by an unknown amount: a new symbol, so that what lies relative to it can still be followed. */
static bool makes_symbol(const struct instruction *instruction)
{
    const struct operand *target = instruction_target(instruction);
    if (!target || !is_register(target, RSP)) return false;
    return instruction->operation == OP_MODIFY || instruction->operation == OP_LEA ||
           (instruction->operation == OP_MOVE && is_general(&instruction->op[0]));
}

static void step_stack(struct frame_state *state, const struct instruction *instruction)
{
    struct value *rsp = &state->reg[RSP];
    switch (instruction->operation) {
    case OP_PUSH:
        *rsp = value_moved(*rsp, -8);
        state->pushed = instruction->operand_count ? operand_value(state, &instruction->op[0]) : value_unknown;
        return;
    case OP_POP:
        *rsp = value_moved(*rsp, 8);
        if (instruction->operand_count && is_general(&instruction->op[0])) state->reg[instruction->op[0].reg] = state->pushed;
        break;
    case OP_ENTER_LEAVE:
        *rsp = value_moved(state->reg[RBP], 8);
        state->reg[RBP] = value_unknown;
        break;
    default: break;
    }
    state->pushed = value_unknown;
}

/* Perhaps. */
static bool changes_pushed(const struct instruction *instruction)
{
    return instruction->operation == OP_CALL || instruction->writes >> RSP & 1 || writes_memory(instruction);
}

static struct value string_bytes(const struct frame_state *state, const struct instruction *instruction)
{
    struct value count = instruction->repeated ? state->reg[RCX] : constant(1);
    uint64_t bytes = (uint64_t)count.offset * instruction->width;
    bool known = count.symbol == SYMBOL_CONSTANT && instruction->width && count.offset >= 0 && count.offset < INT32_MAX / 8;
    return known ? constant((int64_t)bytes) : value_unknown;
}

static struct value behind(struct value start, struct value bytes)
{
    return bytes.symbol == SYMBOL_CONSTANT ? value_moved(start, bytes.offset) : value_unknown;
}

/* A comparison may end early. */
static void step_string(struct frame_state *state, const struct instruction *instruction)
{
    bool compares = instruction->operation == OP_COMPARE_STRING;
    struct value bytes = compares ? value_unknown : string_bytes(state, instruction);
    if (instruction->writes >> RDI & 1) state->reg[RDI] = behind(state->reg[RDI], bytes);
    if (instruction->writes >> RSI & 1) state->reg[RSI] = behind(state->reg[RSI], bytes);
    if (instruction->repeated) state->reg[RCX] = compares ? value_unknown : constant(0);
    state->pushed = value_unknown;
}

void frame_state_step(struct frame_state *state, const struct instruction *instruction, uint32_t at)
{
    const struct operand *target = instruction_target(instruction);
    struct value value = value_unknown;
    switch (instruction->operation) {
    case OP_PUSH:
    case OP_POP:
    case OP_ENTER_LEAVE: step_stack(state, instruction); return;
    case OP_STORE_STRING:
    case OP_MOVE_STRING:
    case OP_COMPARE_STRING: step_string(state, instruction); return;
    case OP_MOVE: value = moved_value(state, instruction); break;
    case OP_LEA: value = address_of(state, &instruction->op[0]); break;
    case OP_MODIFY: value = modified_value(state, instruction); break;
    default: break;
    }
    if (changes_pushed(instruction)) state->pushed = value_unknown;
    if (value.symbol == SYMBOL_UNKNOWN && makes_symbol(instruction)) value = made_by(at); /* none is left of a turn before: join */
    for (unsigned r = 0; r < GENERAL_REGISTERS; r++)
        if (instruction->writes >> r & 1) state->reg[r] = target && is_register(target, r) ? value : value_unknown;
}

/* ---- Memory ---------------------------------------------------------------------------------------- */

static const struct operand *memory_operand(const struct instruction *instruction)
{
    for (unsigned o = 0; o < instruction->operand_count; o++)
        if (instruction->op[o].kind == OPERAND_MEMORY) return &instruction->op[o];
    return NULL;
}

static uint32_t access_bytes(const struct instruction *instruction)
{
    if (instruction->operation == OP_MARKER) return 8 * instruction->marker_count;
    switch (instruction->operation) {
    case OP_VECTOR_WORD:
    case OP_VECTOR_LOW:
    case OP_VECTOR_SCALAR:
    case OP_VECTOR_HIGH: return 8;
    case OP_VECTOR_EXTRACT:
    case OP_VECTOR_INSERT:
    case OP_VECTOR_BROADCAST: return instruction->width;
    case OP_COMPARE_EXCHANGE_PAIR: return 16;
    case OP_X87: return instruction->width == 255 ? UINT32_MAX : instruction->width;
    default: break;
    }
    uint32_t bytes = instruction->width;
    for (unsigned o = 0; o < instruction->operand_count; o++) {
        const struct operand *operand = &instruction->op[o];
        if (operand->kind == OPERAND_REGISTER && !instruction->width && operand->width > bytes) bytes = operand->width;
    }
    return bytes ? bytes : 8;
}

static struct place string_place(const struct frame_state *state, const struct instruction *instruction)
{
    struct value bytes = string_bytes(state, instruction);
    struct place place = {.start = state->reg[RDI], .span = UINT32_MAX, .from.start = state->reg[RSI]};
    if (bytes.symbol == SYMBOL_CONSTANT) place.span = (uint32_t)bytes.offset;
    return place;
}

static struct place block_place(const struct frame_state *state)
{
    struct value bytes = state->reg[RDX];
    bool known = bytes.symbol == SYMBOL_CONSTANT && bytes.offset >= 0 && bytes.offset < INT32_MAX;
    return (struct place){.start = state->reg[RDI], .span = known ? (uint32_t)bytes.offset : UINT32_MAX, .from.start = state->reg[RSI]};
}

static struct place operand_place(const struct frame_state *state, const struct instruction *instruction)
{
    const struct operand *memory = memory_operand(instruction);
    struct place place = {.start = value_unknown, .span = access_bytes(instruction)};
    if (!memory || memory->segment || instruction->operation == OP_LEA) return place;
    struct value base = memory->base < GENERAL_REGISTERS ? state->reg[memory->base] : value_unknown;
    struct value index = memory->index < GENERAL_REGISTERS ? state->reg[memory->index] : value_unknown;
    place.start = address_of(state, memory);
    place.lost = memory->base == RSP && !is_stack(base);
    place.indexed = !is_stack(place.start) && (is_stack(base) || is_stack(index));
    if (place.indexed) place.start = value_moved(is_stack(base) ? base : index, memory->number);
    return place;
}

/* Into memory: its address is taken when the stack pointer has moved. */
static struct place pop_place(const struct frame_state *state, const struct instruction *instruction)
{
    struct frame_state popped = *state;
    struct value rsp = state->reg[RSP];
    if (!memory_operand(instruction)) return (struct place){.start = rsp, .span = 8, .lost = !is_stack(rsp)};
    popped.reg[RSP] = value_moved(rsp, 8);
    struct place place = operand_place(&popped, instruction);
    place.from = (struct copied_from){rsp, false, !is_stack(rsp)};
    return place;
}

struct place place_of(const struct frame_state *state, const struct instruction *instruction)
{
    struct value rsp = state->reg[RSP];
    if (is_string_operation(instruction)) return string_place(state, instruction);
    if (instruction->block_call) return block_place(state);
    if (instruction->operation == OP_PUSH) {
        struct place read = operand_place(state, instruction);
        return (struct place){value_moved(rsp, -8), 8, false, !is_stack(rsp), {read.start, read.indexed, read.lost}};
    }
    if (instruction->operation == OP_POP) return pop_place(state, instruction);
    if (instruction->operation == OP_ENTER_LEAVE)
        return (struct place){.start = state->reg[RBP], .span = 8, .lost = !is_stack(state->reg[RBP])};
    return operand_place(state, instruction);
}

enum overlap place_overlap(const struct place *place, struct value slot)
{
    if (place->start.symbol != slot.symbol) return OVERLAP_NONE;
    int64_t distance = slot.offset - place->start.offset;
    if (distance <= -8 || distance >= (int64_t)place->span) return OVERLAP_NONE;
    if (distance < 0 || distance % 8 || distance + 8 > (int64_t)place->span) return OVERLAP_PART;
    return place->span == UINT32_MAX ? OVERLAP_PERHAPS : OVERLAP_WHOLE;
}
