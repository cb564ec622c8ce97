#include "results.h"

#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

/* The text behind "<name> :" in /proc/cpuinfo. */
static void processor_name(char *name, size_t size)
{
    char line[256];
    snprintf(name, size, "unknown processor");
    FILE *file = fopen("/proc/cpuinfo", "r");
    if (!file) return;
    while (fgets(line, sizeof line, file)) {
        const char *value = strchr(line, ':');
        if (strncmp(line, "model name", 10) != 0 || !value) continue;
        snprintf(name, size, "%.*s", (int)strcspn(value + 2, "\n"), value + 2);
        break;
    }
    fclose(file);
}

const char *machine_description(void)
{
    static char text[512];
    if (*text) return text;
    char name[200];
    struct utsname system;
    processor_name(name, sizeof name);
    if (uname(&system)) snprintf(system.release, sizeof system.release, "unknown");
    double memory = (double)sysconf(_SC_PHYS_PAGES) * (double)sysconf(_SC_PAGESIZE) / (1 << 30);
    snprintf(text, sizeof text, "%s, %ld cores, %.0f GiB, Linux %s", name, sysconf(_SC_NPROCESSORS_ONLN), memory, system.release);
    return text;
}
