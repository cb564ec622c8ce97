/* The page's parts, from top to bottom. A part for which nothing was measured is left out. */
#include "report.h"
#include "plot.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { MOST_BARS = 64, MOST_NAMES = 128, NAME_SIZE = 160 };

struct page {
    FILE *out;
    const struct results *results;
};

/* Names in the order in which they first appear. */
struct names {
    const char *name[MOST_NAMES];
    size_t count;
};

static void add_name(struct names *names, const char *name)
{
    for (size_t i = 0; i < names->count; i++)
        if (strcmp(names->name[i], name) == 0) return;
    if (names->count < MOST_NAMES) names->name[names->count++] = name;
}

static bool is(const char *text, const char *wanted)
{
    return strcmp(text, wanted) == 0;
}

static const struct record *find(const struct page *page, const char *benchmark, const char *program, const char *variant,
                                 const char *metric)
{
    struct record like = {.benchmark = benchmark, .program = program, .variant = variant, .metric = metric};
    return results_find(page->results, &like);
}

static struct names programs_of(const struct page *page, const char *benchmark)
{
    struct names names = {.count = 0};
    for (size_t i = 0; i < results_count(page->results); i++) {
        const struct record *record = results_at(page->results, i);
        if (is(record->benchmark, benchmark) && !is(record->program, "geometric mean")) add_name(&names, record->program);
    }
    return names;
}

static struct names variants_of(const struct page *page, const char *benchmark, const char *program)
{
    struct names names = {.count = 0};
    for (size_t i = 0; i < results_count(page->results); i++) {
        const struct record *record = results_at(page->results, i);
        if (is(record->benchmark, benchmark) && is(record->program, program)) add_name(&names, record->variant);
    }
    return names;
}

/* ---- The frame ------------------------------------------------------------------------------------- */

static const char style[] =
    ":root{--ink:#1c2733;--soft:#5b6875;--faint:#8794a1;--grid:#e3e8ed;--paper:#fff;--card:#f7f9fb;--ours:#0b7285;"
    "--theirs:#a9b6c3;--good:#2b8a3e;--bad:#c92a2a;--line-0:#0b7285;--line-1:#e8590c;--line-2:#5f3dc4;--line-3:#2b8a3e;"
    "--line-4:#c2255c;--line-5:#8d6e00;--line-6:#364fc7;--line-7:#868e96}"
    "@media(prefers-color-scheme:dark){:root{--ink:#e4e9ee;--soft:#a9b4bf;--faint:#7c8894;--grid:#2c3641;--paper:#"
    "141a20;"
    "--card:#1b232b;--ours:#3bc9db;--theirs:#56636f;--good:#69db7c;--bad:#ff8787;--line-0:#3bc9db;--line-1:#ffa94d;"
    "--line-2:#b197fc;--line-3:#69db7c;--line-4:#faa2c1;--line-5:#ffe066;--line-6:#91a7ff;--line-7:#adb5bd}}"
    "*{box-sizing:border-box}body{margin:0 auto;padding:24px 20px 60px;max-width:1280px;background:var(--paper);"
    "color:var(--ink);font:15px/1.5 system-ui,'DejaVu Sans',sans-serif}h1{font-size:26px;margin:0 0 "
    "4px}h2{font-size:20px;"
    "margin:44px 0 6px;padding-top:10px;border-top:1px solid var(--grid)}h3{font-size:15px;margin:0 0 "
    "8px}p{max-width:78ch;"
    "margin:6px 0 "
    "14px}.soft{color:var(--soft)}.cards{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,"
    "380px),1fr));gap:16px}.stack{display:grid;grid-template-columns:minmax(0,1fr);gap:16px;margin-bottom:24px}.card{"
    "background:var(--card);border:1px solid var(--grid);border-radius:8px;padding:14px "
    "16px;"
    "min-width:0;overflow-x:auto}svg{width:100%;height:auto;display:block}svg text{font:12px "
    "system-ui,'DejaVu "
    "Sans',sans-"
    "serif;fill:var(--ink)}svg .tick{fill:var(--soft);font-size:11px}svg "
    ".strong{font-weight:600}.grid{stroke:var(--grid)}"
    ".axis{stroke:var(--faint)}.whisker{stroke:var(--ink);stroke-width:1.5}.ours{fill:var(--ours)}.theirs{fill:var(--"
    "theirs)}.line{stroke-width:1.6;stroke-linejoin:round}.first{stroke-width:2.6}table{border-collapse:collapse;font-"
    "size:"
    "13.5px}th,td{padding:4px 12px 4px 0;text-align:right;white-space:nowrap;border-bottom:1px solid var(--grid);font-"
    "variant-numeric:tabular-nums}th:first-child,td:first-child{text-align:left;position:sticky;left:0;background:var(--card)}th{font-"
    "weight:600;color:var(--soft);"
    "vertical-align:bottom}td.text{text-align:left;white-space:normal}.good{color:var(--good);font-weight:600}.bad{"
    "color:var"
    "(--bad);font-weight:600}@media(max-width:520px){body{padding:12px 10px 40px}.card{padding:10px 8px}table{font-size:12px}"
    "th,td{padding-right:8px}.aims td,.aims th{white-space:normal}}";

static void write_texts(FILE *out, const struct names *names, const char *before, const char *between, const char *after)
{
    for (size_t i = 0; i < names->count; i++) {
        fputs(i ? between : before, out);
        plot_text(out, names->name[i]);
    }
    if (names->count) fputs(after, out);
}

static void write_head(const struct page *page)
{
    char date[32];
    time_t now = time(NULL);
    struct names machines = {.count = 0};
    strftime(date, sizeof date, "%Y-%m-%d", localtime(&now));
    for (size_t i = 0; i < results_count(page->results); i++) add_name(&machines, results_at(page->results, i)->machine);
    fprintf(page->out,
            "<!doctype html><html lang='en'><head><meta charset='utf-8'><meta name='viewport' "
            "content='width=device-width'><title>Greywave benchmarks</title><style>%s</style></head><body>\n",
            style);
    fprintf(page->out, "<h1>Greywave benchmarks</h1>\n<p class='soft'>Drawn on %s.", date);
    write_texts(page->out, &machines, " Measured on ", "; and on ", ".");
    fputs("</p>\n<p>Programs that are compared take turns, round by round, and what is shown is the median of the "
          "rounds. A "
          "thin line through a bar is the 95&nbsp;% bootstrap interval of the ratio; when it crosses 1, this run "
          "does not say which is faster.</p>\n",
          page->out);
}

static void start_part(const struct page *page, const char *title, const char *text)
{
    fprintf(page->out, "<h2>%s</h2>\n<p>%s</p>\n", title, text);
}

static void start_card(const struct page *page, const char *title, const char *more)
{
    fputs("<div class='card'><h3>", page->out);
    plot_text(page->out, title);
    plot_text(page->out, more);
    fputs("</h3>\n", page->out);
}

/* ---- What it was to show --------------------------------------------------------------------------- */

static void write_verdict(const struct page *page, const char *what, const char *aim, bool met, const char *figure)
{
    fprintf(page->out, "<tr><td class='text'>%s</td><td>%s</td><td class='%s'>%s</td><td class='%s'>%s</td></tr>\n", what, aim,
            met ? "good" : "bad", figure, met ? "good" : "bad", met ? "met" : "missed");
}

/* A target for one record: its value at least (or at most) the aim. */
static void judge(const struct page *page, const struct record *record, const char *what, double aim, bool at_least)
{
    char figure[64], text[32];
    if (!record) return;
    snprintf(figure, sizeof figure, "%.3f (%.3f – %.3f)", record->value, record->low, record->high);
    snprintf(text, sizeof text, "%s %.2f", at_least ? "≥" : "≤", aim);
    write_verdict(page, what, text, at_least ? record->value >= aim : record->value <= aim, figure);
}

/* The program on which our ratio is worst: `most` says in which direction. NULL when there is none. */
static const struct record *worst_of(const struct page *page, const char *benchmark, const char *metric, bool most)
{
    const struct record *worst = NULL;
    for (size_t i = 0; i < results_count(page->results); i++) {
        const struct record *record = results_at(page->results, i);
        if (!is(record->benchmark, benchmark) || !is(record->metric, metric) || is(record->program, "geometric mean")) continue;
        if (!worst || (most ? record->value > worst->value : record->value < worst->value)) worst = record;
    }
    return worst;
}

static void judge_worst(const struct page *page, const char *benchmark, const char *metric, bool most, const char *what, double aim)
{
    char text[NAME_SIZE * 2];
    const struct record *worst = worst_of(page, benchmark, metric, most);
    if (!worst) return;
    snprintf(text, sizeof text, "%s (%s)", what, worst->program);
    judge(page, worst, text, aim, !most);
}

static void judge_roots(const struct page *page)
{
    static const char clang[] = "shadow stack / statepoint (clang)", gcc[] = "shadow stack / asm (gcc)",
                      none[] = "statepoint / none, no collection";
    judge(page, find(page, "roots", "geometric mean", "call-heavy", clang),
          "Stack maps against clang's shadow stack, call-heavy programs: times as fast", 1.25, true);
    judge_worst(page, "roots", clang, false, "Stack maps against clang's shadow stack, worst single program", 0.99);
    judge_worst(page, "roots without collection", none, true, "Time over code without roots, no collection, worst program", 1.03);
    judge(page, find(page, "roots without collection", "geometric mean", "all", none),
          "Time over code without roots, no collection, mean of all", 1.03, false);
    judge(page, find(page, "roots", "geometric mean", "call-heavy", gcc),
          "Markers against GCC's shadow stack, call-heavy programs: times as fast", 1.25, true);
}

static void judge_peers(const struct page *page)
{
    static const char wall[] = "wall / fastest peer", peak[] = "peak / mimalloc";
    judge(page, find(page, "peers", "binary-trees", "greywave", wall), "Binary trees, depth 18: time over the fastest peer's", 0.75, false);
    judge(page, find(page, "peers", "binary-trees 21", "greywave", wall), "Binary trees, depth 21: time over the fastest peer's", 0.75,
          false);
    judge(page, find(page, "peers", "binary-trees", "greywave", peak), "Binary trees, depth 18: peak memory over mimalloc's", 2, false);
    judge(page, find(page, "peers", "binary-trees 21", "greywave", peak), "Binary trees, depth 21: peak memory over mimalloc's", 2, false);
    judge_worst(page, "peers", wall, true, "Time over the fastest peer's, worst program", 1.10);
}

static void write_losses(const struct page *page)
{
    bool any = false;
    for (size_t i = 0; i < results_count(page->results); i++) {
        const struct record *record = results_at(page->results, i);
        if (!is(record->metric, "wall / fastest peer") || record->value <= 1.1) continue;
        fputs(any ? ", " : "<p><b>Where Greywave is more than 10&nbsp;% behind the fastest peer:</b> ", page->out);
        any = true;
        plot_text(page->out, record->program);
        fprintf(page->out, " (%.2f x ", record->value);
        plot_text(page->out, record->baseline);
        fputc(')', page->out);
    }
    if (any) fputs(".</p>\n", page->out);
}

static void write_summary(const struct page *page)
{
    if (!worst_of(page, "roots", "shadow stack / statepoint (clang)", false) && !worst_of(page, "peers", "wall / fastest peer", true))
        return;
    start_part(page, "Aims and figures", "What the project set out to reach, and what this run measured.");
    fputs("<div class='card'><table class='aims'><tr><th>aim</th><th>wanted</th><th>measured (interval)</th><th></th></tr>\n", page->out);
    judge_roots(page);
    judge_peers(page);
    fputs("</table></div>\n", page->out);
    write_losses(page);
}

/* ---- Root finders ---------------------------------------------------------------------------------- */

static void add_bar(struct bar *bars, size_t *count, const struct record *record, const char *label, bool apart)
{
    if (*count == MOST_BARS) return;
    bars[(*count)++] =
        (struct bar){.label = label, .value = record->value, .low = record->low, .high = record->high, .ours = true, .apart = apart};
}

static void write_question(const struct page *page, const char *benchmark, const char *metric, const char *text)
{
    struct bar bars[MOST_BARS];
    char labels[3][NAME_SIZE];
    size_t count = 0, means = 0;
    for (int pass = 0; pass < 2; pass++)
        for (size_t i = 0; i < results_count(page->results); i++) {
            const struct record *record = results_at(page->results, i);
            bool is_mean = is(record->program, "geometric mean");
            if (!is(record->benchmark, benchmark) || !is(record->metric, metric) || is_mean != (pass == 1)) continue;
            if (is_mean && means == 3) continue;
            if (is_mean) snprintf(labels[means], NAME_SIZE, "mean, %s", record->group);
            add_bar(bars, &count, record, is_mean ? labels[means++] : record->program, is_mean);
        }
    if (!count) return;
    start_card(page, metric, "");
    fprintf(page->out, "<p class='soft'>%s</p>\n", text);
    plot_ratios(page->out, bars, count);
    fputs("</div>\n", page->out);
}

static void write_roots(const struct page *page)
{
    if (!programs_of(page, "roots").count) return;
    start_part(page, "Root finders",
               "The same source, the same collector, the same compiler on both sides of a ratio; what differs is how the "
               "collector learns which variables hold references. Processor time of the whole process.");
    fputs("<div class='cards'>\n", page->out);
    write_question(page, "roots", "shadow stack / statepoint (clang)",
                   "To the right of 1: stack maps are faster than an explicit stack of roots.");
    write_question(page, "roots", "shadow stack / asm (gcc)", "To the right of 1: markers read from GCC's assembler output are faster.");
    write_question(page, "roots without collection", "statepoint / none, no collection",
                   "Sized so that nothing is ever collected: what stack maps cost the code itself, in time.");
    write_question(page, "roots, instructions", "instructions, statepoint / none",
                   "The same in instructions, counted by callgrind on small runs: exact, but not time.");
    write_question(page, "roots, instructions", "instructions, shadow stack / statepoint (clang)",
                   "To the right of 1: the shadow stack takes more instructions than stack maps.");
    write_question(page, "roots, instructions", "instructions, shadow stack / asm (gcc)",
                   "To the right of 1: GCC's shadow stack takes more instructions than markers.");
    fputs("</div>\n", page->out);
}

/* ---- Peers ----------------------------------------------------------------------------------------- */

/* One metric of all variants of a program, over ours. */
static void write_peer_bars(const struct page *page, const char *program, const char *metric, const char *title)
{
    struct bar bars[MOST_BARS];
    size_t count = 0;
    const struct record *ours = find(page, "peers", program, "greywave", metric);
    struct names variants = variants_of(page, "peers", program);
    if (!ours) return;
    for (size_t i = 0; i < variants.count; i++) {
        const struct record *record = find(page, "peers", program, variants.name[i], metric);
        if (!record) continue;
        add_bar(bars, &count, record, variants.name[i], false);
        struct bar *bar = &bars[count - 1];
        bar->ours = record == ours;
        bar->value /= ours->value;
        bar->low /= ours->value;
        bar->high /= ours->value;
    }
    start_card(page, program, title);
    plot_ratios(page->out, bars, count);
    fputs("</div>\n", page->out);
}

static void write_peers(const struct page *page)
{
    struct names programs = programs_of(page, "peers");
    if (!programs.count) return;
    start_part(page, "Peers",
               "Other ways to run the same program: C with other memory managers, and other languages with theirs. "
               "Everything is "
               "divided by Greywave's median, so bars to the left of 1 are better than Greywave; the thin lines reach "
               "from the "
               "least to the most of the runs. Whole processes with all processors to themselves.");
    fputs("<div class='cards'>\n", page->out);
    for (size_t i = 0; i < programs.count; i++) {
        write_peer_bars(page, programs.name[i], "wall", ": time");
        write_peer_bars(page, programs.name[i], "peak", ": peak memory");
    }
    fputs("</div>\n", page->out);
}

/* ---- Curves ---------------------------------------------------------------------------------------- */

/* All curves of one kind and program in one plot. */
static bool write_curves_of(const struct page *page, const char *kind, const char *benchmark, const char *program, struct line_plot plot)
{
    for (size_t i = 0; i < results_curve_count(page->results) && plot.line_count < MOST_LINES; i++) {
        const struct curve *curve = results_curve_at(page->results, i);
        if (!is(curve->kind, kind) || !is(curve->benchmark, benchmark) || !is(curve->program, program)) continue;
        plot.line[plot.line_count++] = (struct line){curve->variant, curve->points, curve->point_count};
        plot.x.label = curve->x_unit;
        plot.y.label = curve->y_unit;
    }
    if (!plot.line_count) return false;
    start_card(page, program, "");
    plot_lines(page->out, &plot);
    fputs("</div>\n", page->out);
    return true;
}

static void write_curves(const struct page *page, const char *kind, const char *title, const char *text, const struct line_plot *plot)
{
    bool started = false;
    for (size_t i = 0; i < results_curve_count(page->results); i++) {
        const struct curve *curve = results_curve_at(page->results, i);
        bool seen = false;
        if (!is(curve->kind, kind)) continue;
        for (size_t j = 0; j < i && !seen; j++) {
            const struct curve *earlier = results_curve_at(page->results, j);
            seen = is(earlier->kind, kind) && is(earlier->benchmark, curve->benchmark) && is(earlier->program, curve->program);
        }
        if (seen) continue;
        if (!started) {
            start_part(page, title, text);
            fputs("<div class='cards'>\n", page->out);
            started = true;
        }
        write_curves_of(page, kind, curve->benchmark, curve->program, *plot);
    }
    if (started) fputs("</div>\n", page->out);
}

static void write_all_curves(const struct page *page)
{
    write_curves(page, "heap size", "Heap size",
                 "Processor time, garbage collection included, over the cheapest explained total (the least that any "
                 "manager leaves "
                 "when the time it says it took is taken away), for heaps from just enough to plenty.",
                 &(struct line_plot){.y = {.logarithmic = true, .low = 1, .high = 2}});
    write_curves(page, "pauses", "Pauses", "The share of all pauses that are no longer than so much: the further to the left, the better.",
                 &(struct line_plot){.x = {.logarithmic = true}, .y = {.low = 0, .high = 1}, .stepped = true});
    write_curves(page, "utilisation", "Minimum mutator utilisation",
                 "In the worst window of a given length, the share of time that was the program's own: the higher, the better.",
                 &(struct line_plot){.x = {.logarithmic = true}, .y = {.low = 0, .high = 1}});
    write_curves(page, "timeline", "Timelines", "The heap after each pause, from start to end.",
                 &(struct line_plot){.y = {.low = 0, .high = 1}, .stepped = true});
}

/* ---- Everything else ------------------------------------------------------------------------------- */

static void write_value(FILE *out, const struct record *record)
{
    double value = record->value;
    const char *unit = record->unit;
    if (is(unit, "ns") && value >= 1e9) value *= 1e-9, unit = "s";
    else if (is(unit, "ns") && value >= 1e6) value *= 1e-6, unit = "ms";
    else if (is(unit, "ns") && value >= 1e3) value *= 1e-3, unit = "µs";
    fprintf(out, fabs(value) >= 1000 ? "%.0f %s" : fabs(value) >= 10 ? "%.1f %s" : "%.3f %s", value, is(unit, "1") ? "" : unit);
}

static void start_table(FILE *out, const struct names *columns)
{
    fputs("<table><tr><th></th>", out);
    write_texts(out, columns, "<th>", "</th><th>", "</th></tr>\n");
}

static void start_row(FILE *out, const char *name)
{
    fputs("<tr><td>", out);
    plot_text(out, name);
    fputs("</td>", out);
}

static void write_cell(FILE *out, const struct record *record)
{
    fputs("<td>", out);
    if (record) write_value(out, record);
    fputs("</td>", out);
}

/* Variants down, metrics across. */
static void write_program(const struct page *page, const char *benchmark, const char *program)
{
    struct names variants = variants_of(page, benchmark, program), metrics = {.count = 0};
    for (size_t i = 0; i < results_count(page->results); i++) {
        const struct record *record = results_at(page->results, i);
        if (is(record->benchmark, benchmark) && is(record->program, program)) add_name(&metrics, record->metric);
    }
    start_card(page, program, "");
    start_table(page->out, &metrics);
    for (size_t i = 0; i < variants.count; i++) {
        start_row(page->out, variants.name[i]);
        for (size_t j = 0; j < metrics.count; j++) write_cell(page->out, find(page, benchmark, program, variants.name[i], metrics.name[j]));
        fputs("</tr>\n", page->out);
    }
    fputs("</table></div>\n", page->out);
}

/* Programs down, variants across. */
static void write_metric(const struct page *page, const char *benchmark, const struct names *programs, const char *metric)
{
    struct names variants = {.count = 0};
    for (size_t i = 0; i < results_count(page->results); i++) {
        const struct record *record = results_at(page->results, i);
        if (is(record->benchmark, benchmark) && is(record->metric, metric)) add_name(&variants, record->variant);
    }
    start_card(page, metric, "");
    start_table(page->out, &variants);
    for (size_t i = 0; i < programs->count; i++) {
        start_row(page->out, programs->name[i]);
        for (size_t j = 0; j < variants.count; j++)
            write_cell(page->out, find(page, benchmark, programs->name[i], variants.name[j], metric));
        fputs("</tr>\n", page->out);
    }
    fputs("</table></div>\n", page->out);
}

/* Ratios are drawn further up; here is what was measured. */
static struct names measured_metrics(const struct page *page, const char *benchmark)
{
    struct names metrics = {.count = 0};
    for (size_t i = 0; i < results_count(page->results); i++) {
        const struct record *record = results_at(page->results, i);
        if (is(record->benchmark, benchmark) && !*record->baseline) add_name(&metrics, record->metric);
    }
    return metrics;
}

/* A benchmark of many programs has a table for each metric, one of few programs a table for each program. */
static void write_benchmark(const struct page *page, const char *benchmark)
{
    enum { FEW_PROGRAMS = 4 };
    struct names programs = programs_of(page, benchmark), metrics = measured_metrics(page, benchmark);
    bool few = programs.count <= FEW_PROGRAMS && metrics.count > 1;
    fputs("<h3>", page->out);
    plot_text(page->out, benchmark);
    fputs("</h3>\n<div class='stack'>\n", page->out);
    for (size_t i = 0; i < programs.count && few; i++) write_program(page, benchmark, programs.name[i]);
    for (size_t i = 0; i < metrics.count && !few; i++) write_metric(page, benchmark, &programs, metrics.name[i]);
    fputs("</div>\n", page->out);
}

static void write_tables(const struct page *page)
{
    struct names benchmarks = {.count = 0};
    for (size_t i = 0; i < results_count(page->results); i++) add_name(&benchmarks, results_at(page->results, i)->benchmark);
    if (!benchmarks.count) return;
    start_part(page, "All figures", "Medians of the rounds.");
    for (size_t i = 0; i < benchmarks.count; i++) write_benchmark(page, benchmarks.name[i]);
}

static void write_versions(const struct page *page)
{
    struct names versions = {.count = 0};
    for (size_t i = 0; i < results_count(page->results); i++)
        if (*results_at(page->results, i)->version) add_name(&versions, results_at(page->results, i)->version);
    if (!versions.count) return;
    start_part(page, "Versions", "What ran.");
    fputs("<div class='card'>", page->out);
    write_texts(page->out, &versions, "", "<br>", "</div>\n");
}

bool report_write(const struct results *results, const char *path)
{
    struct page page = {.out = fopen(path, "w"), .results = results};
    if (!page.out) return perror(path), false;
    write_head(&page);
    write_summary(&page);
    write_roots(&page);
    write_peers(&page);
    write_all_curves(&page);
    write_tables(&page);
    write_versions(&page);
    fputs("</body></html>\n", page.out);
    if (ferror(page.out) | fclose(page.out)) return perror(path), false;
    return true;
}
