/* Where the value that an instruction writes comes from. */
#ifndef GW_ASMGCROOT_TRANSFER_H
#define GW_ASMGCROOT_TRANSFER_H

#include "x86_64/instruction.h"

struct transfer {
    enum {
        TRANSFER_NONE,     /* the word is what it was before */
        TRANSFER_NUMBER,   /* a number, which no reference is in */
        TRANSFER_COPY,     /* of word `word` of `operand` */
        TRANSFER_EITHER,   /* the same, or what it was before */
        TRANSFER_COMPUTED, /* from the operands, and from what it was before if `from_target` */
        TRANSFER_MOVED,    /* of word `word` of the memory that the instruction copies to memory: push, pop, movs */
        TRANSFER_STACK,    /* the word of the stack that the instruction names without an operand: pop, leave */
        TRANSFER_ADVANCED, /* what the register was before, and more: rdi and rsi of a string operation */
        TRANSFER_UNCLEAR,  /* `why` it cannot be followed, behind "the reference was here" */
    } kind;
    const struct operand *operand;
    uint32_t word;
    bool from_target;
    bool perhaps; /* of TRANSFER_MOVED: some word of that memory, or what it was before */
    const char *why;
};

/* Of a 64-bit general register that the instruction writes. */
struct transfer register_transfer(const struct instruction *instruction, uint32_t reg);
/* Of the mask register that the instruction writes. */
struct transfer mask_transfer(const struct instruction *instruction);
/* Of lane `number` of the vector register that the instruction writes. */
struct transfer lane_transfer(const struct instruction *instruction, unsigned number);
/* Of word `word` of the memory that the instruction writes. */
struct transfer memory_transfer(const struct instruction *instruction, uint32_t word);
/* The same where it is not known how much it writes, and the word may be what it was before. */
struct transfer memory_transfer_perhaps(const struct instruction *instruction);

bool writes_memory(const struct instruction *instruction);

#endif
