/* What `bench` can run: its table of benchmarks is in bench.c, one row each. */
#ifndef GW_BENCH_PROGRAMS_H
#define GW_BENCH_PROGRAMS_H

#include <stdbool.h>
#include <stddef.h>

enum { PATH_SIZE = 4096 };

/* The path of a program that stands in this program's own folder, `bin`, under this name. */
void program_path(const char *name, char path[PATH_SIZE]);
/* A word of a command, in which '@' at the beginning stands for that folder. False when it does, and there is no such
 * file. */
bool program_word(const char *word, char expanded[PATH_SIZE]);
/* The same program with its code in other places of memory, from 1 on: what a program takes depends on that by some hundredths. */
void program_in_layout(const char *path, int layout, char changed[PATH_SIZE]);
/* Whether this can be run: a path, or a name that is looked for in PATH. */
bool program_is_found(const char *program);

/* A demo program built in several ways; the builds stand in bin/demo as <program>-<build>. */
struct comparison {
    const char *program;
    const char *size_option; /* "depth", for --depth */
    const char *size;        /* when the option is not given */
};

/* Both return the exit status; argv[0] is the benchmark's name. */
int run_comparison(const struct comparison *comparison, int argc, char **argv);
int run_demo(int argc, char **argv);

#endif
