/* Lines and pieces of program text. */
#define _GNU_SOURCE
#include "program.h"
#include <stdarg.h>
#include <stdlib.h>

const char *text(const char *format, ...)
{
    char *result;
    va_list list;
    va_start(list, format);
    int length = vasprintf(&result, format, list);
    va_end(list);
    if (length < 0) {
        fputs("random_program: out of memory\n", stderr);
        exit(2);
    }
    return result;
}

void line(struct program *program, const char *format, ...)
{
    va_list list;
    fprintf(program->out, "%*s", 4 * program->indent, "");
    va_start(list, format);
    vfprintf(program->out, format, list);
    va_end(list);
    fputc('\n', program->out);
}

void open_block(struct program *program, const char *head)
{
    line(program, "%s{", head);
    program->indent++;
}

void close_block(struct program *program)
{
    program->indent--;
    line(program, "}");
}
