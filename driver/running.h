/* The compiler as a process. */
#ifndef GW_DRIVER_RUNNING_H
#define GW_DRIVER_RUNNING_H

#include "driver.h"

/* Runs it and passes on what it says, with a note where that has to do with the collector. Returns what it returns. */
int run_compiler(const struct driver *driver);

#endif
