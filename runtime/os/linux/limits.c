/* Reads limits on memory. Whatever cannot be asked for is left out: a limit less is a guess less, not an error. */
#define _GNU_SOURCE /* O_CLOEXEC */
#include "os/linux/limits.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#define TEXT_BYTES 4096

static bool read_text(const char *path, char text[TEXT_BYTES])
{
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) return false;
    size_t length = 0;
    ssize_t count;
    do {
        count = read(file, text + length, TEXT_BYTES - 1 - length);
        if (count > 0) length += (size_t)count;
    } while (count > 0 || (count < 0 && errno == EINTR));
    close(file);
    text[length] = '\0';
    return count == 0;
}

/* ---- What the process holds -------------------------------------------------------------------------- */

struct holdings {
    uint64_t mapped, resident, data;
};

static struct holdings read_holdings(void)
{
    char text[TEXT_BYTES];
    unsigned long mapped, resident, data;
    uint64_t page = (uint64_t)getpagesize();
    if (!read_text("/proc/self/statm", text) || sscanf(text, "%lu %lu %*u %*u %*u %lu", &mapped, &resident, &data) != 3)
        return (struct holdings){0};
    return (struct holdings){mapped * page, resident * page, data * page};
}

/* ---- Cgroups ----------------------------------------------------------------------------------------- */

/* A limit that is no number ("max"), or larger than any machine (the first version's way to say none), is none. */
static uint64_t read_limit(const char *path)
{
    char text[TEXT_BYTES], *end;
    if (!read_text(path, text)) return UINT64_MAX;
    errno = 0;
    uint64_t bytes = strtoull(text, &end, 10);
    return end == text || errno || bytes >= UINT64_C(1) << 60 ? UINT64_MAX : bytes;
}

/* The least limit of the group `path` and of those around it. Inside a container the outer ones are not to be seen, and
 * the innermost may be mounted as the root. */
static uint64_t least_limit(const char *mount, char *path, const char *file)
{
    uint64_t least = UINT64_MAX;
    for (;;) {
        char name[TEXT_BYTES + 64];
        snprintf(name, sizeof name, "%s%s/%s", mount, path, file);
        uint64_t limit = read_limit(name);
        if (limit < least) least = limit;
        char *last = strrchr(path, '/');
        if (!last) return least;
        *last = '\0';
    }
}

/* Whether a line of /proc/self/cgroup, "number:controllers:path", is about memory in the first version. */
static bool controls_memory(const char *controllers)
{
    size_t length = strcspn(controllers, ":");
    for (const char *at = controllers; at < controllers + length; at += strcspn(at, ",:") + 1)
        if (strcspn(at, ",:") == 6 && !strncmp(at, "memory", 6)) return true;
    return false;
}

static uint64_t line_limit(const char *controllers, char *path)
{
    if (controls_memory(controllers)) return least_limit("/sys/fs/cgroup/memory", path, "memory.limit_in_bytes");
    if (*controllers != ':') return UINT64_MAX;
    char again[TEXT_BYTES];
    strcpy(again, path);
    uint64_t highest = least_limit("/sys/fs/cgroup", path, "memory.max");
    uint64_t throttled = least_limit("/sys/fs/cgroup", again, "memory.high");
    return highest < throttled ? highest : throttled;
}

static uint64_t cgroup_limit(void)
{
    char text[TEXT_BYTES], *state = NULL;
    uint64_t least = UINT64_MAX;
    if (!read_text("/proc/self/cgroup", text)) return least;
    for (char *line = strtok_r(text, "\n", &state); line; line = strtok_r(NULL, "\n", &state)) {
        char *controllers = strchr(line, ':'), *path = controllers ? strchr(controllers + 1, ':') : NULL;
        if (!path) continue;
        uint64_t limit = line_limit(controllers + 1, path + 1);
        if (limit < least) least = limit;
    }
    return least;
}

/* ---- All of them ------------------------------------------------------------------------------------- */

static uint64_t machine_memory(void)
{
    struct sysinfo info;
    return sysinfo(&info) == 0 ? (uint64_t)info.totalram * info.mem_unit : UINT64_MAX;
}

static uint64_t resource_limit(int resource)
{
    struct rlimit limit;
    return getrlimit((__rlimit_resource_t)resource, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY ? limit.rlim_cur : UINT64_MAX;
}

size_t gw_os_limits(struct gw_os_limit limits[GW_OS_LIMITS])
{
    struct holdings held = read_holdings();
    const struct gw_os_limit all[GW_OS_LIMITS] = {
        {"the machine's memory", machine_memory(), held.resident, false},
        {"the cgroup's limit", cgroup_limit(), held.resident, false},
        {"the limit on address space (ulimit -v)", resource_limit(RLIMIT_AS), held.mapped, true},
        {"the limit on data (ulimit -d)", resource_limit(RLIMIT_DATA), held.data, true},
    };
    size_t count = 0;
    for (size_t i = 0; i < GW_OS_LIMITS; i++)
        if (all[i].bytes != UINT64_MAX) limits[count++] = all[i];
    return count;
}
