/* Operands in AT&T notation. */
#ifndef GW_ASMGCROOT_OPERAND_H
#define GW_ASMGCROOT_OPERAND_H

#include "x86_64/registers.h"

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
/* The symbol without @PLT and the like. */
struct text symbol_of(const struct operand *operand);
/* A callee that the linker decides on: a name, or a word of the global offset table (-fno-plt). */
bool is_named(const struct operand *callee);
/* A callee in this file: what was read here is what runs only where the call cannot be redirected to another module. */
bool is_bound(const struct operand *callee);

#endif
