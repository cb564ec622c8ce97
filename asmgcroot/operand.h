/* Operands in AT&T notation. Registers are numbered as the machine does: rax rcx rdx rbx rsp rbp rsi rdi r8…r15, then
 * the vector registers. */
#ifndef GW_ASMGCROOT_OPERAND_H
#define GW_ASMGCROOT_OPERAND_H

#include "statement.h"

enum {
    RAX,
    RCX,
    RDX,
    RBX,
    RSP,
    RBP,
    RSI,
    RDI,
    R8,
    R9,
    R10,
    R11,
    R12,
    R13,
    R14,
    R15,
    GENERAL_REGISTERS,
    VECTOR_REGISTER = GENERAL_REGISTERS, /* xmm0, ymm0, zmm0; 32 of them */
    REGISTERS = VECTOR_REGISTER + 32,
    REGISTER_RIP = 0xfd,
    REGISTER_OTHER = 0xfe, /* x87, masks, segments: never hold a reference */
    NO_REGISTER = 0xff,
};

/* Bits of registers in 16-bit sets. */
#define BIT(reg) (1u << (reg))
#define CALLEE_SAVED (BIT(RBX) | BIT(RBP) | BIT(R12) | BIT(R13) | BIT(R14) | BIT(R15))
#define CALL_CLOBBERED ((uint16_t)~(CALLEE_SAVED | BIT(RSP)))

enum operand_kind {
    OPERAND_NONE,
    OPERAND_REGISTER,
    OPERAND_IMMEDIATE,
    OPERAND_MEMORY, /* also a bare symbol */
};

struct operand {
    uint8_t kind;
    uint8_t reg;
    uint8_t width;       /* bytes, of a register */
    uint8_t base, index; /* of memory; NO_REGISTER */
    bool symbolic;       /* the number has a symbol in it: only then is `symbol` set */
    bool indirect;       /* *…: of a jump or call */
    bool segment;        /* %fs:… */
    bool masked;         /* {%k…}: written in part */
    bool bad;            /* not understood */
    int64_t number;      /* immediate or displacement */
    struct text symbol;
};

struct operand operand_read(struct text text);
/* The number of a register name without its percent sign, and its width; NO_REGISTER if there is none. */
uint8_t register_named(struct text name, uint8_t *width);
/* The symbol without @PLT and the like. */
struct text symbol_of(const struct operand *operand);
/* A callee that the linker decides on: a name, or a word of the global offset table (-fno-plt). */
bool is_named(const struct operand *callee);
/* A callee in this file: what was read here is what runs only where the call cannot be redirected to another module. */
bool is_bound(const struct operand *callee);
/* "%rbx"; of a general register. */
const char *register_name(unsigned reg);

#endif
