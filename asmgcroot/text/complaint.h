/* Errors in words: "f.c:4: function: what: the instruction (f.s:27)", or "f.s:27: function: …" where nothing says which line of C it
 * is. Anything that cannot be followed is one; nothing is guessed. Complaints are counted, so that one run names all there
 * are. Whatever bytes the text has, what is printed is one line of UTF-8. */
#ifndef GW_ASMGCROOT_COMPLAINT_H
#define GW_ASMGCROOT_COMPLAINT_H

#include "text/statement.h"

#include <stdio.h>

/* A line of the program; line 0: not known. */
struct origin {
    struct text file;
    unsigned line;
};

/* What a complaint is about; all but the assembler's line may be missing. */
struct where {
    unsigned line;
    struct text function, instruction;
    struct origin origin;
};

struct complaints {
    const char *file;
    FILE *out;
    unsigned count;
};

void complain(struct complaints *complaints, struct where where, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* For what is not the assembler's fault: out of memory, a file that cannot be read. Status 2. */
_Noreturn void give_up(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
