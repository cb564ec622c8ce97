/* Lines of source files, which are read once each. */
#ifndef GW_TOOLS_SOURCE_LINES_H
#define GW_TOOLS_SOURCE_LINES_H

#include <stddef.h>

struct source_file;

struct source_lines {
    struct source_file *files; /* read so far */
};

/* Line `number`, from 1 on, without its end: `*length` bytes; NULL: the file cannot be read, or has no such line. */
const char *source_line(struct source_lines *lines, const char *path, int number, size_t *length);
void source_lines_free(struct source_lines *lines);

#endif
