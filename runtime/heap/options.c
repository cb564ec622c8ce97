/* `key=value,key=value`: one table row a key. An error names the key, the value and what would be right. */
#include "heap/options.h"

#include "base/compiler.h"
#include "base/report.h"
#include "heap/file_names.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define KEYS                                                                                                                               \
    "nursery, max-heap, growth, pause, age, stress, poison, verify, verify-walk, debug, log, snapshot, trace, profile, profile-rate, "     \
    "stats, polls, stop-warning, helpers, pretouch"

void gw_options_default(struct gw_options *options)
{
    *options = (struct gw_options){.growth = GW_DEFAULT_GROWTH, .age = GW_DEFAULT_AGE};
}

/* ---- Values ---------------------------------------------------------------------------------------- */

static bool parse_count(const char *text, uint64_t *value, const char **rest)
{
    char *end;
    errno = 0;
    if (*text < '0' || *text > '9') return false;
    *value = strtoull(text, &end, 10);
    *rest = end;
    return errno == 0;
}

static unsigned suffix_shift(char suffix)
{
    switch (suffix | 0x20) {
    case 'k': return 10;
    case 'm': return 20;
    case 'g': return 30;
    default: return 0;
    }
}

static bool parse_size(const char *text, size_t *bytes)
{
    uint64_t value;
    const char *rest;
    if (!parse_count(text, &value, &rest)) return false;
    unsigned shift = suffix_shift(*rest);
    if (shift) rest++;
    *bytes = (size_t)value << shift;
    return *rest == '\0' && *bytes >> shift == value;
}

static gw_status bad_value(const char *key, const char *value, const char *expected)
{
    return gw_fail(GW_ERROR_OPTION, "option '%s': '%s' is not %s", key, value, expected);
}

static gw_status set_size(const char *key, const char *value, size_t smallest, size_t largest, size_t *field)
{
    size_t bytes;
    if (!parse_size(value, &bytes)) return bad_value(key, value, "a size (a number, then k, m or g)");
    if (bytes < smallest || bytes > largest)
        return gw_fail(GW_ERROR_OPTION, "option '%s': %s is out of range; give %zuk to %zum", key, value, smallest >> 10, largest >> 20);
    *field = bytes;
    return GW_OK;
}

static gw_status set_number(const char *key, const char *value, unsigned smallest, unsigned largest, unsigned *field)
{
    uint64_t number;
    const char *rest;
    if (!parse_count(value, &number, &rest) || *rest) return bad_value(key, value, "a number");
    if (number < smallest || number > largest)
        return gw_fail(GW_ERROR_OPTION, "option '%s': %s is out of range; give %u to %u", key, value, smallest, largest);
    *field = (unsigned)number;
    return GW_OK;
}

static gw_status set_megabytes(const char *key, const char *value, size_t largest, uint32_t *field)
{
    size_t bytes;
    gw_status status = set_size(key, value, 0, largest, &bytes);
    if (status == GW_OK) *field = (uint32_t)(gw_round_up(bytes, (size_t)1 << 20) >> 20);
    return status;
}

static gw_status set_short(const char *key, const char *value, uint16_t smallest, uint16_t largest, uint16_t *field)
{
    unsigned number = *field;
    gw_status status = set_number(key, value, smallest, largest, &number);
    *field = (uint16_t)number;
    return status;
}

static uint64_t unit_ns(const char *unit)
{
    if (!strcmp(unit, "us")) return 1000;
    if (!strcmp(unit, "ms")) return 1000000;
    return strcmp(unit, "s") ? 0 : 1000000000;
}

static gw_status set_time(const char *key, const char *value, uint64_t smallest, uint64_t largest, uint64_t *field)
{
    uint64_t number, unit;
    const char *rest;
    if (!parse_count(value, &number, &rest) || !(unit = unit_ns(rest))) return bad_value(key, value, "a time (a number, then us, ms or s)");
    if (number > largest / unit || number * unit < smallest)
        return gw_fail(GW_ERROR_OPTION, "option '%s': %s is out of range; give %luus to %lums", key, value,
                       (unsigned long)(smallest / 1000), (unsigned long)(largest / 1000000));
    *field = number * unit;
    return GW_OK;
}

static gw_status set_switch(const char *key, const char *value, bool *field)
{
    if (strcmp(value, "0") && strcmp(value, "1")) return bad_value(key, value, "0 or 1");
    *field = *value == '1';
    return GW_OK;
}

static gw_status set_stress_mode(const char *mode, struct gw_options *options)
{
    uint64_t every;
    const char *rest;
    if (!strcmp(mode, "alloc")) {
        options->stress_every = 1;
    } else if (!strcmp(mode, "safepoint")) {
        options->stress_safepoint = true;
    } else if (!strcmp(mode, "move")) {
        options->stress_move = true;
    } else if (!strcmp(mode, "stay")) {
        options->stress_stay = true;
    } else if (!strcmp(mode, "step")) {
        options->stress_step = true;
    } else if (parse_count(mode, &every, &rest) && !*rest && every > 0 && every <= UINT32_MAX) {
        options->stress_every = (uint32_t)every;
    } else {
        return bad_value("stress", mode, "alloc, safepoint, move, stay, step or a number; join several with +");
    }
    return GW_OK;
}

static gw_status set_stress(char *value, struct gw_options *options)
{
    char *state = NULL, *mode = strtok_r(value, "+", &state);
    if (!mode) return set_stress_mode("", options);
    for (; mode; mode = strtok_r(NULL, "+", &state)) {
        gw_status status = set_stress_mode(mode, options);
        if (status != GW_OK) return status;
    }
    return GW_OK;
}

static gw_status set_debug(const char *key, const char *value, struct gw_options *options)
{
    if (strcmp(value, "leak")) return bad_value(key, value, "leak");
    options->debug_leak = true;
    return GW_OK;
}

static gw_status set_polls(const char *key, const char *value, struct gw_options *options)
{
    if (strcmp(value, "ignore")) return bad_value(key, value, "ignore");
    options->ignore_polls = true;
    return GW_OK;
}

static gw_status set_seconds(const char *key, const char *value, uint16_t *field)
{
    uint64_t ns = 0;
    gw_status status = set_time(key, value, UINT64_C(1000000000), UINT16_MAX * UINT64_C(1000000000), &ns);
    *field = (uint16_t)(ns / 1000000000);
    return status;
}

static gw_status set_file(const char *key, const char *value, uint16_t *field)
{
    if (!*value) return bad_value(key, value, "the name of a file");
    *field = gw_file_name_number(value);
    return *field ? GW_OK : gw_fail(GW_ERROR_MEMORY, "option '%s': no room to note the name '%s'", key, value);
}

static gw_status set_log(const char *key, const char *value, struct gw_options *options)
{
    options->log_json = !strcmp(value, "json");
    if (!options->log_json && strcmp(value, "0") && strcmp(value, "1")) return bad_value(key, value, "0, 1 or json");
    options->log = strcmp(value, "0");
    return GW_OK;
}

static gw_status set_profile_rate(const char *key, const char *value, uint32_t *field)
{
    size_t rate;
    gw_status status = set_size(key, value, GW_SMALLEST_PROFILE_RATE, GW_LARGEST_PROFILE_RATE, &rate);
    if (status == GW_OK) *field = (uint32_t)rate;
    return status;
}

/* ---- Keys ------------------------------------------------------------------------------------------ */

static gw_status set_option(const char *key, char *value, struct gw_options *options)
{
    if (!strcmp(key, "nursery")) return set_size(key, value, GW_SMALLEST_NURSERY, GW_LARGEST_NURSERY, &options->nursery);
    if (!strcmp(key, "max-heap")) return set_size(key, value, GW_SMALLEST_HEAP, GW_LARGEST_HEAP, &options->max_heap);
    if (!strcmp(key, "growth")) return set_short(key, value, GW_SMALLEST_GROWTH, GW_LARGEST_GROWTH, &options->growth);
    if (!strcmp(key, "helpers")) return set_short(key, value, 0, GW_MOST_HELPERS, &options->helpers);
    if (!strcmp(key, "pause")) return set_time(key, value, GW_SMALLEST_PAUSE_NS, GW_LARGEST_PAUSE_NS, &options->pause_ns);
    if (!strcmp(key, "age")) return set_number(key, value, 0, GW_LARGEST_AGE, &options->age);
    if (!strcmp(key, "stress")) return set_stress(value, options);
    if (!strcmp(key, "poison")) return set_switch(key, value, &options->poison);
    if (!strcmp(key, "verify")) return set_switch(key, value, &options->verify);
    if (!strcmp(key, "verify-walk")) return set_switch(key, value, &options->verify_walk);
    if (!strcmp(key, "debug")) return set_debug(key, value, options);
    if (!strcmp(key, "log")) return set_log(key, value, options);
    if (!strcmp(key, "stats")) return set_switch(key, value, &options->stats);
    if (!strcmp(key, "snapshot")) return set_file(key, value, &options->snapshot_file);
    if (!strcmp(key, "trace")) return set_file(key, value, &options->trace_file);
    if (!strcmp(key, "polls")) return set_polls(key, value, options);
    if (!strcmp(key, "stop-warning")) return set_seconds(key, value, &options->stop_warning_s);
    if (!strcmp(key, "profile")) return set_file(key, value, &options->profile_file);
    if (!strcmp(key, "pretouch")) return set_megabytes(key, value, GW_LARGEST_PRETOUCH, &options->pretouch_mb);
    if (!strcmp(key, "profile-rate")) return set_profile_rate(key, value, &options->profile_rate);
    return gw_fail(GW_ERROR_OPTION, "unknown option '%s'; there are: " KEYS, key);
}

gw_status gw_options_apply(const char *text, struct gw_options *options)
{
    char copy[512];
    if (strlen(text) >= sizeof copy)
        return gw_fail(GW_ERROR_OPTION, "option text of %zu characters; at most %zu", strlen(text), sizeof copy - 1);
    strcpy(copy, text);
    struct gw_options parsed = *options;
    char *state = NULL;
    for (char *key = strtok_r(copy, ", ", &state); key; key = strtok_r(NULL, ", ", &state)) {
        char *value = strchr(key, '=');
        if (!value) return gw_fail(GW_ERROR_OPTION, "option '%s' has no value; write %s=…", key, key);
        *value++ = '\0';
        gw_status status = set_option(key, value, &parsed);
        if (status != GW_OK) return status;
    }
    *options = parsed;
    return GW_OK;
}

gw_status gw_options_parse(const char *text, struct gw_options *options)
{
    if (!options) return gw_fail(GW_ERROR_ARGUMENT, "gw_options_parse: nowhere to put the options");
    gw_options_default(options);
    if (!text) return gw_fail(GW_ERROR_ARGUMENT, "gw_options_parse: no text; \"\" asks for the defaults");
    return gw_options_apply(text, options);
}

static gw_status check_range(const char *key, uint64_t value, uint64_t smallest, uint64_t largest)
{
    if (value >= smallest && value <= largest) return GW_OK;
    return gw_fail(GW_ERROR_OPTION, "option '%s': %lu is out of range; give %lu to %lu", key, (unsigned long)value, (unsigned long)smallest,
                   (unsigned long)largest);
}

/* A structure filled in by hand may hold what the text cannot say. Zero is the default. */
static gw_status check_options(const struct gw_options *options)
{
    const struct {
        const char *key;
        uint64_t value, smallest, largest;
    } ranges[] = {
        {"nursery", options->nursery, GW_SMALLEST_NURSERY, GW_LARGEST_NURSERY},
        {"max-heap", options->max_heap, GW_SMALLEST_HEAP, GW_LARGEST_HEAP},
        {"growth", options->growth, GW_SMALLEST_GROWTH, GW_LARGEST_GROWTH},
        {"helpers", options->helpers, 0, GW_MOST_HELPERS},
        {"pause", options->pause_ns, GW_SMALLEST_PAUSE_NS, GW_LARGEST_PAUSE_NS},
        {"profile-rate", options->profile_rate, GW_SMALLEST_PROFILE_RATE, GW_LARGEST_PROFILE_RATE},
        {"pretouch", (uint64_t)options->pretouch_mb << 20, 0, options->max_heap ? options->max_heap : GW_LARGEST_PRETOUCH},
        {"age", options->age == GW_AGE_BY_SURVIVAL ? 0 : options->age, 0, GW_LARGEST_AGE},
    };
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++) {
        if (!ranges[i].value) continue;
        gw_status status = check_range(ranges[i].key, ranges[i].value, ranges[i].smallest, ranges[i].largest);
        if (status != GW_OK) return status;
    }
    return GW_OK;
}

gw_status gw_options_complete(struct gw_options *options)
{
    gw_status status = check_options(options);
    if (status != GW_OK) return status;
    if (!options->growth) options->growth = GW_DEFAULT_GROWTH;
    if (options->max_heap && options->nursery > options->max_heap / 4) options->nursery = options->max_heap / 4;
    options->nursery = gw_round_up(options->nursery, 4096);
    return GW_OK;
}

/* ---- Eden ------------------------------------------------------------------------------------------- */

size_t gw_first_eden(const struct gw_options *options)
{
    size_t quarter = options->max_heap / 4 & ~(size_t)4095;
    if (options->nursery) return options->nursery;
    return options->max_heap && quarter < GW_DEFAULT_NURSERY ? quarter : GW_DEFAULT_NURSERY;
}

size_t gw_largest_eden(const struct gw_options *options)
{
    size_t first = gw_first_eden(options), most = GW_DEFAULT_LARGEST_NURSERY;
    if (options->nursery || options->pause_ns) return first;
    if (options->max_heap && options->max_heap / 16 < most) most = options->max_heap / 16 & ~(size_t)4095;
    return most > first ? most : first;
}
