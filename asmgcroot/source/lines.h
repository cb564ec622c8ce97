/* Lines of the program, by .file, .loc and the line markers around inline assembler: for complaints. */
#ifndef GW_ASMGCROOT_LINES_H
#define GW_ASMGCROOT_LINES_H

#include "source/reading.h"

struct origin origin_here(const struct reading *reading);
/* For a complaint about the statement at hand. */
struct where where_reading(const struct reading *reading);

void read_origin(struct reading *reading, const struct statement *statement);
void read_file(struct source *source, struct text rest);
void read_loc(struct reading *reading, struct text rest);

#endif
