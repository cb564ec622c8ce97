/* Any bytes, given to one of the parsers of maps: it reads nothing outside them, and what it accepts passes its own check.
 *
 * usage: map_fuzz <parser> [libFuzzer's options]
 */
#include "roots/eh_frame.h"
#include "roots/frame_rules.h"
#include "roots/global_records.h"
#include "roots/map_reader.h"
#include "roots/stackmaps_v3.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ADDRESS 0x10000

static void expect(bool condition, const char *what)
{
    if (condition) return;
    fprintf(stderr, "%s\n", what);
    abort();
}

static void check_image(gw_status status, struct gw_image *image)
{
    if (status == GW_OK && gw_image_seal(image) == GW_OK)
        expect(gw_image_check(image), "an image that was accepted does not pass its check");
    gw_image_free(image);
}

static void read_map(const uint8_t *bytes, size_t size)
{
    struct gw_image image = {0};
    check_image(gw_map_read_image(bytes, size, ADDRESS, &image), &image);
}

static void read_stackmaps(const uint8_t *bytes, size_t size)
{
    struct gw_image image = {0};
    check_image(gw_stackmaps_read_image(bytes, size, "fuzzed", &image), &image);
}

static void read_globals(const uint8_t *bytes, size_t size)
{
    struct gw_module module = {.abi_version = GW_ABI_VERSION, .globals_begin = bytes, .globals_end = bytes + size};
    gw_globals_validate(&module);
}

/* Rows of what was found: at the function's start, in its middle and at its last byte. */
static void read_rules(const struct gw_unwind_entry *entry)
{
    struct gw_unwind_program program;
    struct gw_frame_rules rules;
    expect(gw_unwind_program(entry->entry, &program), "an entry that was found cannot be read again");
    expect(program.start == entry->start && program.size == entry->size, "an entry says something else the second time");
    gw_frame_rules_at(&program, entry->start, &rules);
    gw_frame_rules_at(&program, entry->start + entry->size / 2, &rules);
    gw_frame_rules_at(&program, entry->start + entry->size - 1, &rules);
}

static void read_unwind_entries(const uint8_t *bytes, size_t size)
{
    struct gw_unwind_entry entries[64];
    size_t count = gw_unwind_entries(bytes, size, entries, 64);
    if (count == SIZE_MAX) return;
    for (size_t i = 0; i < count && i < 64; i++) read_rules(&entries[i]);
}

static const struct {
    const char *name;
    void (*read)(const uint8_t *bytes, size_t size);
} parsers[] = {
    {"map_reader", read_map}, {"stackmaps_v3", read_stackmaps}, {"globals", read_globals}, {"unwind_tables", read_unwind_entries}};

static void (*parser)(const uint8_t *bytes, size_t size);

int LLVMFuzzerInitialize(int *count, char ***arguments);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerInitialize(int *count, char ***arguments)
{
    for (size_t i = 0; i < sizeof parsers / sizeof *parsers && *count > 1; i++)
        if (!strcmp((*arguments)[1], parsers[i].name)) parser = parsers[i].read;
    if (!parser) {
        fprintf(stderr, "usage: map_fuzz map_reader|stackmaps_v3|globals|unwind_tables [options of libFuzzer]\n");
        exit(2);
    }
    (*arguments)[1] = (*arguments)[0];
    ++*arguments;
    --*count;
    return 0;
}

/* A copy of its own size, so that a read outside it is seen. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    uint8_t *copy = malloc(size ? size : 1);
    memcpy(copy, bytes, size);
    parser(copy, size);
    free(copy);
    return 0;
}
