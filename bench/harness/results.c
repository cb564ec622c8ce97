/* Owns what it is given: every string and array is copied in. results_json.c is the file form. */
#include "results.h"
#include "statistics.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct results {
    struct record *records;
    struct curve *curves;
    size_t record_count, curve_count;
};

_Noreturn static void refuse(const char *what)
{
    fprintf(stderr, "bench: %s\n", what);
    exit(1);
}

static void *must(void *memory)
{
    if (!memory) refuse("out of memory");
    return memory;
}

struct results *results_new(void)
{
    return must(calloc(1, sizeof(struct results)));
}

/* ---- Copies in, and their end ---------------------------------------------------------------------- */

static const char *keep_text(const char *text)
{
    return must(strdup(text ? text : ""));
}

static const char *keep_needed(const char *text, const char *what)
{
    if (text && *text) return keep_text(text);
    fprintf(stderr, "bench: a result without \"%s\"\n", what);
    exit(1);
}

static void *keep_array(const void *array, size_t bytes)
{
    return bytes ? memcpy(must(malloc(bytes)), array, bytes) : NULL;
}

static void drop(const void *memory)
{
    free((void *)(size_t)memory);
}

static void drop_record(struct record *record)
{
    const void *owned[] = {record->benchmark, record->program,  record->group,   record->variant, record->metric,
                           record->unit,      record->baseline, record->version, record->machine, record->runs};
    for (size_t i = 0; i < sizeof owned / sizeof *owned; i++) drop(owned[i]);
}

static void drop_curve(struct curve *curve)
{
    const void *owned[] = {curve->benchmark, curve->program, curve->variant, curve->kind,
                           curve->x_unit,    curve->y_unit,  curve->machine, curve->points};
    for (size_t i = 0; i < sizeof owned / sizeof *owned; i++) drop(owned[i]);
}

void results_free(struct results *results)
{
    if (!results) return;
    for (size_t i = 0; i < results->record_count; i++) drop_record(&results->records[i]);
    for (size_t i = 0; i < results->curve_count; i++) drop_curve(&results->curves[i]);
    free(results->records);
    free(results->curves);
    free(results);
}

/* ---- Adding ---------------------------------------------------------------------------------------- */

/* Room for one more element, which the caller fills in. */
static void *grow(void *array, size_t count, size_t size)
{
    return count & (count - 1) ? array : must(realloc(array, (count ? 2 * count : 1) * size));
}

static void summarise(struct record *record)
{
    if (record->run_count > MOST_RUNS) refuse("more runs in a result than can be kept");
    if (record->run_count) {
        record->value = median(record->runs, record->run_count);
        record->low = smallest(record->runs, record->run_count);
        record->high = largest(record->runs, record->run_count);
    }
    if (isfinite(record->value) && isfinite(record->low) && isfinite(record->high)) return;
    fprintf(stderr, "bench: %s of %s under %s is not a finite number\n", record->metric, record->program, record->variant);
    exit(1);
}

void results_add(struct results *results, const struct record *given)
{
    results->records = grow(results->records, results->record_count, sizeof *results->records);
    struct record *record = &results->records[results->record_count++];
    *record = *given;
    record->benchmark = keep_needed(given->benchmark, "benchmark");
    record->program = keep_needed(given->program, "program");
    record->group = keep_text(given->group);
    record->variant = keep_needed(given->variant, "variant");
    record->metric = keep_needed(given->metric, "metric");
    record->unit = keep_needed(given->unit, "unit");
    record->baseline = keep_text(given->baseline);
    record->version = keep_text(given->version);
    record->machine = keep_text(given->machine ? given->machine : machine_description());
    record->runs = keep_array(given->runs, given->run_count * sizeof *given->runs);
    summarise(record);
}

static void check_points(const struct curve *curve)
{
    bool fine = curve->point_count > 0;
    for (size_t i = 0; i < curve->point_count; i++) {
        const struct point *point = &curve->points[i];
        fine = fine && isfinite(point->x) && isfinite(point->y) && (i == 0 || point[-1].x <= point->x);
    }
    if (fine) return;
    fprintf(stderr, "bench: the curve \"%s\" of %s under %s has no points, or not in order\n", curve->kind, curve->program, curve->variant);
    exit(1);
}

void results_add_curve(struct results *results, const struct curve *given)
{
    results->curves = grow(results->curves, results->curve_count, sizeof *results->curves);
    struct curve *curve = &results->curves[results->curve_count++];
    curve->benchmark = keep_needed(given->benchmark, "benchmark");
    curve->program = keep_needed(given->program, "program");
    curve->variant = keep_needed(given->variant, "variant");
    curve->kind = keep_needed(given->kind, "kind");
    curve->x_unit = keep_needed(given->x_unit, "x_unit");
    curve->y_unit = keep_needed(given->y_unit, "y_unit");
    curve->machine = keep_text(given->machine ? given->machine : machine_description());
    curve->points = keep_array(given->points, given->point_count * sizeof *given->points);
    curve->point_count = given->point_count;
    check_points(curve);
}

/* ---- Reading --------------------------------------------------------------------------------------- */

size_t results_count(const struct results *results)
{
    return results->record_count;
}

const struct record *results_at(const struct results *results, size_t index)
{
    return &results->records[index];
}

size_t results_curve_count(const struct results *results)
{
    return results->curve_count;
}

const struct curve *results_curve_at(const struct results *results, size_t index)
{
    return &results->curves[index];
}

const struct record *results_find(const struct results *results, const struct record *like)
{
    for (size_t i = 0; i < results->record_count; i++)
        if (record_same_measurement(&results->records[i], like)) return &results->records[i];
    return NULL;
}

bool record_same_measurement(const struct record *a, const struct record *b)
{
    return strcmp(a->benchmark, b->benchmark) == 0 && strcmp(a->program, b->program) == 0 && strcmp(a->variant, b->variant) == 0 &&
           strcmp(a->metric, b->metric) == 0;
}

/* ---- Joining --------------------------------------------------------------------------------------- */

/* Whether `newer` says something about this program in this benchmark. */
static bool is_measured_again(const struct results *newer, const char *benchmark, const char *program)
{
    for (size_t i = 0; i < newer->record_count; i++)
        if (strcmp(newer->records[i].benchmark, benchmark) == 0 && strcmp(newer->records[i].program, program) == 0) return true;
    return false;
}

static void forget_measured_again(struct results *results, const struct results *newer)
{
    size_t kept = 0;
    for (size_t i = 0; i < results->record_count; i++) {
        struct record *record = &results->records[i];
        if (is_measured_again(newer, record->benchmark, record->program)) drop_record(record);
        else results->records[kept++] = *record;
    }
    results->record_count = kept;
    kept = 0;
    for (size_t i = 0; i < results->curve_count; i++) {
        struct curve *curve = &results->curves[i];
        if (is_measured_again(newer, curve->benchmark, curve->program)) drop_curve(curve);
        else results->curves[kept++] = *curve;
    }
    results->curve_count = kept;
}

/* After forgetting, counts are no powers of two at which `grow` was called, so arrays are sized anew. */
static void make_room(struct results *results, size_t records, size_t curves)
{
    size_t record_room = 1, curve_room = 1;
    while (record_room < results->record_count + records) record_room *= 2;
    while (curve_room < results->curve_count + curves) curve_room *= 2;
    results->records = must(realloc(results->records, record_room * sizeof *results->records));
    results->curves = must(realloc(results->curves, curve_room * sizeof *results->curves));
}

void results_replace(struct results *results, struct results *newer)
{
    forget_measured_again(results, newer);
    make_room(results, newer->record_count, newer->curve_count);
    for (size_t i = 0; i < newer->record_count; i++) results->records[results->record_count++] = newer->records[i];
    for (size_t i = 0; i < newer->curve_count; i++) results->curves[results->curve_count++] = newer->curves[i];
    newer->record_count = newer->curve_count = 0;
    results_free(newer);
}

bool results_save_for_parent(const struct results *results)
{
    const char *path = getenv("GW_BENCH_RESULTS");
    return !path || results_save(results, path);
}
