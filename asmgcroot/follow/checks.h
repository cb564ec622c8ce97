/* What must be so for the roots to be right, in front of following and behind it. Each complains at most once. */
#ifndef GW_ASMGCROOT_CHECKS_H
#define GW_ASMGCROOT_CHECKS_H

#include "follow/walk.h"

/* Nothing in the function that cannot be followed wherever it stands. */
void check_instructions(struct walk *walk);
/* No arithmetic since a call on a word that was a reference at the call: what comes of it is none, but an address inside an object. */
void check_derived(struct walk *walk);
/* An array that a reference was loaded from by an index has elements among the roots of the call before. */
void check_arrays(struct walk *walk);

#endif
