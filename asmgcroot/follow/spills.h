/* Addresses of the frame that lie in words of the frame: GCC computes the address of a variable once, and spills it. Kept in a frame_state
 * beside what the registers hold, for words that nothing but the instructions of the function's own writes: below all whose address is
 * taken, since what has an address may be written through it. */
#ifndef GW_ASMGCROOT_SPILLS_H
#define GW_ASMGCROOT_SPILLS_H

#include "follow/frame.h"

/* Whether the instruction may put such an address into the frame, where `state`, the one before it, does not know of spills: what a loop
 * spills and loads again is unknown to it. */
bool may_spill_address(const struct frame_state *state, const struct instruction *instruction);
/* Behind the instruction, what is spilled and what it loads. `before` and `state`: before and behind it, but for that. */
void spills_step(const struct frame *frame, const struct frame_state *before, struct frame_state *state,
                 const struct instruction *instruction);
/* Keeps what both know alike. True when that is less. */
bool spills_join(struct frame_state *into, const struct frame_state *from);

#endif
