/* Writes the extra assembler file: a macro that labels each call, the frame maps, and the module record. It is assembled in front of
 * the compiler's file, which it does not change by a byte: `as maps.s in.s -o out.o`. */
#ifndef GW_ASMGCROOT_MAP_FILE_H
#define GW_ASMGCROOT_MAP_FILE_H

#include "maps.h"

/* `body`: what was added to the maps. */
void map_file_write(const struct maps *maps, const struct source *source, struct text body, FILE *out);

#endif
