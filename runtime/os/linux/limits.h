/* How much memory the process may have: what the machine, its cgroups and its resource limits say. */
#ifndef GW_OS_LINUX_LIMITS_H
#define GW_OS_LINUX_LIMITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct gw_os_limit {
    const char *name;
    uint64_t bytes;
    uint64_t held;   /* of them by this process already; 0 where that is not known */
    bool of_mapping; /* counts what is mapped, touched or not */
};

#define GW_OS_LIMITS 4

/* Fills in the limits that there are and can be asked for; returns how many. Opens files of /proc and /sys/fs/cgroup
 * and closes them again. */
size_t gw_os_limits(struct gw_os_limit limits[GW_OS_LIMITS]);

#endif
