#include "x86_64/flags.h"

bool sets_flags(const struct instruction *instruction)
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

const struct operand *operand_compared_with_number(const struct instruction *instruction)
{
    const struct operand *op = instruction->op;
    if (instruction->operand_count != 2) return NULL;
    bool self = instruction->operation == OP_TEST && is_general(&op[0]) && is_general(&op[1]) && op[0].reg == op[1].reg && op[0].width == 8;
    bool number = instruction->operation == OP_COMPARE && op[0].kind == OPERAND_IMMEDIATE && !op[0].symbolic &&
                  (op[1].kind == OPERAND_MEMORY ? instruction->width == 8 : op[1].width == 8);
    return self || number ? &op[1] : NULL;
}
