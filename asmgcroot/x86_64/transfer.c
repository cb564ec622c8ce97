#include "x86_64/transfer.h"
#include "x86_64/lanes.h"

static const char unclear_vector[] =
    "and this instruction changes vector registers in a way that cannot be followed; compile with -fno-tree-vectorize, and keep vectors of "
    "numbers in functions of their own";
static const char unclear_store[] =
    "and this instruction stores there in a way that cannot be followed; compile with -fno-tree-vectorize, and report it";

static const struct transfer none = {.kind = TRANSFER_NONE}, number = {.kind = TRANSFER_NUMBER}, stacked = {.kind = TRANSFER_STACK},
                             advanced = {.kind = TRANSFER_ADVANCED};

/* What stosq stores. */
static const struct operand stored_register = {.kind = OPERAND_REGISTER, .reg = RAX, .width = 8, .base = NO_REGISTER, .index = NO_REGISTER};

static struct transfer copied(const struct operand *operand, uint32_t word)
{
    return (struct transfer){.kind = TRANSFER_COPY, .operand = operand, .word = word};
}

static struct transfer either(const struct operand *operand, uint32_t word)
{
    return (struct transfer){.kind = TRANSFER_EITHER, .operand = operand, .word = word};
}

static struct transfer moved(uint32_t word)
{
    return (struct transfer){.kind = TRANSFER_MOVED, .word = word};
}

static struct transfer computed(bool from_target)
{
    return (struct transfer){.kind = TRANSFER_COMPUTED, .from_target = from_target};
}

static struct transfer unclear(const char *why)
{
    return (struct transfer){.kind = TRANSFER_UNCLEAR, .why = why};
}

/* ---- General registers ----------------------------------------------------------------------------- */

static bool is_whole(const struct instruction *instruction, uint32_t reg)
{
    const struct operand *target = instruction_target(instruction);
    return target && is_register(target, reg) && target->width == 8;
}

/* xchg, xadd and cmpxchg: the register gets what the other operand was, or rax and the target stay as they were. */
static struct transfer exchanged(const struct instruction *instruction, uint32_t reg)
{
    const struct operand *op = instruction->op;
    if ((is_general(&op[0]) && op[0].width != 8) || (is_general(&op[1]) && op[1].width != 8)) return computed(true);
    bool is_target = is_register(&op[1], reg);
    switch (instruction->operation) {
    case OP_EXCHANGE: return copied(is_target ? &op[0] : &op[1], 0);
    case OP_ADD_EXCHANGE: return is_target ? computed(true) : copied(&op[1], 0);
    default: return either(is_target ? &op[0] : &op[1], 0);
    }
}

/* andq $0, orq $-1: -Oz loads numbers so. */
static bool makes_number(const struct instruction *instruction)
{
    const struct operand *op = instruction->op;
    if (instruction->operand_count != 2 || op[0].kind != OPERAND_IMMEDIATE || op[0].symbolic) return false;
    if (is_general(&op[1]) && op[1].width < 4) return false;
    return (instruction->arithmetic == '&' && op[0].number == 0) || (instruction->arithmetic == '|' && op[0].number == -1);
}

/* add, or, xor…: of a register with itself, xor, sub and sbb make a number, and and or nothing new. */
static struct transfer modified(const struct instruction *instruction, uint32_t reg)
{
    bool self = instruction->operand_count == 2 && is_register(&instruction->op[0], reg) && is_register(&instruction->op[1], reg) &&
                instruction->op[0].width == instruction->op[1].width;
    if (makes_number(instruction)) return number;
    switch (instruction->arithmetic) {
    case '^':
    case '-':
    case 'b':
        if (self && instruction->op[0].width >= 4) return number;
        break;
    case '&':
    case '|':
        if (self && instruction->op[0].width == 8) return none;
        break;
    default: break;
    }
    return computed(true);
}

struct transfer register_transfer(const struct instruction *instruction, uint32_t reg)
{
    const struct operand *op = instruction->op, *target = instruction_target(instruction);
    bool whole = is_whole(instruction, reg);
    switch (instruction->operation) {
    case OP_MOVE: return whole ? copied(&op[0], 0) : computed(target->width < 4);
    case OP_CMOV: return whole ? either(&op[0], 0) : computed(true);
    case OP_EXCHANGE:
    case OP_ADD_EXCHANGE:
    case OP_COMPARE_EXCHANGE: return exchanged(instruction, reg);
    case OP_COMPARE_EXCHANGE_PAIR: return either(target, reg == RDX);
    case OP_POP:
    case OP_ENTER_LEAVE: return stacked;
    case OP_STORE_STRING:
    case OP_MOVE_STRING:
    case OP_COMPARE_STRING: return reg == RCX ? number : advanced;
    case OP_LEA:
    case OP_COMPUTE:
    case OP_MULX: return computed(false);
    case OP_MODIFY: return modified(instruction, reg);
    case OP_SET: return target && is_general(target) && target->width < 4 ? computed(true) : number;
    case OP_VECTOR_WORD: return copied(&op[0], 0);
    case OP_VECTOR_EXTRACT: return copied(&op[1], (uint32_t)op[0].number & 1);
    case OP_VECTOR: return whole ? unclear(unclear_vector) : number;
    default: return number;
    }
}

/* Comparisons and arithmetic on masks make numbers. */
struct transfer mask_transfer(const struct instruction *instruction)
{
    return instruction->operation == OP_MOVE ? copied(&instruction->op[0], 0) : number;
}

/* ---- Vector registers ------------------------------------------------------------------------------ */

struct transfer lane_transfer(const struct instruction *instruction, unsigned lane)
{
    const struct operand *target = instruction_target(instruction);
    if (!target || !is_vector(target) || target->masked) return unclear(unclear_vector);
    if (!instruction->avx && lane > 1) return none; /* SSE leaves the upper half alone */
    struct lane_source source = lane_source(instruction, lane);
    if (source.kind == LANE_UNCLEAR) return unclear(unclear_vector);
    return source.kind == LANE_COPY ? copied(source.operand, source.word) : number;
}

/* ---- Memory ---------------------------------------------------------------------------------------- */

bool writes_memory(const struct instruction *instruction)
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
    case OP_COMPARE_STRING:
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

struct transfer memory_transfer(const struct instruction *instruction, uint32_t word)
{
    const struct operand *op = instruction->op;
    bool masked = instruction->operand_count && instruction_target(instruction)->masked;
    switch (masked ? OP_UNKNOWN : (enum operation)instruction->operation) {
    case OP_EXCHANGE: return copied(&op[op[0].kind == OPERAND_MEMORY], word);
    case OP_MOVE:
    case OP_VECTOR_WORD:
    case OP_VECTOR_LOW:
    case OP_VECTOR_SCALAR:
    case OP_VECTOR_FULL: return copied(&op[0], word);
    case OP_VECTOR_HIGH: return copied(&op[0], 1);
    case OP_VECTOR_EXTRACT: {
        uint32_t words = instruction->width / 8u, pieces = op[1].width / (8 * words);
        if (!pieces || op[0].kind != OPERAND_IMMEDIATE) break;
        return copied(&op[1], word + (uint32_t)op[0].number % pieces * words);
    }
    case OP_PUSH:
        if (!instruction->operand_count) return number; /* flags */
        return op[0].kind == OPERAND_MEMORY ? moved(0) : copied(&op[0], 0);
    case OP_POP: return moved(0);
    case OP_MOVE_STRING: return moved(word);
    case OP_STORE_STRING: return instruction->width == 8 ? copied(&stored_register, 0) : number;
    case OP_CALL: return instruction->block_call == BLOCK_COPY ? moved(word) : number; /* of a block */
    case OP_MODIFY: return makes_number(instruction) ? number : computed(true);
    case OP_SET:
    case OP_COMPUTE:
    case OP_ADD_EXCHANGE: return computed(true);
    case OP_COMPARE_EXCHANGE: return either(&op[0], 0);
    default: break;
    }
    return unclear(unclear_store);
}

struct transfer memory_transfer_perhaps(const struct instruction *instruction)
{
    if (instruction->operation == OP_MOVE_STRING) return (struct transfer){.kind = TRANSFER_MOVED, .perhaps = true};
    if (instruction->operation != OP_STORE_STRING) return unclear(unclear_store);
    return instruction->width == 8 ? either(&stored_register, 0) : none;
}
