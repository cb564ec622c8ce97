/* The interpreter of call frame instructions. Owns nothing and allocates nothing. */
#include "roots/frame_rules.h"

#define REMEMBERED_STATES 8 /* compilers nest none; hand-written code one or two */

struct interpreter {
    const struct gw_unwind_program *program;
    uintptr_t pc, location;
    const struct gw_frame_rules *initial; /* as the common entry leaves them; NULL while it runs */
    struct gw_frame_rules *rules;
    struct gw_frame_rules remembered[REMEMBERED_STATES];
    unsigned remembered_count;
    struct gw_reader code;
};

/* DW_CFA opcodes. Those of the first three carry an operand in their low six bits. */
enum {
    ADVANCE = 0x40,
    OFFSET = 0x80,
    RESTORE = 0xc0,
    HIGH_BITS = 0xc0,
    NOP = 0x00,
    SET_LOCATION,
    ADVANCE1,
    ADVANCE2,
    ADVANCE4,
    OFFSET_EXTENDED,
    RESTORE_EXTENDED,
    UNDEFINED,
    SAME_VALUE,
    REGISTER,
    REMEMBER,
    RECALL,
    DEFINE_CFA,
    DEFINE_CFA_REGISTER,
    DEFINE_CFA_OFFSET,
    DEFINE_CFA_EXPRESSION,
    EXPRESSION,
    OFFSET_EXTENDED_SIGNED,
    DEFINE_CFA_SIGNED,
    DEFINE_CFA_OFFSET_SIGNED,
    VALUE_OFFSET,
    VALUE_OFFSET_SIGNED,
    VALUE_EXPRESSION,
    ARGUMENTS_SIZE = 0x2e,
    NEGATIVE_OFFSET_EXTENDED = 0x2f,
};

static struct gw_frame_rule by_expression(struct gw_reader *code, enum gw_rule_kind kind)
{
    uint64_t length = gw_read_uleb(code);
    if (length > UINT32_MAX) code->failed = true;
    return (struct gw_frame_rule){.kind = kind, .length = (uint32_t)length, .expression = gw_read_over(code, length)};
}

/* A rule for a register that is not followed goes nowhere. */
static void set_rule(struct interpreter *interpreter, uint64_t reg, struct gw_frame_rule rule)
{
    if (reg < GW_DWARF_REGISTERS) interpreter->rules->registers[reg] = rule;
}

static void restore(struct interpreter *interpreter, uint64_t reg)
{
    if (!interpreter->initial) interpreter->code.failed = true;
    else if (reg < GW_DWARF_REGISTERS) set_rule(interpreter, reg, interpreter->initial->registers[reg]);
}

static void remember(struct interpreter *interpreter)
{
    if (interpreter->remembered_count == REMEMBERED_STATES) interpreter->code.failed = true;
    else interpreter->remembered[interpreter->remembered_count++] = *interpreter->rules;
}

static void recall(struct interpreter *interpreter)
{
    if (!interpreter->remembered_count) interpreter->code.failed = true;
    else *interpreter->rules = interpreter->remembered[--interpreter->remembered_count];
}

/* Absurd numbers wrap: they lead to a place that is no frame's. */
static int64_t scaled(const struct interpreter *interpreter, int64_t count)
{
    return (int64_t)((uint64_t)count * (uint64_t)interpreter->program->data_unit);
}

static void define_cfa(struct interpreter *interpreter, uint64_t reg, int64_t offset)
{
    if (reg >= GW_DWARF_GENERAL) interpreter->code.failed = true;
    interpreter->rules->cfa = (struct gw_frame_rule){.kind = GW_RULE_IN_REGISTER, .number = offset};
    interpreter->rules->cfa_register = (unsigned)reg;
}

/* True when it was one of these. */
static bool run_location(struct interpreter *interpreter, unsigned opcode)
{
    struct gw_reader *code = &interpreter->code;
    uint64_t unit = interpreter->program->code_unit;
    switch (opcode) {
    case NOP: return true;
    case SET_LOCATION: interpreter->location = gw_read_pointer(code, interpreter->program->encoding); return true;
    case ADVANCE1: interpreter->location += gw_read_bytes(code, 1) * unit; return true;
    case ADVANCE2: interpreter->location += gw_read_bytes(code, 2) * unit; return true;
    case ADVANCE4: interpreter->location += gw_read_bytes(code, 4) * unit; return true;
    case REMEMBER: remember(interpreter); return true;
    case RECALL: recall(interpreter); return true;
    case ARGUMENTS_SIZE: gw_read_uleb(code); return true;
    default: return gw_only_tells_of_signing(opcode);
    }
}

static bool run_cfa(struct interpreter *interpreter, unsigned opcode)
{
    struct gw_reader *code = &interpreter->code;
    struct gw_frame_rules *rules = interpreter->rules;
    uint64_t reg = opcode == DEFINE_CFA || opcode == DEFINE_CFA_SIGNED || opcode == DEFINE_CFA_REGISTER ? gw_read_uleb(code) : 0;
    switch (opcode) {
    case DEFINE_CFA: define_cfa(interpreter, reg, (int64_t)gw_read_uleb(code)); return true;
    case DEFINE_CFA_SIGNED: define_cfa(interpreter, reg, scaled(interpreter, gw_read_sleb(code))); return true;
    case DEFINE_CFA_REGISTER: define_cfa(interpreter, reg, rules->cfa.number); return true;
    case DEFINE_CFA_OFFSET: define_cfa(interpreter, rules->cfa_register, (int64_t)gw_read_uleb(code)); return true;
    case DEFINE_CFA_OFFSET_SIGNED: define_cfa(interpreter, rules->cfa_register, scaled(interpreter, gw_read_sleb(code))); return true;
    case DEFINE_CFA_EXPRESSION: rules->cfa = by_expression(code, GW_RULE_IS_RESULT); return true;
    default: return false;
    }
}

/* Where a register was saved, or what it is: at a distance from the CFA. */
static struct gw_frame_rule at_distance(struct interpreter *interpreter, enum gw_rule_kind kind, bool is_signed)
{
    struct gw_reader *code = &interpreter->code;
    int64_t count = is_signed ? gw_read_sleb(code) : (int64_t)gw_read_uleb(code);
    return (struct gw_frame_rule){.kind = kind, .number = scaled(interpreter, count)};
}

static void run_register(struct interpreter *interpreter, unsigned opcode)
{
    struct gw_reader *code = &interpreter->code;
    uint64_t reg = gw_read_uleb(code);
    struct gw_frame_rule rule = {.kind = GW_RULE_UNSPECIFIED};
    switch (opcode) {
    case RESTORE_EXTENDED: restore(interpreter, reg); return;
    case UNDEFINED: rule.kind = GW_RULE_UNDEFINED; break;
    case SAME_VALUE: rule.kind = GW_RULE_SAME; break;
    case OFFSET_EXTENDED: rule = at_distance(interpreter, GW_RULE_SAVED, false); break;
    case OFFSET_EXTENDED_SIGNED: rule = at_distance(interpreter, GW_RULE_SAVED, true); break;
    case VALUE_OFFSET: rule = at_distance(interpreter, GW_RULE_IS, false); break;
    case VALUE_OFFSET_SIGNED: rule = at_distance(interpreter, GW_RULE_IS, true); break;
    case NEGATIVE_OFFSET_EXTENDED:
        rule = at_distance(interpreter, GW_RULE_SAVED, false);
        rule.number = (int64_t)(0 - (uint64_t)rule.number);
        break;
    case REGISTER: rule = (struct gw_frame_rule){.kind = GW_RULE_IN_REGISTER, .number = (int64_t)gw_read_uleb(code)}; break;
    case EXPRESSION: rule = by_expression(code, GW_RULE_SAVED_AT); break;
    case VALUE_EXPRESSION: rule = by_expression(code, GW_RULE_IS_RESULT); break;
    default: code->failed = true;
    }
    set_rule(interpreter, reg, rule);
}

static void run_one(struct interpreter *interpreter)
{
    unsigned byte = (unsigned)gw_read_bytes(&interpreter->code, 1), operand = byte & ~HIGH_BITS;
    switch (byte & HIGH_BITS) {
    case ADVANCE: interpreter->location += operand * interpreter->program->code_unit; return;
    case OFFSET: set_rule(interpreter, operand, at_distance(interpreter, GW_RULE_SAVED, false)); return;
    case RESTORE: restore(interpreter, operand); return;
    default:
        if (!run_location(interpreter, byte) && !run_cfa(interpreter, byte)) run_register(interpreter, byte);
    }
}

static bool run(struct interpreter *interpreter, struct gw_reader code)
{
    interpreter->code = code;
    while (interpreter->code.at < interpreter->code.end && !interpreter->code.failed && interpreter->location <= interpreter->pc)
        run_one(interpreter);
    return !interpreter->code.failed;
}

bool gw_frame_rules_at(const struct gw_unwind_program *program, uintptr_t pc, struct gw_frame_rules *rules)
{
    struct interpreter interpreter;
    interpreter.program = program;
    interpreter.pc = pc;
    interpreter.location = program->start;
    interpreter.initial = NULL;
    interpreter.rules = rules;
    interpreter.remembered_count = 0;
    *rules = (struct gw_frame_rules){.cfa_register = 0};
    if (!run(&interpreter, program->common)) return false;
    struct gw_frame_rules initial = *rules;
    interpreter.initial = &initial;
    return run(&interpreter, program->own);
}

/* ---- Expressions ------------------------------------------------------------------------------------ */

#define EXPRESSION_DEPTH 16

struct expression {
    struct gw_reader code;
    uintptr_t stack[EXPRESSION_DEPTH];
    unsigned depth;
    gw_register_reader *read;
    const void *context;
};

/* DW_OP opcodes. Signed and unsigned constants of each size alternate. */
enum {
    OP_DEREF = 0x06,
    OP_CONST1U = 0x08,
    OP_CONST8S = 0x0f,
    OP_CONSTU = 0x10,
    OP_CONSTS = 0x11,
    OP_DUP = 0x12,
    OP_DROP,
    OP_OVER,
    OP_SWAP = 0x16,
    OP_AND = 0x1a,
    OP_MINUS = 0x1c,
    OP_MUL = 0x1e,
    OP_NEG,
    OP_NOT,
    OP_OR,
    OP_PLUS,
    OP_PLUS_UCONST,
    OP_SHL,
    OP_SHR,
    OP_SHRA,
    OP_XOR,
    OP_EQ = 0x29,
    OP_GE,
    OP_GT,
    OP_LE,
    OP_LT,
    OP_NE,
    OP_LIT0 = 0x30,
    OP_BREG0 = 0x70,
    OP_BREG31 = 0x8f,
};

static void push(struct expression *expression, uintptr_t value)
{
    if (expression->depth == EXPRESSION_DEPTH) expression->code.failed = true;
    else expression->stack[expression->depth++] = value;
}

static uintptr_t pop(struct expression *expression)
{
    if (expression->depth) return expression->stack[--expression->depth];
    expression->code.failed = true;
    return 0;
}

static void push_register(struct expression *expression, unsigned reg)
{
    int64_t offset = gw_read_sleb(&expression->code);
    uintptr_t value = 0;
    if (!expression->read(expression->context, reg, &value)) expression->code.failed = true;
    push(expression, value + (uintptr_t)offset);
}

/* True when it was one of these. */
static bool run_push(struct expression *expression, unsigned opcode)
{
    struct gw_reader *code = &expression->code;
    if (opcode >= OP_BREG0 && opcode <= OP_BREG31) {
        push_register(expression, opcode - OP_BREG0);
    } else if (opcode >= OP_LIT0 && opcode < OP_LIT0 + 32) {
        push(expression, opcode - OP_LIT0);
    } else if (opcode >= OP_CONST1U && opcode <= OP_CONST8S) {
        size_t size = (size_t)1 << (opcode - OP_CONST1U) / 2;
        push(expression, opcode & 1 ? (uintptr_t)gw_read_signed(code, size) : gw_read_bytes(code, size));
    } else if (opcode == OP_CONSTU) {
        push(expression, gw_read_uleb(code));
    } else if (opcode == OP_CONSTS) {
        push(expression, (uintptr_t)gw_read_sleb(code));
    } else {
        return false;
    }
    return true;
}

static bool run_unary(struct expression *expression, unsigned opcode)
{
    uintptr_t value = pop(expression);
    switch (opcode) {
    case OP_DEREF: push(expression, expression->code.failed ? 0 : *(const uintptr_t *)value); return true;
    case OP_PLUS_UCONST: push(expression, value + gw_read_uleb(&expression->code)); return true;
    case OP_NEG: push(expression, -value); return true;
    case OP_NOT: push(expression, ~value); return true;
    case OP_DUP:
        push(expression, value);
        push(expression, value);
        return true;
    case OP_DROP: return true;
    default: push(expression, value); return false;
    }
}

/* `a` lies below `b`. Shifts by more than a word give what the machine gives for the count's low bits, as compilers
 * never ask. */
static bool binary(unsigned opcode, uintptr_t a, uintptr_t b, uintptr_t *result)
{
    intptr_t left = (intptr_t)a, right = (intptr_t)b;
    switch (opcode) {
    case OP_AND: *result = a & b; return true;
    case OP_MINUS: *result = a - b; return true;
    case OP_MUL: *result = a * b; return true;
    case OP_OR: *result = a | b; return true;
    case OP_PLUS: *result = a + b; return true;
    case OP_SHL: *result = a << (b & 63); return true;
    case OP_SHR: *result = a >> (b & 63); return true;
    case OP_SHRA: *result = (uintptr_t)(left >> (b & 63)); return true;
    case OP_XOR: *result = a ^ b; return true;
    case OP_EQ: *result = left == right; return true;
    case OP_GE: *result = left >= right; return true;
    case OP_GT: *result = left > right; return true;
    case OP_LE: *result = left <= right; return true;
    case OP_LT: *result = left < right; return true;
    case OP_NE: *result = left != right; return true;
    default: return false;
    }
}

static void run_binary(struct expression *expression, unsigned opcode)
{
    uintptr_t b = pop(expression), a = pop(expression), result = 0;
    if (opcode == OP_SWAP) {
        push(expression, b);
        push(expression, a);
    } else if (opcode == OP_OVER) {
        push(expression, a);
        push(expression, b);
        push(expression, a);
    } else {
        if (!binary(opcode, a, b, &result)) expression->code.failed = true;
        push(expression, result);
    }
}

bool gw_expression_result(const struct gw_frame_rule *rule, bool starts_with_result, gw_register_reader *read, const void *context,
                          uintptr_t *result)
{
    struct gw_reader code = {.at = rule->expression, .end = rule->expression + rule->length};
    struct expression expression = {.code = code, .read = read, .context = context};
    if (starts_with_result) push(&expression, *result);
    while (expression.code.at < expression.code.end && !expression.code.failed) {
        unsigned opcode = (unsigned)gw_read_bytes(&expression.code, 1);
        if (!run_push(&expression, opcode) && !run_unary(&expression, opcode)) run_binary(&expression, opcode);
    }
    *result = pop(&expression);
    return !expression.code.failed;
}
