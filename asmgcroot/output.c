#define _GNU_SOURCE /* asprintf */
#include "output.h"
#include "text/complaint.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- What must not be left behind ------------------------------------------------------------------ */

#define MOST_LEFT 4
static char *left[MOST_LEFT];

static void remove_left(void)
{
    for (unsigned i = 0; i < MOST_LEFT; i++)
        if (left[i]) unlink(left[i]);
}

static void remove_at_exit(const char *name)
{
    static bool asked;
    if (!asked && atexit(remove_left) != 0) give_up("out of memory");
    asked = true;
    for (unsigned i = 0; i < MOST_LEFT; i++) {
        if (left[i]) continue;
        left[i] = strdup(name);
        if (!left[i]) give_up("out of memory");
        return;
    }
}

static void forget(const char *name)
{
    for (unsigned i = 0; i < MOST_LEFT; i++)
        if (left[i] && strcmp(left[i], name) == 0) {
            free(left[i]);
            left[i] = NULL;
        }
}

/* ---- An output ------------------------------------------------------------------------------------- */

static bool is_input(const struct stat *status, const char *input)
{
    struct stat other;
    int failed = strcmp(input, "-") == 0 ? fstat(STDIN_FILENO, &other) : stat(input, &other);
    return !failed && other.st_dev == status->st_dev && other.st_ino == status->st_ino;
}

static _Noreturn void cannot_write(const char *name)
{
    give_up("cannot write %s: %s", name, strerror(errno));
}

static mode_t usual_mode(void)
{
    mode_t mask = umask(0);
    umask(mask);
    return 0666 & ~mask;
}

/* Beside the file that the name leads to, through links too. */
static void begin_beside(struct output *output, mode_t mode, bool exists)
{
    output->target = exists ? realpath(output->name, NULL) : strdup(output->name);
    if (!output->target || (exists && access(output->target, W_OK) != 0)) cannot_write(output->name);
    if (asprintf(&output->temporary, "%s.XXXXXX", output->target) < 0) give_up("out of memory");
    int descriptor = mkstemp(output->temporary);
    if (descriptor < 0) cannot_write(output->name);
    remove_at_exit(output->temporary);
    output->file = fchmod(descriptor, mode) == 0 ? fdopen(descriptor, "w") : NULL;
    if (!output->file) cannot_write(output->name);
}

void output_begin(struct output *output, const char *name, const char *const *inputs, int count)
{
    struct stat status;
    *output = (struct output){.name = name};
    if (strcmp(name, "-") == 0) {
        output->file = stdout;
        return;
    }
    bool exists = stat(name, &status) == 0;
    for (int i = 0; exists && S_ISREG(status.st_mode) && i < count; i++)
        if (is_input(&status, inputs[i])) give_up("%s would be overwritten, and it is an input; name another output", name);
    if (!exists || S_ISREG(status.st_mode)) {
        begin_beside(output, exists ? status.st_mode & 07777 : usual_mode(), exists);
        return;
    }
    output->file = fopen(name, "w");
    if (!output->file) cannot_write(name);
}

static void finish(struct output *output)
{
    if (output->temporary) forget(output->temporary);
    free(output->temporary);
    free(output->target);
}

void output_keep(struct output *output)
{
    if ((output->file == stdout ? fflush(stdout) : fclose(output->file)) != 0) cannot_write(output->name);
    if (output->target && rename(output->temporary, output->target) != 0) cannot_write(output->name);
    finish(output);
}

void output_drop(struct output *output)
{
    if (output->file != stdout) fclose(output->file);
    if (output->temporary) unlink(output->temporary);
    finish(output);
}

/* ---- Temporary files ------------------------------------------------------------------------------- */

FILE *temporary_file(char name[64])
{
    const char *folder = getenv("TMPDIR");
    if (!folder || !*folder || strlen(folder) > 40) folder = "/tmp";
    snprintf(name, 64, "%s/gw-XXXXXX", folder);
    int descriptor = mkstemp(name);
    if (descriptor >= 0) remove_at_exit(name);
    FILE *file = descriptor < 0 ? NULL : fdopen(descriptor, "w");
    if (!file) give_up("cannot write a temporary file %s: %s", name, strerror(errno));
    return file;
}

void temporary_close(FILE *file, const char *name)
{
    if (fclose(file) != 0) cannot_write(name);
}
