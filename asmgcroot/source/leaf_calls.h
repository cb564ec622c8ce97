/* Functions of the C library and of the runtime that never collect (abi/never_collects.h): calls of them are no
 * safepoints. */
#ifndef GW_ASMGCROOT_LEAF_CALLS_H
#define GW_ASMGCROOT_LEAF_CALLS_H

#include "text/statement.h"

bool is_leaf_call(struct text name);

#endif
