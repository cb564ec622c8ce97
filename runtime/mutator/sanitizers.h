/* AddressSanitizer and ThreadSanitizer are told which of the runtime's stacks runs, where the program is compiled with them. The first
 * would take frames of a coroutine for memory beyond the thread's stack, and keeps frames of its own for each stack; the second keeps the
 * calls that are under way. Switches in the program's own way are its library's to tell. */
#ifndef GW_MUTATOR_SANITIZERS_H
#define GW_MUTATOR_SANITIZERS_H

#include <stdbool.h>

struct gw_stack;

/* What they keep of a stack that waits, or has not begun. */
struct gw_sanitized {
    void *frames; /* AddressSanitizer's, for variables that may be used after their function has returned */
    void *fiber;  /* ThreadSanitizer's; NULL: it has not run since the sanitizer was asked */
};

/* Whether there are any. */
bool gw_sanitizers_want_stacks(void);

/* `from` runs, and is about to be left for `to`, by code that no sanitizer looks at; for good, where it has ended. */
void gw_sanitizers_leave(struct gw_stack *from, struct gw_stack *to);

/* A stack that does not run is freed. */
void gw_sanitizers_forget(struct gw_stack *stack, struct gw_stack *running);

#endif
