/* The pauses of one run of a program, and what follows from them. */
#ifndef GW_BENCH_PAUSE_LIST_H
#define GW_BENCH_PAUSE_LIST_H

#include "results.h"

#include <stdbool.h>
#include <stddef.h>

/* Seconds since the start; pauses are in order and apart from one another. */
struct pause {
    double start, length;
    double heap_mb; /* after it */
    double before;  /* lengths of all earlier pauses */
};

struct pause_list {
    struct pause *pause; /* owned: pause_list_free */
    size_t count;
    double end; /* of the program */
};

/* Reads what bench/programs/events.c wrote. Pauses with next to nothing between them are one. False after a message. */
bool pause_list_read(const char *path, struct pause_list *list);
void pause_list_free(struct pause_list *list);

/* The share of all pauses that are no longer than `length`. */
double pause_share(const struct pause_list *list, double length);

/* The least share of any window of this length, within the run, that was left to the program: Cheng and Blelloch, "A
 * parallel, real-time garbage collector", PLDI 2001. */
double minimum_utilisation(const struct pause_list *list, double window);

#endif
