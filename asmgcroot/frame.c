#include "frame.h"

#include <stdlib.h>

static const struct value unknown = {SYMBOL_UNKNOWN, 0};

static struct value constant(int64_t number)
{
    return (struct value){SYMBOL_CONSTANT, number};
}

static struct value moved(struct value value, int64_t by)
{
    if (value.symbol == SYMBOL_UNKNOWN) return unknown;
    value.offset = (int64_t)((uint64_t)value.offset + (uint64_t)by);
    return value;
}

static struct value made_by(uint32_t instruction)
{
    return (struct value){(int32_t)instruction + SYMBOL_INSTRUCTION, 0};
}

/* ---- One instruction ------------------------------------------------------------------------------- */

/* What the .cfi directives say of the register that the frame address is counted from. */
static struct value told(struct cfa_rule cfa)
{
    return (struct value){SYMBOL_FRAME, -(int64_t)cfa.offset};
}

static void heed_cfi(struct frame_state *state, const struct instruction *instruction)
{
    uint8_t base = instruction->cfa.base;
    if (base < GENERAL_REGISTERS && state->reg[base].symbol != SYMBOL_FRAME) state->reg[base] = told(instruction->cfa);
}

static struct value operand_value(const struct frame_state *state, const struct operand *operand)
{
    if (operand->kind == OPERAND_IMMEDIATE && !operand->symbolic) return constant(operand->number);
    if (is_general(operand)) return state->reg[operand->reg];
    return unknown;
}

static struct value address_of(const struct frame_state *state, const struct operand *memory)
{
    if (memory->symbolic || memory->segment || memory->base >= GENERAL_REGISTERS) return unknown;
    struct value base = state->reg[memory->base];
    if (memory->index != NO_REGISTER) return unknown;
    return moved(base, memory->number);
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
    return width == 8 ? value : unknown;
}

static struct value sum(struct value a, struct value b, char arithmetic)
{
    if (b.symbol == SYMBOL_CONSTANT) return moved(a, arithmetic == '+' ? b.offset : (int64_t)(0 - (uint64_t)b.offset));
    if (arithmetic == '+' && a.symbol == SYMBOL_CONSTANT) return moved(b, a.offset);
    return unknown;
}

static struct value modified_value(const struct frame_state *state, const struct instruction *instruction)
{
    const struct operand *op = instruction->op;
    if (instruction->operand_count != 2) return unknown;
    bool self = is_general(&op[0]) && is_general(&op[1]) && op[0].reg == op[1].reg && op[1].width >= 4;
    if (self && (instruction->arithmetic == '^' || instruction->arithmetic == '-')) return constant(0);
    if (op[1].width != 8 || !is_general(&op[1])) return unknown;
    if (instruction->arithmetic != '+' && instruction->arithmetic != '-') return unknown;
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
        *rsp = moved(*rsp, -8);
        state->pushed = instruction->operand_count ? operand_value(state, &instruction->op[0]) : unknown;
        return;
    case OP_POP:
        *rsp = moved(*rsp, 8);
        if (instruction->operand_count && is_general(&instruction->op[0]))
            state->reg[instruction->op[0].reg] = state->pushed;
        break;
    case OP_ENTER_LEAVE:
        *rsp = moved(state->reg[RBP], 8);
        state->reg[RBP] = unknown;
        break;
    default: break;
    }
    state->pushed = unknown;
}

static void step(struct frame_state *state, const struct instruction *instruction, uint32_t at)
{
    const struct operand *target = instruction_target(instruction);
    struct value value = unknown;
    switch (instruction->operation) {
    case OP_PUSH:
    case OP_POP:
    case OP_ENTER_LEAVE: step_stack(state, instruction); return;
    case OP_MOVE: value = moved_value(state, instruction); break;
    case OP_LEA: value = address_of(state, &instruction->op[0]); break;
    case OP_MODIFY: value = modified_value(state, instruction); break;
    default: break;
    }
    state->pushed = unknown;
    if (value.symbol == SYMBOL_UNKNOWN && makes_symbol(instruction))
        value = made_by(at); /* none is left of a turn before: join */
    for (unsigned r = 0; r < GENERAL_REGISTERS; r++)
        if (instruction->writes >> r & 1) state->reg[r] = target && is_register(target, r) ? value : unknown;
}

/* ---- Joining --------------------------------------------------------------------------------------- */

static bool join(struct frame_state *into, const struct frame_state *from)
{
    bool changed = false;
    into->pushed = unknown;
    for (unsigned r = 0; r < GENERAL_REGISTERS; r++) {
        if (into->reg[r].symbol == SYMBOL_UNKNOWN || value_equal(into->reg[r], from->reg[r])) continue;
        into->reg[r] = unknown;
        changed = true;
    }
    return changed;
}

static void reach(struct frame *frame, uint32_t block, const struct frame_state *state)
{
    if (!frame->reached.at[block]) {
        frame->reached.at[block] = true;
        frame->entry.at[block] = *state;
        frame->entry.at[block].pushed = unknown;
    } else if (!join(&frame->entry.at[block], state)) {
        return;
    }
    vector_push(&frame->work, block);
}

static struct frame_state entry_state(void)
{
    struct frame_state state = {0};
    state.reg[RSP] = (struct value){SYMBOL_FRAME, -8};
    return state;
}

static const struct instruction *last_of(const struct graph *graph, const struct function *function, uint32_t block)
{
    return &function->instructions.at[graph->blocks.at[block].end - 1];
}

/* An exception takes the call's pushed arguments from the stack. */
static struct frame_state state_behind(const struct frame_state *state, const struct edge *edge,
                                       const struct instruction *last)
{
    struct frame_state behind = *state;
    if (edge->kind != EDGE_PAD) return behind;
    bool told = last->pushed_arguments != UINT32_MAX;
    behind.reg[RSP] = told ? moved(state->reg[RSP], last->pushed_arguments) : unknown;
    return behind;
}

static void follow_block(struct frame *frame, const struct graph *graph, const struct function *function, uint32_t b)
{
    struct frame_state state = frame->entry.at[b];
    for (uint32_t i = graph->blocks.at[b].first; i < graph->blocks.at[b].end; i++) {
        heed_cfi(&state, &function->instructions.at[i]);
        step(&state, &function->instructions.at[i], i);
    }
    for (uint32_t e = graph->first_edge.at[b]; e < graph->first_edge.at[b + 1]; e++) {
        struct frame_state there = state_behind(&state, &graph->edges.at[e], last_of(graph, function, b));
        reach(frame, graph->edges.at[e].to, &there);
    }
}

static void prepare(struct frame *frame, size_t blocks, size_t instructions)
{
    frame->entry.at = vector_grown(frame->entry.at, &frame->entry.room, blocks, sizeof *frame->entry.at);
    frame->reached.at = vector_grown(frame->reached.at, &frame->reached.room, blocks, 1);
    memset(frame->reached.at, 0, blocks);
    frame->places.at = vector_grown(frame->places.at, &frame->places.room, instructions, sizeof *frame->places.at);
    frame->call_of.at = vector_grown(frame->call_of.at, &frame->call_of.room, instructions, sizeof(uint32_t));
    vector_clear(&frame->calls);
    vector_clear(&frame->work);
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
    struct value count = instruction->repeated ? state->reg[RCX] : constant(1);
    struct place place = {.start = state->reg[RDI], .span = UINT32_MAX};
    uint64_t bytes = (uint64_t)count.offset * instruction->width;
    if (count.symbol == SYMBOL_CONSTANT && instruction->width && bytes < INT32_MAX) place.span = (uint32_t)bytes;
    return place;
}

static struct place operand_place(const struct frame_state *state, const struct instruction *instruction)
{
    const struct operand *memory = memory_operand(instruction);
    struct place place = {.start = unknown, .span = access_bytes(instruction)};
    if (!memory || memory->segment || instruction->operation == OP_LEA) return place;
    struct value base = memory->base < GENERAL_REGISTERS ? state->reg[memory->base] : unknown;
    struct value index = memory->index < GENERAL_REGISTERS ? state->reg[memory->index] : unknown;
    place.start = address_of(state, memory);
    place.lost = memory->base == RSP && !is_stack(base);
    place.indexed = !is_stack(place.start) && (is_stack(base) || is_stack(index));
    if (place.indexed) place.start = moved(is_stack(base) ? base : index, memory->number);
    return place;
}

static struct place place_of(const struct frame_state *state, const struct instruction *instruction)
{
    struct value rsp = state->reg[RSP];
    if (instruction->operation == OP_STORE_STRING || instruction->operation == OP_MOVE_STRING)
        return string_place(state, instruction);
    if (instruction->operation == OP_PUSH)
        return (struct place){.start = moved(rsp, -8), .span = 8, .lost = !is_stack(rsp)};
    if (instruction->operation == OP_POP) return (struct place){.start = rsp, .span = 8, .lost = !is_stack(rsp)};
    if (instruction->operation == OP_ENTER_LEAVE)
        return (struct place){.start = state->reg[RBP], .span = 8, .lost = !is_stack(state->reg[RBP])};
    return operand_place(state, instruction);
}

/* ---- The account, once it is settled --------------------------------------------------------------- */

/* `instruction` is for the complaint. */
static bool check_cfi(const struct frame_state *state, struct cfa_rule cfa, const struct instruction *instruction,
                      const struct function *function, struct complaints *complaints)
{
    uint8_t base = cfa.base;
    if (base == NO_REGISTER) {
        complain(complaints, function_where(function, instruction),
                 "no .cfi directives here; compile with -fasynchronous-unwind-tables");
        return false;
    }
    if (base == REGISTER_OTHER || state->reg[base].symbol != SYMBOL_FRAME || value_equal(state->reg[base], told(cfa)))
        return true;
    complain(complaints, function_where(function, instruction),
             "the frame's shape is unclear: by its instructions the frame address is %s %+lld, by .cfi directives %+d",
             register_name(base), -(long long)state->reg[base].offset, cfa.offset);
    return false;
}

/* What a block leaves behind must be what the directives say where it leads. */
static bool check_edges(const struct frame_state *state, const struct graph *graph, const struct function *function,
                        uint32_t b, struct complaints *complaints)
{
    const struct instruction *last = last_of(graph, function, b);
    for (uint32_t e = graph->first_edge.at[b]; e < graph->first_edge.at[b + 1]; e++) {
        const struct edge *edge = &graph->edges.at[e];
        struct cfa_rule there = function->instructions.at[graph->blocks.at[edge->to].first].cfa;
        struct frame_state behind = state_behind(state, edge, last);
        if (!check_cfi(&behind, there, last, function, complaints)) return false;
    }
    return true;
}

/* GCC -Oz loads a number by `pushq $1; popq %rax`, and no directive tells of what is between. `pending` says that such
 * a pop is still to come. No call may stand there. */
static bool is_untold_push(const struct frame_state *state, const struct instruction *instruction, bool pending)
{
    return pending && instruction->operation != OP_CALL && instruction->cfa.base == RSP &&
           value_equal(state->reg[RSP], moved(told(instruction->cfa), -8));
}

static bool account_block(struct frame *frame, const struct graph *graph, const struct function *function, uint32_t b,
                          struct complaints *complaints)
{
    struct frame_state state = frame->entry.at[b];
    bool pending = false;
    for (uint32_t i = graph->blocks.at[b].first; i < graph->blocks.at[b].end; i++) {
        const struct instruction *instruction = &function->instructions.at[i];
        if (!is_untold_push(&state, instruction, pending) &&
            !check_cfi(&state, instruction->cfa, instruction, function, complaints))
            return false;
        pending = (instruction->operation == OP_PUSH && instruction->op[0].kind == OPERAND_IMMEDIATE) ||
                  (pending && instruction->operation != OP_POP);
        heed_cfi(&state, instruction);
        frame->places.at[i] = place_of(&state, instruction);
        if (instruction->operation == OP_CALL) {
            frame->call_of.at[i] = (uint32_t)frame->calls.count;
            vector_push(&frame->calls, state);
        }
        step(&state, instruction, i);
    }
    return check_edges(&state, graph, function, b, complaints);
}

bool frame_follow(struct frame *frame, const struct graph *graph, const struct function *function,
                  struct complaints *complaints)
{
    size_t blocks = graph->blocks.count;
    prepare(frame, blocks, function->instructions.count);
    struct frame_state entry = entry_state();
    for (uint32_t b = 0; b < blocks; b++)
        if (graph->blocks.at[b].entry) reach(frame, b, &entry);
    while (frame->work.count) follow_block(frame, graph, function, frame->work.at[--frame->work.count]);
    for (uint32_t b = 0; b < blocks; b++)
        if (frame->reached.at[b] && !account_block(frame, graph, function, b, complaints)) return false;
    return true;
}

void frame_free(struct frame *frame)
{
    vector_free(&frame->entry);
    vector_free(&frame->reached);
    vector_free(&frame->places);
    vector_free(&frame->calls);
    vector_free(&frame->call_of);
    vector_free(&frame->work);
}
