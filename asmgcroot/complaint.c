#include "complaint.h"
#include "vector.h"

#include <stdarg.h>
#include <stdlib.h>

#define SHOWN 20 /* complaints of one run */

void complain(struct complaints *complaints, unsigned line, struct text function, struct text instruction,
              const char *format, ...)
{
    if (complaints->count++ >= SHOWN) return;
    fprintf(complaints->out, "%s:%u: ", complaints->file, line);
    if (function.size) fprintf(complaints->out, "%.*s: ", (int)function.size, function.at);
    va_list list;
    va_start(list, format);
    vfprintf(complaints->out, format, list);
    va_end(list);
    if (instruction.size) fprintf(complaints->out, ": %.*s", (int)instruction.size, instruction.at);
    fputc('\n', complaints->out);
    if (complaints->count == SHOWN)
        fprintf(complaints->out, "%s: further complaints are not shown\n", complaints->file);
}

void give_up(const char *format, ...)
{
    fputs("gw-asmgcroot: ", stderr);
    va_list list;
    va_start(list, format);
    vfprintf(stderr, format, list);
    va_end(list);
    fputc('\n', stderr);
    exit(2);
}

void *vector_grown(void *at, size_t *room, size_t count, size_t size)
{
    while (*room < count) *room = *room ? *room * 2 : 16;
    at = realloc(at, *room * size);
    if (!at) give_up("out of memory: %zu bytes are wanted", *room * size);
    return at;
}
