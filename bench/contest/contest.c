#include "contest.h"

#include "programs.h"
#include "statistics.h"
#include "table.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MOST_OUTPUT = 4096 };

struct entrant {
    const struct contestant *contestant;
    char words[MOST_ARGUMENTS][PATH_SIZE]; /* with '@' replaced */
    char version[64];                      /* what it says of itself, or "" */
    double values[MOST_METRICS][MOST_ROUNDS];
};

/* Static: too large for the stack. */
static struct entrant entrants[MOST_CONTESTANTS];
static int entrant_count;

static bool enter(const struct contestant *contestant)
{
    struct entrant *entrant = &entrants[entrant_count];
    bool present = true;
    for (int i = 0; i < MOST_ARGUMENTS && contestant->argv[i]; i++)
        present = program_word(contestant->argv[i], entrant->words[i]) && present;
    if (!present || !program_is_found(entrant->words[0])) return false;
    entrant->contestant = contestant;
    entrant_count++;
    return true;
}

static void find_entrants(const struct contest *contest)
{
    entrant_count = 0;
    for (int i = 0; i < contest->contestant_count; i++)
        if (!enter(&contest->contestants[i]))
            fprintf(stderr, "bench: %s is not installed and is left out (--with-peers installs peers)\n", contest->contestants[i].title);
}

_Noreturn static void become(struct entrant *entrant, const char *const *arguments, int output)
{
    char *argv[2 * MOST_ARGUMENTS + 1];
    int count = 0;
    while (count < MOST_ARGUMENTS && entrant->contestant->argv[count]) {
        argv[count] = entrant->words[count];
        count++;
    }
    while (*arguments && count < 2 * MOST_ARGUMENTS) argv[count++] = (char *)*arguments++;
    argv[count] = NULL;
    setpriority(PRIO_PROCESS, 0, -20); /* where it is allowed: others' work is no pause of ours */
    if (dup2(output, STDOUT_FILENO) >= 0) execvp(argv[0], argv);
    fprintf(stderr, "bench: cannot run %s: %s\n", argv[0], strerror(errno));
    _exit(127);
}

static void read_all(int file, char text[MOST_OUTPUT])
{
    size_t length = 0;
    for (ssize_t got; length < MOST_OUTPUT - 1 && (got = read(file, text + length, MOST_OUTPUT - 1 - length)) > 0;) length += (size_t)got;
    text[length] = '\0';
}

/* What the program printed, and its peak resident set in megabytes. */
static bool run(struct entrant *entrant, const char *const *arguments, char text[MOST_OUTPUT], double *peak_mb)
{
    int ends[2], status;
    struct rusage usage;
    fflush(NULL);
    if (pipe(ends)) return perror("bench: pipe"), false;
    pid_t child = fork();
    if (child == 0) become(entrant, arguments, ends[1]);
    close(ends[1]);
    read_all(ends[0], text);
    close(ends[0]);
    if (child < 0 || wait4(child, &status, 0, &usage) < 0) return perror("bench"), false;
    *peak_mb = (double)usage.ru_maxrss / 1024;
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return true;
    progress("%s", "");
    fprintf(stderr, "bench: %s failed, status %#x\n", entrant->contestant->title, (unsigned)status);
    return false;
}

static bool find_value(const char *text, const char *key, double *value)
{
    size_t length = strlen(key);
    for (const char *line = text; line; line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL)
        if (strncmp(line, key, length) == 0 && line[length] == ' ') return sscanf(line + length, "%lf", value) == 1;
    return false;
}

static void find_version(const char *text, char version[64])
{
    const char *line = strstr(text, "version ");
    if (line) sscanf(line + strlen("version "), "%63[^\n]", version);
}

static bool run_once(const struct contest *contest, struct entrant *entrant, int round)
{
    char text[MOST_OUTPUT];
    double peak_mb;
    if (!run(entrant, contest->arguments, text, &peak_mb)) return false;
    find_version(text, entrant->version);
    for (int i = 0; i < contest->metric_count; i++) {
        double *value = &entrant->values[i][round];
        *value = peak_mb;
        if (strcmp(contest->metrics[i].key, "peak") == 0 || find_value(text, contest->metrics[i].key, value)) continue;
        fprintf(stderr, "bench: %s did not print %s\n", entrant->contestant->title, contest->metrics[i].key);
        return false;
    }
    return true;
}

static bool run_rounds(const struct contest *contest, int rounds)
{
    for (int round = 0; round < rounds; round++)
        for (int i = 0; i < entrant_count; i++) {
            progress("%s, round %d of %d: %s", contest->program, round + 1, rounds, entrants[i].contestant->title);
            if (run_once(contest, &entrants[i], round)) continue;
            fprintf(stderr, "bench: %s is left out\n", entrants[i].contestant->title);
            if (entrants[i].contestant - contest->contestants < contest->ours) return false;
            memmove(&entrants[i], &entrants[i + 1], (size_t)(entrant_count - i - 1) * sizeof *entrants);
            i--, entrant_count--;
        }
    progress("%s", "");
    return entrant_count > 0;
}

static void format_value(char text[CELL_SIZE], const struct metric *metric, double value)
{
    if (strcmp(metric->unit, "ns") != 0) snprintf(text, CELL_SIZE, "%.1f %s", value, metric->unit);
    else if (value >= 1e9) snprintf(text, CELL_SIZE, "%.3f s", value * 1e-9);
    else if (value >= 1e6) snprintf(text, CELL_SIZE, "%.2f ms", value * 1e-6);
    else snprintf(text, CELL_SIZE, "%.1f us", value * 1e-3);
}

static void print_range(struct table *table, const struct metric *metric, const double *values, int rounds)
{
    char low[CELL_SIZE], high[CELL_SIZE];
    format_value(low, metric, smallest(values, (size_t)rounds));
    format_value(high, metric, largest(values, (size_t)rounds));
    table_cell(table, "%.18s - %.18s", low, high);
}

/* The first metric is what the contest is about: it is shown with its spread. */
static void print_titles(struct table *table, const struct contest *contest)
{
    memset(table, 0, sizeof *table);
    table_start_row(table);
    table_cell(table, "%s", contest->program);
    for (int i = 0; i < contest->metric_count; i++) {
        table_cell(table, "%s", contest->metrics[i].title);
        if (i == 0) table_cell(table, "least - most");
    }
}

static void print_entrant(struct table *table, const struct contest *contest, const struct entrant *entrant, int rounds)
{
    table_start_row(table);
    table_cell(table, "%s", entrant->contestant->title);
    for (int i = 0; i < contest->metric_count; i++) {
        char text[CELL_SIZE];
        format_value(text, &contest->metrics[i], median(entrant->values[i], (size_t)rounds));
        table_cell(table, "%s", text);
        if (i == 0) print_range(table, &contest->metrics[i], entrant->values[i], rounds);
    }
}

static void keep(struct results *results, const struct contest *contest, const struct entrant *entrant, int rounds)
{
    for (int i = 0; i < contest->metric_count; i++)
        results_add(results, &(struct record){.benchmark = contest->benchmark,
                                              .program = contest->program,
                                              .variant = entrant->contestant->title,
                                              .version = entrant->version[0] ? entrant->version : NULL,
                                              .metric = contest->metrics[i].title,
                                              .unit = contest->metrics[i].unit,
                                              .runs = entrant->values[i],
                                              .run_count = (size_t)rounds});
}

struct known_option contest_rounds_option(long *rounds)
{
    return (struct known_option){
        .name = "rounds", .argument = "N", .what = "all programs take turns in each", .number = rounds, .least = 1, .most = MOST_ROUNDS};
}

bool contest_hold(const struct contest *contest, int rounds, struct results *results)
{
    static struct table table;
    find_entrants(contest);
    if (!run_rounds(contest, rounds)) return false;
    print_titles(&table, contest);
    for (int i = 0; i < entrant_count; i++) print_entrant(&table, contest, &entrants[i], rounds);
    table_print(&table);
    for (int i = 0; i < entrant_count; i++) keep(results, contest, &entrants[i], rounds);
    return true;
}
