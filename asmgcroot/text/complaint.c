#define _GNU_SOURCE /* vasprintf */
#include "text/complaint.h"

#include <stdarg.h>
#include <stdlib.h>

#define SHOWN 20        /* complaints of one run */
#define SHOWN_BYTES 160 /* of an instruction */

/* ---- Text of any bytes ----------------------------------------------------------------------------- */

/* How many bytes from `at` on are one character of well-formed UTF-8 that can be shown, or 0. */
static size_t character(const unsigned char *at, size_t left)
{
    if (*at < 0x80) return *at >= 0x20 && *at != 0x7f;
    size_t size = *at >= 0xf0 && *at < 0xf5 ? 4 : *at >= 0xe0 && *at < 0xf0 ? 3 : *at >= 0xc2 && *at < 0xe0 ? 2 : 0;
    if (!size || size > left) return 0;
    for (size_t i = 1; i < size; i++)
        if ((at[i] & 0xc0) != 0x80) return 0;
    bool overlong = (*at == 0xe0 && at[1] < 0xa0) || (*at == 0xf0 && at[1] < 0x90);
    bool outside = (*at == 0xed && at[1] >= 0xa0) || (*at == 0xf4 && at[1] >= 0x90) || (*at == 0xc2 && at[1] < 0xa0);
    return overlong || outside ? 0 : size;
}

static void print_text(FILE *out, struct text text)
{
    for (size_t i = 0; i < text.size;) {
        size_t size = character((const unsigned char *)text.at + i, text.size - i);
        if (size) fwrite(text.at + i, 1, size, out);
        else if (text.at[i] == '\t') fputc('\t', out);
        else fprintf(out, "\\x%02x", (unsigned char)text.at[i]);
        i += size ? size : 1;
    }
}

/* ---- Complaints ------------------------------------------------------------------------------------ */

static void print_place(FILE *out, struct text file, unsigned line)
{
    print_text(out, file);
    fprintf(out, ":%u", line);
}

static void print_complaint(const struct complaints *complaints, const struct where *where, struct text what)
{
    FILE *out = complaints->out;
    struct text file = {complaints->file, strlen(complaints->file)};
    struct text instruction = where->instruction;
    bool cut = instruction.size > SHOWN_BYTES;
    if (cut) instruction.size = SHOWN_BYTES;
    if (where->origin.line) print_place(out, where->origin.file, where->origin.line);
    else print_place(out, file, where->line);
    fputs(": ", out);
    print_text(out, where->function);
    if (where->function.size) fputs(": ", out);
    print_text(out, what);
    if (instruction.size) fputs(": ", out);
    print_text(out, instruction);
    if (cut) fputs("...", out);
    if (where->origin.line) {
        fputs(" (", out);
        print_place(out, file, where->line);
        fputc(')', out);
    }
    fputc('\n', out);
}

void complain(struct complaints *complaints, struct where where, const char *format, ...)
{
    if (complaints->count++ >= SHOWN) return;
    char *what;
    va_list list;
    va_start(list, format);
    int size = vasprintf(&what, format, list);
    va_end(list);
    if (size < 0) give_up("out of memory");
    print_complaint(complaints, &where, (struct text){what, (size_t)size});
    free(what);
    if (complaints->count < SHOWN) return;
    print_text(complaints->out, (struct text){complaints->file, strlen(complaints->file)});
    fputs(": further complaints are not shown\n", complaints->out);
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
