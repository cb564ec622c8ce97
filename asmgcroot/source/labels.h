/* Labels: those that begin a function or its cold part, and all others. */
#ifndef GW_ASMGCROOT_LABELS_H
#define GW_ASMGCROOT_LABELS_H

#include "source/reading.h"

void read_label(struct reading *reading, struct text name);
/* .cfi_startproc says that a function begins here, though nothing has declared the name in front of it one. */
void begin_untyped(struct reading *reading);

#endif
