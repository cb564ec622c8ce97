/* Frozen blocks: their objects are permanent.
 *
 * A frozen block's mark bits stay set, so that marking stops at its objects and never reads them; it is in no list that allocation
 * takes holes from, and sweeping passes it by. Nothing of it is written. What a frozen object refers to was frozen with it, unless
 * the program wrote to it since: a minor collection that meets it among the recorded ones flags its block, and every
 * cycle then traces the objects of flagged blocks as roots. */
#ifndef GW_SPACES_FROZEN_H
#define GW_SPACES_FROZEN_H

#include "spaces/old_space.h"

struct gw_frozen_blocks {
    uint64_t objects, bytes; /* bytes: cells and runs of blocks */
    uint32_t mark_cursor;    /* flagged blocks before it were traced by the cycle under way */
};

/* Every object of the old generation. No cycle may be under way. */
void gw_freeze_blocks(struct gw_old_space *old, struct gw_frozen_blocks *frozen);
void gw_unfreeze_blocks(struct gw_old_space *old, struct gw_frozen_blocks *frozen);

/* An old object was written to. */
GW_ALWAYS_INLINE void gw_frozen_note_write(struct gw_old_space *old, uintptr_t ref)
{
    struct gw_block *block = &old->blocks.blocks[gw_block_of(&old->blocks, ref)];
    if (gw_unlikely(block->frozen)) block->written = true;
}

#endif
