#include "race.h"
#include "table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void race_take_layouts(struct race *race)
{
    race->layouts = race->runs < CODE_LAYOUTS ? race->runs : CODE_LAYOUTS;
}

static bool find_layouts(const struct race *race, const struct entrant *entrant)
{
    char path[PATH_SIZE];
    bool found = true;
    for (int i = 0; i < race->layouts; i++) {
        program_in_layout(entrant->path[0], i + 1, path);
        found = found && program_is_found(path);
    }
    return found;
}

static bool find_command(const struct race *race, struct entrant *entrant)
{
    bool found = true;
    for (int i = 0; i < MOST_WORDS && entrant->words[i]; i++) found = program_word(entrant->words[i], entrant->path[i]) && found;
    return found && program_is_found(entrant->path[0]) && find_layouts(race, entrant);
}

int race_prepare(struct race *race)
{
    int present = 0;
    for (int i = 0; i < race->entrant_count; i++) {
        struct entrant *entrant = &race->entrant[i];
        entrant->present = find_command(race, entrant);
        present += entrant->present;
        if (!entrant->present && !entrant->optional) fprintf(stderr, "bench: %s has no %s; it is left out\n", race->program, entrant->name);
    }
    return present;
}

static void command_of(struct entrant *entrant, char *argv[MOST_WORDS + 1])
{
    int count = 0;
    while (count < MOST_WORDS && entrant->words[count]) {
        argv[count] = entrant->path[count];
        count++;
    }
    argv[count] = NULL;
}

/* Run number `run`; negative: warming up. */
static bool run_once(const struct race *race, struct entrant *entrant, int run)
{
    char *argv[MOST_WORDS + 1], path[PATH_SIZE];
    struct measurement result;
    command_of(entrant, argv);
    if (race->layouts) {
        program_in_layout(argv[0], (run < 0 ? 0 : run % race->layouts) + 1, path);
        argv[0] = path;
    }
    if (!measure(argv, entrant->settings, &result)) return false;
    entrant->output_hash = result.output_hash;
    entrant->reported = result.reported;
    entrant->report = result.report;
    if (run < 0) return true;
    entrant->wall[run] = result.wall;
    entrant->user[run] = result.user;
    entrant->system[run] = result.system;
    entrant->cpu[run] = result.user + result.system;
    entrant->peak[run] = result.peak_mb;
    entrant->collecting[run] = result.reported ? (double)result.report.collecting_ns * 1e-9 : 0;
    return true;
}

static bool outputs_equal(const struct race *race)
{
    const struct entrant *first = NULL;
    for (int i = 0; i < race->entrant_count; i++) {
        const struct entrant *entrant = &race->entrant[i];
        if (!entrant->present) continue;
        if (!first) first = entrant;
        if (entrant->output_hash == first->output_hash || race->outputs_may_differ) continue;
        fprintf(stderr, "bench: %s: the output of %s is not that of %s\n", race->program, entrant->name, first->name);
        return false;
    }
    return true;
}

bool race_run(struct race *race)
{
    for (int run = -1; run < race->runs; run++)
        for (int i = 0; i < race->entrant_count; i++) {
            struct entrant *entrant = &race->entrant[i];
            if (!entrant->present) continue;
            progress("%s, round %d of %d: %s", race->program, run + 1, race->runs, entrant->name);
            entrant->present = run_once(race, entrant, run);
            if (entrant->present) continue;
            progress("%s", "");
            if (!entrant->may_fail) return false;
            fprintf(stderr, "bench: %s: %s is left out\n", race->program, entrant->name);
        }
    progress("%s", "");
    return outputs_equal(race);
}

struct entrant *race_find(struct race *race, const char *name)
{
    for (int i = 0; i < race->entrant_count; i++)
        if (race->entrant[i].present && strcmp(race->entrant[i].name, name) == 0) return &race->entrant[i];
    return NULL;
}

double race_own_time(const struct race *race, const struct entrant *entrant)
{
    size_t runs = (size_t)race->runs;
    return median(entrant->cpu, runs) * (1 - median(entrant->collecting, runs) / median(entrant->wall, runs));
}

static void keep_runs(const struct race *race, struct results *results, const struct entrant *entrant, const char *metric, const char *unit,
                      const double *runs)
{
    results_add(results, &(struct record){.benchmark = race->benchmark,
                                          .program = race->program,
                                          .group = race->group,
                                          .variant = entrant->name,
                                          .metric = metric,
                                          .unit = unit,
                                          .version = entrant->version,
                                          .runs = runs,
                                          .run_count = (size_t)race->runs});
}

void race_keep(const struct race *race, struct results *results)
{
    for (int i = 0; i < race->entrant_count; i++) {
        const struct entrant *entrant = &race->entrant[i];
        if (!entrant->present) continue;
        keep_runs(race, results, entrant, "wall", "s", entrant->wall);
        keep_runs(race, results, entrant, "cpu", "s", entrant->cpu);
        keep_runs(race, results, entrant, "peak", "MB", entrant->peak);
        if (entrant->reported && entrant->report.collecting_ns) keep_runs(race, results, entrant, "collecting", "s", entrant->collecting);
    }
}

struct pair race_pair(const struct race *race, const double *values, const double *baseline)
{
    return (struct pair){values, baseline, (size_t)race->runs, (size_t)race->layouts};
}

void race_keep_ratio(const struct race *race, struct results *results, const char *metric, const struct entrant *entrant,
                     const struct entrant *baseline, const double *values, const double *baseline_values)
{
    struct pair pair = race_pair(race, values, baseline_values);
    struct interval interval = ratio_interval(&pair);
    results_add(results, &(struct record){.benchmark = race->benchmark,
                                          .program = race->program,
                                          .group = race->group,
                                          .variant = entrant->name,
                                          .metric = metric,
                                          .unit = "x",
                                          .baseline = baseline->name,
                                          .version = entrant->version,
                                          .value = ratio_of_pair(&pair),
                                          .low = interval.low,
                                          .high = interval.high});
}

/* The count stands for every round: it never varies. */
static void take_instructions(struct entrant *entrant, int runs, double instructions)
{
    for (int run = 0; run < runs; run++) entrant->cpu[run] = instructions;
}

bool race_count_instructions(struct race *race, struct results *results)
{
    for (int i = 0; i < race->entrant_count; i++) {
        struct entrant *entrant = &race->entrant[i];
        char *argv[MOST_WORDS + 1];
        double instructions;
        if (!entrant->present) continue;
        progress("%s, instructions: %s", race->program, entrant->name);
        command_of(entrant, argv);
        if (!measure_instructions(argv, entrant->settings, &instructions)) return progress("%s", ""), false;
        take_instructions(entrant, race->runs, instructions);
        results_add(results, &(struct record){.benchmark = race->benchmark,
                                              .program = race->program,
                                              .group = race->group,
                                              .variant = entrant->name,
                                              .metric = "instructions",
                                              .unit = "1",
                                              .version = entrant->version,
                                              .runs = &instructions,
                                              .run_count = 1});
    }
    progress("%s", "");
    return true;
}
