/* The leak report of debug=leak: before each major cycle, the cycles of dead objects, by their types. */
#ifndef GW_VERIFY_LEAKS_H
#define GW_VERIFY_LEAKS_H

#include "heap/heap.h"

struct gw_entry;

/* Writes the report to stderr. Slow: it searches the whole heap on its own. */
void gw_report_leaks(struct gw_heap *heap, const struct gw_entry *entry);

#endif
