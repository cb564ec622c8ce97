/* The shape of the frame: where the stack pointer and other registers point at each instruction, and which word of the
 * stack each instruction touches.
 *
 * A register's value is a number relative to a symbol: the canonical frame address, or the result of an instruction
 * that moves the stack pointer by an amount not known here (alloca, realignment). Symbols are the instructions that
 * made them. The account is the tool's own, and checked against the compiler's .cfi directives at each instruction. */
#ifndef GW_ASMGCROOT_FRAME_H
#define GW_ASMGCROOT_FRAME_H

#include "graph.h"

enum {
    SYMBOL_UNKNOWN,
    SYMBOL_CONSTANT,
    SYMBOL_FRAME,       /* the canonical frame address */
    SYMBOL_INSTRUCTION, /* from here on: the instruction's index + this */
};

struct value {
    int32_t symbol;
    int64_t offset;
};

static inline bool is_stack(struct value value)
{
    return value.symbol >= SYMBOL_FRAME;
}

static inline bool value_equal(struct value a, struct value b)
{
    return a.symbol == b.symbol && (a.symbol == SYMBOL_UNKNOWN || a.offset == b.offset);
}

struct frame_state {
    struct value reg[GENERAL_REGISTERS];
    struct value pushed; /* by the last instruction: `push $10; pop %rcx` is how -Os loads a number */
};

/* Memory that an instruction names. */
struct place {
    struct value start; /* on the stack, or not: is_stack */
    uint32_t span;      /* bytes; UINT32_MAX: not known */
    bool indexed;       /* somewhere in a variable on the stack */
    bool lost;          /* relative to a stack pointer that is not known */
};

struct frame {
    VECTOR(struct frame_state) entry; /* of each block */
    VECTOR(uint8_t) reached;          /* each block: control comes here */
    VECTOR(struct place) places;      /* each instruction */
    VECTOR(struct frame_state) calls; /* the state before each call, in the order of the text */
    VECTOR(uint32_t) call_of;         /* each instruction: its index in `calls` */
    VECTOR(uint32_t) work;
};

/* False after a complaint: the account and the .cfi directives disagree, or there are none. */
bool frame_follow(struct frame *frame, const struct graph *graph, const struct function *function,
                  struct complaints *complaints);
void frame_free(struct frame *frame);

#endif
