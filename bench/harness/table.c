#include "table.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

void table_start_row(struct table *table)
{
    if (table->rows < MOST_ROWS) table->rows++;
    table->column = 0;
}

void table_cell(struct table *table, const char *format, ...)
{
    if (table->column == MOST_COLUMNS) return;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(table->cells[table->rows - 1][table->column++], CELL_SIZE, format, arguments);
    va_end(arguments);
    if (table->column > table->columns) table->columns = table->column;
}

void table_duration(struct table *table, uint64_t nanoseconds)
{
    double ns = (double)nanoseconds;
    if (nanoseconds >= 1000000000) table_cell(table, "%.2f s", ns * 1e-9);
    else if (nanoseconds >= 1000000) table_cell(table, "%.2f ms", ns * 1e-6);
    else table_cell(table, "%.1f us", ns * 1e-3);
}

static int width_of(const struct table *table, int column)
{
    size_t width = 0;
    for (int row = 0; row < table->rows; row++) {
        size_t length = strlen(table->cells[row][column]);
        if (length > width) width = length;
    }
    return (int)width;
}

static void print_row(const struct table *table, int row, const int *widths)
{
    printf("%-*s", widths[0], table->cells[row][0]);
    for (int column = 1; column < table->columns; column++) printf("  %*s", widths[column], table->cells[row][column]);
    putchar('\n');
}

static void print_rule(const struct table *table, const int *widths)
{
    for (int column = 0; column < table->columns; column++) {
        if (column) fputs("  ", stdout);
        for (int i = 0; i < widths[column]; i++) putchar('-');
    }
    putchar('\n');
}

void table_print(const struct table *table)
{
    int widths[MOST_COLUMNS];
    for (int column = 0; column < table->columns; column++) widths[column] = width_of(table, column);
    for (int row = 0; row < table->rows; row++) {
        print_row(table, row, widths);
        if (row == 0) print_rule(table, widths);
    }
    fflush(stdout);
}

void progress(const char *format, ...)
{
    if (!isatty(STDERR_FILENO)) return;
    va_list arguments;
    va_start(arguments, format);
    fputs("\r\033[K", stderr);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fflush(stderr);
}
