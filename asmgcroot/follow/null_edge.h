/* A branch behind a test: `test %rbx, %rbx; je`. */
#ifndef GW_ASMGCROOT_NULL_EDGE_H
#define GW_ASMGCROOT_NULL_EDGE_H

#include "follow/walk.h"

/* Whether on this way out of a block the location followed is known to be null, and no root. */
bool null_on_edge(struct walk *walk, const struct edge *edge);

#endif
