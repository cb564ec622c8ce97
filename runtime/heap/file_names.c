/* The table of file names. */
#include "heap/file_names.h"

#include "base/lock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct gw_lock names_lock = GW_LOCK;
static char *names[GW_FILE_NAMES];
static uint16_t name_count;

__attribute__((constructor)) static void prepare(void)
{
    gw_lock_prepare(&names_lock);
}

uint16_t gw_file_name_number(const char *name)
{
    uint16_t i = 0;
    gw_lock_take(&names_lock);
    while (i < name_count && strcmp(names[i], name)) i++;
    if (i == name_count) {
        char *copy = i < GW_FILE_NAMES ? strdup(name) : NULL;
        if (copy) names[name_count++] = copy;
        else i = UINT16_MAX;
    }
    gw_lock_release(&names_lock);
    return (uint16_t)(i + 1);
}

void gw_file_name(uint16_t number, char path[GW_FILE_NAME_BYTES])
{
    gw_lock_take(&names_lock);
    const char *name = number - 1u < name_count ? names[number - 1] : "", *place = strstr(name, "%p");
    gw_lock_release(&names_lock);
    if (place) snprintf(path, GW_FILE_NAME_BYTES, "%.*s%ld%s", (int)(place - name), name, (long)getpid(), place + 2);
    else snprintf(path, GW_FILE_NAME_BYTES, "%s", name);
}
