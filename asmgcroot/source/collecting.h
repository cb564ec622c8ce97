/* Which calls can lead to a collection. */
#ifndef GW_ASMGCROOT_COLLECTING_H
#define GW_ASMGCROOT_COLLECTING_H

#include "source/source.h"

/* Whether a call of `callee` can. `bound`: to the function of this file, if it has one. */
bool callee_may_collect(const struct source *source, struct text callee, bool bound);
bool may_collect(const struct source *source, const struct instruction *call);

#endif
