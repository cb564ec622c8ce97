/* Pieces of the assembler that the maps are written in which are the machine's, as formats of printf. */
#ifndef GW_ASMGCROOT_EMITTED_H
#define GW_ASMGCROOT_EMITTED_H

#define EMITTED_CALL "callq"               /* what the macro `call` stands for */
#define EMITTED_RELOCATION "R_X86_64_NONE" /* which changes no byte */
/* A function that hands a record (%s) over to another function (%s). */
#define EMITTED_HAND_OVER                                                                                                                  \
    "\t.byte\t0xf3, 0x0f, 0x1e, 0xfa\t# endbr64, for any -march\n"                                                                         \
    "\tleaq\t%s(%%rip), %%rdi\n\tjmp\t%s@PLT\n"

#endif
