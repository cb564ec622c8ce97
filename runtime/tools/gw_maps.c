/* gw-maps: what the frame maps of a program contain and cost. A tool, not part of the library; it reads files with the
 * decoder that the runtime uses, so what it accepts the runtime accepts. */
#include "roots/map_reader.h"
#include "tools/maps_file.h"
#include "tools/maps_page.h"
#include "tools/maps_text.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char usage[] = "usage: gw-maps [-d] [--html FILE] file...\n"
                            "\n"
                            "Prints how many call sites and roots the frame maps of each executable, shared library or\n"
                            "object file describe, their size, and their share of the size of its code.\n"
                            "\n"
                            "  -d, --dump   each call site too: address, function, source line, live roots\n"
                            "  --html FILE  also a page that a browser opens: source, machine code and live roots side by\n"
                            "               side, with a search; sources are read where debug information says they lie\n"
                            "  -h, --help   this text\n"
                            "  --version    the version\n";

/* What is written besides the table. */
struct wanted {
    bool dump;
    struct maps_page *page; /* NULL: none */
};

struct totals {
    uint64_t functions, sites, roots, bytes;
};

static void print_site(struct maps_file *file, const struct gw_map_site *site, const struct gw_frame_map *map)
{
    char function[256], source[256];
    maps_file_describe(file, site->return_address, function, sizeof function, source, sizeof source);
    printf("%#10" PRIx64 "  %-32s %-24s", (uint64_t)site->return_address - file->bias, function, source);
    maps_write_roots(stdout, file->machine, map);
    printf("\n");
}

/* False, with a message, when the section is corrupt. */
static bool read_section(struct maps_file *file, const struct maps_section *section, const struct wanted *wanted, struct totals *totals)
{
    struct gw_map_reader reader = gw_map_reader_on(section->bytes, section->size, section->address);
    struct gw_site_roots roots = {.machine = file->machine};
    struct gw_map_function function = {0};
    reader.machine = file->machine;
    const char *error = NULL;
    while (!error && gw_map_next_function(&reader, &function)) {
        struct gw_map_site site;
        totals->functions++;
        while (gw_map_next_site(&function, &site, &roots)) {
            totals->sites++;
            totals->roots += gw_frame_map_root_count(&roots.map);
            if (wanted->dump) print_site(file, &site, &roots.map);
            if (wanted->page) maps_page_site(wanted->page, site.return_address, &roots.map);
        }
        error = function.sites.error;
        if (wanted->page && !error) maps_page_function(wanted->page, file, function.start, function.code_size);
    }
    if (!error) error = roots.out_of_memory ? "out of memory" : reader.error;
    gw_site_roots_free(&roots);
    totals->bytes += section->size;
    if (error) fprintf(stderr, "gw-maps: %s: its frame maps are corrupt: %s\n", file->path, error);
    return !error;
}

static bool read_file(const char *path, const struct wanted *wanted, struct totals *totals, uint64_t *text)
{
    struct maps_file file;
    if (!maps_file_open(&file, path)) return false;
    bool good = true;
    if (wanted->dump) printf("%s\n", path);
    if (wanted->page) maps_page_file(wanted->page, &file);
    Elf_Scn *position = NULL;
    struct maps_section section;
    while (good && maps_file_next(&file, &position, &section)) {
        good = read_section(&file, &section, wanted, totals);
        free(section.bytes);
    }
    if (wanted->dump) printf("\n");
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

static int report(char **paths, int count, const struct wanted *wanted)
{
    struct totals *totals = calloc((size_t)count, sizeof *totals);
    uint64_t *text = calloc((size_t)count, sizeof *text);
    int read = 0;
    if (!totals || !text) return EXIT_FAILURE;
    for (int i = 0; i < count; i++) /* those that cannot be read get no row */
        if (read_file(paths[i], wanted, &totals[read], &text[read])) paths[read++] = paths[i];
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

/* The page is begun before and ended after the report. */
static int report_with_page(char **paths, int count, struct wanted *wanted, const char *page_path)
{
    if (!page_path) return report(paths, count, wanted);
    wanted->page = maps_page_begin(page_path);
    if (!wanted->page) return EXIT_FAILURE;
    int status = report(paths, count, wanted);
    return maps_page_end(wanted->page) ? status : EXIT_FAILURE;
}

int main(int argc, char **argv)
{
    static const struct option options[] = {{"dump", no_argument, NULL, 'd'},
                                            {"html", required_argument, NULL, 'p'},
                                            {"help", no_argument, NULL, 'h'},
                                            {"version", no_argument, NULL, 'v'},
                                            {0}};
    struct wanted wanted = {0};
    const char *page_path = NULL;
    for (int option; (option = getopt_long(argc, argv, "dh", options, NULL)) != -1;) {
        switch (option) {
        case 'd': wanted.dump = true; break;
        case 'p': page_path = optarg; break;
        case 'h': fputs(usage, stdout); return EXIT_SUCCESS;
        case 'v': puts("gw-maps " GW_VERSION); return EXIT_SUCCESS;
        default: fputs(usage, stderr); return 2;
        }
    }
    if (optind == argc) {
        fputs(usage, stderr);
        return 2;
    }
    return report_with_page(argv + optind, argc - optind, &wanted, page_path);
}
