/* Calls made so that the stack walker can find them again, or begin at them; in assembler, for each machine in its room. */
#ifndef GW_ARCH_CALLS_H
#define GW_ARCH_CALLS_H

#include <stdbool.h>
#include <stdint.h>

struct gw_entry;

typedef void gw_call_body(void *context);

/* Calls body(context) from a frame that can be looked for: `frame` gets its address before, and `body` returns to
 * gw_call_marked_returns. */
void gw_call_marked(uintptr_t *frame, gw_call_body *body, void *context);
extern const char gw_call_marked_returns[];

/* Calls function(argument, the caller's registers), for code that was not entered by a door. */
typedef bool gw_entry_function(uintptr_t argument, const struct gw_entry *entry);
bool gw_call_with_entry(gw_entry_function *function, uintptr_t argument);

#endif
