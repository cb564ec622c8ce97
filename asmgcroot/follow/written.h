/* The pieces of the stack that instructions of the function write, calls apart. */
#ifndef GW_ASMGCROOT_WRITTEN_H
#define GW_ASMGCROOT_WRITTEN_H

#include "follow/walk.h"

/* Once for a function, before the first question. */
void note_written(struct walk *walk);
/* Whether any of them may write a part of the word. */
bool is_written(const struct follow *follow, struct value slot);

#endif
