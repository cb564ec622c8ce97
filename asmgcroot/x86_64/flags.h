/* Flags, between a comparison and what depends on it. */
#ifndef GW_ASMGCROOT_FLAGS_H
#define GW_ASMGCROOT_FLAGS_H

#include "x86_64/instruction.h"

bool sets_flags(const struct instruction *instruction);
/* The operand of which the instruction compares all 64 bits with zero or another number, or NULL. */
const struct operand *operand_compared_with_number(const struct instruction *instruction);

#endif
