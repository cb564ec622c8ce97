#include "follow/frame.h"
#include "follow/spills.h"

#include <stdlib.h>

/* ---- Joining --------------------------------------------------------------------------------------- */

static bool join(struct frame_state *into, const struct frame_state *from)
{
    bool changed = false;
    into->pushed = value_unknown;
    for (unsigned r = 0; r < GENERAL_REGISTERS; r++) {
        if (into->reg[r].symbol == SYMBOL_UNKNOWN || value_equal(into->reg[r], from->reg[r])) continue;
        into->reg[r] = value_unknown;
        changed = true;
    }
    return spills_join(into, from) || changed;
}

static void reach(struct frame *frame, uint32_t block, const struct frame_state *state)
{
    if (!frame->reached.at[block]) {
        frame->reached.at[block] = true;
        frame->entry.at[block] = *state;
        frame->entry.at[block].pushed = value_unknown;
    } else if (!join(&frame->entry.at[block], state)) {
        return;
    }
    vector_push(&frame->work, block);
}

static const struct instruction *last_of(const struct graph *graph, const struct function *function, uint32_t block)
{
    return &function->instructions.at[graph->blocks.at[block].end - 1];
}

/* An exception takes the call's pushed arguments from the stack. */
static struct frame_state state_behind(const struct frame_state *state, const struct edge *edge, const struct instruction *last)
{
    struct frame_state behind = *state;
    if (edge->kind != EDGE_PAD) return behind;
    bool told = last->pushed_arguments != UINT32_MAX;
    behind.reg[STACK_POINTER] = told ? value_moved(state->reg[STACK_POINTER], last->pushed_arguments) : value_unknown;
    return behind;
}

static void step(const struct frame *frame, struct frame_state *state, const struct instruction *instruction, uint32_t at)
{
    if (!frame->follows_spills) return frame_state_step(state, instruction, at);
    struct frame_state before = *state;
    frame_state_step(state, instruction, at);
    spills_step(frame, &before, state, instruction);
}

static void follow_block(struct frame *frame, const struct graph *graph, const struct function *function, uint32_t b)
{
    struct frame_state state = frame->entry.at[b];
    for (uint32_t i = graph->blocks.at[b].first; i < graph->blocks.at[b].end; i++) {
        frame_state_heed_cfi(&state, &function->instructions.at[i]);
        step(frame, &state, &function->instructions.at[i], i);
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
    frame->places.at = vector_grown(frame->places.at, &frame->places.room, instructions, sizeof *frame->places.at);
    frame->call_of.at = vector_grown(frame->call_of.at, &frame->call_of.room, instructions, sizeof(uint32_t));
    vector_clear(&frame->calls);
    vector_clear(&frame->addresses);
    vector_clear(&frame->work);
    frame->follows_spills = false;
}

static void follow_blocks(struct frame *frame, const struct graph *graph, const struct function *function)
{
    size_t blocks = graph->blocks.count;
    memset(frame->reached.at, 0, blocks);
    struct frame_state entry = frame_state_at_entry();
    for (uint32_t b = 0; b < blocks; b++)
        if (graph->blocks.at[b].entry) reach(frame, b, &entry);
    while (frame->work.count) follow_block(frame, graph, function, frame->work.at[--frame->work.count]);
}

/* Of the frame, in general registers; behind the instruction. */
static void note_addresses(struct frame *frame, const struct frame_state *state, const struct instruction *instruction)
{
    for (unsigned r = 0; r < GENERAL_REGISTERS; r++)
        if (r != STACK_POINTER && instruction->writes >> r & 1 && is_stack(state->reg[r])) vector_push(&frame->addresses, state->reg[r]);
}

/* Notes the addresses on the way. */
static bool any_spills(struct frame *frame, const struct graph *graph, const struct function *function)
{
    bool any = false;
    for (uint32_t b = 0; b < graph->blocks.count; b++) {
        struct frame_state state = frame->entry.at[b];
        for (uint32_t i = graph->blocks.at[b].first; frame->reached.at[b] && i < graph->blocks.at[b].end; i++) {
            const struct instruction *instruction = &function->instructions.at[i];
            frame_state_heed_cfi(&state, instruction);
            any |= may_spill_address(&state, instruction);
            step(frame, &state, instruction, i);
            note_addresses(frame, &state, instruction);
        }
    }
    return any && frame->addresses.count;
}

/* ---- The account, once it is settled --------------------------------------------------------------- */

/* `instruction` is for the complaint. */
static bool check_cfi(const struct frame_state *state, struct cfa_rule cfa, const struct instruction *instruction,
                      const struct function *function, struct complaints *complaints)
{
    uint8_t base = cfa.base;
    if (base == NO_REGISTER) {
        complain(complaints, function_where(function, instruction), "no .cfi directives here; compile with -fasynchronous-unwind-tables");
        return false;
    }
    if (base == REGISTER_OTHER || state->reg[base].symbol != SYMBOL_FRAME || value_equal(state->reg[base], value_told(cfa))) return true;
    complain(complaints, function_where(function, instruction),
             "the frame's shape is unclear: by its instructions the frame address is %s %+lld, by .cfi directives %+d; compile with "
             "-fasynchronous-unwind-tables, and write no prologues by hand",
             register_name(base), -(long long)state->reg[base].offset, cfa.offset);
    return false;
}

/* What a block leaves behind must be what the directives say where it leads. */
static bool check_edges(const struct frame_state *state, const struct graph *graph, const struct function *function, uint32_t b,
                        struct complaints *complaints)
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
    return pending && instruction->operation != OP_CALL && instruction->cfa.base == STACK_POINTER &&
           value_equal(state->reg[STACK_POINTER], value_moved(value_told(instruction->cfa), -8));
}

static bool account_block(struct frame *frame, const struct graph *graph, const struct function *function, uint32_t b,
                          struct complaints *complaints)
{
    struct frame_state state = frame->entry.at[b];
    bool pending = false;
    for (uint32_t i = graph->blocks.at[b].first; i < graph->blocks.at[b].end; i++) {
        const struct instruction *instruction = &function->instructions.at[i];
        if (!is_untold_push(&state, instruction, pending) && !check_cfi(&state, instruction->cfa, instruction, function, complaints))
            return false;
        pending = (instruction->operation == OP_PUSH && instruction->op[0].kind == OPERAND_IMMEDIATE) ||
                  (pending && instruction->operation != OP_POP);
        frame_state_heed_cfi(&state, instruction);
        frame->places.at[i] = place_of(&state, instruction);
        if (instruction->operation == OP_CALL) {
            frame->call_of.at[i] = (uint32_t)frame->calls.count;
            vector_push(&frame->calls, state);
        }
        step(frame, &state, instruction, i);
        note_addresses(frame, &state, instruction);
    }
    return check_edges(&state, graph, function, b, complaints);
}

bool frame_follow(struct frame *frame, const struct graph *graph, const struct function *function, struct complaints *complaints)
{
    size_t blocks = graph->blocks.count;
    prepare(frame, blocks, function->instructions.count);
    follow_blocks(frame, graph, function);
    if (any_spills(frame, graph, function)) {
        frame->follows_spills = true;
        follow_blocks(frame, graph, function);
    }
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
    vector_free(&frame->addresses);
    vector_free(&frame->work);
}
