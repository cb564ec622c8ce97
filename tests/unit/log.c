/* What options log and stats say, against statistics and hooks. */
#include "heap_fixture.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* Runs `work` in a child whose stderr is a file, and opens that. */
static FILE *said_by(void work(void))
{
    FILE *file = tmpfile();
    pid_t child = fork();
    if (child == 0) {
        dup2(fileno(file), STDERR_FILENO);
        work();
        exit(0);
    }
    int status;
    waitpid(child, &status, 0);
    cr_assert_eq(status, 0);
    rewind(file);
    return file;
}

static void collect_in_many_ways(void)
{
    for (unsigned round = 0; round < 12; round++) make_list(round % 4, 20000);
    gw_collect(GW_MINOR);
    gw_collect(GW_FULL);
    for (unsigned round = 0; round < 50 && gw_collect_step(1000000).status != GW_STEP_DONE; round++) make_list(5, 2000);
    roots[6] = gw_new_array(bytes, 40u << 20);
    gw_new_array(bytes, 40u << 20);
}

static uint64_t told[3]; /* by hooks: minor collections, their ns, cycles */
static void note_minor(void *data, const struct gw_minor_event *event)
{
    (void)data;
    told[0]++;
    told[1] += event->ns;
}
static void note_cycle(void *data, const struct gw_cycle_event *event)
{
    (void)data, (void)event;
    told[2]++;
}

static void start_with_hooks(const char *options)
{
    start_heap(options);
    gw_set_hooks(&(struct gw_hooks){.minor = note_minor, .cycle = note_cycle});
}

static void tell_hooks(void)
{
    fprintf(stderr, "hooks %lu %lu %lu\n", told[0], told[1], told[2]);
}

/* ---- For eyes -------------------------------------------------------------------------------------- */

static void log_for_eyes(void)
{
    start_with_hooks("nursery=256k,max-heap=64m,log=1");
    collect_in_many_ways();
    tell_hooks();
}

static bool has_cause(const char *line, const char *cause)
{
    size_t length = strlen(cause);
    const char *end = line + strcspn(line, "\n");
    return (size_t)(end - line) > length && !strncmp(end - length, cause, length);
}

/* Causes begin below their head, so columns are where the heads are. */
Test(log, lines_are_columns_with_a_cause)
{
    static const char *const causes[] = {"eden is full", "asked for", "a cycle begins", "grown to the goal", "the heap limit is reached"};
    bool found[sizeof causes / sizeof *causes] = {false};
    char line[256];
    unsigned long lines[2] = {0}, minors = 0, cycles = 0, ns;
    FILE *file = said_by(log_for_eyes);
    cr_assert_not_null(fgets(line, sizeof line, file));
    size_t column = (size_t)(strstr(line, "cause") - line), end = (size_t)(strstr(line, "took ms") - line) + strlen("took ms");
    while (fgets(line, sizeof line, file) && sscanf(line, "hooks %lu %lu %lu", &minors, &ns, &cycles) != 3) {
        cr_assert_eq(strncmp(line, "greywave: ", 10), 0, "%s", line);
        cr_assert(line[column] >= 'a' && line[column] <= 'z' && line[column - 1] == ' ' && line[column - 3] != ' ', "%s", line);
        cr_assert(line[end - 1] >= '0' && line[end - 1] <= '9' && line[end] == ' ', "%s", line);
        lines[strstr(line, "  cycle ") != NULL]++;
        for (size_t i = 0; i < sizeof causes / sizeof *causes; i++) found[i] |= has_cause(line, causes[i]);
    }
    cr_assert_eq(lines[0], minors);
    cr_assert_eq(lines[1], cycles);
    cr_assert_gt(cycles, 2);
    for (size_t i = 0; i < sizeof causes / sizeof *causes; i++) cr_assert(found[i], "%s", causes[i]);
    fclose(file);
}

/* ---- JSON ------------------------------------------------------------------------------------------ */

static void log_json(void)
{
    start_with_hooks("nursery=256k,max-heap=64m,log=json");
    collect_in_many_ways();
    tell_hooks();
}

static uint64_t number(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    cr_assert(json_is_integer(value), "%s", key);
    return (uint64_t)json_integer_value(value);
}

Test(log, each_line_is_an_object)
{
    char line[1024];
    unsigned long minors = 0, cycles = 0, ns = 0, last = 0;
    uint64_t sums[3] = {0};
    FILE *file = said_by(log_json);
    while (fgets(line, sizeof line, file) && sscanf(line, "hooks %lu %lu %lu", &minors, &ns, &cycles) != 3) {
        json_t *object = json_loads(line, 0, NULL);
        cr_assert_not_null(object, "%s", line);
        bool minor = !strcmp(json_string_value(json_object_get(object, "greywave")), "minor");
        cr_assert(json_is_string(json_object_get(object, "cause")));
        cr_assert_geq(number(object, "at_ns"), last);
        last = number(object, "at_ns");
        sums[minor ? 0 : 2]++;
        cr_assert_eq(number(object, "number"), sums[minor ? 0 : 2]);
        if (minor) sums[1] += number(object, "ns");
        if (minor) cr_assert_leq(number(object, "young_after") + number(object, "promoted"), number(object, "young_before") + 100000);
        else cr_assert_leq(number(object, "live"), 64u << 20);
        json_decref(object);
    }
    cr_assert_eq(sums[0], minors);
    cr_assert_eq(sums[1], ns);
    cr_assert_eq(sums[2], cycles);
    fclose(file);
}

/* ---- The summary ----------------------------------------------------------------------------------- */

static void work_with_summary(void)
{
    struct gw_stats stats;
    struct gw_heap *heap = start_heap("nursery=256k,max-heap=64m,stats=1");
    make_list(0, 200000);
    gw_collect(GW_FULL);
    make_list(1, 1000);
    gw_get_stats(&stats);
    fprintf(stderr, "stats %lu %lu %.1f\n", stats.minor_collections, stats.major_collections, (double)stats.allocated_bytes / 1048576);
    if (gw_detach() != GW_OK || gw_heap_destroy(heap) != GW_OK) exit(1);
}

static void end_with_summary(void)
{
    start_heap("nursery=256k,stats=1");
    make_list(0, 100);
}

Test(log, the_summary_says_what_statistics_say)
{
    char line[256], text[2048] = "";
    unsigned long minors, cycles, said[2];
    double megabytes, allocated;
    FILE *file = said_by(work_with_summary);
    cr_assert_eq(fscanf(file, "stats %lu %lu %lf\n", &minors, &cycles, &megabytes), 3);
    while (fgets(line, sizeof line, file)) strcat(text, line);
    cr_assert_eq(strncmp(text, "greywave: 0.", 12), 0, "%s", text);
    cr_assert_eq(sscanf(strstr(text, "allocated"), "allocated %lf", &allocated), 1);
    cr_assert_eq(sscanf(strstr(text, "minor collections"), "minor collections %lu", &said[0]), 1);
    cr_assert_eq(sscanf(strstr(text, "cycles"), "cycles %lu", &said[1]), 1);
    cr_assert_float_eq(allocated, megabytes, 0.001);
    cr_assert_eq(said[0], minors);
    cr_assert_eq(said[1], cycles);
    cr_assert_not_null(strstr(text, "left to the program  at worst "));
    fclose(file);
}

Test(log, the_summary_comes_with_the_end_of_the_process)
{
    char line[256];
    FILE *file = said_by(end_with_summary);
    cr_assert_not_null(fgets(line, sizeof line, file));
    cr_assert_not_null(strstr(line, " of which the program waited "));
    fclose(file);
}

Test(log, options_say_what_is_wrong)
{
    struct gw_options options;
    cr_assert_eq(gw_options_parse("log=2", &options), GW_ERROR_OPTION);
    cr_assert_str_eq(gw_error_text(), "option 'log': '2' is not 0, 1 or json");
    cr_assert_eq(gw_options_parse("log=json,stats=1", &options), GW_OK);
    cr_assert(options.log && options.log_json && options.stats);
    cr_assert_eq(gw_options_parse("log=1", &options), GW_OK);
    cr_assert(options.log && !options.log_json && !options.stats);
}

/* What was allocated before a heap left its thread counts afterwards. */
Test(log, what_was_allocated_is_counted_over_a_detachment)
{
    struct gw_stats before, after;
    struct gw_heap *heap = start_heap("nursery=256k");
    make_list(0, 1000);
    gw_get_stats(&before);
    cr_assert_eq(gw_detach(), GW_OK);
    cr_assert_eq(gw_attach(heap), GW_OK);
    gw_get_stats(&after);
    cr_assert_eq(after.allocated_bytes, before.allocated_bytes);
    cr_assert_geq(after.allocated_bytes, 32000);
}
