/* Runs the tests of a program one after another, each in a child. */
#include "criterion.h"

#include <stdarg.h>
#include <sys/wait.h>
#include <unistd.h>

static struct criterion_test *first, **last = &first;

void criterion_add(struct criterion_test *test)
{
    *last = test;
    last = &test->next;
}

void criterion_fail(const char *file, int line, const char *condition, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    fprintf(stderr, "%s:%d: not so: %s. ", file, line, condition);
    vfprintf(stderr, format, list);
    fputc('\n', stderr);
    va_end(list);
    _exit(1);
}

/* What the test does not say by itself its suite may. */
static const struct criterion_test *suite_of(const struct criterion_test *test)
{
    for (const struct criterion_test *other = first; other; other = other->next)
        if (!other->run && strcmp(other->suite, test->suite) == 0) return other;
    return test;
}

static _Noreturn void run(const struct criterion_test *test)
{
    const struct criterion_test *suite = suite_of(test);
    void (*init)(void) = test->init ? test->init : suite->init, (*fini)(void) = test->fini ? test->fini : suite->fini;
    double timeout = test->timeout > suite->timeout ? test->timeout : suite->timeout;
    alarm(timeout > 0 ? (unsigned)(timeout * 10) : 300); /* emulated: many times as long */
    if (init) init();
    test->run();
    if (fini) fini();
    exit(0);
}

static bool passes(const struct criterion_test *test)
{
    const struct criterion_test *suite = suite_of(test);
    int wanted = test->signal ? test->signal : suite->signal, status = 0;
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) run(test);
    if (child < 0 || waitpid(child, &status, 0) != child) return false;
    return wanted ? WIFSIGNALED(status) && WTERMSIG(status) == wanted : WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

int main(int argc, char **argv)
{
    const char *only = argc > 1 && argv[1][0] != '-' ? argv[1] : NULL;
    unsigned tried = 0, failed = 0;
    for (const struct criterion_test *test = first; test; test = test->next) {
        if (!test->run || (only && strcmp(only, test->name) != 0)) continue;
        tried++;
        if (passes(test)) continue;
        printf("%s.%s: failed\n", test->suite, test->name);
        failed++;
    }
    printf("%u tests, %u failed\n", tried, failed);
    return failed || !tried;
}
