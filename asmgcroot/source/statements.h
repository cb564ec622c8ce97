/* Statements that become instructions of a function: the machine's, and the markers of GW_ROOT and GW_CALL. */
#ifndef GW_ASMGCROOT_STATEMENTS_H
#define GW_ASMGCROOT_STATEMENTS_H

#include "source/reading.h"

void read_instruction(struct reading *reading, const struct statement *statement);
void read_marker(struct reading *reading, const struct statement *statement);

#endif
