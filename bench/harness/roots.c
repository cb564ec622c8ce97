/* bench roots: every program under every root finder. The collector is the same, so what differs is what it costs to
 * have roots found: processor time is compared. Two compilers take part, and each root finder is set against the other
 * one of its compiler. */
#include "catalogue.h"
#include "kept_results.h"
#include "race.h"
#include "suites.h"
#include "table.h"
#include "versions.h"

#include <stdio.h>
#include <string.h>

enum { DEFAULT_RUNS = 11, QUICK_RUNS = 3, MOST_PROGRAMS = 32 };

/* Code that has no roots cannot be collected under, so it runs last and only where nothing is collected. */
struct finder {
    const char *name, *compiler;
};
static const struct finder finders[] = {
    {"statepoint", "clang-22"}, {"shadow-clang", "clang-22"}, {"asm", "gcc"}, {"shadow-gcc", "gcc"}, {"none", "clang-22"},
};
enum { FINDER_COUNT = sizeof finders / sizeof *finders, COLLECTING_COUNT = FINDER_COUNT - 1 };

/* A question, answered by the ratio of two variants' processor times, or of their instructions: those are the same in
 * every run, and so say what a noisy machine hides. */
struct question {
    const char *benchmark, *slow, *fast, *text;
};
static const struct question questions[] = {
    {"roots", "shadow-clang", "statepoint", "shadow stack / statepoint (clang)"},
    {"roots", "shadow-gcc", "asm", "shadow stack / asm (gcc)"},
    {"roots without collection", "statepoint", "none", "statepoint / none, no collection"},
    {"roots, instructions", "shadow-clang", "statepoint", "instructions, shadow stack / statepoint (clang)"},
    {"roots, instructions", "shadow-gcc", "asm", "instructions, shadow stack / asm (gcc)"},
    {"roots, instructions", "statepoint", "none", "instructions, statepoint / none"},
};
enum { QUESTION_COUNT = sizeof questions / sizeof *questions };

/* The times of both sides of one question, by program and round; a count of instructions stands for every round. */
struct answers {
    size_t count;
    const char *program[MOST_PROGRAMS], *group[MOST_PROGRAMS];
    double slow[MOST_PROGRAMS][MOST_RUNS], fast[MOST_PROGRAMS][MOST_RUNS];
};

/* Static: too large for the stack. */
static struct race race;
static struct answers answers[QUESTION_COUNT];
static struct table times, ratios;
static char commands[FINDER_COUNT][128];

static void enter(const struct program *program, const char *benchmark, const char *size, const char *setting)
{
    char version[64];
    race.benchmark = benchmark;
    race.program = program->name;
    race.group = program->group;
    race.entrant_count = setting ? FINDER_COUNT : COLLECTING_COUNT;
    for (int i = 0; i < race.entrant_count; i++) {
        snprintf(commands[i], sizeof commands[i], "@programs/%s-%s", program->name, finders[i].name);
        snprintf(version, sizeof version, "%s --version", finders[i].compiler);
        bool said_before = setting && strcmp(finders[i].name, "none") != 0;
        race.entrant[i] = (struct entrant){.name = finders[i].name,
                                           .words = {commands[i], size},
                                           .settings = {setting},
                                           .optional = said_before,
                                           .version = version_of(version)};
    }
}

/* ---- Asking ---------------------------------------------------------------------------------------- */

static void ask(const struct question *question, struct answers *answer, const struct program *program, struct results *results)
{
    struct entrant *slow = race_find(&race, question->slow), *fast = race_find(&race, question->fast);
    if (strcmp(question->benchmark, race.benchmark) != 0 || !slow || !fast) return;
    size_t bytes = (size_t)race.runs * sizeof(double);
    memcpy(answer->slow[answer->count], slow->cpu, bytes);
    memcpy(answer->fast[answer->count], fast->cpu, bytes);
    answer->program[answer->count] = program->name;
    answer->group[answer->count++] = program->group;
    race_keep_ratio(&race, results, question->text, slow, fast, slow->cpu, fast->cpu);
}

static bool run_program(const struct program *program, struct results *results)
{
    if (race_prepare(&race) == 0 || !race_run(&race)) return false;
    race_keep(&race, results);
    for (int i = 0; i < QUESTION_COUNT; i++) ask(&questions[i], &answers[i], program, results);
    return true;
}

/* Both where collection happens and where it never does. */
static bool run_both(const struct program *program, struct results *results)
{
    enter(program, "roots", program->size, NULL);
    if (!run_program(program, results)) return false;
    table_start_row(&times);
    table_cell(&times, "%s", program->name);
    for (int i = 0; i < COLLECTING_COUNT; i++) {
        const struct entrant *entrant = race_find(&race, finders[i].name);
        if (entrant) table_cell(&times, "%.3f s", median(entrant->cpu, (size_t)race.runs));
        else table_cell(&times, "-");
    }
    enter(program, "roots without collection", program->without, "GREYWAVE=nursery=1024m");
    return run_program(program, results);
}

/* One run each, small, and without collection. The count takes the place of the times. */
static bool count_instructions(const struct program *program, struct results *results)
{
    enter(program, "roots, instructions", program->small, "GREYWAVE=nursery=1024m");
    if (race_prepare(&race) == 0 || !race_count_instructions(&race, results)) return false;
    for (int i = 0; i < QUESTION_COUNT; i++) ask(&questions[i], &answers[i], program, results);
    return true;
}

/* ---- Answers --------------------------------------------------------------------------------------- */

static void keep_mean(struct results *results, const struct question *question, const char *group, const struct mean *mean)
{
    results_add(results, &(struct record){.benchmark = question->benchmark,
                                          .program = "geometric mean",
                                          .group = group,
                                          .variant = group,
                                          .metric = question->text,
                                          .unit = "x",
                                          .baseline = question->fast,
                                          .value = mean->value,
                                          .low = mean->interval.low,
                                          .high = mean->interval.high});
}

/* Over one group's programs, or over all. */
static void print_mean(const struct question *question, const struct answers *answer, const char *group, struct results *results)
{
    struct pair pairs[MOST_PROGRAMS];
    size_t count = 0;
    for (size_t i = 0; i < answer->count; i++) {
        if (strcmp(group, "all") != 0 && strcmp(group, answer->group[i]) != 0) continue;
        pairs[count++] = race_pair(&race, answer->slow[i], answer->fast[i]);
    }
    if (count < 2) return; /* the mean of one says nothing new */
    struct mean mean = geometric_mean_of_ratios(pairs, count);
    keep_mean(results, question, group, &mean);
    table_start_row(&ratios);
    table_cell(&ratios, "geometric mean, %s", group);
    table_cell(&ratios, "%.3f", mean.value);
    table_cell(&ratios, "%.3f - %.3f", mean.interval.low, mean.interval.high);
}

static void print_answers(const struct question *question, const struct answers *answer, struct results *results)
{
    if (!answer->count) return;
    memset(&ratios, 0, sizeof ratios);
    table_start_row(&ratios);
    table_cell(&ratios, "%s", question->text);
    table_cell(&ratios, "ratio");
    table_cell(&ratios, "95 %% interval");
    for (size_t i = 0; i < answer->count; i++) {
        struct pair pair = race_pair(&race, answer->slow[i], answer->fast[i]);
        struct interval interval = ratio_interval(&pair);
        table_start_row(&ratios);
        table_cell(&ratios, "%s", answer->program[i]);
        table_cell(&ratios, "%.3f", ratio_of_pair(&pair));
        table_cell(&ratios, "%.3f - %.3f", interval.low, interval.high);
    }
    static const char *const groups[] = {"call-heavy", "other", "all"};
    for (int i = 0; i < 3; i++) print_mean(question, answer, groups[i], results);
    putchar('\n');
    table_print(&ratios);
}

static void print_titles(void)
{
    table_start_row(&times);
    table_cell(&times, "processor time, median");
    for (int i = 0; i < COLLECTING_COUNT; i++) table_cell(&times, "%s", finders[i].name);
}

int run_roots(int argc, char **argv)
{
    struct selection selection = selection_read("roots", "Every program under every root finder: stack maps, markers, shadow stacks.",
                                                DEFAULT_RUNS, QUICK_RUNS, argc, argv);
    race.runs = selection.runs;
    race_take_layouts(&race);
    measure_pin();
    print_titles();
    bool done = true, valgrind = *version_of("valgrind --version");
    if (!valgrind) fputs("bench: valgrind is not installed; instructions are not counted\n", stderr);
    for (int i = 0; i < program_count && done; i++) {
        if (!selection_has(&selection, &programs[i])) continue;
        struct results *results = results_new();
        done = run_both(&programs[i], results);
        if (done && valgrind) done = count_instructions(&programs[i], results);
        done = keep_results(results) && done;
    }
    table_print(&times);
    struct results *means = results_new();
    for (int i = 0; i < QUESTION_COUNT && done; i++) print_answers(&questions[i], &answers[i], means);
    /* The mean over a few chosen programs is shown, but does not take the place of the one over all. */
    if (selection.only_count) return results_free(means), done ? 0 : 1;
    return keep_results(means) && done ? 0 : 1;
}
