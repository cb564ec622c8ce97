/* What callers need to know of each function of the file: which registers it leaves alone, and whether it can lead to a
 * collection. Both depend on its callees, so the whole file is read once before it is analysed. */
#ifndef GW_ASMGCROOT_SUMMARIES_H
#define GW_ASMGCROOT_SUMMARIES_H

#include "source/source.h"

/* Fills source->known. */
void summaries_make(struct source *source);

#endif
