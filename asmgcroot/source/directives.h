/* Directives, each to the file that knows it. */
#ifndef GW_ASMGCROOT_DIRECTIVES_H
#define GW_ASMGCROOT_DIRECTIVES_H

#include "source/reading.h"

void read_directive(struct reading *reading, const struct statement *statement);
/* Another name for something. */
void read_alias(struct reading *reading, struct text name, struct text target);

#endif
