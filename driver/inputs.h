/* Inputs, and which of them the linker gets. */
#ifndef GW_DRIVER_INPUTS_H
#define GW_DRIVER_INPUTS_H

#include "driver.h"

/* `next`: the argument behind, or NULL. */
void note_argument(struct driver *driver, const char *argument, const char *next);
/* Ends the process with a message when the linker would make machine code of one, without maps, or GCC would not compile it. */
void check_inputs(struct driver *driver);

#endif
