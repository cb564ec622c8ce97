/* The command lines of `bench` and of the programs beside it, read by the C library's argp: options that take a number,
 * a text or nothing, then words. --help names all of them, with defaults and bounds. */
#ifndef GW_BENCH_COMMAND_LINE_H
#define GW_BENCH_COMMAND_LINE_H

#include <stdbool.h>
#include <stddef.h>

/* What it sets has its default beforehand; a number below `least` stands for none. One of `number`, `text` and `flag`
 * is given. */
struct known_option {
    const char *name;     /* "rounds", for --rounds */
    const char *argument; /* what --help calls its value: "N"; NULL for a flag */
    const char *what;     /* in a few words */
    long *number, least, most;
    const char **text;
    bool *flag;
};

struct command_line {
    const char *program; /* "bench latency" */
    const char *what;    /* what it does, a sentence or two */
    const char *words;   /* what --help calls the words behind the options: "[PROGRAM...]"; NULL: there are none */
    const char *more;    /* stands at the end of --help; or NULL */
    const struct known_option *options;
    size_t option_count;
    bool (*take_word)(void *context, const char *word); /* false: it is none of those that may stand here */
    void *context;
    int *first_word; /* when given, reading ends at the first word, whose index goes here, or `argc` */
};

enum { MOST_OPTIONS = 16 };

/* Ends the program with status 0 after --help, and with 2 after saying what is wrong with the command line. */
void command_line_read(const struct command_line *line, int argc, char **argv);

#endif
