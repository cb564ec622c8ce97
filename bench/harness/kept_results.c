#include "kept_results.h"
#include "programs.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

void kept_path(const char *name, char *path, size_t size)
{
    char folder[PATH_SIZE];
    program_path("../bench", folder);
    mkdir(folder, 0777);
    snprintf(path, size, "%s/%s", folder, name);
}

bool keep_results(struct results *newer)
{
    char path[PATH_SIZE + 64];
    kept_path("results.json", path, sizeof path);
    struct results *results = access(path, F_OK) == 0 ? results_load(path) : results_new();
    if (!results) {
        fprintf(stderr, "bench: remove %s, or put it right; nothing was kept of this run\n", path);
        results_free(newer);
        return false;
    }
    results_replace(results, newer);
    bool saved = results_save(results, path);
    results_free(results);
    return saved;
}
