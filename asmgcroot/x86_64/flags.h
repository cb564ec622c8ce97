/* Flags, between a test for zero and the branch behind it. */
#ifndef GW_ASMGCROOT_FLAGS_H
#define GW_ASMGCROOT_FLAGS_H

#include "x86_64/instruction.h"

bool sets_flags(const struct instruction *instruction);
/* The operand of which the instruction compares all 64 bits with zero, or NULL. */
const struct operand *operand_tested_for_zero(const struct instruction *instruction);

#endif
