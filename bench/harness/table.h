/* An aligned table on standard output: cells are text, the first column is flush left, the others flush right. */
#ifndef GW_BENCH_TABLE_H
#define GW_BENCH_TABLE_H

#include <stdint.h>

enum { MOST_COLUMNS = 16, MOST_ROWS = 64, CELL_SIZE = 40 };

struct table {
    int columns, rows, column; /* `column`: where the next cell goes in the last row */
    char cells[MOST_ROWS][MOST_COLUMNS][CELL_SIZE];
};

void table_start_row(struct table *table);
__attribute__((format(printf, 2, 3))) void table_cell(struct table *table, const char *format, ...);
/* With a rule under the first row. */
void table_print(const struct table *table);

/* A cell with a duration in a unit that suits it. */
void table_duration(struct table *table, uint64_t nanoseconds);

/* One line on standard error that replaces the last one; nothing unless it is a terminal. "" removes it. */
__attribute__((format(printf, 1, 2))) void progress(const char *format, ...);

#endif
