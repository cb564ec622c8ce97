#include "kept_results.h"
#include "programs.h"
#include "report.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool kept; /* something, by this process */

void kept_path(const char *name, char *path, size_t size)
{
    char folder[PATH_SIZE];
    program_path("", folder); /* bin, beside which the folder stands */
    folder[strlen(folder) - strlen("/bin/")] = '\0';
    strncat(folder, "/bench", sizeof folder - strlen(folder) - 1);
    mkdir(folder, 0777);
    snprintf(path, size, "%s/%s", folder, name);
}

static bool save_with_report(const struct results *results, const char *path)
{
    char page[PATH_SIZE + 64];
    kept_path("report.html", page, sizeof page);
    kept = results_save(results, path) && report_write(results, page);
    return kept;
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
    bool saved = save_with_report(results, path);
    results_free(results);
    return saved;
}

void say_what_was_kept(void)
{
    char path[PATH_SIZE + 64], page[PATH_SIZE + 64];
    kept_path("results.json", path, sizeof path);
    kept_path("report.html", page, sizeof page);
    if (kept) fprintf(stderr, "bench: results are in %s, the report is %s\n", path, page);
}
