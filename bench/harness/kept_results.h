/* build/bench/results.json, which grows from run to run: what is measured again replaces what was there. */
#ifndef GW_BENCH_KEPT_RESULTS_H
#define GW_BENCH_KEPT_RESULTS_H

#include "results.h"

/* A path in the folder of results, which is created when it is missing. */
void kept_path(const char *name, char *path, size_t size);

/* Joins these results, which it frees, with the kept ones, and draws the report. False after a message. */
bool keep_results(struct results *newer);

/* Where they are, on standard error, when something was kept. */
void say_what_was_kept(void);

#endif
