/* A file that is written whole or not at all: under another name in the same folder, and renamed when all of it is there. What had
 * the name before stays until then, and for good when something goes wrong. Devices and pipes are written as they are. */
#ifndef GW_ASMGCROOT_OUTPUT_H
#define GW_ASMGCROOT_OUTPUT_H

#include <stdio.h>

struct output {
    FILE *file;
    const char *name; /* for messages */
    char *target;     /* what `temporary` will be renamed to, or NULL: written as it is */
    char *temporary;
};

/* Ends the process with a message when it cannot be written, or is one of the `count` files in `inputs`. "-": standard output. */
void output_begin(struct output *output, const char *name, const char *const *inputs, int count);
/* Ends the process with a message when not all of it could be written. */
void output_keep(struct output *output);
/* As if it had never been begun. */
void output_drop(struct output *output);

/* A new file in TMPDIR, or /tmp, that is removed when the process ends. Ends the process with a message. */
FILE *temporary_file(char name[64]);
/* Ends the process with a message when not all of it could be written. */
void temporary_close(FILE *file, const char *name);

#endif
