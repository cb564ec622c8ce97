/* Following works backwards over (position, location) pairs, each looked at once however many markers lead there: the
 * answer does not depend on where it came from. There are four modes.
 *
 * ROOT: from a marker back to where the reference came from: a load, a result, an argument, another marker. Every call
 * on the way that may collect lists the location: after inlining, one marker stands for all calls of the inlined body.
 * Reaching the function's entry with a location that nothing has written is an error: a map would name a word that is
 * no reference.
 *
 * SOURCE: from arithmetic on the way back to the call before it: were its operands references then? What comes of it would be an
 * address inside an object. Numbers are fine: an immediate is made by arithmetic.
 *
 * ARRAY: from a load out of an array on the stack, by an index, back to the call before it, which must list some of the
 * array's elements: else nothing says that they were updated.
 *
 * ELEMENT: the same from a copy out of the stack of a number of words that is not known, for the first of them: the call lists it, or
 * it was written since. */
#include "follow/back.h"
#include "follow/unset.h"
#include "follow/work.h"
#include "follow/zero_tests.h"
#include "source/collecting.h"
#include "x86_64/transfer.h"

#include <stdlib.h>

/* ---- Where a location's value came from ------------------------------------------------------------ */

static const char unknown_place[] = "and comes from the stack at a place that is not known; report it with the instruction";

/* What the last step found. */
enum step { SAME, STOP };

/* The value is a copy of word `word` of `source`. */
static enum step from_operand(struct walk *walk, uint32_t at, const struct operand *source, uint32_t word)
{
    if (source->kind == OPERAND_IMMEDIATE) return STOP;
    if (source->kind != OPERAND_MEMORY && !is_general(source) && !is_vector(source) && !is_mask(source)) {
        refuse(walk, at, "and comes from a register that cannot be followed; report it with the instruction");
        return STOP;
    }
    int64_t location = operand_location(walk, at, source, word);
    const struct place *place = &walk->analysed->frame->places.at[at];
    if (location >= 0) {
        go_on(walk, at, (uint32_t)location, walk->now.mode);
    } else if (source->kind == OPERAND_MEMORY && place->lost) {
        refuse(walk, at, unknown_place);
    } else if (source->kind == OPERAND_MEMORY && place->indexed) {
        if (walk->now.mode == ROOT) go_on(walk, at, slot_location(&walk->follow->locations, place->start), ARRAY);
    }
    return STOP; /* any other memory was read after the call */
}

/* The value is computed from the operands. */
static enum step from_arithmetic(struct walk *walk, uint32_t at, bool with_target)
{
    const struct instruction *instruction = at_position(walk, at);
    unsigned count = instruction->operand_count;
    for (unsigned o = 0; o < count - !with_target; o++) {
        const struct operand *operand = &instruction->op[o];
        if (is_general(operand)) go_on(walk, at, operand->reg, SOURCE);
        if (operand->kind != OPERAND_MEMORY) continue;
        if (instruction->operation == OP_LEA) {
            if (operand->base < GENERAL_REGISTERS && operand->base != STACK_POINTER) go_on(walk, at, operand->base, SOURCE);
            if (operand->index < GENERAL_REGISTERS) go_on(walk, at, operand->index, SOURCE);
        } else {
            int64_t location = operand_location(walk, at, operand, 0);
            if (location >= 0) go_on(walk, at, (uint32_t)location, SOURCE);
        }
    }
    return STOP;
}

/* Upwards, so that what is written may be read again: no copy. */
static bool overtakes(const struct place *place)
{
    const struct value from = place->from.start;
    int64_t ahead = place->start.offset - from.offset;
    return from.symbol == place->start.symbol && ahead > 0 && ahead < (int64_t)place->span;
}

/* The value is a copy of memory that the instruction names apart from where it writes. */
static enum step from_memory(struct walk *walk, uint32_t at, struct transfer transfer)
{
    const struct place *place = &walk->analysed->frame->places.at[at];
    struct value word = value_moved(place->from.start, (int64_t)transfer.word * 8);
    enum step step = transfer.perhaps ? SAME : STOP;
    if (place->from.lost) refuse(walk, at, unknown_place);
    if (!is_stack(word)) return step; /* read after the call */
    enum mode mode = transfer.perhaps ? ELEMENT : place->from.indexed ? ARRAY : (enum mode)walk->now.mode;
    if (mode >= ARRAY && walk->now.mode != ROOT) return step;
    if (mode < ARRAY && at_position(walk, at)->operation == OP_MOVE_STRING && overtakes(place))
        refuse(walk, at, "and this instruction reads again what it has just written; copy with memmove");
    else go_on(walk, at, slot_location(&walk->follow->locations, word), mode);
    return step;
}

/* The push in front of a pop whose word it takes, where the stack pointer is not known: behind arrays of variable length. -1: none. */
static int64_t push_before(const struct walk *walk, uint32_t at)
{
    unsigned inside = 0;
    for (uint32_t i = at; i-- > walk->analysed->graph->blocks.at[walk->now.block].first;) {
        const struct instruction *instruction = at_position(walk, i);
        if (instruction->operation == OP_PUSH) {
            if (!inside--) return i;
        } else if (instruction->operation == OP_POP) {
            inside++;
        } else if (instruction->operation == OP_CALL || instruction->writes >> STACK_POINTER & 1 ||
                   (writes_memory(instruction) && walk->analysed->frame->places.at[i].lost)) {
            return -1;
        }
    }
    return -1;
}

static enum step step_written(struct walk *walk, uint32_t at, struct transfer transfer);

/* The word of the stack that the instruction takes the value from: pop, leave. */
static enum step from_stack(struct walk *walk, uint32_t at)
{
    const struct place *place = &walk->analysed->frame->places.at[at];
    int64_t push = is_stack(place->start) ? -1 : push_before(walk, at);
    if (push >= 0) return step_written(walk, (uint32_t)push, memory_transfer(at_position(walk, (uint32_t)push), 0));
    if (is_stack(place->start)) go_on(walk, at, slot_location(&walk->follow->locations, place->start), (enum mode)walk->now.mode);
    else refuse(walk, at, unknown_place);
    return STOP;
}

/* The value is one of the operands' or stays as it was. */
static enum step from_either(struct walk *walk, uint32_t at, const struct operand *source, uint32_t word)
{
    if (!is_number_if_moved(walk, at, operand_location(walk, at, source, word))) from_operand(walk, at, source, word);
    return is_number_if_kept(walk, at, walk->now.location) ? STOP : SAME;
}

static enum step unclear(struct walk *walk, uint32_t at, const char *why)
{
    refuse(walk, at, why);
    return STOP;
}

/* The instruction writes the location. */
static enum step step_written(struct walk *walk, uint32_t at, struct transfer transfer)
{
    switch (transfer.kind) {
    case TRANSFER_NONE: return SAME;
    case TRANSFER_COPY: return from_operand(walk, at, transfer.operand, transfer.word);
    case TRANSFER_EITHER: return from_either(walk, at, transfer.operand, transfer.word);
    case TRANSFER_COMPUTED: return from_arithmetic(walk, at, transfer.from_target);
    case TRANSFER_MOVED: return from_memory(walk, at, transfer);
    case TRANSFER_STACK: return from_stack(walk, at);
    case TRANSFER_ADVANCED: go_on(walk, at, walk->now.location, SOURCE); return STOP;
    case TRANSFER_UNCLEAR: return unclear(walk, at, transfer.why);
    default: return STOP;
    }
}

/* Harmless as long as no call lists the location before something is written there: check_unset. */
static enum step begins(struct walk *walk, uint32_t at)
{
    if (walk->now.mode == ROOT) vector_push(&walk->follow->unset, (struct root){at, walk->now.location, walk->now.marker});
    return STOP;
}

/* The instruction writes memory: the slot, or another place. */
static enum step step_place(struct walk *walk, uint32_t at, struct value slot)
{
    const struct instruction *instruction = at_position(walk, at);
    const struct place *place = &walk->analysed->frame->places.at[at];
    if (place->indexed || !is_stack(place->start)) return SAME; /* an array, or not the frame: no spilled word */
    uint32_t word = (uint32_t)((slot.offset - place->start.offset) / 8);
    switch (place_overlap(place, slot)) {
    case OVERLAP_NONE: return SAME;
    case OVERLAP_PART:
        return unclear(walk, at, "and this instruction writes only a part of it; keep references and numbers in variables of their own");
    case OVERLAP_PERHAPS: return step_written(walk, at, memory_transfer_perhaps(instruction));
    default: return step_written(walk, at, memory_transfer(instruction, word));
    }
}

static enum step step_slot(struct walk *walk, uint32_t at)
{
    struct value slot = location_slot(&walk->follow->locations, walk->now.location);
    if (slot.symbol == (int32_t)at + SYMBOL_INSTRUCTION) return begins(walk, at);
    return writes_memory(at_position(walk, at)) ? step_place(walk, at, slot) : SAME;
}

/* ---- Calls ----------------------------------------------------------------------------------------- */

/* The location is a word that the call initialises: the result's, or a variable given by its address. */
static bool is_made_by(struct walk *walk, uint32_t at)
{
    if (is_slot(walk->now.location)) {
        struct value slot = location_slot(&walk->follow->locations, walk->now.location);
        if (call_has_address(walk, at, slot, true) && is_result_word(walk, slot)) return true;
    }
    for (size_t i = 0; i < walk->follow->made.count; i++)
        if (walk->follow->made.at[i].call == at && walk->follow->made.at[i].location == walk->now.location) return true;
    return false;
}

static void add_root(struct walk *walk, uint32_t at)
{
    if (walk->analysed->function->comes_back) {
        refuse(walk, at,
               "in a function that calls setjmp, or that a nested function jumps back to: the jump would bring back its "
               "old value; keep the reference in a function of its own");
        return;
    }
    vector_push(&walk->follow->roots, (struct root){at, walk->now.location, walk->now.marker});
}

/* A location that the call leaves alone, unless it has its address. */
static enum step step_kept(struct walk *walk, uint32_t at)
{
    const struct instruction *call = at_position(walk, at);
    if (is_made_by(walk, at)) return STOP;
    if (!may_collect(walk->analysed->source, call)) return SAME;
    if (walk->now.mode == ROOT) {
        add_root(walk, at);
        return SAME;
    }
    vector_push(&walk->follow->derived, (struct root){at, walk->now.location, walk->now.marker});
    return STOP;
}

/* memset and its like, where it is known how much they write: as an instruction does. */
static bool is_block_here(const struct walk *walk, uint32_t at)
{
    const struct place *place = &walk->analysed->frame->places.at[at];
    return at_position(walk, at)->block_call && place->span != UINT32_MAX && is_slot(walk->now.location) &&
           place_overlap(place, location_slot(&walk->follow->locations, walk->now.location)) != OVERLAP_NONE;
}

static enum step step_call(struct walk *walk, uint32_t at)
{
    const struct instruction *call = at_position(walk, at);
    uint32_t location = walk->now.location;
    if (!call->numbered)
        return unclear(walk, at, "and this call cannot have a frame map: it is written with a prefix or a suffix; write the call in C");
    if (is_block_here(walk, at)) return step_place(walk, at, location_slot(&walk->follow->locations, location));
    if (is_slot(location) || (is_general_location(location) && (CALLEE_SAVED >> location & 1))) return step_kept(walk, at);
    /* Left alone by a function whose code the compiler knew. Such a one calls nothing that may collect. */
    if (!instruction_writes(call, location)) return SAME;
    if (is_result_location(location)) return STOP;
    return unclear(walk, at, "which the call destroys; name the variable at this call");
}

/* ---- One step back --------------------------------------------------------------------------------- */

/* A marker of this location: what it says holds from here on, and is followed by itself. */
static bool is_marked(struct walk *walk, uint32_t at)
{
    const struct instruction *marker = at_position(walk, at);
    for (uint32_t word = 0; word < marker->marker_count; word++)
        if (operand_location(walk, at, &marker->op[0], word) == (int64_t)walk->now.location) return true;
    return false;
}

static enum step step_array(struct walk *walk, uint32_t at)
{
    const struct instruction *instruction = at_position(walk, at);
    if (instruction->operation != OP_CALL || !may_collect(walk->analysed->source, instruction)) return SAME;
    vector_push(&walk->follow->arrays, (struct root){at, walk->now.location, walk->now.marker});
    return STOP;
}

static enum step step_element(struct walk *walk, uint32_t at)
{
    const struct instruction *instruction = at_position(walk, at);
    const struct place *place = &walk->analysed->frame->places.at[at];
    struct value slot = location_slot(&walk->follow->locations, walk->now.location);
    if (instruction->operation == OP_CALL) {
        if (call_has_address(walk, at, slot, false)) return STOP;
        if (!may_collect(walk->analysed->source, instruction)) return SAME;
        vector_push(&walk->follow->elements, (struct root){at, walk->now.location, walk->now.marker});
        return STOP;
    }
    return writes_memory(instruction) && !place->indexed && place_overlap(place, slot) == OVERLAP_WHOLE ? STOP : SAME;
}

static enum step step_back(struct walk *walk, uint32_t at)
{
    const struct instruction *instruction = at_position(walk, at);
    uint32_t location = walk->now.location;
    if (walk->now.mode == ARRAY) return step_array(walk, at);
    if (walk->now.mode == ELEMENT) return step_element(walk, at);
    if (instruction->operation == OP_MARKER) return is_marked(walk, at) ? STOP : SAME;
    if (instruction->operation == OP_CALL) return step_call(walk, at);
    if (is_slot(location)) return step_slot(walk, at);
    if (!instruction_writes(instruction, location)) return SAME;
    if (is_mask_location(location)) return step_written(walk, at, mask_transfer(instruction));
    return step_written(walk, at,
                        is_general_location(location) ? register_transfer(instruction, location)
                                                      : lane_transfer(instruction, location_lane(location)));
}

/* ---- Between blocks -------------------------------------------------------------------------------- */

static bool is_argument(const struct walk *walk, uint32_t location)
{
    if (!is_slot(location)) return is_argument_location(location);
    struct value slot = location_slot(&walk->follow->locations, location);
    return slot.symbol == SYMBOL_FRAME && slot.offset >= 0;
}

static void leave_block(struct walk *walk, uint32_t block)
{
    const struct graph *graph = walk->analysed->graph;
    if (graph->blocks.at[block].entry && !is_argument(walk, walk->now.location)) begins(walk, AT_ENTRY);
    for (uint32_t i = graph->first_incoming.at[block]; i < graph->first_incoming.at[block + 1]; i++) {
        const struct edge *edge = &graph->edges.at[graph->incoming.at[i]];
        if (!walk->analysed->frame->reached.at[edge->from] || is_number_on_edge(walk, edge)) continue;
        go_on_in(walk, edge->from, graph->blocks.at[edge->from].end, walk->now.location, (enum mode)walk->now.mode);
    }
}

static void walk_back(struct walk *walk)
{
    for (uint32_t at = walk->now.position; at-- > walk->analysed->graph->blocks.at[walk->now.block].first;)
        if (step_back(walk, at) == STOP) return;
    leave_block(walk, walk->now.block);
}

/* ---- All markers ----------------------------------------------------------------------------------- */

static void start_marker(struct walk *walk, uint32_t at)
{
    const struct instruction *marker = at_position(walk, at);
    const struct operand *operand = &marker->op[0];
    walk->now = (struct follow_work){.block = walk->analysed->graph->block_of.at[at], .position = at, .marker = at};
    const struct analysed *analysed = walk->analysed;
    if (!marker->marker_count || operand->bad || operand->kind == OPERAND_NONE || (is_general(operand) && operand->width != 8)) {
        complain(analysed->complaints, function_where(analysed->function, marker),
                 "the marker names no 64-bit word; mark variables of pointer type");
        walk->ok = false;
        return;
    }
    if (operand->kind == OPERAND_IMMEDIATE) return;
    for (uint32_t word = 0; word < marker->marker_count; word++) {
        int64_t location = operand_location(walk, at, operand, word);
        if (location >= 0) {
            go_on(walk, at, (uint32_t)location, ROOT);
            continue;
        }
        complain(analysed->complaints, function_where(analysed->function, marker),
                 "the marked reference is not a variable of this function; copy it into one, and mark that");
        walk->ok = false;
    }
}

void follow_back(struct walk *walk)
{
    struct follow *follow = walk->follow;
    const struct analysed *analysed = walk->analysed;
    vector_clear(&follow->roots);
    vector_clear(&follow->derived);
    vector_clear(&follow->arrays);
    vector_clear(&follow->elements);
    vector_clear(&follow->unset);
    if (follow->seen.count) memset(follow->seen.at, 0, follow->seen.count * sizeof(uint64_t));
    follow->seen_count = 0;
    for (uint32_t at = 0; at < analysed->function->instructions.count; at++)
        if (at_position(walk, at)->operation == OP_MARKER && is_reached(walk, at)) start_marker(walk, at);
    while (follow->work.count) {
        walk->now = follow->work.at[--follow->work.count];
        walk_back(walk);
    }
}
