#define _GNU_SOURCE /* vasprintf */
#include "driver.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void refuse(const char *format, ...)
{
    va_list list;
    va_start(list, format);
    fputs("gwcc: ", stderr);
    vfprintf(stderr, format, list);
    fputc('\n', stderr);
    va_end(list);
    exit(2);
}

void push(struct driver *driver, const char *argument)
{
    if (!add_word(&driver->arguments, argument)) refuse("out of memory");
}

void push_format(struct driver *driver, const char *format, ...)
{
    char *text;
    va_list list;
    va_start(list, format);
    int length = vasprintf(&text, format, list);
    va_end(list);
    if (length < 0) refuse("out of memory");
    push(driver, text);
}

bool starts_with(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

bool is_one_of(const char *text, const char *const *list)
{
    for (; *list; list++)
        if (strcmp(text, *list) == 0) return true;
    return false;
}

bool finds_by(const struct driver *driver, const char *roots)
{
    return strcmp(driver->roots, roots) == 0;
}
