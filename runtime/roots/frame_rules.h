/* How one frame is left: where its caller's registers are, evaluated from call frame information (DWARF 5, section 6.4)
 * for one code address.
 *
 * Only the general registers and the return address are followed. Rules for others, vector registers that some
 * calling conventions save, are read over: no reference is in them across a call.
 */
#ifndef GW_ROOTS_FRAME_RULES_H
#define GW_ROOTS_FRAME_RULES_H

#include "arch/registers.h"
#include "roots/eh_frame.h"

enum gw_rule_kind {
    GW_RULE_UNSPECIFIED, /* preserved if the calling convention says so */
    GW_RULE_UNDEFINED,   /* of the return address: there is no caller */
    GW_RULE_SAME,        /* the frame left it alone */
    GW_RULE_SAVED,       /* at CFA + number */
    GW_RULE_SAVED_AT,    /* where the expression says */
    GW_RULE_IN_REGISTER, /* number */
    GW_RULE_IS,          /* CFA + number itself */
    GW_RULE_IS_RESULT,   /* the expression's result itself */
};

struct gw_frame_rule {
    uint8_t kind;    /* enum gw_rule_kind */
    uint32_t length; /* bytes of the expression */
    union {
        int64_t number;
        const uint8_t *expression;
    };
};

struct gw_frame_rules {
    struct gw_frame_rule cfa; /* GW_RULE_IN_REGISTER: register `cfa_register` + number; GW_RULE_IS_RESULT */
    unsigned cfa_register;
    struct gw_frame_rule registers[GW_DWARF_REGISTERS];
};

/* The rules at `pc`, which lies in the program's function. False when the instructions cannot be read. */
bool gw_frame_rules_at(const struct gw_unwind_program *program, uintptr_t pc, struct gw_frame_rules *rules);

/* A register's value for gw_expression_result. False: it is not known. */
typedef bool gw_register_reader(const void *context, unsigned reg, uintptr_t *value);

/* Evaluates a rule's expression, on top of `*result` when `starts_with_result`. False when it is not understood. It
 * reads memory where the expression says. */
bool gw_expression_result(const struct gw_frame_rule *rule, bool starts_with_result, gw_register_reader *read, const void *context,
                          uintptr_t *result);

#endif
