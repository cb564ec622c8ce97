/* One function's markers while they are followed. */
#ifndef GW_ASMGCROOT_WALK_H
#define GW_ASMGCROOT_WALK_H

#include "follow/follow.h"

enum mode { ROOT, SOURCE, ARRAY, ELEMENT }; /* back.c */

struct walk {
    struct follow *follow;
    const struct analysed *analysed;
    struct follow_work now;
    bool final; /* roots are complete and sorted */
    bool ok;    /* no complaint */
};

static inline const struct instruction *at_position(const struct walk *walk, uint32_t at)
{
    return &walk->analysed->function->instructions.at[at];
}

static inline bool is_reached(const struct walk *walk, uint32_t at)
{
    return walk->analysed->frame->reached.at[walk->analysed->graph->block_of.at[at]];
}

/* A complaint about the instruction at `at`, with what is being followed. */
void refuse(struct walk *walk, uint32_t at, const char *what);
/* The 64-bit word `word` of an operand of the instruction at `at`, as a location; -1: it is not one. */
int64_t operand_location(struct walk *walk, uint32_t at, const struct operand *operand, uint32_t word);

#endif
