/* Words for errors: the text behind a failed gw_status, and the message that ends the process when going on would
 * mean guessing. */
#ifndef GW_OBSERVE_REPORT_H
#define GW_OBSERVE_REPORT_H

#include <greywave/greywave.h>

/* Sets gw_error_text for this thread and returns `status`, so that callers write `return gw_fail(...)`. */
gw_status gw_fail(gw_status status, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Prints "greywave: fatal: …" on stderr and aborts. The message names the thing, the number, and what to do. */
_Noreturn void gw_fatal(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
