/* Writing a buffer. */
#include "os/linux/file.h"

#include <errno.h>
#include <unistd.h>

int gw_os_write_all(int descriptor, const char *bytes, size_t count)
{
    for (size_t written = 0; written < count;) {
        ssize_t more = write(descriptor, bytes + written, count - written);
        if (more >= 0) written += (size_t)more;
        else if (errno != EINTR) return errno;
    }
    return 0;
}
