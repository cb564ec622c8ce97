/* The same work under several variants, whole processes that take turns, so that a slow moment of the machine falls on
 * all of them. The first round warms up and is not counted. */
#ifndef GW_BENCH_RACE_H
#define GW_BENCH_RACE_H

#include "measure.h"
#include "programs.h"
#include "results.h"
#include "statistics.h"

enum { MOST_ENTRANTS = 32, MOST_WORDS = 12, MOST_SETTINGS = 4 };

struct entrant {
    const char *name;                    /* in tables and records */
    const char *words[MOST_WORDS];       /* the command; a word that begins with '@' stands in the folder of this program */
    const char *settings[MOST_SETTINGS]; /* of the environment, "NAME=value" */
    const char *version;
    bool optional; /* being absent is not worth a word */
    bool may_fail; /* a failure, such as no room in a small heap, or an option that it does not know, only ends its own
                      part in the race */
    /* From here on the race's own. */
    bool present;
    char path[MOST_WORDS][PATH_SIZE];
    uint64_t output_hash;
    struct collector_report report; /* of the last run; `reported` says whether there is one */
    bool reported;
    double wall[MOST_RUNS], user[MOST_RUNS], system[MOST_RUNS], cpu[MOST_RUNS]; /* seconds; cpu is user and system */
    double peak[MOST_RUNS], collecting[MOST_RUNS];                              /* MB; seconds, zero when not reported */
};

struct race {
    const char *benchmark, *program, *group;
    int runs;
    int layouts; /* so many builds of each command take turns by rounds, see program_in_layout; 0: there is one */
    int entrant_count;
    bool outputs_may_differ;
    struct entrant entrant[MOST_ENTRANTS];
};

/* Of programs built by layout_builds in bench/programs/CMakeLists.txt: as many layouts as there are, or runs. */
void race_take_layouts(struct race *race);
/* Finds the commands, and names what is missing. How many are there. */
int race_prepare(struct race *race);
/* Runs all that are there. False, after a message, when one fails or its output is another than the first one's. */
bool race_run(struct race *race);
/* The entrant of this name that is there, or NULL. */
struct entrant *race_find(struct race *race, const char *name);
/* Processor seconds of the program itself, its collector's not counted: the share that the collector says it took of
 * the time that passed is taken away. */
double race_own_time(const struct race *race, const struct entrant *entrant);
/* wall, cpu and peak of each entrant, and its time of collecting where it is known. */
void race_keep(const struct race *race, struct results *results);
/* Two arrays of two entrants, such as their cpu times, as statistics.h wants them. */
struct pair race_pair(const struct race *race, const double *values, const double *baseline);
/* A ratio of cpu or wall times with its interval: `values` and `baseline` are arrays of two entrants. */
void race_keep_ratio(const struct race *race, struct results *results, const char *metric, const struct entrant *entrant,
                     const struct entrant *baseline, const double *values, const double *baseline_values);
/* Instructions of one run of each, which also take the place of its processor times. */
bool race_count_instructions(struct race *race, struct results *results);

#endif
