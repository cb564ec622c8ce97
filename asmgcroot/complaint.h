/* Errors in words: "file:line: function: what: the instruction". Anything that cannot be followed is one; nothing is
 * guessed. Complaints are counted, so that one run names all there are. */
#ifndef GW_ASMGCROOT_COMPLAINT_H
#define GW_ASMGCROOT_COMPLAINT_H

#include "statement.h"

#include <stdio.h>

struct complaints {
    const char *file;
    FILE *out;
    unsigned count;
};

/* `function` and `instruction` may be empty. */
void complain(struct complaints *complaints, unsigned line, struct text function, struct text instruction,
              const char *format, ...) __attribute__((format(printf, 5, 6)));

/* For what is not the assembler's fault: out of memory, a file that cannot be read. Status 2. */
_Noreturn void give_up(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
