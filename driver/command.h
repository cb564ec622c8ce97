/* What the collector needs, as options for the compiler and the linker. `libraries`: the folder of the plug-in and the runtime. */
#ifndef GW_DRIVER_COMMAND_H
#define GW_DRIVER_COMMAND_H

#include "driver.h"

void push_gcc_options(struct driver *driver, const char *libraries);
void push_compile_options(struct driver *driver, const char *libraries);
void push_link_options(struct driver *driver, const char *libraries);

#endif
