#include "plot.h"

#include <math.h>
#include <stdarg.h>
#include <string.h>

enum {
    BAR_HEIGHT = 20,
    LABEL_WIDTH = 145,
    BARS_WIDTH = 175,
    VALUE_WIDTH = 50, /* all three: a telephone's width, so that nothing is shrunk there until it cannot be read */
    TOP = 6,
    AXIS_HEIGHT = 24,
    PLOT_WIDTH = 370,
    PLOT_HEIGHT = 250,
    LEFT = 56,
    RIGHT = 18,
    BELOW = 44,
    LEGEND_ROW = 18,
    LETTER_WIDTH = 7, /* at least as wide as a letter of the page's font is on average */
};

void plot_text(FILE *out, const char *text)
{
    for (; *text; text++) {
        if (*text == '<') fputs("&lt;", out);
        else if (*text == '&') fputs("&amp;", out);
        else if (*text == '"') fputs("&quot;", out);
        else fputc(*text, out);
    }
}

__attribute__((format(printf, 6, 7))) static void text_at(FILE *out, double x, double y, const char *anchor, const char *class,
                                                          const char *format, ...)
{
    char text[160];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    fprintf(out, "<text x='%.1f' y='%.1f' text-anchor='%s' class='%s'>", x, y, anchor, class);
    plot_text(out, text);
    fputs("</text>\n", out);
}

static void rule(FILE *out, double x1, double y1, double x2, double y2, const char *class)
{
    fprintf(out, "<line x1='%.1f' y1='%.1f' x2='%.1f' y2='%.1f' class='%s'/>\n", x1, y1, x2, y2, class);
}

static void start(FILE *out, double width, double height)
{
    fprintf(out, "<svg viewBox='0 0 %.0f %.0f' style='max-width:%.0fpx' role='img'>\n", width, height, width);
}

/* ---- Ratios ---------------------------------------------------------------------------------------- */

/* The axis of ratios, in powers of two. */
struct ratio_axis {
    double low, high;
};

static double ratio_x(const struct ratio_axis *axis, double ratio)
{
    double place = (log2(ratio) - log2(axis->low)) / (log2(axis->high) - log2(axis->low));
    return LABEL_WIDTH + BARS_WIDTH * fmin(1, fmax(0, place));
}

/* Half an octave of room on both sides at least, so that a bar of 1.0 is in the middle of something. */
static struct ratio_axis ratio_axis_for(const struct bar *bars, size_t count)
{
    struct ratio_axis axis = {0.8, 1.25};
    for (size_t i = 0; i < count; i++) {
        axis.low = fmin(axis.low, fmin(bars[i].value, bars[i].low));
        axis.high = fmax(axis.high, fmax(bars[i].value, bars[i].high));
    }
    return axis;
}

static void draw_ratio_ticks(FILE *out, const struct ratio_axis *axis, double bottom)
{
    static const double fine[] = {0.8, 0.9, 1, 1.1, 1.2, 1.4, 1.6, 1.8, 2}, medium[] = {0.2, 0.3, 0.5, 0.7, 1, 1.5, 2, 3, 4},
                        coarse[] = {0.125, 0.25, 0.5, 1, 2, 4, 8, 16, 32};
    double octaves = log2(axis->high / axis->low);
    const double *ticks = octaves < 1.5 ? fine : octaves < 3 ? medium : coarse;
    double last = -100;
    for (int i = 0; i < 9; i++) {
        double x = ratio_x(axis, ticks[i]);
        if (ticks[i] < axis->low * 0.999 || ticks[i] > axis->high * 1.001) continue;
        rule(out, x, TOP, x, bottom, ticks[i] == 1 ? "axis" : "grid");
        if (x - last < 4.5 * LETTER_WIDTH) continue;
        text_at(out, x, bottom + 16, "middle", "tick", "%g", ticks[i]);
        last = x;
    }
}

static void draw_bar(FILE *out, const struct ratio_axis *axis, const struct bar *bar, double y)
{
    double one = ratio_x(axis, 1), end = ratio_x(axis, bar->value), middle = y + BAR_HEIGHT / 2.0;
    if (bar->apart) rule(out, 0, y - 1, LABEL_WIDTH + BARS_WIDTH + VALUE_WIDTH, y - 1, "grid");
    text_at(out, LABEL_WIDTH - 8, middle + 4, "end", bar->apart ? "label strong" : "label", "%s", bar->label);
    fprintf(out, "<rect x='%.1f' y='%.1f' width='%.1f' height='%d' class='%s'/>\n", fmin(one, end), y + 4, fmax(1.5, fabs(end - one)),
            BAR_HEIGHT - 8, bar->ours ? "ours" : "theirs");
    if (bar->low < bar->high) rule(out, ratio_x(axis, bar->low), middle, ratio_x(axis, bar->high), middle, "whisker");
    text_at(out, LABEL_WIDTH + BARS_WIDTH + 8, middle + 4, "start", bar->apart ? "value strong" : "value",
            bar->value < 10 ? "%.2f" : "%.1f", bar->value);
}

void plot_ratios(FILE *out, const struct bar *bars, size_t count)
{
    struct ratio_axis axis = ratio_axis_for(bars, count);
    double bottom = TOP + (double)count * BAR_HEIGHT;
    start(out, LABEL_WIDTH + BARS_WIDTH + VALUE_WIDTH, bottom + AXIS_HEIGHT);
    draw_ratio_ticks(out, &axis, bottom);
    for (size_t i = 0; i < count; i++) draw_bar(out, &axis, &bars[i], TOP + (double)i * BAR_HEIGHT);
    fputs("</svg>\n", out);
}

/* ---- Lines ----------------------------------------------------------------------------------------- */

static double scale(const struct axis *axis, double value)
{
    if (axis->logarithmic) return (log(value) - log(axis->low)) / (log(axis->high) - log(axis->low));
    return (value - axis->low) / (axis->high - axis->low);
}

static double x_of(const struct line_plot *plot, double x)
{
    return LEFT + (PLOT_WIDTH - LEFT - RIGHT) * scale(&plot->x, x);
}

static double y_of(const struct line_plot *plot, double y)
{
    return TOP + (PLOT_HEIGHT - TOP) * (1 - scale(&plot->y, y));
}

static void include(struct axis *axis, bool *first, double value)
{
    if (*first && axis->low == axis->high) axis->low = axis->high = value;
    *first = false;
    axis->low = fmin(axis->low, value);
    axis->high = fmax(axis->high, value);
}

/* Room above and below, so that an axis never has the length zero. */
static void widen(struct axis *axis)
{
    if (axis->low == axis->high) {
        axis->low = axis->logarithmic ? axis->low / 2 : axis->low - 1;
        axis->high = axis->logarithmic ? axis->high * 2 : axis->high + 1;
    }
}

/* The plot with axes that hold all points. */
static struct line_plot fitted(const struct line_plot *given)
{
    struct line_plot plot = *given;
    bool first_x = true, first_y = true;
    for (size_t i = 0; i < plot.line_count; i++)
        for (size_t j = 0; j < plot.line[i].count; j++) {
            include(&plot.x, &first_x, plot.line[i].points[j].x);
            include(&plot.y, &first_y, plot.line[i].points[j].y);
        }
    widen(&plot.x);
    widen(&plot.y);
    return plot;
}

/* 1, 2 or 5 times a power of ten: about `wanted` of them make `length`. */
static double step_for(double length, int wanted)
{
    double power = pow(10, floor(log10(length / wanted))), rest = length / wanted / power;
    return power * (rest < 1.5 ? 1 : rest < 3.5 ? 2 : rest < 7.5 ? 5 : 10);
}

static void draw_x_tick(FILE *out, const struct line_plot *plot, double value, double *last)
{
    double x = x_of(plot, value);
    rule(out, x, TOP, x, PLOT_HEIGHT, "grid");
    if (x - *last < 6 * LETTER_WIDTH) return;
    text_at(out, x, PLOT_HEIGHT + 16, "middle", "tick", "%g", value);
    *last = x;
}

static void draw_y_tick(FILE *out, const struct line_plot *plot, double value, double *last)
{
    double y = y_of(plot, value);
    rule(out, LEFT, y, PLOT_WIDTH - RIGHT, y, "grid");
    if (*last - y < 16) return;
    text_at(out, LEFT - 6, y + 4, "end", "tick", "%g", value);
    *last = y;
}

static void draw_ticks(FILE *out, const struct line_plot *plot, const struct axis *axis,
                       void (*draw)(FILE *, const struct line_plot *, double, double *), double last)
{
    static const double in_decade[] = {1, 2, 5};
    if (!axis->logarithmic) {
        double step = step_for(axis->high - axis->low, 6);
        for (double i = ceil(axis->low / step - 1e-9); i * step <= axis->high + step * 1e-9; i++)
            draw(out, plot, i * step + 0.0, &last); /* never -0 */
        return;
    }
    int in_each = axis->high / axis->low < 200 ? 3 : 1;
    for (double power = pow(10, floor(log10(axis->low))); power <= axis->high; power *= 10)
        for (int i = 0; i < in_each; i++)
            if (power * in_decade[i] >= axis->low * 0.999 && power * in_decade[i] <= axis->high * 1.001)
                draw(out, plot, power * in_decade[i], &last);
}

static void draw_line(FILE *out, const struct line_plot *plot, size_t index)
{
    const struct line *line = &plot->line[index];
    fprintf(out, "<polyline fill='none' style='stroke:var(--line-%zu)' class='line%s' points='", index, index == 0 ? " first" : "");
    for (size_t i = 0; i < line->count; i++) {
        double x = x_of(plot, line->points[i].x), y = y_of(plot, line->points[i].y);
        if (plot->stepped && i) fprintf(out, "%.1f,%.1f ", x, y_of(plot, line->points[i - 1].y));
        fprintf(out, "%.1f,%.1f ", x, y);
    }
    fputs("'/>\n", out);
    for (size_t i = 0; i < line->count && line->count <= 12 && !plot->stepped; i++)
        fprintf(out, "<circle cx='%.1f' cy='%.1f' r='3' style='fill:var(--line-%zu)'/>\n", x_of(plot, line->points[i].x),
                y_of(plot, line->points[i].y), index);
}

static double name_width(const struct line *line)
{
    return 40 + LETTER_WIDTH * (double)strlen(line->label);
}

/* Names side by side, as many in a row as there is room for; returns the height. With `out` NULL nothing is drawn. */
static double draw_names(FILE *out, const struct line_plot *plot, double top)
{
    double x = LEFT, y = top;
    for (size_t i = 0; i < plot->line_count; i++) {
        double width = name_width(&plot->line[i]);
        if (x > LEFT && x + width > PLOT_WIDTH) x = LEFT, y += LEGEND_ROW;
        if (out) {
            fprintf(out, "<rect x='%.1f' y='%.1f' width='16' height='4' style='fill:var(--line-%zu)'/>\n", x, y + 5, i);
            text_at(out, x + 21, y + 11, "start", "label", "%s", plot->line[i].label);
        }
        x += width;
    }
    return y + LEGEND_ROW - top;
}

void plot_lines(FILE *out, const struct line_plot *given)
{
    struct line_plot plot = fitted(given);
    start(out, PLOT_WIDTH, PLOT_HEIGHT + BELOW + draw_names(NULL, &plot, 0) + 4);
    draw_ticks(out, &plot, &plot.x, draw_x_tick, -100);
    draw_ticks(out, &plot, &plot.y, draw_y_tick, 1e6);
    rule(out, LEFT, TOP, LEFT, PLOT_HEIGHT, "axis");
    rule(out, LEFT, PLOT_HEIGHT, PLOT_WIDTH - RIGHT, PLOT_HEIGHT, "axis");
    text_at(out, (LEFT + PLOT_WIDTH) / 2.0, PLOT_HEIGHT + 34, "middle", "label", "%s", plot.x.label);
    fprintf(out, "<text transform='translate(14 %.1f) rotate(-90)' text-anchor='middle' class='label'>", (TOP + PLOT_HEIGHT) / 2.0);
    plot_text(out, plot.y.label);
    fputs("</text>\n", out);
    for (size_t i = plot.line_count; i-- > 0;) draw_line(out, &plot, i);
    draw_names(out, &plot, PLOT_HEIGHT + BELOW);
    fputs("</svg>\n", out);
}
