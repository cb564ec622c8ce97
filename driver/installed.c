#include "installed.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#if defined(__aarch64__)
#define HERE "aarch64"
#else
#define HERE "x86_64"
#endif

/* The first part of a target triple. */
static bool is_of(const char *triple, const char *machine)
{
    size_t length = strlen(machine);
    return strncmp(triple, machine, length) == 0 && (!triple[length] || triple[length] == '-');
}

void read_target(struct driver *driver, const char *triple)
{
    static const char *const names[][2] = {{"x86_64", "x86_64"}, {"amd64", "x86_64"}, {"aarch64", "aarch64"}, {"arm64", "aarch64"}};
    static char path[64];
    const char *machine = NULL;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (is_of(triple, names[i][0])) machine = names[i][1];
    if (!machine) refuse("--target=%s: Greywave compiles for x86-64 and AArch64", triple);
    snprintf(path, sizeof path, "%s-linux-gnu", machine);
    driver->target = strcmp(machine, HERE) == 0 ? NULL : path;
}

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

const char *runtime_directory(const struct driver *driver, const char *libraries)
{
    static char path[PATH_MAX + 64];
    if (!driver->target) return libraries;
    snprintf(path, sizeof path, "%s/lib/%s/libgreywave.so", driver->prefix, driver->target);
    require(path, "the runtime for the machine of --target");
    *strrchr(path, '/') = 0;
    return path;
}

const char *library_directory(const struct driver *driver)
{
    static char path[PATH_MAX + 64];
    static const char *const names[] = {"lib", "lib/" HERE "-linux-gnu", "lib64", NULL};
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
