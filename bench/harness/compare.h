/* Two files of results: what changed from one to the other beyond noise. */
#ifndef GW_BENCH_COMPARE_H
#define GW_BENCH_COMPARE_H

#include "results.h"

struct change {
    double ratio;      /* after / before */
    double low, high;  /* its 98 % interval; without runs, what the records' own intervals allow */
    bool beyond_noise; /* the interval leaves out 1, and the change is at least SMALLEST_CHANGE */
};

/* Both measure the same thing, with values above zero. */
struct change change_between(const struct record *before, const struct record *after);

/* Prints what changed. The exit status: 0, or 2 after a message when a file cannot be read. */
int compare_files(const char *before, const char *after);

#endif
