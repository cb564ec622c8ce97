/* How a piece of a program ends: each is run in a child of its own, and either succeeds or ends with certain words. */
#ifndef GW_PROGRAMS_OUTCOME_H
#define GW_PROGRAMS_OUTCOME_H

#include "check.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

typedef void piece(void);
struct outcome {
    const char *name;
    piece *run;
    const char *words; /* of a fatal message; NULL: it succeeds */
};

GW_NOCOLLECT static inline size_t read_all(int from, char *text, size_t room)
{
    size_t size = 0;
    for (ssize_t got; size + 1 < room && (got = read(from, text + size, room - 1 - size)) > 0;) size += (size_t)got;
    text[size] = '\0';
    close(from);
    return size;
}

static inline _Noreturn void run_piece(piece *run, int errors)
{
    dup2(errors, STDERR_FILENO);
    run();
    fflush(stdout);
    _exit(0);
}

/* Whether it ended as it should. */
static inline bool ended_well(const struct outcome *row, int status, const char *text)
{
    if (!row->words) return WIFEXITED(status) && WEXITSTATUS(status) == 0;
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT && strstr(text, row->words);
}

static inline void expect(const struct outcome *row)
{
    int ends[2], status;
    char text[4096];
    CHECK(pipe(ends) == 0);
    fflush(stdout);
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) run_piece(row->run, ends[1]);
    close(ends[1]);
    read_all(ends[0], text, sizeof text);
    CHECK(waitpid(child, &status, 0) == child);
    if (!ended_well(row, status, text)) {
        fprintf(stderr, "%s: status %#x, said:\n%s\nand should %s%s\n", row->name, (unsigned)status, text,
                row->words ? "have said: " : "have succeeded", row->words ? row->words : "");
        exit(1);
    }
    printf("%s\n", row->name);
}

#endif
