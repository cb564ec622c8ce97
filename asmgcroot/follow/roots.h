/* The roots of a function in their order. */
#ifndef GW_ASMGCROOT_ROOTS_H
#define GW_ASMGCROOT_ROOTS_H

#include "follow/follow.h"

/* By call, then location; each once. */
void sort_roots(struct follow *follow);
/* Whether the call of `root` lists its location. The roots are sorted. */
bool is_root(const struct follow *follow, const struct root *root);

#endif
