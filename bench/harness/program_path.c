#include "programs.h"

#include <stdio.h>
#include <stdlib.h>
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

bool program_word(const char *word, char expanded[PATH_SIZE])
{
    if (word[0] == '@') program_path(word + 1, expanded);
    else snprintf(expanded, PATH_SIZE, "%s", word);
    return word[0] != '@' || access(expanded, R_OK) == 0;
}

void program_in_layout(const char *path, int layout, char changed[PATH_SIZE])
{
    if (snprintf(changed, PATH_SIZE, "%s.layout%d", path, layout) >= PATH_SIZE) abort();
}

bool program_is_found(const char *program)
{
    if (strchr(program, '/')) return access(program, X_OK) == 0;
    char path[PATH_SIZE], file[2 * PATH_SIZE], *rest = path;
    snprintf(path, sizeof path, "%s", getenv("PATH") ? getenv("PATH") : "/usr/bin:/bin");
    for (char *folder; (folder = strsep(&rest, ":"));) {
        snprintf(file, sizeof file, "%s/%s", folder, program);
        if (access(file, X_OK) == 0) return true;
    }
    return false;
}
