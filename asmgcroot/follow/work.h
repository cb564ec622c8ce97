/* What is still to be followed, each (position, location, mode) once. */
#ifndef GW_ASMGCROOT_WORK_H
#define GW_ASMGCROOT_WORK_H

#include "follow/walk.h"

/* Goes on from just before instruction `position` of a block. */
void go_on_in(struct walk *walk, uint32_t block, uint32_t position, uint32_t location, enum mode mode);
/* The same in the block at hand, with another location or mode. */
void go_on(struct walk *walk, uint32_t position, uint32_t location, enum mode mode);

#endif
