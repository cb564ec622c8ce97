/* report.html: one page without anything around it, drawn from results. */
#ifndef GW_BENCH_REPORT_H
#define GW_BENCH_REPORT_H

#include "results.h"

/* False after a message. */
bool report_write(const struct results *results, const char *path);

#endif
