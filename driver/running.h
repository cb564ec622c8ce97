/* The compiler as a process. */
#ifndef GW_DRIVER_RUNNING_H
#define GW_DRIVER_RUNNING_H

#include "driver.h"

/* In this process's place. */
_Noreturn void become_compiler(const struct driver *driver);
/* Passes on what it says, with a note where it objects to GW. Returns what it returns. */
int run_compiler(const struct driver *driver);

#endif
