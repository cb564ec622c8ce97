/* Drawings as SVG elements inside an HTML page. Colours are CSS variables of the page: --ink, --faint, --grid, --ours,
 * --theirs, and
 * --line-0 to --line-7. What is written is complete: nothing is drawn outside, and texts keep apart. */
#ifndef GW_BENCH_PLOT_H
#define GW_BENCH_PLOT_H

#include "results.h"

#include <stdio.h>

struct bar {
    const char *label;
    double value, low, high; /* low and high: the whisker; none when they are equal */
    bool ours;               /* drawn in our colour */
    bool apart;              /* a mean over the others: a rule above it */
};

/* Ratios, on a logarithmic axis: each bar grows from 1 to the left or to the right. */
void plot_ratios(FILE *out, const struct bar *bars, size_t count);

enum { MOST_LINES = 8 };

struct line {
    const char *label;
    const struct point *points; /* in order of x */
    size_t count;
};

struct axis {
    const char *label;
    bool logarithmic; /* all values are above zero */
    double low, high; /* what it shows at least; equal: only what the lines need */
};

/* Up to MOST_LINES lines, with their names below. `stepped`: y holds until the next point. */
struct line_plot {
    struct axis x, y;
    struct line line[MOST_LINES];
    size_t line_count;
    bool stepped;
};
void plot_lines(FILE *out, const struct line_plot *plot);

/* Text with the characters that HTML gives a meaning replaced. */
void plot_text(FILE *out, const char *text);

#endif
