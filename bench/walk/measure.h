/* What the managed and the native half of the walk benchmark share. */
#ifndef GW_BENCH_WALK_MEASURE_H
#define GW_BENCH_WALK_MEASURE_H

#include <stdbool.h>

enum { FRAMES = 1000 };

/* Recurse through FRAMES managed frames of one function, or of eight functions `together`, and call measure(). */
void run_without_frame_pointers(bool together);
void run_with_frame_pointers(bool together);

/* Walks the stack above its caller, many times in many ways. Native. */
void measure(void);

#endif
