/* gw-timeline: when programs waited for their collector, in figures and as a page. A tool, not part of the library; reads timelines as
 * the runtime writes them. */
#include "tools/timeline_json.h"
#include "tools/timeline_page.h"
#include "tools/timeline_stops.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char usage[] = "usage: gw-timeline [--html FILE] [--json FILE] trace...\n"
                            "\n"
                            "Prints for each timeline, as GREYWAVE=trace=file and gw_trace_start write them, how often the program\n"
                            "waited for its collector, how long, and for what.\n"
                            "\n"
                            "  --html FILE  also a page that a browser opens, without the network: the size of the heap and each stop\n"
                            "               over the time of the run, and the same figures\n"
                            "  --json FILE  also the timelines as Chrome's JSON, the Trace Event Format, together in one file: for\n"
                            "               chrome://tracing, Chrome's developer tools (Performance), and what else reads it\n"
                            "  -h, --help   this text\n"
                            "  --version    the version\n"
                            "\n"
                            "ui.perfetto.dev opens the same files, and shows each single span.\n";

static void print_kind(const struct span_kind *kind, const char *name, const char *margin)
{
    printf("%s%-*s %8zu %9s %9s %9s %9s\n", margin, 32 - (int)strlen(margin), name, kind->count, duration_of(kind->total).text,
           duration_of(kind->median).text, duration_of(kind->high).text, duration_of(kind->longest).text);
}

static bool print_timeline(const struct timeline *timeline, const char *path)
{
    struct span_kinds stops, parts;
    if (!timeline_count(timeline, true, &stops) || !timeline_count(timeline, false, &parts)) {
        fputs("gw-timeline: no memory\n", stderr);
        return false;
    }
    printf("%s: %s, %.2f s\n", path, *timeline->program ? timeline->program : "a program",
           (double)(timeline->last - timeline->first) * 1e-9);
    printf("%-32s %8s %9s %9s %9s %9s\n", "stops", "times", "together", "median", "99 %", "longest");
    for (size_t i = 0; i < stops.count; i++) print_kind(&stops.kinds[i], stops.kinds[i].name, "");
    if (stops.count != 1) print_kind(&stops.all, "all", "");
    puts("what was done in them");
    for (size_t i = 0; i < parts.count; i++) print_kind(&parts.kinds[i], parts.kinds[i].name, "  ");
    return true;
}

/* Files to be written, or NULL. */
struct wanted {
    const char *page, *json;
};

/* The index of the first file. */
static int read_options(int argc, char **argv, struct wanted *wanted)
{
    enum { PAGE = 256, JSON, VERSION };
    static const struct option options[] = {{"html", required_argument, NULL, PAGE},
                                            {"json", required_argument, NULL, JSON},
                                            {"help", no_argument, NULL, 'h'},
                                            {"version", no_argument, NULL, VERSION},
                                            {0}};
    for (int option; (option = getopt_long(argc, argv, "h", options, NULL)) != -1;) {
        switch (option) {
        case PAGE: wanted->page = optarg; break;
        case JSON: wanted->json = optarg; break;
        case 'h': fputs(usage, stdout); exit(0);
        case VERSION: puts("gw-timeline " GW_VERSION); exit(0);
        default: fputs(usage, stderr); exit(2);
        }
    }
    if (optind < argc) return optind;
    fputs(usage, stderr);
    exit(2);
}

int main(int argc, char **argv)
{
    struct wanted wanted = {0};
    int first = read_options(argc, argv, &wanted);
    size_t count = (size_t)(argc - first), readable = 0;
    struct timeline *timelines = calloc(count, sizeof *timelines);
    bool good = timelines;
    if (!timelines) fputs("gw-timeline: no memory\n", stderr);
    for (size_t i = 0; timelines && i < count; i++) {
        bool read = timeline_read(&timelines[readable], argv[first + (int)i]);
        good &= read && print_timeline(&timelines[readable], argv[first + (int)i]);
        if (read) readable++;
        else timeline_free(&timelines[readable]);
    }
    if (wanted.page && timelines) good &= timeline_page_write(wanted.page, timelines, readable);
    if (wanted.json && timelines) good &= timeline_json_write(wanted.json, timelines, readable);
    while (readable) timeline_free(&timelines[--readable]);
    free(timelines);
    return good ? 0 : 1;
}
