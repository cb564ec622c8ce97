/* results.json: {"format", "version", "records": [...], "curves": [...]}; the keys of an element are the fields of
 * struct record and struct curve, points are pairs. What is missing, of another type or unknown is refused on reading.
 */
#include "results.h"

#include <jansson.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char format_name[] = "greywave benchmark results";
enum { FORMAT_VERSION = 1, PATH_ROOM = 4096 };

/* ---- Writing --------------------------------------------------------------------------------------- */

static json_t *must(json_t *value)
{
    if (value) return value;
    fputs("bench: out of memory, or a result whose text is not UTF-8\n", stderr);
    exit(1);
}

static void set(json_t *object, const char *key, json_t *value)
{
    if (json_object_set_new(object, key, must(value))) must(NULL);
}

static void set_unless_empty(json_t *object, const char *key, const char *text)
{
    if (*text) set(object, key, json_string(text));
}

static json_t *numbers(const double *values, size_t count)
{
    json_t *array = must(json_array());
    for (size_t i = 0; i < count; i++)
        if (json_array_append_new(array, must(json_real(values[i])))) must(NULL);
    return array;
}

static json_t *record_to_json(const struct record *record)
{
    json_t *object = must(json_object());
    set(object, "benchmark", json_string(record->benchmark));
    set(object, "program", json_string(record->program));
    set_unless_empty(object, "group", record->group);
    set(object, "variant", json_string(record->variant));
    set(object, "metric", json_string(record->metric));
    set(object, "value", json_real(record->value));
    set(object, "low", json_real(record->low));
    set(object, "high", json_real(record->high));
    set(object, "unit", json_string(record->unit));
    if (record->run_count) set(object, "runs", numbers(record->runs, record->run_count));
    set_unless_empty(object, "baseline", record->baseline);
    set_unless_empty(object, "version", record->version);
    set(object, "machine", json_string(record->machine));
    return object;
}

static json_t *curve_to_json(const struct curve *curve)
{
    json_t *object = must(json_object()), *points = must(json_array());
    set(object, "benchmark", json_string(curve->benchmark));
    set(object, "program", json_string(curve->program));
    set(object, "variant", json_string(curve->variant));
    set(object, "kind", json_string(curve->kind));
    set(object, "x_unit", json_string(curve->x_unit));
    set(object, "y_unit", json_string(curve->y_unit));
    set(object, "machine", json_string(curve->machine));
    for (size_t i = 0; i < curve->point_count; i++)
        if (json_array_append_new(points, must(json_pack("[f, f]", curve->points[i].x, curve->points[i].y)))) must(NULL);
    set(object, "points", points);
    return object;
}

static json_t *results_to_json(const struct results *results)
{
    json_t *records = must(json_array()), *curves = must(json_array());
    for (size_t i = 0; i < results_count(results); i++)
        if (json_array_append_new(records, record_to_json(results_at(results, i)))) must(NULL);
    for (size_t i = 0; i < results_curve_count(results); i++)
        if (json_array_append_new(curves, curve_to_json(results_curve_at(results, i)))) must(NULL);
    return must(json_pack("{s:s, s:i, s:o, s:o}", "format", format_name, "version", FORMAT_VERSION, "records", records, "curves", curves));
}

bool results_save(const struct results *results, const char *path)
{
    char unfinished[PATH_ROOM];
    if (snprintf(unfinished, sizeof unfinished, "%s.new", path) >= (int)sizeof unfinished) {
        fprintf(stderr, "bench: the path %s is too long\n", path);
        return false;
    }
    json_t *document = results_to_json(results);
    bool saved = json_dump_file(document, unfinished, JSON_INDENT(1) | JSON_REAL_PRECISION(9)) == 0 && rename(unfinished, path) == 0;
    if (!saved) perror(path);
    json_decref(document);
    return saved;
}

/* ---- Reading, which checks everything -------------------------------------------------------------- */

/* Where in the file we are, and whether a complaint was printed already. */
struct reading {
    const char *path, *list;
    size_t index;
    bool failed;
};

__attribute__((format(printf, 2, 3))) static void complain(struct reading *reading, const char *format, ...)
{
    if (reading->failed) return;
    reading->failed = true;
    va_list arguments;
    va_start(arguments, format);
    fprintf(stderr, "bench: %s: ", reading->path);
    if (reading->list) fprintf(stderr, "%s[%zu]: ", reading->list, reading->index);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
}

static const char *text(struct reading *reading, const json_t *object, const char *key, bool needed)
{
    const json_t *value = json_object_get(object, key);
    if (json_is_string(value) && (!needed || *json_string_value(value))) return json_string_value(value);
    if (value || needed) complain(reading, "\"%s\" should be a text%s", key, needed ? ", not empty" : "");
    return "";
}

static double number(struct reading *reading, const json_t *value, const char *what)
{
    if (json_is_number(value) && isfinite(json_number_value(value))) return json_number_value(value);
    complain(reading, "\"%s\" should be a number", what);
    return 0;
}

static void refuse_unknown(struct reading *reading, json_t *object, const char *const *known)
{
    const char *key;
    json_t *value;
    if (!json_is_object(object)) complain(reading, "should be an object");
    json_object_foreach(object, key, value)
    {
        const char *const *name = known;
        while (*name && strcmp(*name, key) != 0) name++;
        if (!*name) complain(reading, "there is no key \"%s\"", key);
    }
}

/* Numbers of an array of numbers (width 1) or of pairs (width 2), on the heap; NULL when there are none. */
static double *read_numbers(struct reading *reading, const json_t *array, const char *what, size_t width, size_t *count)
{
    *count = json_array_size(array);
    if (array && !*count) complain(reading, "\"%s\" should be a list, not empty", what);
    double *values = calloc(*count ? *count * width : 1, sizeof *values);
    if (!values) must(NULL);
    for (size_t i = 0; i < *count; i++) {
        const json_t *element = json_array_get(array, i);
        if (width == 1) values[i] = number(reading, element, what);
        else if (json_array_size(element) != width) complain(reading, "\"%s\" should be a list of pairs", what);
        for (size_t j = 0; width > 1 && j < width; j++) values[i * width + j] = number(reading, json_array_get(element, j), what);
    }
    return values;
}

static void read_record(struct reading *reading, json_t *object, struct results *results)
{
    static const char *const known[] = {"benchmark", "program", "group", "variant",  "metric",  "value",   "low",
                                        "high",      "unit",    "runs",  "baseline", "version", "machine", NULL};
    refuse_unknown(reading, object, known);
    struct record record = {.benchmark = text(reading, object, "benchmark", true),
                            .program = text(reading, object, "program", true),
                            .group = text(reading, object, "group", false),
                            .variant = text(reading, object, "variant", true),
                            .metric = text(reading, object, "metric", true),
                            .unit = text(reading, object, "unit", true),
                            .baseline = text(reading, object, "baseline", false),
                            .version = text(reading, object, "version", false),
                            .machine = text(reading, object, "machine", true),
                            .value = number(reading, json_object_get(object, "value"), "value"),
                            .low = number(reading, json_object_get(object, "low"), "low"),
                            .high = number(reading, json_object_get(object, "high"), "high")};
    double *runs = read_numbers(reading, json_object_get(object, "runs"), "runs", 1, &record.run_count);
    record.runs = runs;
    if (!reading->failed) results_add(results, &record);
    free(runs);
}

static void read_curve(struct reading *reading, json_t *object, struct results *results)
{
    static const char *const known[] = {"benchmark", "program", "variant", "kind", "x_unit", "y_unit", "machine", "points", NULL};
    refuse_unknown(reading, object, known);
    struct curve curve = {.benchmark = text(reading, object, "benchmark", true),
                          .program = text(reading, object, "program", true),
                          .variant = text(reading, object, "variant", true),
                          .kind = text(reading, object, "kind", true),
                          .x_unit = text(reading, object, "x_unit", true),
                          .y_unit = text(reading, object, "y_unit", true),
                          .machine = text(reading, object, "machine", true)};
    double *numbers = read_numbers(reading, json_object_get(object, "points"), "points", 2, &curve.point_count);
    curve.points = (const struct point *)numbers;
    if (!curve.point_count) complain(reading, "\"points\" should be a list, not empty");
    for (size_t i = 1; i < curve.point_count; i++)
        if (curve.points[i].x < curve.points[i - 1].x) complain(reading, "\"points\" should be in order");
    if (!reading->failed) results_add_curve(results, &curve);
    free(numbers);
}

static void read_list(struct reading *reading, const json_t *document, const char *name, struct results *results,
                      void (*read_element)(struct reading *, json_t *, struct results *))
{
    json_t *list = json_object_get(document, name);
    if (!json_is_array(list)) complain(reading, "\"%s\" should be a list", name);
    reading->list = name;
    for (reading->index = 0; reading->index < json_array_size(list) && !reading->failed; reading->index++)
        read_element(reading, json_array_get(list, reading->index), results);
    reading->list = NULL;
}

static void read_document(struct reading *reading, json_t *document, struct results *results)
{
    static const char *const known[] = {"format", "version", "records", "curves", NULL};
    refuse_unknown(reading, document, known);
    if (strcmp(text(reading, document, "format", true), format_name) != 0) complain(reading, "this is not a file of benchmark results");
    if (number(reading, json_object_get(document, "version"), "version") != FORMAT_VERSION)
        complain(reading, "this is version %g of the format; measure again, version %d is read here",
                 json_number_value(json_object_get(document, "version")), FORMAT_VERSION);
    if (reading->failed) return;
    read_list(reading, document, "records", results, read_record);
    read_list(reading, document, "curves", results, read_curve);
}

struct results *results_load(const char *path)
{
    json_error_t error;
    struct reading reading = {.path = path};
    json_t *document = json_load_file(path, JSON_REJECT_DUPLICATES, &error);
    if (!document) {
        fprintf(stderr, "bench: %s: line %d: %s\n", path, error.line, error.text);
        return NULL;
    }
    struct results *results = results_new();
    read_document(&reading, document, results);
    json_decref(document);
    if (!reading.failed) return results;
    results_free(results);
    return NULL;
}
