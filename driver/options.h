/* Options, each by itself: those of gwcc, and what it must know of the compiler's. */
#ifndef GW_DRIVER_OPTIONS_H
#define GW_DRIVER_OPTIONS_H

#include "driver.h"

/* One with two dashes that is not the compiler's. */
void read_own_option(struct driver *driver, const char *argument);
/* clang's own spellings with two dashes. */
bool is_compiler_long_option(const char *argument);
/* Whether the compiler takes the next argument for the option's value. */
bool takes_value(const char *argument);
/* An option of the compiler's, or its value: goes into the command. */
void read_compiler_option(struct driver *driver, const char *argument);
/* Root finders and compilers that go together; when all was read. */
void check_roots(struct driver *driver);

#endif
