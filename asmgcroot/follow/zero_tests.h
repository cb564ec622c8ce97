/* Comparisons with null, or another number: `test %rbx, %rbx; je`. Where they say that a location holds that number, it is no root,
 * though another path may have left there what is none. */
#ifndef GW_ASMGCROOT_ZERO_TESTS_H
#define GW_ASMGCROOT_ZERO_TESTS_H

#include "follow/walk.h"

/* Whether on this way out of a block the location followed is known to be a number. */
bool is_number_on_edge(struct walk *walk, const struct edge *edge);
/* Whether the conditional move at `at` moves only if `location` is a number, or leaves its target alone only then. */
bool is_number_if_moved(struct walk *walk, uint32_t at, int64_t location);
bool is_number_if_kept(struct walk *walk, uint32_t at, int64_t location);

#endif
