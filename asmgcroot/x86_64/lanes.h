/* Which word of its operands an instruction puts into each 64-bit lane of a vector register. */
#ifndef GW_ASMGCROOT_LANES_H
#define GW_ASMGCROOT_LANES_H

#include "x86_64/instruction.h"

struct lane_source {
    enum { LANE_UNCLEAR, LANE_NUMBER, LANE_COPY } kind;
    const struct operand *operand; /* of LANE_COPY: the lane is a copy of its word `word`; may be the target as it was */
    unsigned word;
};

/* Of lane `number` of the target, a vector register that is written in whole. */
struct lane_source lane_source(const struct instruction *instruction, unsigned number);

#endif
