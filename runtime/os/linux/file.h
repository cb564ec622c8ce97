/* Files that are written. */
#ifndef GW_OS_LINUX_FILE_H
#define GW_OS_LINUX_FILE_H

#include <stddef.h>

/* Writes all of it, whatever signals come between. 0, or the errno of what failed. */
int gw_os_write_all(int descriptor, const char *bytes, size_t count);

#endif
