#define _GNU_SOURCE /* memmem */
#include "running.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* Passes on what the compiler says; true when it objects to GW in the place of a variable's qualifier. */
static bool pass_on(int from)
{
    static const char words[] = "qualified with an address space";
    char text[4096 + sizeof words];
    size_t kept = 0; /* the end of what was passed on: the words may be cut in two */
    bool found = false;
    for (ssize_t count; (count = read(from, text + kept, 4096)) > 0 || (count < 0 && errno == EINTR);) {
        if (count < 0) continue;
        fwrite(text + kept, 1, (size_t)count, stderr);
        size_t all = kept + (size_t)count;
        found |= memmem(text, all, words, strlen(words)) != NULL;
        kept = all < strlen(words) ? all : strlen(words);
        memmove(text, text + all - kept, kept);
    }
    return found;
}

void become_compiler(const struct driver *driver)
{
    execvp(driver->arguments.at[0], driver->arguments.at);
    refuse("cannot run %s: %s; install %s%s", driver->arguments.at[0], strerror(errno), driver->gcc ? driver->gcc : "clang-",
           driver->gcc ? "" : driver->llvm);
}

int run_compiler(const struct driver *driver)
{
    int ends[2], status;
    if (pipe(ends) != 0) become_compiler(driver);
    pid_t child = fork();
    if (child < 0) become_compiler(driver);
    if (child == 0) {
        dup2(ends[1], STDERR_FILENO);
        close(ends[0]);
        close(ends[1]);
        become_compiler(driver);
    }
    close(ends[1]);
    if (pass_on(ends[0]))
        fputs("gwcc: note: GW belongs to what is pointed to, and is said once for all variables of a declaration: write "
              "struct node GW *a, *b\n",
              stderr);
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) continue;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
