/* Error texts and the fail-closed message. Owns one thread-local buffer; calls nothing of the collector. */
#include "base/report.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static _Thread_local char error_text[512];

gw_status gw_fail(gw_status status, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(error_text, sizeof error_text, format, arguments);
    va_end(arguments);
    return status;
}

const char *gw_error_text(void)
{
    return error_text;
}

void gw_fatal(const char *format, ...)
{
    va_list arguments;
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, NULL); /* or writing might end the thread, and the process would go on */
    va_start(arguments, format);
    fputs("greywave: fatal: ", stderr);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
    abort();
}

void gw_warn(const char *format, ...)
{
    va_list arguments;
    char line[1024];
    va_start(arguments, format);
    vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    fprintf(stderr, "greywave: %s\n", line);
}

void gw_refuse_left(const char **what)
{
    if (*what)
        gw_fatal("%s was left by an exception, or its thread ends; it must return, for the runtime is in the middle of something", *what);
}
