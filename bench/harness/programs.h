/* What `bench` can run: its table of benchmarks is in bench.c, one row each. */
#ifndef GW_BENCH_PROGRAMS_H
#define GW_BENCH_PROGRAMS_H

#include <stddef.h>

enum { PATH_SIZE = 4096 };

/* The path of a program that stands in this program's own folder, `bin`, under this name. */
void program_path(const char *name, char path[PATH_SIZE]);

/* A demo program built in several ways; the builds stand in bin/demo as <program>-<build>. */
struct comparison {
    const char *program;
    const char *size_option; /* "--depth" */
    const char *size;        /* when the option is not given */
};

/* Both return the exit status. */
int run_comparison(const struct comparison *comparison, int argc, char **argv);
int run_demo(void);

#endif
