/* One instruction: what it is, which registers it writes, and its operands. What the instruction does to a reference is
 * transfer.c's business, what it does to the frame frame_state.c's. */
#ifndef GW_ASMGCROOT_INSTRUCTION_H
#define GW_ASMGCROOT_INSTRUCTION_H

#include "text/complaint.h"
#include "x86_64/operand.h"

enum operation {
    OP_UNKNOWN,
    OP_NOTHING, /* writes no register and no memory that matters */
    OP_TEST,
    OP_COMPARE,
    OP_MOVE, /* the last operand is the first */
    OP_LEA,
    OP_COMPUTE,  /* the last operand is a function of the others */
    OP_MODIFY,   /* the last operand is a function of all operands */
    OP_SET,      /* the last operand is not a function of any that could be a reference */
    OP_CMOV,     /* the last operand is the first or itself */
    OP_EXCHANGE, /* both operands are written with each other */
    OP_ADD_EXCHANGE,
    OP_COMPARE_EXCHANGE,
    OP_COMPARE_EXCHANGE_PAIR, /* cmpxchg16b */
    OP_IMPLICIT,              /* writes the registers of its table entry, and no operand */
    OP_MULTIPLY,              /* with one operand: writes rax and rdx */
    OP_MULX,                  /* writes its last two operands */
    OP_STORE_STRING,          /* stos, movs, scas and cmps: from where rdi and rsi point, rcx times if repeated */
    OP_MOVE_STRING,
    OP_COMPARE_STRING,
    OP_PUSH,
    OP_POP,
    OP_ENTER_LEAVE, /* leave */
    OP_CALL,
    OP_JUMP,
    OP_BRANCH,
    OP_RETURN,
    OP_TRAP, /* does not go on */
    OP_PREFIX,
    OP_X87, /* writes `width` bytes of the memory it names, never with a reference; 255: more; and flags */
    /* Vector registers are rows of 64-bit lanes. */
    OP_VECTOR_WORD,   /* movq: lane 0, the rest becomes zero; to memory or a general register lane 0 only */
    OP_VECTOR_LOW,    /* movlps: lane 0 */
    OP_VECTOR_SCALAR, /* movsd: lane 0; from memory the rest becomes zero */
    OP_VECTOR_HIGH,   /* movhps: lane 1 */
    OP_VECTOR_FULL,   /* movaps: all lanes */
    /* What each lane becomes: lanes.c. */
    OP_VECTOR_UNPACK_LOW,
    OP_VECTOR_UNPACK_HIGH,
    OP_VECTOR_HIGH_TO_LOW,
    OP_VECTOR_INSERT,             /* pinsrq, vinserti128…: `width` bytes */
    OP_VECTOR_EXTRACT,            /* pextrq, vextracti128…: `width` bytes */
    OP_VECTOR_BROADCAST,          /* `width` bytes */
    OP_VECTOR_DOUBLE,             /* movddup */
    OP_VECTOR_SHUFFLE,            /* shufpd */
    OP_VECTOR_SHUFFLE_HALF_WORDS, /* shufps */
    OP_VECTOR_SHUFFLE_PIECES,     /* vshufi64x2 */
    OP_VECTOR_PERMUTE,            /* vpermq */
    OP_VECTOR_PERMUTE_IN_PAIRS,   /* vpermilpd */
    OP_VECTOR_PERMUTE_HALF_WORDS, /* pshufd */
    OP_VECTOR_PERMUTE_HALVES,     /* vperm2i128 */
    OP_VECTOR_BLEND,              /* `width`: bits of the immediate for a word */
    OP_VECTOR_ALIGN,              /* valignq */
    OP_VECTOR_ALIGN_BYTES,        /* palignr */
    OP_VECTOR_SHIFT_RIGHT,        /* psrldq */
    OP_VECTOR_SHIFT_LEFT,
    OP_VECTOR_CLEAR,   /* pxor and the like, of a register with itself: else as OP_VECTOR */
    OP_VECTOR_COMPARE, /* writes flags */
    OP_VECTOR,         /* writes its last operand in some other way */
    /* Not instructions. */
    OP_MARKER, /* op[0] is a reference that stays alive; `width` references one after another */
};

/* Calls that write rdx bytes from the address in rdi on, and nothing else: memset, memcpy and memmove. */
enum block_call { NO_BLOCK_CALL, BLOCK_FILL, BLOCK_COPY /* from the address in rsi on */ };

enum { OPERANDS = 4 }; /* kept: the first three and the last */

/* The compiler's description of the frame at an instruction: where the canonical frame address is, and which registers of
 * the caller are kept in the frame. */
struct cfa_rule {
    uint8_t base; /* a general register; NO_REGISTER: not inside .cfi_startproc; REGISTER_OTHER: an expression */
    int32_t offset;
    uint16_t saved; /* general registers, as bits */
};

/* When a function begins: the return address is the last word on the stack. */
static const struct cfa_rule cfa_at_entry = {.base = RSP, .offset = 8};

struct instruction {
    struct text text;
    unsigned line;
    struct origin origin;
    uint8_t operation;
    uint8_t operand_count; /* of those kept */
    uint8_t width;         /* bytes that the instruction moves, where its name says so, or 0 */
    char arithmetic;       /* of OP_MODIFY: '+', '-', '&', '|', '^', 'b' for sbb, or 0 for any other */
    bool leaves;           /* the function, by the compiler's note: of a jump, a tail call */
    bool repeated, no_return, inline_assembler, avx;
    bool told;                 /* the compiler says where control goes on behind it: `successors` */
    bool goes_elsewhere;       /* by what it says, to other blocks than the next */
    bool if_equal, if_unequal; /* je and cmove, jne and cmovne */
    bool numbered;             /* a call that the assembler's macro puts a label behind */
    struct text successors;    /* the compiler's note on where the block leads that ends here */
    uint32_t pushed_arguments; /* bytes that are popped when a call ends in a landing pad */
    uint16_t writes;           /* general registers, as bits */
    uint32_t vector_writes;
    uint8_t mask_writes;
    struct cfa_rule cfa;
    struct operand op[OPERANDS];
    uint32_t call_number;
    uint8_t block_call;    /* enum block_call */
    uint32_t marker_count; /* of OP_MARKER: references */
};

/* Fills everything but text, line, cfa and the flags of the surroundings. `mnemonic` may be a prefix. */
void instruction_read(struct instruction *instruction, struct text mnemonic, struct text rest);
/* It stands behind a prefix `rep`, `repe` or `repne`. */
void instruction_repeat(struct instruction *instruction);

/* The operand that is written last, or NULL. */
static inline const struct operand *instruction_target(const struct instruction *instruction)
{
    return instruction->operand_count ? &instruction->op[instruction->operand_count - 1] : NULL;
}

static inline bool is_register(const struct operand *operand, unsigned reg)
{
    return operand->kind == OPERAND_REGISTER && operand->reg == reg;
}

static inline bool is_string_operation(const struct instruction *instruction)
{
    return instruction->operation == OP_STORE_STRING || instruction->operation == OP_MOVE_STRING ||
           instruction->operation == OP_COMPARE_STRING;
}

static inline bool is_general(const struct operand *operand)
{
    return operand->kind == OPERAND_REGISTER && operand->reg < GENERAL_REGISTERS;
}

static inline bool is_vector(const struct operand *operand)
{
    return operand->kind == OPERAND_REGISTER && operand->reg >= VECTOR_REGISTER && operand->reg < REGISTERS;
}

static inline bool is_mask(const struct operand *operand)
{
    return operand->kind == OPERAND_REGISTER && operand->reg >= MASK_REGISTER && operand->reg < MASK_REGISTER + MASK_REGISTERS;
}

/* Whether it writes the register that the location is a word of. */
static inline bool instruction_writes(const struct instruction *instruction, uint32_t location)
{
    if (is_mask_location(location)) return instruction->mask_writes >> (location - LOCATION_MASK) & 1;
    return is_general_location(location) ? instruction->writes >> location & 1
                                         : instruction->vector_writes >> location_vector(location) & 1;
}

/* Does not fall through to the next instruction. */
static inline bool ends_flow(const struct instruction *instruction)
{
    return instruction->operation == OP_JUMP || instruction->operation == OP_RETURN || instruction->operation == OP_TRAP ||
           (instruction->operation == OP_CALL && instruction->no_return);
}

#endif
