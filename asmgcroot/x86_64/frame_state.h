/* What the registers hold of the frame's shape, instruction by instruction, and which word of the stack each instruction names.
 *
 * A register's value is a number relative to a symbol: the canonical frame address, or the result of an instruction that moves the
 * stack pointer by an amount not known here (alloca, realignment). Symbols are the instructions that made them. */
#ifndef GW_ASMGCROOT_FRAME_STATE_H
#define GW_ASMGCROOT_FRAME_STATE_H

#include "x86_64/instruction.h"

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

static const struct value value_unknown = {SYMBOL_UNKNOWN, 0};

static inline bool is_stack(struct value value)
{
    return value.symbol >= SYMBOL_FRAME;
}

static inline bool value_equal(struct value a, struct value b)
{
    return a.symbol == b.symbol && (a.symbol == SYMBOL_UNKNOWN || a.offset == b.offset);
}

/* A word of the frame that holds an address of the frame: follow/spills.h. */
struct spill {
    struct value slot, address;
};

enum { SPILLS = 8 }; /* known at a time */

struct frame_state {
    struct value reg[GENERAL_REGISTERS];
    struct value pushed;         /* last, while nothing changes it: `push $10; pop %rcx` is how -Os and -Oz load a number */
    struct spill spills[SPILLS]; /* those whose slot is known */
};

/* Memory that an instruction names; of one that copies memory to memory, where it writes and, apart, where it reads. */
struct place {
    struct value start; /* on the stack, or not: is_stack */
    uint32_t span;      /* bytes; UINT32_MAX: not known */
    bool indexed;       /* somewhere in a variable on the stack */
    bool lost;          /* relative to a stack pointer that is not known */
    struct copied_from {
        struct value start;
        bool indexed, lost;
    } from; /* of OP_PUSH with a word of memory, OP_POP into memory, OP_MOVE_STRING and BLOCK_COPY */
};

/* How much of a 64-bit word of the frame lies in a place. */
enum overlap { OVERLAP_NONE, OVERLAP_WHOLE, OVERLAP_PART, OVERLAP_PERHAPS /* whole, if the place reaches so far */ };

struct value value_moved(struct value value, int64_t by);
/* What the .cfi directives say of the register that the frame address is counted from. */
struct value value_told(struct cfa_rule cfa);

/* Of a function. */
struct frame_state frame_state_at_entry(void);
/* Where the account knows nothing of that register, it believes them. */
void frame_state_heed_cfi(struct frame_state *state, const struct instruction *instruction);
/* Behind the instruction, which is the function's number `at`. */
void frame_state_step(struct frame_state *state, const struct instruction *instruction, uint32_t at);
/* The memory that the instruction names; `state` is the one before it. */
struct place place_of(const struct frame_state *state, const struct instruction *instruction);
enum overlap place_overlap(const struct place *place, struct value slot);

#endif
