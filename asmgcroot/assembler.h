/* gw-asmgcroot in the assembler's place: GCC, told with -B where to look, runs it as `as`; it writes the maps of the
 * file to a temporary one and runs the real assembler on both. So every way to call GCC works: many files, -c, -o,
 * -pipe. */
#ifndef GW_ASMGCROOT_ASSEMBLER_H
#define GW_ASMGCROOT_ASSEMBLER_H

#include <stdbool.h>

bool is_assembler_name(const char *program);
/* The process's exit status. */
int assemble(int argc, char **argv);

#endif
