/* Functions that generators write and people do not: thousands of references, calls, cases or allocations in one. */
#ifndef GW_BENCH_SHAPES_H
#define GW_BENCH_SHAPES_H

#include <stdio.h>

struct shape {
    const char *name;     /* with the size behind it, unique */
    int size, quick_size; /* how many of what it has many of */
    void (*print)(FILE *out, int size);
};
extern const struct shape shapes[];
extern const int shape_count;

/* A C file: collected as gwcc reads it; with -DPLAIN for any compiler, plain pointers and an allocator that it calls. */
void shape_print(const struct shape *shape, int size, FILE *out);

#endif
