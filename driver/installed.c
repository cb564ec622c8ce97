#include "installed.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

void find_prefix(struct driver *driver)
{
    ssize_t length = readlink("/proc/self/exe", driver->prefix, sizeof driver->prefix - 1);
    if (length < 0) refuse("cannot find my own executable: %s", strerror(errno));
    driver->prefix[length] = 0;
    for (int level = 0; level < 2; level++) {
        char *slash = strrchr(driver->prefix, '/');
        if (!slash) refuse("my own executable '%s' is not in a bin directory", driver->prefix);
        *slash = 0;
    }
}

void require(const char *path, const char *what)
{
    if (access(path, R_OK) != 0) refuse("%s is missing: %s; build or install it there", what, path);
}

const char *library_directory(const struct driver *driver)
{
    static char path[PATH_MAX + 64];
    static const char *const names[] = {"lib", "lib/x86_64-linux-gnu", "lib64", NULL};
    for (const char *const *name = names; *name; name++) {
        if (driver->gcc) snprintf(path, sizeof path, "%s/%s/libgreywave.so", driver->prefix, *name);
        else snprintf(path, sizeof path, "%s/%s/libgreywave-llvm%s.so", driver->prefix, *name, driver->llvm);
        if (access(path, R_OK) != 0) continue;
        *strrchr(path, '/') = 0;
        return path;
    }
    if (driver->gcc) refuse("the runtime is missing: no libgreywave.so under %s/lib; build or install it there", driver->prefix);
    refuse("the plug-in for LLVM %s is missing: no libgreywave-llvm%s.so under %s/lib; build or install it there", driver->llvm,
           driver->llvm, driver->prefix);
}

const char *compiler(const struct driver *driver)
{
    static char path[64];
    const char *name = driver->is_cplusplus ? "clang++" : "clang";
    snprintf(path, sizeof path, "/usr/lib/llvm-%s/bin/%s", driver->llvm, name);
    if (access(path, X_OK) != 0) snprintf(path, sizeof path, "%s-%s", name, driver->llvm);
    return path;
}
