#define _GNU_SOURCE /* memmem */
#include "running.h"
#include "abi/assembler.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

struct remark {
    const char *words; /* of the compiler's, or of what it runs */
    const char *note;
};

/* Of clang, where GW stands in the place of a variable's qualifier. */
static const struct remark misplaced = {
    "qualified with an address space",
    "GW belongs to what is pointed to, and is said once for all variables of a declaration: write struct node GW *a, *b"};
/* Of an assembler that is not the stand-in: its objects would have no frame maps. */
static const struct remark other_assembler = {
    "'" GW_STAND_IN_OPTION "'",
    "GCC has not run gw-asmgcroot in the assembler's place, and without it there are no frame maps: leave out a -B that leads to "
    "another assembler, and put that one into PATH; if there is none, <prefix>/lib/greywave/as has gone, install it again"};

enum { PIECE = 4096, LONGEST_WORDS = 64 };

/* Passes on what the compiler says; true when the words are among it. */
static bool pass_on(int from, const char *words)
{
    char text[PIECE + LONGEST_WORDS];
    size_t kept = 0; /* the end of what was passed on: the words may be cut in two */
    bool found = false;
    for (ssize_t count; (count = read(from, text + kept, PIECE)) > 0 || (count < 0 && errno == EINTR);) {
        if (count < 0) continue;
        fwrite(text + kept, 1, (size_t)count, stderr);
        size_t all = kept + (size_t)count;
        found |= memmem(text, all, words, strlen(words)) != NULL;
        kept = all < strlen(words) ? all : strlen(words);
        memmove(text, text + all - kept, kept);
    }
    return found;
}

/* In this process's place. */
static _Noreturn void become_compiler(const struct driver *driver)
{
    execvp(driver->arguments.at[0], driver->arguments.at);
    refuse("cannot run %s: %s; install %s%s", driver->arguments.at[0], strerror(errno), driver->gcc ? driver->gcc : "clang-",
           driver->gcc ? "" : driver->llvm);
}

int run_compiler(const struct driver *driver)
{
    const struct remark *remark = driver->gcc ? &other_assembler : &misplaced;
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
    if (pass_on(ends[0], remark->words)) fprintf(stderr, "gwcc: note: %s\n", remark->note);
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) continue;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
