/* Words for errors: the text behind a failed gw_status, and the message that ends the process when going on would
 * mean guessing. */
#ifndef GW_BASE_REPORT_H
#define GW_BASE_REPORT_H

#include <greywave/greywave.h>

/* Sets gw_error_text for this thread and returns `status`, so that callers write `return gw_fail(...)`. */
gw_status gw_fail(gw_status status, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Prints "greywave: fatal: …" on stderr and aborts. The message names the thing, the number, and what to do. */
_Noreturn void gw_fatal(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Prints "greywave: …" on stderr, and the program goes on. */
void gw_warn(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Fatal where a function of the interface was given a null argument that it cannot do without, and has no status to return. */
static inline void gw_refuse_null(const void *argument, const char *function)
{
    if (__builtin_expect(!argument, 0)) gw_fatal("%s: a null argument", function);
}

/* Makes a call of the program's code that must return. An exception, or the end of the thread, that comes out of it ends the process. */
#define GW_MUST_RETURN(what, call)                                                                                                         \
    do {                                                                                                                                   \
        __attribute__((cleanup(gw_refuse_left))) const char *gw_left_ = (what);                                                            \
        call;                                                                                                                              \
        gw_left_ = NULL;                                                                                                                   \
    } while (0)
void gw_refuse_left(const char **what);

#endif
