#include "programs.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

void program_path(const char *name, char path[PATH_SIZE])
{
    ssize_t length = readlink("/proc/self/exe", path, PATH_SIZE - 1);
    path[length > 0 ? length : 0] = '\0';
    char *slash = strrchr(path, '/');
    size_t folder = slash ? (size_t)(slash + 1 - path) : 0;
    snprintf(path + folder, PATH_SIZE - folder, "%s", name);
}
