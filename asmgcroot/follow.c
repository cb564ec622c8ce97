/* Following works backwards over (position, location) pairs, each looked at once however many markers lead there: the
 * answer does not depend on where it came from. There are three modes.
 *
 * ROOT: from a marker back to where the reference came from: a load, a result, an argument, another marker. Every call
 * on the way that may collect lists the location: after inlining, one marker stands for all calls of the inlined body.
 * Reaching the function's entry with a location that nothing has written is an error: a map would name a word that is
 * no reference.
 *
 * SOURCE: from arithmetic on the way back to the call before it: were its operands references then? That would be a
 * stale copy in disguise. Numbers are fine: an immediate is made by arithmetic.
 *
 * ARRAY: from a load out of an array on the stack, by an index, back to the call before it, which must list some of the
 * array's elements: else nothing says that they were updated. */
#include "follow.h"
#include "lanes.h"
#include "leaf_calls.h"

#include <stdio.h>
#include <stdlib.h>

enum mode { ROOT, SOURCE, ARRAY };

struct walk {
    struct follow *follow;
    const struct analysed *analysed;
    struct follow_work now;
    bool final; /* roots are complete and sorted */
    bool ok;
};

/* ---- Locations ------------------------------------------------------------------------------------- */

static uint64_t mixed(uint64_t a)
{
    a *= 0x9e3779b97f4a7c15u;
    return a ^ a >> 29;
}

static void grow_slots(struct follow *follow)
{
    size_t size = follow->slot_index.count ? follow->slot_index.count * 2 : 64;
    follow->slot_index.at = vector_grown(follow->slot_index.at, &follow->slot_index.room, size, sizeof(uint32_t));
    follow->slot_index.count = size;
    memset(follow->slot_index.at, 0, size * sizeof(uint32_t));
    for (uint32_t i = 0; i < follow->slots.count; i++) {
        size_t at =
            mixed((uint64_t)follow->slots.at[i].offset ^ (uint64_t)follow->slots.at[i].symbol << 40) & (size - 1);
        while (follow->slot_index.at[at]) at = (at + 1) & (size - 1);
        follow->slot_index.at[at] = i + 1;
    }
}

static uint32_t slot_location(struct follow *follow, struct value slot)
{
    if ((follow->slots.count + 1) * 2 > follow->slot_index.count) grow_slots(follow);
    size_t mask = follow->slot_index.count - 1;
    size_t at = mixed((uint64_t)slot.offset ^ (uint64_t)slot.symbol << 40) & mask;
    for (; follow->slot_index.at[at]; at = (at + 1) & mask)
        if (value_equal(follow->slots.at[follow->slot_index.at[at] - 1], slot))
            return LOCATION_SLOT + follow->slot_index.at[at] - 1;
    vector_push(&follow->slots, slot);
    follow->slot_index.at[at] = (uint32_t)follow->slots.count;
    return LOCATION_SLOT + (uint32_t)follow->slots.count - 1;
}

const char *location_name(const struct follow *follow, uint32_t location, char text[64])
{
    if (location < GENERAL_REGISTERS) return register_name(location);
    if (location < LOCATION_SLOT) {
        snprintf(text, 64, "%%xmm%u word %u", (location - LOCATION_LANE) / LANES, (location - LOCATION_LANE) % LANES);
        return text;
    }
    struct value slot = follow->slots.at[location - LOCATION_SLOT];
    if (slot.symbol == SYMBOL_FRAME) snprintf(text, 64, "frame address %+lld", (long long)slot.offset);
    else snprintf(text, 64, "stack %d %+lld", slot.symbol - SYMBOL_INSTRUCTION, (long long)slot.offset);
    return text;
}

static bool is_general_location(uint32_t location)
{
    return location < GENERAL_REGISTERS;
}

static bool is_slot(uint32_t location)
{
    return location >= LOCATION_SLOT;
}

static uint32_t lane(unsigned reg, unsigned number)
{
    return LOCATION_LANE + (reg - VECTOR_REGISTER) * LANES + number;
}

/* ---- Work ------------------------------------------------------------------------------------------ */

static void grow_seen(struct follow *follow)
{
    uint64_t *old = follow->seen.at;
    size_t old_size = follow->seen.count, size = old_size ? old_size * 2 : 256;
    follow->seen.at = calloc(size, sizeof(uint64_t));
    if (!follow->seen.at) give_up("out of memory");
    follow->seen.count = follow->seen.room = size;
    for (size_t i = 0; i < old_size; i++) {
        if (!old[i]) continue;
        size_t at = mixed(old[i]) & (size - 1);
        while (follow->seen.at[at]) at = (at + 1) & (size - 1);
        follow->seen.at[at] = old[i];
    }
    free(old);
}

static bool seen_before(struct walk *walk, struct follow_work work)
{
    struct follow *follow = walk->follow;
    if ((follow->seen_count + 1) * 2 > follow->seen.count) grow_seen(follow);
    /* A position is the end of one block or the start of the next. */
    uint64_t starts = walk->analysed->graph->blocks.at[work.block].first == work.position;
    uint64_t key =
        1 | (uint64_t)work.mode << 1 | starts << 3 | (uint64_t)work.location << 4 | (uint64_t)work.position << 34;
    size_t mask = follow->seen.count - 1, at = mixed(key) & mask;
    for (; follow->seen.at[at]; at = (at + 1) & mask)
        if (follow->seen.at[at] == key) return true;
    follow->seen.at[at] = key;
    follow->seen_count++;
    return false;
}

/* Goes on from just before instruction `position` of a block. */
static void go_on_in(struct walk *walk, uint32_t block, uint32_t position, uint32_t location, enum mode mode)
{
    struct follow_work work = walk->now;
    work.block = block;
    work.position = position;
    work.location = location;
    work.mode = (uint8_t)mode;
    if (!seen_before(walk, work)) vector_push(&walk->follow->work, work);
}

/* The same in the block at hand, with another location or mode. */
static void go_on(struct walk *walk, uint32_t position, uint32_t location, enum mode mode)
{
    go_on_in(walk, walk->now.block, position, location, mode);
}

static const struct instruction *at_position(const struct walk *walk, uint32_t at)
{
    return &walk->analysed->function->instructions.at[at];
}

/* A complaint about the instruction at `at`, with what is being followed. */
static void refuse(struct walk *walk, uint32_t at, const char *what)
{
    if (walk->now.mode == SOURCE) return; /* only ever asks whether a reference is involved */
    char text[64];
    const struct analysed *analysed = walk->analysed;
    const struct instruction *instruction = at_position(walk, at), *marker = at_position(walk, walk->now.marker);
    unsigned line = marker->origin.line ? marker->origin.line : marker->line;
    complain(analysed->complaints, function_where(analysed->function, instruction),
             "the reference marked at line %u (%.*s) was in %s here, %s", line, (int)marker->text.size, marker->text.at,
             location_name(walk->follow, walk->now.location, text), what);
    walk->ok = false;
}

/* ---- Where a location's value came from ------------------------------------------------------------ */

static const char unknown_place[] = "and comes from the stack at a place that is not known";
static const char unclear_vector[] = "and this instruction changes vector registers in a way that cannot be followed";

/* What the last step found. */
enum step { SAME, STOP };

/* The 64-bit word `operand` as a location; -1: it is not one. */
static int64_t operand_location(struct walk *walk, uint32_t at, const struct operand *operand, uint32_t word)
{
    if (is_general(operand)) return operand->reg;
    if (is_vector(operand)) return lane(operand->reg, word);
    const struct place *place = &walk->analysed->frame->places.at[at];
    if (operand->kind != OPERAND_MEMORY || !is_stack(place->start) || place->indexed) return -1;
    struct value slot = place->start;
    slot.offset += (int64_t)word * 8;
    return (int64_t)slot_location(walk->follow, slot);
}

/* The value is a copy of word `word` of `source`. */
static enum step from_operand(struct walk *walk, uint32_t at, const struct operand *source, uint32_t word)
{
    if (source->kind == OPERAND_IMMEDIATE) return STOP;
    if (source->kind != OPERAND_MEMORY && !is_general(source) && !is_vector(source)) {
        refuse(walk, at, "and comes from a register that cannot be followed");
        return STOP;
    }
    int64_t location = operand_location(walk, at, source, word);
    const struct place *place = &walk->analysed->frame->places.at[at];
    if (location >= 0) {
        go_on(walk, at, (uint32_t)location, walk->now.mode);
    } else if (source->kind == OPERAND_MEMORY && place->lost) {
        refuse(walk, at, unknown_place);
    } else if (source->kind == OPERAND_MEMORY && place->indexed) {
        if (walk->now.mode == ROOT) go_on(walk, at, slot_location(walk->follow, place->start), ARRAY);
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
            if (operand->base < GENERAL_REGISTERS && operand->base != RSP) go_on(walk, at, operand->base, SOURCE);
            if (operand->index < GENERAL_REGISTERS) go_on(walk, at, operand->index, SOURCE);
        } else {
            int64_t location = operand_location(walk, at, operand, 0);
            if (location >= 0) go_on(walk, at, (uint32_t)location, SOURCE);
        }
    }
    return STOP;
}

/* The value is one of the operands' or stays as it was. */
static enum step from_either(struct walk *walk, uint32_t at, const struct operand *source, uint32_t word)
{
    from_operand(walk, at, source, word);
    return SAME;
}

/* The word of the stack that the instruction takes the value from: pop, leave. */
static enum step from_stack(struct walk *walk, uint32_t at)
{
    const struct place *place = &walk->analysed->frame->places.at[at];
    if (is_stack(place->start)) go_on(walk, at, slot_location(walk->follow, place->start), (enum mode)walk->now.mode);
    else refuse(walk, at, unknown_place);
    return STOP;
}

/* ---- General registers ----------------------------------------------------------------------------- */

static bool is_whole(const struct instruction *instruction, uint32_t location)
{
    const struct operand *target = instruction_target(instruction);
    return target && is_register(target, location) && target->width == 8;
}

/* xchg, xadd and cmpxchg: the register gets what the other operand was, or rax and the target stay as they were. */
static enum step step_exchanged(struct walk *walk, uint32_t at)
{
    const struct instruction *instruction = at_position(walk, at);
    const struct operand *op = instruction->op;
    uint32_t location = walk->now.location;
    if ((is_general(&op[0]) && op[0].width != 8) || (is_general(&op[1]) && op[1].width != 8))
        return from_arithmetic(walk, at, true);
    bool is_target = is_register(&op[1], location);
    switch (instruction->operation) {
    case OP_EXCHANGE: return from_operand(walk, at, is_target ? &op[0] : &op[1], 0);
    case OP_ADD_EXCHANGE: return is_target ? from_arithmetic(walk, at, true) : from_operand(walk, at, &op[1], 0);
    default: return from_either(walk, at, is_target ? &op[0] : &op[1], 0);
    }
}

/* add, or, xor…: of a register with itself, xor, sub and sbb make a number, and and or nothing new. */
static enum step step_modified(struct walk *walk, uint32_t at)
{
    const struct instruction *instruction = at_position(walk, at);
    bool self = instruction->operand_count == 2 && is_register(&instruction->op[0], walk->now.location) &&
                is_register(&instruction->op[1], walk->now.location) &&
                instruction->op[0].width == instruction->op[1].width;
    switch (instruction->arithmetic) {
    case '^':
    case '-':
    case 'b':
        if (self && instruction->op[0].width >= 4) return STOP;
        break;
    case '&':
    case '|':
        if (self && instruction->op[0].width == 8) return SAME;
        break;
    default: break;
    }
    return from_arithmetic(walk, at, true);
}

/* A 64-bit general register that the instruction writes. */
static enum step step_register(struct walk *walk, uint32_t at)
{
    const struct instruction *instruction = at_position(walk, at);
    const struct operand *op = instruction->op, *target = instruction_target(instruction);
    bool whole = is_whole(instruction, walk->now.location);
    switch (instruction->operation) {
    case OP_MOVE: return whole ? from_operand(walk, at, &op[0], 0) : from_arithmetic(walk, at, target->width < 4);
    case OP_CMOV: return whole ? from_either(walk, at, &op[0], 0) : from_arithmetic(walk, at, true);
    case OP_EXCHANGE:
    case OP_ADD_EXCHANGE:
    case OP_COMPARE_EXCHANGE: return step_exchanged(walk, at);
    case OP_COMPARE_EXCHANGE_PAIR: return from_either(walk, at, target, walk->now.location == RDX);
    case OP_POP:
    case OP_ENTER_LEAVE: return from_stack(walk, at);
    case OP_LEA:
    case OP_COMPUTE:
    case OP_MULX: return from_arithmetic(walk, at, false);
    case OP_MODIFY: return step_modified(walk, at);
    case OP_SET: return target && is_general(target) && target->width < 4 ? from_arithmetic(walk, at, true) : STOP;
    case OP_VECTOR_WORD: return from_operand(walk, at, &op[0], 0);
    case OP_VECTOR_EXTRACT: return from_operand(walk, at, &op[1], (uint32_t)op[0].number & 1);
    case OP_VECTOR:
        if (whole) refuse(walk, at, unclear_vector);
        return STOP;
    default: return STOP; /* a number */
    }
}

/* ---- Vector registers ------------------------------------------------------------------------------ */

static enum step unclear(struct walk *walk, uint32_t at)
{
    refuse(walk, at, unclear_vector);
    return STOP;
}

/* A lane of the vector register that the instruction writes. */
static enum step step_lane(struct walk *walk, uint32_t at)
{
    const struct instruction *instruction = at_position(walk, at);
    const struct operand *target = instruction_target(instruction);
    unsigned number = (walk->now.location - LOCATION_LANE) % LANES;
    if (!target || !is_vector(target) || target->masked) return unclear(walk, at);
    if (!instruction->avx && number > 1) return SAME; /* SSE leaves the upper half alone */
    struct lane_source source = lane_source(instruction, number);
    if (source.kind == LANE_UNCLEAR) return unclear(walk, at);
    return source.kind == LANE_COPY ? from_operand(walk, at, source.operand, source.word) : STOP;
}

/* ---- Words of the stack ---------------------------------------------------------------------------- */

/* How much of the word at `slot` the instruction writes: 0 none, 8 all, -1 some or perhaps. */
static int overlap(const struct place *place, struct value slot)
{
    if (place->start.symbol != slot.symbol) return 0;
    int64_t distance = slot.offset - place->start.offset;
    if (distance <= -8) return 0;
    if (place->span == UINT32_MAX) return -1;
    if (distance >= (int64_t)place->span) return 0;
    return distance >= 0 && distance % 8 == 0 && distance + 8 <= (int64_t)place->span ? 8 : -1;
}

static bool writes_memory(const struct instruction *instruction)
{
    const struct operand *target = instruction_target(instruction);
    switch (instruction->operation) {
    case OP_NOTHING:
    case OP_TEST:
    case OP_COMPARE:
    case OP_CALL:
    case OP_JUMP:
    case OP_BRANCH:
    case OP_RETURN:
    case OP_TRAP:
    case OP_IMPLICIT:
    case OP_MULTIPLY:
    case OP_VECTOR_COMPARE:
    case OP_MARKER:
    case OP_LEA: return false;
    case OP_PUSH:
    case OP_STORE_STRING:
    case OP_MOVE_STRING:
    case OP_EXCHANGE:
    case OP_ADD_EXCHANGE: return true;
    case OP_X87: return instruction->width && target;
    default: return target && target->kind == OPERAND_MEMORY;
    }
}

static enum step step_stored(struct walk *walk, uint32_t at, uint32_t word)
{
    const struct instruction *instruction = at_position(walk, at);
    const struct operand *op = instruction->op;
    bool masked = instruction->operand_count && instruction_target(instruction)->masked;
    switch (masked ? OP_UNKNOWN : (enum operation)instruction->operation) {
    case OP_EXCHANGE: return from_operand(walk, at, &op[op[0].kind == OPERAND_MEMORY], word);
    case OP_MOVE:
    case OP_VECTOR_WORD:
    case OP_VECTOR_LOW:
    case OP_VECTOR_SCALAR:
    case OP_VECTOR_FULL: return from_operand(walk, at, &op[0], word);
    case OP_VECTOR_HIGH: return from_operand(walk, at, &op[0], 1);
    case OP_VECTOR_EXTRACT: {
        uint32_t words = instruction->width / 8u, pieces = op[1].width / (8 * words);
        if (!pieces || op[0].kind != OPERAND_IMMEDIATE) break;
        return from_operand(walk, at, &op[1], word + (uint32_t)op[0].number % pieces * words);
    }
    case OP_PUSH:
        if (!instruction->operand_count) return STOP;               /* flags */
        if (op[0].kind == OPERAND_MEMORY && !op[0].symbolic) break; /* may be another word of the stack */
        return from_operand(walk, at, &op[0], 0);
    case OP_STORE_STRING: return STOP; /* a number: memory is cleared */
    case OP_MODIFY:
    case OP_SET:
    case OP_COMPUTE:
    case OP_ADD_EXCHANGE: return from_arithmetic(walk, at, true);
    case OP_COMPARE_EXCHANGE: return from_either(walk, at, &op[0], 0);
    default: break;
    }
    refuse(walk, at, "and this instruction stores there in a way that cannot be followed");
    return STOP;
}

static enum step step_slot(struct walk *walk, uint32_t at)
{
    const struct instruction *instruction = at_position(walk, at);
    struct value slot = walk->follow->slots.at[walk->now.location - LOCATION_SLOT];
    if (slot.symbol == (int32_t)at + SYMBOL_INSTRUCTION) {
        refuse(walk, at, "on a piece of stack that begins to exist only now: it was not initialised");
        return STOP;
    }
    if (!writes_memory(instruction)) return SAME;
    const struct place *place = &walk->analysed->frame->places.at[at];
    if (place->indexed || !is_stack(place->start)) return SAME; /* an array, or not the frame: no spilled word */
    int bytes = overlap(place, slot);
    if (bytes == 0) return SAME;
    if (bytes == 8) return step_stored(walk, at, (uint32_t)((slot.offset - place->start.offset) / 8));
    refuse(walk, at, "and this instruction writes only a part of it");
    return STOP;
}

/* ---- Calls ----------------------------------------------------------------------------------------- */

/* A function of the program's may have the name of one of the C library's. */
bool callee_may_collect(const struct source *source, struct text callee, bool bound)
{
    const struct known_function *known = source_known(source, callee);
    if (known && known->declared) return false;
    if (known && known->read && (bound || !known->never_collects)) return !known->never_collects;
    return !is_leaf_call(callee);
}

bool may_collect(const struct source *source, const struct instruction *call)
{
    const struct operand *callee = &call->op[0];
    return !call->operand_count || !is_named(callee) || callee_may_collect(source, symbol_of(callee), is_bound(callee));
}

/* The location is a word that the call initialises: the result's, or a variable given by its address. */
static bool is_made_by(const struct walk *walk, uint32_t at)
{
    for (size_t i = 0; i < walk->follow->made.count; i++)
        if (walk->follow->made.at[i].call == at && walk->follow->made.at[i].location == walk->now.location) return true;
    return false;
}

static void add_root(struct walk *walk, uint32_t at)
{
    if (walk->analysed->function->comes_back) {
        refuse(
            walk, at,
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

static enum step step_call(struct walk *walk, uint32_t at)
{
    const struct instruction *call = at_position(walk, at);
    uint32_t location = walk->now.location;
    if (!call->numbered) {
        refuse(walk, at, "and this call cannot have a frame map: it is written with a prefix or a suffix");
        return STOP;
    }
    if (is_slot(location) || (is_general_location(location) && (CALLEE_SAVED >> location & 1)))
        return step_kept(walk, at);
    /* Left alone by a function whose code the compiler knew. Such a one calls nothing that may collect. */
    if (is_general_location(location) && !(call->writes >> location & 1)) return SAME;
    if (!is_general_location(location) && !(call->vector_writes >> (location - LOCATION_LANE) / LANES & 1)) return SAME;
    if (location == RAX || location == RDX || location == LOCATION_LANE || location == LOCATION_LANE + LANES)
        return STOP; /* a result */
    refuse(walk, at, "which the call destroys");
    return STOP;
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

#define ARRAY_BYTES                                                                                                    \
    4096 /* from the address that a load names to an element; either way, for the index may be negative */

static enum step step_array(struct walk *walk, uint32_t at)
{
    const struct instruction *instruction = at_position(walk, at);
    if (instruction->operation != OP_CALL || !may_collect(walk->analysed->source, instruction)) return SAME;
    vector_push(&walk->follow->arrays, (struct root){at, walk->now.location, walk->now.marker});
    return STOP;
}

static enum step step_back(struct walk *walk, uint32_t at)
{
    const struct instruction *instruction = at_position(walk, at);
    uint32_t location = walk->now.location;
    if (walk->now.mode == ARRAY) return step_array(walk, at);
    if (instruction->operation == OP_MARKER) return is_marked(walk, at) ? STOP : SAME;
    if (instruction->operation == OP_CALL) return step_call(walk, at);
    if (is_slot(location)) return step_slot(walk, at);
    if (is_general_location(location)) return instruction->writes >> location & 1 ? step_register(walk, at) : SAME;
    unsigned reg = (location - LOCATION_LANE) / LANES;
    return instruction->vector_writes >> reg & 1 ? step_lane(walk, at) : SAME;
}

/* ---- Between blocks -------------------------------------------------------------------------------- */

static bool sets_flags(const struct instruction *instruction)
{
    switch (instruction->operation) {
    case OP_MOVE:
    case OP_LEA:
    case OP_SET:
    case OP_CMOV:
    case OP_PUSH:
    case OP_MARKER:
    case OP_NOTHING:
    case OP_BRANCH:
    case OP_VECTOR_WORD:
    case OP_VECTOR_LOW:
    case OP_VECTOR_SCALAR:
    case OP_VECTOR_HIGH:
    case OP_VECTOR_FULL: return false;
    case OP_POP: return !instruction->operand_count; /* popf */
    default: return true;
    }
}

/* Whether the test compares exactly this location with zero. */
static bool tests_zero(struct walk *walk, uint32_t at)
{
    const struct instruction *test = at_position(walk, at);
    const struct operand *op = test->op;
    if (test->operand_count != 2) return false;
    bool self = test->operation == OP_TEST && is_general(&op[0]) && is_general(&op[1]) && op[0].reg == op[1].reg &&
                op[0].width == 8;
    bool zero = test->operation == OP_COMPARE && op[0].kind == OPERAND_IMMEDIATE && !op[0].symbolic &&
                op[0].number == 0 && (op[1].kind == OPERAND_MEMORY ? test->width == 8 : op[1].width == 8);
    return (self || zero) && operand_location(walk, at, &op[1], 0) == (int64_t)walk->now.location;
}

/* `test %rbx, %rbx; je`: on one of the two ways out rbx is null, and no root. */
static bool null_on_edge(struct walk *walk, const struct edge *edge)
{
    const struct block *block = &walk->analysed->graph->blocks.at[edge->from];
    uint32_t at = block->end - 1;
    const struct instruction *branch = at_position(walk, at);
    if (branch->operation != OP_BRANCH || !(edge->kind == EDGE_JUMP ? branch->equal_branch : branch->unequal_branch))
        return false;
    while (at-- > block->first) {
        const struct instruction *instruction = at_position(walk, at);
        if (sets_flags(instruction)) return tests_zero(walk, at);
        bool changed = is_general_location(walk->now.location)
                           ? instruction->writes >> walk->now.location & 1
                           : writes_memory(instruction) || instruction->vector_writes;
        if (changed) return false;
    }
    return false;
}

static bool is_argument(const struct walk *walk, uint32_t location)
{
    static const unsigned registers = BIT(RDI) | BIT(RSI) | BIT(RDX) | BIT(RCX) | BIT(R8) | BIT(R9);
    if (is_general_location(location)) return registers >> location & 1;
    if (!is_slot(location)) return (location - LOCATION_LANE) / LANES < 8;
    struct value slot = walk->follow->slots.at[location - LOCATION_SLOT];
    return slot.symbol == SYMBOL_FRAME && slot.offset >= 0;
}

/* Harmless as long as no call lists the location before something is written there: check_unset. */
static void leave_through_entry(struct walk *walk, uint32_t at)
{
    if (walk->now.mode != ROOT || is_argument(walk, walk->now.location)) return;
    vector_push(&walk->follow->unset, (struct root){at, walk->now.location, walk->now.marker});
}

static void leave_block(struct walk *walk, uint32_t block)
{
    const struct graph *graph = walk->analysed->graph;
    if (graph->blocks.at[block].entry) leave_through_entry(walk, graph->blocks.at[block].first);
    for (uint32_t i = graph->first_incoming.at[block]; i < graph->first_incoming.at[block + 1]; i++) {
        const struct edge *edge = &graph->edges.at[graph->incoming.at[i]];
        if (!walk->analysed->frame->reached.at[edge->from] || null_on_edge(walk, edge)) continue;
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
    if (!marker->marker_count || operand->bad || operand->kind == OPERAND_NONE ||
        (is_general(operand) && operand->width != 8)) {
        complain(analysed->complaints, function_where(analysed->function, marker),
                 "the marker names no 64-bit word");
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

static int compare_roots(const void *a, const void *b)
{
    const struct root *x = a, *y = b;
    if (x->call != y->call) return x->call < y->call ? -1 : 1;
    return (x->location > y->location) - (x->location < y->location);
}

static void sort_roots(struct follow *follow)
{
    size_t kept = 0;
    if (follow->roots.count) qsort(follow->roots.at, follow->roots.count, sizeof *follow->roots.at, compare_roots);
    for (size_t i = 0; i < follow->roots.count; i++)
        if (!kept || compare_roots(&follow->roots.at[i], &follow->roots.at[kept - 1]))
            follow->roots.at[kept++] = follow->roots.at[i];
    follow->roots.count = kept;
}

/* Arithmetic since the call on a word that was a reference at the call: on the old copy. */
static void check_derived(struct walk *walk)
{
    struct follow *follow = walk->follow;
    for (size_t i = 0; i < follow->derived.count; i++) {
        const struct root *derived = &follow->derived.at[i];
        if (!follow->roots.count ||
            !bsearch(derived, follow->roots.at, follow->roots.count, sizeof *follow->roots.at, compare_roots))
            continue;
        walk->now = (struct follow_work){.location = derived->location, .marker = derived->marker, .mode = ROOT};
        refuse(walk, derived->call,
               "and was computed since this call from an old copy, which the collection does not update");
        return;
    }
}

/* ---- Words that a call initialises ----------------------------------------------------------------- */

#define RESULT_BYTES 64 /* of a struct returned in memory; more is refused */

/* GCC gives a call the address of a struct that it returns in memory in rdi, or of a variable in any register. */
static bool has_address(const struct walk *walk, uint32_t at, struct value slot)
{
    static const uint8_t arguments[] = {RDI, RSI, RDX, RCX, R8, R9};
    const struct frame_state *state = &walk->analysed->frame->calls.at[walk->analysed->frame->call_of.at[at]];
    for (size_t i = 0; i < sizeof arguments; i++) {
        struct value value = state->reg[arguments[i]];
        int64_t distance = slot.offset - value.offset;
        if (value.symbol == slot.symbol &&
            (distance == 0 || (arguments[i] == RDI && distance > 0 && distance < RESULT_BYTES)))
            return true;
    }
    return false;
}

static bool writes_location(struct walk *walk, uint32_t at, uint32_t location)
{
    const struct instruction *instruction = at_position(walk, at);
    if (is_general_location(location)) return instruction->writes >> location & 1;
    if (!is_slot(location)) return true;
    const struct place *place = &walk->analysed->frame->places.at[at];
    return writes_memory(instruction) && !place->indexed && is_stack(place->start) &&
           overlap(place, walk->follow->slots.at[location - LOCATION_SLOT]);
}

/* A call that is given the address of a word initialises it; one that lists it names a word that is no reference. */
static bool meets_call(struct walk *walk, uint32_t at, const struct root *unset)
{
    struct follow *follow = walk->follow;
    struct root here = {at, unset->location, unset->marker};
    if (is_slot(unset->location) && has_address(walk, at, follow->slots.at[unset->location - LOCATION_SLOT])) {
        vector_push(&follow->made, here);
        return true;
    }
    if (!walk->final || !follow->roots.count ||
        !bsearch(&here, follow->roots.at, follow->roots.count, sizeof here, compare_roots))
        return false;
    walk->now = (struct follow_work){.location = unset->location, .marker = unset->marker, .mode = ROOT};
    refuse(walk, at,
           "which nothing has written on a path from the function's entry to this call; initialise the variable");
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

static void check_unset(struct walk *walk)
{
    for (size_t i = 0; i < walk->follow->unset.count; i++) {
        struct root unset = walk->follow->unset.at[i];
        bool before = false;
        for (size_t k = 0; k < i; k++) before |= walk->follow->unset.at[k].location == unset.location;
        if (!before) follow_unset(walk, &unset);
    }
}

/* ---- Following ------------------------------------------------------------------------------------- */

static void follow_all(struct walk *walk)
{
    struct follow *follow = walk->follow;
    const struct analysed *analysed = walk->analysed;
    vector_clear(&follow->roots);
    vector_clear(&follow->derived);
    vector_clear(&follow->arrays);
    vector_clear(&follow->unset);
    if (follow->seen.count) memset(follow->seen.at, 0, follow->seen.count * sizeof(uint64_t));
    follow->seen_count = 0;
    for (uint32_t at = 0; at < analysed->function->instructions.count; at++)
        if (at_position(walk, at)->operation == OP_MARKER &&
            analysed->frame->reached.at[analysed->graph->block_of.at[at]])
            start_marker(walk, at);
    while (follow->work.count) {
        walk->now = follow->work.at[--follow->work.count];
        walk_back(walk);
    }
}

/* Whether the call lists a word near the one that an indexed load names. */
static bool lists_element(const struct follow *follow, const struct root *array)
{
    struct value start = follow->slots.at[array->location - LOCATION_SLOT];
    for (size_t i = 0; i < follow->roots.count; i++) {
        const struct root *root = &follow->roots.at[i];
        if (root->call != array->call || !is_slot(root->location)) continue;
        struct value slot = follow->slots.at[root->location - LOCATION_SLOT];
        int64_t distance = slot.offset - start.offset;
        if (slot.symbol == start.symbol && distance < ARRAY_BYTES && distance > -ARRAY_BYTES) return true;
    }
    return false;
}

static void check_arrays(struct walk *walk)
{
    for (size_t i = 0; i < walk->follow->arrays.count; i++) {
        const struct root *array = &walk->follow->arrays.at[i];
        if (lists_element(walk->follow, array)) continue;
        walk->now = (struct follow_work){.location = array->location, .marker = array->marker, .mode = ROOT};
        refuse(walk, array->call,
               "as an element of an array that is not marked after this call; name its elements in GW_CALL, or "
               "mark it with GW_ROOT_ARRAY");
        return;
    }
}

/* ---- What must be known first ---------------------------------------------------------------------- */

/* An instruction that cannot be followed wherever it stands. NULL: none. */
static const char *obstacle(const struct walk *walk, uint32_t at)
{
    const struct instruction *instruction = at_position(walk, at);
    bool reached = walk->analysed->frame->reached.at[walk->analysed->graph->block_of.at[at]];
    bool matters = instruction->operation == OP_MARKER ||
                   (instruction->operation == OP_CALL && may_collect(walk->analysed->source, instruction));
    if (reached && instruction->operation == OP_UNKNOWN)
        return "this instruction is unknown; a function with references cannot contain it";
    return !reached && matters
               ? "nothing is known that leads to this place; a function with references cannot contain it"
               : NULL;
}

static const char split_stack[] =
    "frames of -fsplit-stack lie on pieces of stack that are not walked; compile without it";

static void check_instructions(struct walk *walk)
{
    const struct analysed *analysed = walk->analysed;
    for (uint32_t at = 0; at < analysed->function->instructions.count; at++) {
        const struct instruction *instruction = at_position(walk, at);
        const char *what = analysed->function->splits_stack ? split_stack : obstacle(walk, at);
        if (!what) continue;
        complain(analysed->complaints, function_where(analysed->function, instruction),
             "%s", what);
        walk->ok = false;
        return;
    }
}

/* What nothing has written may be about to be written by a call that has its address: then all is followed once more.
 */
bool follow_markers(struct follow *follow, const struct analysed *analysed)
{
    struct walk walk = {.follow = follow, .analysed = analysed, .ok = true};
    vector_clear(&follow->slots);
    vector_clear(&follow->made);
    if (follow->slot_index.count) memset(follow->slot_index.at, 0, follow->slot_index.count * sizeof(uint32_t));
    check_instructions(&walk);
    if (!walk.ok) return false;
    follow_all(&walk);
    check_unset(&walk);
    if (follow->made.count && walk.ok) follow_all(&walk);
    sort_roots(follow);
    walk.final = true;
    check_unset(&walk);
    check_derived(&walk);
    check_arrays(&walk);
    return walk.ok;
}

void follow_free(struct follow *follow)
{
    vector_free(&follow->slots);
    vector_free(&follow->slot_index);
    vector_free(&follow->roots);
    vector_free(&follow->derived);
    vector_free(&follow->arrays);
    vector_free(&follow->made);
    vector_free(&follow->unset);
    vector_free(&follow->pending);
    vector_free(&follow->visited);
    vector_free(&follow->work);
    vector_free(&follow->seen);
}
