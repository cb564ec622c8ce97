/* A live heap of a chosen size that keeps changing: a forest, arrays of references, a hash map and queues, a quarter
 * each. Its size stays what it was: whatever is added replaces something. Compiled by gwcc; its roots are its own
 * globals, so that the rest of the benchmark may be native code. */
#ifndef GW_BENCH_STEP_LIVE_HEAP_H
#define GW_BENCH_STEP_LIVE_HEAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Builds about `bytes` of live objects in the attached heap. False when there is no room for it. */
bool live_heap_build(size_t bytes);

/* Makes `count` random changes: most make short-lived lists, the others replace subtrees, elements, map entries and
 * queue nodes, swap subtrees between trees and shift elements within arrays. False when an allocation failed. */
bool live_heap_change(unsigned count);

/* Reads `count` objects at random places, and does nothing else. */
void live_heap_read(unsigned count);

/* Whether the structures still hold what they must; a message on standard error says what does not. Looks at
 * everything. */
bool live_heap_check(void);

#endif
