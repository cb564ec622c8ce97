/* What gwcc and gw-asmgcroot say alike when the one has GCC run the other in the assembler's place. */
#ifndef GW_ABI_ASSEMBLER_H
#define GW_ABI_ASSEMBLER_H

/* gwcc hands it to GCC for the assembler. gw-asmgcroot takes it away; any other assembler does not know it and fails. */
#define GW_STAND_IN_OPTION "--made-by-gw-asmgcroot"

#endif
