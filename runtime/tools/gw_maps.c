/* gw-maps: what the frame maps of a program contain and cost. A tool, not part of the library; it reads files with the
 * decoder that the runtime uses, so what it accepts the runtime accepts. */
#include "tools/maps_file.h"
#include "roots/map_reader.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char usage[] = "usage: gw-maps [-d] file...\n"
                            "\n"
                            "Prints how many call sites and roots the frame maps of each executable, shared library or\n"
                            "object file describe, their size, and their share of the size of its code.\n"
                            "\n"
                            "  -d, --dump  each call site too: address, function, source line, live roots\n"
                            "  -h, --help  this text\n"
                            "  --version   the version\n";

struct totals {
    uint64_t functions, sites, roots, bytes;
};

static const char *register_name(unsigned dwarf)
{
    static const char *const names[16] = {[3] = "rbx", [6] = "rbp", [7] = "rsp", [12] = "r12", [13] = "r13", [14] = "r14", [15] = "r15"};
    return dwarf < 16 && names[dwarf] ? names[dwarf] : "?";
}

static void print_location(struct gw_location location)
{
    if (location.in_register) printf("%s", register_name(location.reg));
    else printf("[%s%+d]", register_name(location.reg), location.offset);
}

static void print_region(const struct gw_frame_map *map, const struct gw_region *region)
{
    printf(" ");
    print_location(region->start);
    printf("{%u x %u bytes:", region->count, region->stride * 8);
    for (uint32_t i = 0; i < region->offset_count; i++) printf("%s+%u", i ? "," : " ", map->region_offsets[region->first_offset + i] * 8);
    printf("}");
}

static void print_roots(const struct gw_frame_map *map)
{
    for (uint32_t i = 0; i < map->slot_count; i++) printf(" [rsp+%u]", map->slots[i] * 8);
    for (uint32_t i = 0; i < map->base_count; i++) {
        printf(" ");
        print_location(map->bases[i]);
    }
    for (uint32_t i = 0; i < map->region_count; i++) print_region(map, &map->regions[i]);
    for (uint32_t i = 0; i < map->derived_count; i++) {
        printf(" ");
        print_location(map->derived[i].derived);
        printf("<-");
        print_location(map->derived[i].base);
    }
    if (!gw_frame_map_root_count(map)) printf(" -");
    if (!gw_frame_map_has_mark(map)) return;
    printf(" mark");
    print_location(map->mark);
}

static void print_site(struct maps_file *file, const struct gw_map_site *site, const struct gw_frame_map *map)
{
    char function[256], source[256];
    maps_file_describe(file, site->return_address, function, sizeof function, source, sizeof source);
    printf("%#10" PRIx64 "  %-32s %-24s", (uint64_t)site->return_address - file->bias, function, source);
    print_roots(map);
    printf("\n");
}

/* False, with a message, when the section is corrupt. */
static bool read_section(struct maps_file *file, const struct maps_section *section, bool dump, struct totals *totals)
{
    struct gw_map_reader reader = gw_map_reader_on(section->bytes, section->size, section->address);
    struct gw_site_roots roots = {0};
    struct gw_map_function function = {0};
    const char *error = NULL;
    while (!error && gw_map_next_function(&reader, &function)) {
        struct gw_map_site site;
        totals->functions++;
        while (gw_map_next_site(&function, &site, &roots)) {
            totals->sites++;
            totals->roots += gw_frame_map_root_count(&roots.map);
            if (dump) print_site(file, &site, &roots.map);
        }
        error = function.sites.error;
    }
    if (!error) error = roots.out_of_memory ? "out of memory" : reader.error;
    gw_site_roots_free(&roots);
    totals->bytes += section->size;
    if (error) fprintf(stderr, "gw-maps: %s: its frame maps are corrupt: %s\n", file->path, error);
    return !error;
}

static bool read_file(const char *path, bool dump, struct totals *totals, uint64_t *text)
{
    struct maps_file file;
    if (!maps_file_open(&file, path)) return false;
    bool good = true;
    if (dump) printf("%s\n", path);
    Elf_Scn *position = NULL;
    struct maps_section section;
    while (good && maps_file_next(&file, &position, &section)) {
        good = read_section(&file, &section, dump, totals);
        free(section.bytes);
    }
    if (dump) printf("\n");
    *text = file.text_bytes;
    maps_file_close(&file);
    return good && !position;
}

static double ratio(uint64_t part, uint64_t whole)
{
    return whole ? (double)part / (double)whole : 0;
}

static int widest(char **paths, int count)
{
    int width = (int)strlen("module");
    for (int i = 0; i < count; i++)
        if ((int)strlen(paths[i]) > width) width = (int)strlen(paths[i]);
    return width;
}

static int report(char **paths, int count, bool dump)
{
    struct totals *totals = calloc((size_t)count, sizeof *totals);
    uint64_t *text = calloc((size_t)count, sizeof *text);
    int read = 0;
    if (!totals || !text) return EXIT_FAILURE;
    for (int i = 0; i < count; i++) /* those that cannot be read get no row */
        if (read_file(paths[i], dump, &totals[read], &text[read])) paths[read++] = paths[i];
        else totals[read] = (struct totals){0};
    int failures = count - read;
    count = read;
    if (!count) return EXIT_FAILURE;
    int width = widest(paths, count);
    printf("%-*s %10s %10s %10s %10s %11s %14s\n", width, "module", "functions", "sites", "roots", "bytes", "bytes/site", "share of text");
    for (int i = 0; i < count; i++)
        printf("%-*s %10" PRIu64 " %10" PRIu64 " %10" PRIu64 " %10" PRIu64 " %11.1f %13.1f%%\n", width, paths[i], totals[i].functions,
               totals[i].sites, totals[i].roots, totals[i].bytes, ratio(totals[i].bytes, totals[i].sites),
               100 * ratio(totals[i].bytes, text[i]));
    free(totals);
    free(text);
    return failures ? EXIT_FAILURE : EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
    static const struct option options[] = {
        {"dump", no_argument, NULL, 'd'}, {"help", no_argument, NULL, 'h'}, {"version", no_argument, NULL, 'v'}, {0}};
    bool dump = false;
    for (int option; (option = getopt_long(argc, argv, "dh", options, NULL)) != -1;) {
        switch (option) {
        case 'd': dump = true; break;
        case 'h': fputs(usage, stdout); return EXIT_SUCCESS;
        case 'v': puts("gw-maps " GW_VERSION); return EXIT_SUCCESS;
        default: fputs(usage, stderr); return 2;
        }
    }
    if (optind == argc) {
        fputs(usage, stderr);
        return 2;
    }
    return report(argv + optind, argc - optind, dump);
}
