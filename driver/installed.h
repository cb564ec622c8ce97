/* Where the parts are: relative to this executable, so a build tree and an install prefix work the same way. */
#ifndef GW_DRIVER_INSTALLED_H
#define GW_DRIVER_INSTALLED_H

#include "driver.h"

/* The directory above the executable's. */
void find_prefix(struct driver *driver);
/* What --target=TRIPLE names: driver->target. Ends the process with a message where the machine is not known. */
void read_target(struct driver *driver, const char *triple);
/* Where the runtime is that programs are linked with: `libraries`, or <prefix>/lib/<machine>-linux-gnu of another machine, as Debian has
 * it. The text is overwritten by the next call. */
const char *runtime_directory(const struct driver *driver, const char *libraries);
/* <prefix>/lib, or Debian's lib/<triplet> when installed there. The text is overwritten by the next call. */
const char *library_directory(const struct driver *driver);
/* clang of the version asked for. */
const char *compiler(const struct driver *driver);
/* Ends the process with a message unless the file can be read. */
void require(const char *path, const char *what);

#endif
