/* What is written of samples, in one pass: texts, images, functions and calls each when they are first needed. Fields are numbered as in
 * pprof's proto/profile.proto. */
#include "profile/pprof_file.h"

#include "base/lock.h"
#include "base/packets.h"
#include "base/report.h"
#include "heap/file_names.h"
#include "os/linux/clock.h"
#include "os/linux/loaded_code.h"
#include "profile/gzip_file.h"
#include "profile/poisson.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PROFILE_SAMPLE_TYPE = 1, PROFILE_SAMPLE, PROFILE_MAPPING, PROFILE_LOCATION, PROFILE_FUNCTION, PROFILE_TEXT };
enum { PROFILE_TIME = 9, PROFILE_DURATION, PROFILE_PERIOD_TYPE, PROFILE_PERIOD, PROFILE_COMMENT, PROFILE_DEFAULT_TYPE };
enum { TYPE_NAME = 1, TYPE_UNIT };
enum { SAMPLE_LOCATION = 1, SAMPLE_VALUE, SAMPLE_LABEL };
enum { LABEL_KEY = 1, LABEL_TEXT, LABEL_NUMBER, LABEL_UNIT };
enum { MAPPING_ID = 1, MAPPING_START, MAPPING_END, MAPPING_OFFSET, MAPPING_FILE, MAPPING_BUILD };
enum { LOCATION_ID = 1, LOCATION_MAPPING, LOCATION_ADDRESS, LOCATION_LINE };
enum { LINE_FUNCTION = 1 };
enum { FUNCTION_ID = 1, FUNCTION_NAME, FUNCTION_SYMBOL, FUNCTION_FILE };

/* Texts that are always there, by their places in the table. */
enum text {
    TEXT_NONE,
    TEXT_ALLOCATED_OBJECTS,
    TEXT_COUNT,
    TEXT_ALLOCATED_BYTES,
    TEXT_BYTES,
    TEXT_ALIVE_OBJECTS,
    TEXT_ALIVE_BYTES,
    TEXT_SPACE,
    TEXT_TYPE,
    TEXTS,
};
static const char *const texts[TEXTS] = {"",      "alloc_objects", "count", "alloc_space", "bytes", "inuse_objects", "inuse_space",
                                         "space", "type"};

/* How far a file's numbers have come: what is added to it goes on from there. */
struct numbers {
    uint64_t texts, things; /* things: mappings, locations and functions */
};

struct profile {
    const struct gw_samples *samples;
    struct numbers numbers;
    struct gw_gzip_file file;
    struct gw_packets packets;
    struct gw_address_table mappings, functions, locations, types; /* by their first addresses; number: their own, of types the text's */
    bool failed;                                                   /* no native memory */
};

/* ---- Parts ----------------------------------------------------------------------------------------- */

static uint64_t put_text(struct profile *profile, const char *text)
{
    gw_packet_text(&profile->packets, PROFILE_TEXT, text);
    return profile->numbers.texts++;
}

/* The number of what is known by `address`; 0: it is new. */
static uint64_t known(const struct gw_address_table *table, uintptr_t address)
{
    const struct gw_address_entry *entry = gw_address_find(table, address);
    return entry ? entry->number : 0;
}

static uint64_t learn(struct profile *profile, struct gw_address_table *table, uintptr_t address, uint64_t number)
{
    profile->failed |= !gw_address_table_reserve(table, table->count + 1);
    if (!profile->failed) gw_address_add(table, address, number);
    return number;
}

static uint64_t mapping_of(struct profile *profile, uintptr_t place)
{
    struct gw_code_segment segment;
    struct gw_packets *packets = &profile->packets;
    if (!gw_os_code_segment(place, &segment)) return 0;
    uint64_t id = known(&profile->mappings, segment.start);
    if (id) return id;
    uint64_t path = put_text(profile, segment.path), build = put_text(profile, segment.build_id);
    id = learn(profile, &profile->mappings, segment.start, ++profile->numbers.things);
    gw_packet_begin(packets, PROFILE_MAPPING);
    gw_packets_number(packets, MAPPING_ID, id);
    gw_packets_number(packets, MAPPING_START, segment.start);
    gw_packets_number(packets, MAPPING_END, segment.end);
    gw_packets_number(packets, MAPPING_OFFSET, segment.offset);
    gw_packets_number(packets, MAPPING_FILE, path);
    gw_packets_number(packets, MAPPING_BUILD, build);
    gw_packets_end(packets);
    return id;
}

/* 0: nobody knows its name. */
static uint64_t function_of(struct profile *profile, uintptr_t place)
{
    char name[GW_LONGEST_TEXT + 1];
    struct gw_packets *packets = &profile->packets;
    uintptr_t start = gw_os_function_at(place, name, sizeof name);
    if (!start) return 0;
    uint64_t id = known(&profile->functions, start);
    if (id) return id;
    uint64_t text = put_text(profile, name);
    id = learn(profile, &profile->functions, start, ++profile->numbers.things);
    gw_packet_begin(packets, PROFILE_FUNCTION);
    gw_packets_number(packets, FUNCTION_ID, id);
    gw_packets_number(packets, FUNCTION_NAME, text);
    gw_packets_number(packets, FUNCTION_SYMBOL, text);
    gw_packets_end(packets);
    return id;
}

/* A place is the call, not what follows it. */
static uint64_t location_of(struct profile *profile, uintptr_t pc)
{
    uintptr_t place = pc - 1;
    struct gw_packets *packets = &profile->packets;
    uint64_t id = known(&profile->locations, place);
    if (id) return id;
    uint64_t mapping = mapping_of(profile, place), function = function_of(profile, place);
    id = learn(profile, &profile->locations, place, ++profile->numbers.things);
    gw_packet_begin(packets, PROFILE_LOCATION);
    gw_packets_number(packets, LOCATION_ID, id);
    if (mapping) gw_packets_number(packets, LOCATION_MAPPING, mapping);
    gw_packets_number(packets, LOCATION_ADDRESS, place);
    if (function) {
        gw_packets_begin(packets, LOCATION_LINE);
        gw_packets_number(packets, LINE_FUNCTION, function);
        gw_packets_end(packets);
    }
    gw_packets_end(packets);
    return id;
}

static uint64_t name_of_type(struct profile *profile, const struct gw_type *type)
{
    uint64_t text = known(&profile->types, (uintptr_t)type);
    return text ? text : learn(profile, &profile->types, (uintptr_t)type, put_text(profile, type->name ? type->name : "?"));
}

/* ---- Samples --------------------------------------------------------------------------------------- */

static void put_values(struct gw_packets *packets, uint64_t samples, uint64_t bytes, uint64_t rate)
{
    uint64_t objects = (uint64_t)((double)samples * gw_poisson_weight(bytes, rate) + 0.5);
    gw_packets_number(packets, SAMPLE_VALUE, objects);
    gw_packets_number(packets, SAMPLE_VALUE, objects * bytes);
}

static void put_labels(struct gw_packets *packets, uint64_t type, uint64_t bytes)
{
    gw_packets_begin(packets, SAMPLE_LABEL);
    gw_packets_number(packets, LABEL_KEY, TEXT_TYPE);
    gw_packets_number(packets, LABEL_TEXT, type);
    gw_packets_end(packets);
    gw_packets_begin(packets, SAMPLE_LABEL);
    gw_packets_number(packets, LABEL_KEY, TEXT_BYTES);
    gw_packets_number(packets, LABEL_NUMBER, bytes);
    gw_packets_number(packets, LABEL_UNIT, TEXT_BYTES);
    gw_packets_end(packets);
}

static void put_site(struct profile *profile, const struct gw_sampled_site *site)
{
    const uintptr_t *calls = profile->samples->calls.at + site->calls;
    struct gw_packets *packets = &profile->packets;
    uint64_t type = name_of_type(profile, site->type);
    for (size_t i = 0; i < site->depth; i++) location_of(profile, calls[i]);
    if (profile->failed) return;
    gw_packet_begin(packets, PROFILE_SAMPLE);
    for (size_t i = 0; i < site->depth; i++) gw_packets_number(packets, SAMPLE_LOCATION, known(&profile->locations, calls[i] - 1));
    put_values(packets, site->sampled, site->bytes, profile->samples->rate);
    put_values(packets, site->alive, site->bytes, profile->samples->rate);
    put_labels(packets, type, site->bytes);
    gw_packets_end(packets);
}

/* ---- The file -------------------------------------------------------------------------------------- */

static void put_value_type(struct profile *profile, unsigned field, enum text name, enum text unit)
{
    gw_packet_begin(&profile->packets, field);
    gw_packets_number(&profile->packets, TYPE_NAME, name);
    gw_packets_number(&profile->packets, TYPE_UNIT, unit);
    gw_packets_end(&profile->packets);
}

static void put_front(struct profile *profile)
{
    struct gw_packets *packets = &profile->packets;
    for (enum text i = 0; i < TEXTS; i++) put_text(profile, texts[i]);
    put_value_type(profile, PROFILE_SAMPLE_TYPE, TEXT_ALLOCATED_OBJECTS, TEXT_COUNT);
    put_value_type(profile, PROFILE_SAMPLE_TYPE, TEXT_ALLOCATED_BYTES, TEXT_BYTES);
    put_value_type(profile, PROFILE_SAMPLE_TYPE, TEXT_ALIVE_OBJECTS, TEXT_COUNT);
    put_value_type(profile, PROFILE_SAMPLE_TYPE, TEXT_ALIVE_BYTES, TEXT_BYTES);
    put_value_type(profile, PROFILE_PERIOD_TYPE, TEXT_SPACE, TEXT_BYTES);
    gw_packet_number(packets, PROFILE_PERIOD, profile->samples->rate);
    gw_packet_number(packets, PROFILE_DEFAULT_TYPE, TEXT_ALLOCATED_BYTES);
    gw_packet_number(packets, PROFILE_TIME, gw_clock_ns(CLOCK_REALTIME));
    gw_packet_number(packets, PROFILE_DURATION, gw_now_ns() - profile->samples->start_ns);
}

static void tell_lost(struct profile *profile)
{
    char text[80];
    if (!profile->samples->lost) return;
    snprintf(text, sizeof text, "%lu samples are missing: there was no native memory", (unsigned long)profile->samples->lost);
    uint64_t comment = put_text(profile, text);
    gw_packet_number(&profile->packets, PROFILE_COMMENT, comment);
}

static int write_all(struct profile *profile)
{
    if (!profile->numbers.texts) put_front(profile);
    tell_lost(profile);
    for (size_t i = 0; i < profile->samples->site_count && !profile->failed; i++) put_site(profile, &profile->samples->sites[i]);
    gw_packets_flush(&profile->packets);
    int closed = gw_gzip_close(&profile->file);
    return profile->packets.error ? profile->packets.error : closed;
}

static void destroy(struct profile *profile)
{
    gw_address_table_destroy(&profile->mappings);
    gw_address_table_destroy(&profile->functions);
    gw_address_table_destroy(&profile->locations);
    gw_address_table_destroy(&profile->types);
    free(profile);
}

/* A part of a profile is none. */
static gw_status fail(const char *path, int error)
{
    struct stat status;
    if (stat(path, &status) == 0 && S_ISREG(status.st_mode)) unlink(path);
    if (error == ENOMEM) return gw_fail(GW_ERROR_MEMORY, "gw_profile_write: no native memory");
    return gw_fail(GW_ERROR_ARGUMENT, "gw_profile_write: cannot write '%s': %s", path, strerror(error));
}

static gw_status write_file(const struct gw_samples *samples, const char *path, struct numbers *numbers)
{
    struct profile *profile = calloc(1, sizeof *profile);
    if (!profile) return gw_fail(GW_ERROR_MEMORY, "gw_profile_write: no native memory");
    profile->samples = samples;
    profile->numbers = *numbers;
    profile->packets.sink = gw_gzip_write;
    profile->packets.context = &profile->file;
    int error = gw_gzip_open(&profile->file, path, numbers->texts);
    if (!error) error = write_all(profile);
    if (!error && profile->failed) error = ENOMEM;
    *numbers = error ? (struct numbers){0} : profile->numbers;
    destroy(profile);
    return error ? fail(path, error) : GW_OK;
}

gw_status gw_pprof_write(const struct gw_samples *samples, const char *path)
{
    return write_file(samples, path, &(struct numbers){0});
}

static struct gw_lock files_lock = GW_LOCK;
static struct numbers files[GW_FILE_NAMES + 1]; /* by the names' numbers, */
static pid_t files_of;                          /* of this process: a child's files are its own */

__attribute__((constructor)) static void prepare(void)
{
    gw_lock_prepare(&files_lock);
}

gw_status gw_pprof_add(const struct gw_samples *samples, uint16_t file_name)
{
    char path[GW_FILE_NAME_BYTES];
    gw_file_name(file_name, path);
    gw_lock_take(&files_lock);
    if (files_of != getpid()) memset(files, 0, sizeof files);
    files_of = getpid();
    gw_status status = write_file(samples, path, &files[file_name]);
    gw_lock_release(&files_lock);
    return status;
}
