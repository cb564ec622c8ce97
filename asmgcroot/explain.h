/* Shows what was understood of a function: its graph, the frame before each call, and where each reference lives. */
#ifndef GW_ASMGCROOT_EXPLAIN_H
#define GW_ASMGCROOT_EXPLAIN_H

#include "follow/follow.h"

#include <stdio.h>

/* `follow` is NULL when markers could not be followed or there are none. */
void explain_text(FILE *out, const struct analysed *analysed, const struct follow *follow);
/* For Graphviz: `dot -Tsvg`. */
void explain_dot(FILE *out, const struct analysed *analysed, const struct follow *follow);

#endif
