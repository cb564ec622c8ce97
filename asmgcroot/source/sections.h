/* Sections by name and group, and which one the text is in. */
#ifndef GW_ASMGCROOT_SECTIONS_H
#define GW_ASMGCROOT_SECTIONS_H

#include "source/reading.h"

struct section *section_here(struct reading *reading);
/* The section's number; a directive may name one again without its flags. */
uint32_t section_number(struct reading *reading, struct text name, struct text arguments);
/* From here on the text is not what is assembled, or not in that order. */
void note_unsupported(struct reading *reading);
/* False: it is another directive. */
bool read_section_directive(struct reading *reading, struct text name, struct text rest);

#endif
