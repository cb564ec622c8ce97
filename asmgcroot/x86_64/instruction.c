#include "x86_64/instruction.h"
#include "x86_64/mnemonic.h"

static bool any_vector(const struct instruction *instruction)
{
    for (unsigned i = 0; i < instruction->operand_count; i++) {
        const struct operand *operand = &instruction->op[i];
        if (is_vector(operand) || (is_mask(operand) && operand->masked)) return true;
    }
    return false;
}

static void note_written(struct instruction *instruction, const struct operand *operand)
{
    if (is_general(operand)) instruction->writes |= (uint16_t)BIT(operand->reg);
    if (is_mask(operand)) instruction->mask_writes |= (uint8_t)BIT(operand->reg - MASK_REGISTER);
    if (is_vector(operand)) instruction->vector_writes |= 1u << (operand->reg - VECTOR_REGISTER);
}

/* Only what its table entry says, or what its prefix adds. */
static bool writes_no_operand(const struct instruction *instruction)
{
    switch (instruction->operation) {
    case OP_NOTHING:
    case OP_TEST:
    case OP_COMPARE:
    case OP_IMPLICIT:
    case OP_MULTIPLY:
    case OP_JUMP:
    case OP_BRANCH:
    case OP_RETURN:
    case OP_TRAP:
    case OP_PREFIX:
    case OP_X87:
    case OP_VECTOR_COMPARE:
    case OP_MARKER:
    case OP_ENTER_LEAVE:
    case OP_STORE_STRING:
    case OP_MOVE_STRING:
    case OP_COMPARE_STRING: return true;
    default: return false;
    }
}

static void note_writes(struct instruction *instruction, uint16_t implicit)
{
    unsigned count = instruction->operand_count;
    struct operand *op = instruction->op;
    instruction->writes = implicit;
    if (writes_no_operand(instruction)) return;
    switch (instruction->operation) {
    case OP_CALL:
        instruction->writes = (uint16_t)~(CALLEE_SAVED | BIT(RSP));
        instruction->vector_writes = ~0u;
        instruction->mask_writes = ALL_MASKS;
        break;
    case OP_PUSH: instruction->writes |= BIT(RSP); break;
    case OP_EXCHANGE:
    case OP_ADD_EXCHANGE:
    case OP_MULX:
        for (unsigned i = count > 2 ? count - 2 : 0; i < count; i++) note_written(instruction, &op[i]);
        break;
    case OP_POP:
        instruction->writes |= BIT(RSP);
        if (count) note_written(instruction, &op[0]);
        break;
    default:
        if (count) note_written(instruction, &op[count - 1]);
    }
}

static char arithmetic_of(struct text mnemonic)
{
    if (text_starts(mnemonic, TEXT("add"))) return '+';
    if (text_starts(mnemonic, TEXT("sub"))) return '-';
    if (text_starts(mnemonic, TEXT("and"))) return '&';
    if (text_starts(mnemonic, TEXT("or"))) return '|';
    if (text_starts(mnemonic, TEXT("sbb"))) return 'b';
    return text_starts(mnemonic, TEXT("xor")) ? '^' : 0;
}

/* lock orq $0, (%rsp): GCC's memory barrier, and how it probes the stack. Flags alone are written, as a comparison writes them. */
static bool keeps_target(const struct instruction *instruction)
{
    const struct operand *op = instruction->op;
    if (instruction->operand_count != 2 || op[0].kind != OPERAND_IMMEDIATE || op[0].symbolic) return false;
    if (op[1].kind != OPERAND_MEMORY && op[1].width != 8) return false; /* movl and its like clear the other half */
    switch (instruction->arithmetic) {
    case '+':
    case '-':
    case '|':
    case '^': return op[0].number == 0;
    case '&': return op[0].number == -1;
    default: return false;
    }
}

/* An old spelling of movq. */
static bool moves_word(const struct instruction *instruction)
{
    for (unsigned i = 0; i < instruction->operand_count; i++)
        if (is_general(&instruction->op[i]) && instruction->op[i].width == 8) return true;
    return false;
}

/* leaq (%rbx), %rax */
static bool is_plain_copy(const struct instruction *instruction)
{
    const struct operand *source = &instruction->op[0], *target = instruction_target(instruction);
    return instruction->operation == OP_LEA && instruction->operand_count == 2 && source->kind == OPERAND_MEMORY && !source->symbolic &&
           !source->number && source->base < GENERAL_REGISTERS && source->index == NO_REGISTER && target->width == 8;
}

static void make_move(struct instruction *instruction)
{
    instruction->operation = OP_MOVE;
    instruction->op[0] =
        (struct operand){.kind = OPERAND_REGISTER, .reg = instruction->op[0].base, .width = 8, .base = NO_REGISTER, .index = NO_REGISTER};
}

static void note_condition(struct instruction *instruction, struct text mnemonic)
{
    size_t family = instruction->operation == OP_BRANCH ? 1 : instruction->operation == OP_CMOV ? 4 : mnemonic.size;
    struct text condition = {mnemonic.at + family, mnemonic.size - family};
    instruction->if_equal = text_equal(condition, TEXT("e")) || text_equal(condition, TEXT("z"));
    instruction->if_unequal = text_equal(condition, TEXT("ne")) || text_equal(condition, TEXT("nz"));
}

/* shl %rax is shl $1, %rax; imul with one operand is the wide multiplication; a string operation may spell out its
 * registers, which are always the same. */
static void note_forms(struct instruction *instruction, struct text mnemonic, uint16_t *implicit)
{
    if (instruction->operation == OP_MODIFY && instruction->operand_count == 1 && text_starts(mnemonic, TEXT("imul"))) {
        instruction->operation = OP_MULTIPLY;
        *implicit = BIT(RAX) | BIT(RDX);
    }
    if (instruction->operation == OP_MODIFY && instruction->operand_count == 3 && text_starts(mnemonic, TEXT("imul")))
        instruction->operation = OP_COMPUTE;
    note_condition(instruction, mnemonic);
    instruction->avx = *mnemonic.at == 'v';
    instruction->arithmetic = instruction->operation == OP_MODIFY ? arithmetic_of(mnemonic) : 0;
}

/* Forms that do something else than their name says. */
static void recast(struct instruction *instruction, struct text mnemonic, uint16_t *implicit)
{
    bool is_movd = text_equal(mnemonic, TEXT("movd")) || text_equal(mnemonic, TEXT("vmovd"));
    switch (instruction->operation) {
    case OP_VECTOR:
        if (is_movd && moves_word(instruction)) instruction->operation = OP_VECTOR_WORD;
        return;
    case OP_LEA:
        if (is_plain_copy(instruction)) make_move(instruction);
        return;
    case OP_MODIFY:
        if (keeps_target(instruction)) instruction->operation = OP_COMPARE;
        return;
    case OP_MULTIPLY: /* mulb, divb: in ax alone */
        if (instruction->width == 1 || (instruction->operand_count && is_general(&instruction->op[0]) && instruction->op[0].width == 1))
            *implicit = BIT(RAX);
        return;
    case OP_PUSH:
    case OP_POP:
        if (instruction->width != 2) return;
        instruction->operation = OP_UNKNOWN;
        *implicit = BIT(RSP);
        return;
    default: return;
    }
}

void instruction_read(struct instruction *instruction, struct text mnemonic, struct text rest)
{
    struct text item;
    instruction->operand_count = 0;
    while (text_next_item(&rest, &item)) {
        unsigned slot = instruction->operand_count < OPERANDS ? instruction->operand_count++ : OPERANDS - 1;
        instruction->op[slot] = operand_read(item);
    }
    bool vector = any_vector(instruction);
    struct mnemonic found = mnemonic_named(mnemonic, vector);
    instruction->operation = (uint8_t)found.operation;
    instruction->width = found.width;
    instruction->vector_writes = 0;
    instruction->mask_writes = 0;
    note_forms(instruction, mnemonic, &found.implicit);
    recast(instruction, mnemonic, &found.implicit);
    note_writes(instruction, found.implicit);
}

void instruction_repeat(struct instruction *instruction)
{
    instruction->repeated = true;
    if (is_string_operation(instruction)) instruction->writes |= BIT(RCX);
}
