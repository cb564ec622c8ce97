/* Two pictures for each program, of one width that stands for the time of the run, in columns: in each the largest heap, and the longest
 * stop by its length on a logarithmic scale. Pictures are stretched to the page's width, so what has to be read stands beside them. */
#include "tools/timeline_page.h"

#include "tools/page.h"
#include "tools/timeline_stops.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { COLUMNS = 600, HEIGHT = 100 };

static const char style[] =
    ":root { --minor: #2463b0; --cycle: #c25a00; --heap: #2a7d4f }\n"
    "@media (prefers-color-scheme: dark) { :root { --minor: #7db1f5; --cycle: #f59b4c; --heap: #5fbf8d } }\n"
    "body { max-width: 1100px }\n"
    "h1 { font-size: 22px; margin: 24px 0 0 } h2 { font-size: 18px; margin: 40px 0 0; overflow-wrap: anywhere }\n"
    "h3 { font: 600 13px system-ui, sans-serif; margin: 16px 0 10px } p { margin: 4px 0 }\n"
    ".picture { position: relative; height: 120px; border: 1px solid var(--line); margin-left: 56px }\n"
    ".picture svg { position: absolute; inset: 0; width: 100%; height: 100%; display: block }\n"
    ".picture span { position: absolute; right: calc(100% + 6px); transform: translateY(50%); font-size: 12px; white-space: nowrap }\n"
    ".picture i { position: absolute; left: 0; right: 0; border-top: 1px dashed var(--line) }\n"
    ".times { display: flex; justify-content: space-between; font-size: 12px; margin-left: 56px }\n"
    ".minor { fill: var(--minor) } .cycle { fill: var(--cycle) } rect { shape-rendering: crispEdges }\n"
    ".heap { fill: var(--heap); fill-opacity: .45 }\n"
    ".goal { fill: none; stroke: var(--cycle); stroke-width: 1.5; vector-effect: non-scaling-stroke }\n"
    ".key { font-size: 13px } .key b { display: inline-block; width: 10px; height: 10px; margin: 0 4px 0 12px }\n"
    ".key b:first-child { margin-left: 0 }\n"
    ".wide { overflow-x: auto } table { border-collapse: collapse; margin-top: 8px; font-size: 14px; font-variant-numeric: tabular-nums }\n"
    "th, td { padding: 3px 0 3px 20px; text-align: right; border-bottom: 1px solid var(--line); white-space: nowrap }\n"
    "th { font-weight: 600 } th:first-child, td:first-child { text-align: left; padding-left: 0; white-space: normal }\n"
    "tr.all td { font-weight: 600 }\n"
    "@media (max-width: 600px) { table { font-size: 12px } th, td { padding-left: 8px } .picture, .times { margin-left: 48px } }\n";

static const char front[] =
    "<h1>Timelines and pauses</h1>\n"
    "<p>When each program waited for its collector, how long, and for what. The width is the time of the run, from the heap's "
    "beginning to its last stop. A bar is a stop, as wide as it is long, or a six hundredth of the run: the longest one there. "
    "Its height says how long, too: each dashed line is ten times the one below.</p>\n"
    "<p class=\"key\"><b style=\"background:var(--minor)\"></b>minor collections alone <b style=\"background:var(--cycle)\"></b>work on a "
    "major cycle <b style=\"background:var(--heap)\"></b>heap <b "
    "style=\"background:var(--cycle);height:2px;vertical-align:middle\"></b>goal: what the "
    "old generation should not exceed before the next cycle ends</p>\n";

/* ---- Columns --------------------------------------------------------------------------------------- */

struct column {
    uint64_t longest[2]; /* ns: of stops with minor collections alone, and with work on a cycle */
    uint64_t heap, goal; /* bytes */
};

struct picture {
    const struct timeline *timeline;
    struct column columns[COLUMNS];
    uint64_t most_bytes;
    unsigned decades; /* of the scale of stops, from 1 us on */
};

static size_t column_of(const struct timeline *timeline, uint64_t when)
{
    double length = (double)(timeline->last - timeline->first), at = (double)(when - timeline->first);
    size_t column = length > 0 ? (size_t)(at / length * COLUMNS) : 0;
    return column < COLUMNS ? column : COLUMNS - 1;
}

static bool is_minor(const struct timeline_span *span)
{
    return strcmp(span->name, "minor collection") == 0;
}

static void draw_stop(struct picture *picture, const struct timeline_span *stop, bool in_cycle)
{
    uint64_t length = timeline_length(stop);
    size_t last = column_of(picture->timeline, stop->end);
    for (size_t i = column_of(picture->timeline, stop->begin); i <= last; i++) {
        uint64_t *longest = &picture->columns[i].longest[in_cycle];
        if (length > *longest) *longest = length;
    }
    while (length > 1000 * pow(10, picture->decades)) picture->decades++;
}

/* False: no memory. */
static bool draw_stops(struct picture *picture)
{
    const struct timeline *timeline = picture->timeline;
    bool *in_cycle = calloc(timeline->span_count + 1, sizeof *in_cycle);
    if (!in_cycle) return false;
    for (size_t i = 0; i < timeline->span_count; i++) {
        const struct timeline_span *span = &timeline->spans[i];
        if (span->parent != NO_SPAN && !is_minor(span)) in_cycle[span->parent] = true;
    }
    for (size_t i = 0; i < timeline->span_count; i++)
        if (timeline->spans[i].parent == NO_SPAN) draw_stop(picture, &timeline->spans[i], in_cycle[i]);
    free(in_cycle);
    return true;
}

static void draw_size(struct picture *picture, const struct timeline_value *value, const char *counter)
{
    struct column *column = &picture->columns[column_of(picture->timeline, value->when)];
    bool is_heap = strcmp(counter, "heap") == 0, is_goal = strcmp(counter, "goal") == 0;
    if (!is_heap && !is_goal) return;
    uint64_t bytes = value->value > 0 && value->value < 0x1p63 ? (uint64_t)value->value : 0; /* a file may be damaged */
    if (is_heap && bytes > column->heap) column->heap = bytes;
    if (is_goal) column->goal = bytes;
    if (bytes > picture->most_bytes) picture->most_bytes = bytes;
}

/* What the heap was when a stop ended, it is until the next one does. */
static void draw_heap(struct picture *picture)
{
    const struct timeline *timeline = picture->timeline;
    for (size_t i = 0; i < timeline->value_count; i++) {
        const struct timeline_track *counter = timeline_track(timeline, timeline->values[i].counter);
        if (counter) draw_size(picture, &timeline->values[i], counter->name);
    }
    for (size_t i = 1; i < COLUMNS; i++) {
        struct column *column = &picture->columns[i], *before = &picture->columns[i - 1];
        if (!column->heap) column->heap = before->heap;
        if (!column->goal) column->goal = before->goal;
    }
}

/* ---- Pictures -------------------------------------------------------------------------------------- */

static void begin_picture(FILE *out, const char *what)
{
    fprintf(out, "<svg viewBox=\"0 0 %d %d\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"%s\">\n", COLUMNS, HEIGHT, what);
}

static double height_of_bytes(const struct picture *picture, uint64_t bytes)
{
    return picture->most_bytes ? HEIGHT * (double)bytes / (double)picture->most_bytes / 1.05 : 0;
}

static void write_outline(FILE *out, const struct picture *picture, bool goal)
{
    for (size_t i = 0; i < COLUMNS; i++) {
        uint64_t bytes = goal ? picture->columns[i].goal : picture->columns[i].heap;
        double y = HEIGHT - height_of_bytes(picture, bytes);
        fprintf(out, "%zu,%.1f %zu,%.1f ", i, y, i + 1, y);
    }
}

static void write_heap(FILE *out, const struct picture *picture)
{
    fputs("<h3>Heap</h3>\n<div class=\"picture\">", out);
    for (int part = 0; part <= 2; part++) {
        uint64_t bytes = picture->most_bytes / 2 * (uint64_t)part;
        fprintf(out, "<i style=\"bottom:%.1f%%\"></i><span style=\"bottom:%.1f%%\">%.*f MB</span>", height_of_bytes(picture, bytes),
                height_of_bytes(picture, bytes), picture->most_bytes < 20 << 20 ? 1 : 0, (double)bytes / (1 << 20));
    }
    begin_picture(out, "Size of the heap");
    fprintf(out, "<polygon class=\"heap\" points=\"0,%d ", HEIGHT);
    write_outline(out, picture, false);
    fprintf(out, "%d,%d\"/>\n<polyline class=\"goal\" points=\"", COLUMNS, HEIGHT);
    write_outline(out, picture, true);
    fputs("\"/>\n</svg></div>\n", out);
}

static double height_of_stop(const struct picture *picture, uint64_t ns)
{
    double height = HEIGHT * log10((double)ns / 1000) / picture->decades;
    return height > 2 ? height : 2; /* is there, however short */
}

static void write_bar(FILE *out, const struct picture *picture, size_t column, bool in_cycle)
{
    uint64_t longest = picture->columns[column].longest[in_cycle];
    if (!longest) return;
    double height = height_of_stop(picture, longest);
    fprintf(out, "<rect class=\"%s\" x=\"%zu\" y=\"%.1f\" width=\"1\" height=\"%.1f\"><title>%s</title></rect>\n",
            in_cycle ? "cycle" : "minor", column, HEIGHT - height, height, duration_of(longest).text);
}

/* In front the one that is shorter. */
static void write_stops(FILE *out, const struct picture *picture)
{
    fputs("<h3>Stops</h3>\n<div class=\"picture\">", out);
    for (unsigned decade = 0; decade <= picture->decades; decade++) {
        double bottom = 100.0 * decade / picture->decades;
        fprintf(out, "<i style=\"bottom:%.1f%%\"></i><span style=\"bottom:%.1f%%\">%d %s</span>", bottom, bottom, (int)pow(10, decade % 3),
                decade < 3   ? "us"
                : decade < 6 ? "ms"
                             : "s");
    }
    begin_picture(out, "Stops by their length");
    for (size_t i = 0; i < COLUMNS; i++) {
        const uint64_t *longest = picture->columns[i].longest;
        bool first = longest[1] > longest[0];
        write_bar(out, picture, i, first);
        write_bar(out, picture, i, !first);
    }
    fputs("</svg></div>\n<div class=\"times\"><span>0 s</span>", out);
    uint64_t length = picture->timeline->last - picture->timeline->first;
    for (uint64_t part = 1; part <= 2; part++) fprintf(out, "<span>%.2f s</span>", (double)(length / 2 * part) * 1e-9);
    fputs("</div>\n", out);
}

/* ---- Tables ---------------------------------------------------------------------------------------- */

static void write_row(FILE *out, const struct span_kind *kind, const char *name, const char *row_class)
{
    fprintf(out, "<tr%s><td>", row_class);
    page_words(out, name);
    fprintf(out, "</td><td>%zu</td>", kind->count);
    const uint64_t lengths[] = {kind->total, kind->median, kind->high, kind->longest};
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) fprintf(out, "<td>%s</td>", duration_of(lengths[i]).text);
    fputs("</tr>\n", out);
}

static void write_table(FILE *out, const char *title, const struct span_kinds *kinds, const char *all)
{
    fprintf(out,
            "<div class=\"wide\"><table><tr><th>%s</th><th>times</th><th>together</th><th>median</th><th>99 %%</th><th>longest</th></tr>\n",
            title);
    for (size_t i = 0; i < kinds->count; i++) write_row(out, &kinds->kinds[i], kinds->kinds[i].name, "");
    if (all && kinds->count > 1) write_row(out, &kinds->all, all, " class=\"all\"");
    fputs("</table></div>\n", out);
}

/* False: no memory. */
static bool write_timeline(FILE *out, const struct timeline *timeline)
{
    struct picture picture = {.timeline = timeline, .decades = 3};
    struct span_kinds stops, parts;
    if (!draw_stops(&picture) || !timeline_count(timeline, true, &stops) || !timeline_count(timeline, false, &parts)) return false;
    draw_heap(&picture);
    double run = (double)(timeline->last - timeline->first);
    fputs("<section><h2>", out);
    page_words(out, *timeline->program ? timeline->program : "a program");
    fprintf(out, "</h2>\n<p>%.2f s; waited %.1f %% of that, the longest time %s.</p>\n", run * 1e-9,
            run > 0 ? 100 * (double)stops.all.total / run : 0, duration_of(stops.all.longest).text);
    write_heap(out, &picture);
    write_stops(out, &picture);
    write_table(out, "stops", &stops, "all");
    write_table(out, "what was done in them", &parts, NULL);
    fputs("</section>\n", out);
    return true;
}

bool timeline_page_write(const char *path, const struct timeline *timelines, size_t count)
{
    FILE *out = fopen(path, "w");
    bool good = out;
    if (out) {
        page_begin(out, "Timelines and pauses", style);
        fputs(front, out);
    }
    for (size_t i = 0; good && i < count; i++) good = write_timeline(out, &timelines[i]);
    if (out && !good) errno = ENOMEM;
    if (out) fputs("</body>\n</html>\n", out);
    good = good && !ferror(out);
    if (out) good = fclose(out) == 0 && good;
    if (!good) fprintf(stderr, "gw-timeline: %s: cannot be written: %s\n", path, strerror(errno));
    return good;
}
