/* Pacing: when a cycle starts and how fast it goes. Arithmetic only; collect.c acts on it. */
#ifndef GW_CONTROL_PACING_H
#define GW_CONTROL_PACING_H

#include "heap/heap.h"

/* What goals are about: bytes of the old generation, and external memory the program told of. */
GW_ALWAYS_INLINE uint64_t gw_paced_bytes(const struct gw_heap *heap)
{
    return heap->old.used_bytes + (heap->external_bytes > 0 ? (uint64_t)heap->external_bytes : 0);
}

/* A small heap may always grow by one eden, or cycles would follow one another for nothing; by one that a pause has not made small. */
uint64_t gw_pacing_least_growth(const struct gw_heap *heap);

/* When a cycle ends: what is used now counts as live, and the goal for the next one follows from it. */
void gw_pacing_set_goal(struct gw_heap *heap);

/* External memory was given back, or what was frozen is not any more: the goal follows. */
void gw_pacing_follow_external(struct gw_heap *heap);
void gw_pacing_follow_unfrozen(struct gw_heap *heap, uint64_t bytes);

/* Whether a cycle may be expected to take no longer than minor collections do, and the program leaves pauses to the collector. Then it is
 * not divided: nothing that dies or is promoted meanwhile counts as live, and memory can be used up to the goal. */
bool gw_pacing_cycle_is_short(const struct gw_heap *heap);

/* Whether the next minor collection is to start a cycle, when `more` bytes are about to be allocated beside it; and whether a step
 * by hand should, which is earlier, so that a program that steps enough never pays an assist. */
bool gw_pacing_wants_cycle(const struct gw_heap *heap, uint64_t more);

/* The next allocation starts a cycle, if one is wanted now: what has come does not fill the nursery. */
void gw_pacing_ask_for_cycle(struct gw_heap *heap);
bool gw_pacing_is_worth_starting(const struct gw_heap *heap);

/* A cycle starts: fixes its rate. */
void gw_pacing_begin(struct gw_heap *heap);
/* `bytes` came to the old generation, or the program told of as much external memory: work is owed for them. */
void gw_pacing_charge(struct gw_heap *heap, uint64_t bytes);
/* Work was done, by an assist or a step by hand: `bytes` marked, or as many nanoseconds in another phase. */
void gw_pacing_credit(struct gw_heap *heap, uint64_t bytes);

/* Whether a step by hand should work at the cycle and do nothing else: work is owed, or will be when the program has allocated `turn` bytes
 * more, until the next step. */
bool gw_pacing_is_behind(const struct gw_heap *heap, uint64_t turn);

/* A step by hand had nothing to do but wait for a minor collection, and `bytes` as above would have been done: at most what an eden is
 * owed for is taken for done. */
void gw_pacing_credit_turn(struct gw_heap *heap, uint64_t bytes);

/* An assist: work to do, and nanoseconds it may take. */
struct gw_slice {
    uint64_t work, ns;
};
struct gw_slice gw_pacing_next_slice(struct gw_heap *heap);

/* How much of `limit` ns a slice may take that begins `now`, by two rules. Stops with less than GW_ONE_STOP_NS between them are one stop
 * for whoever waits, so what the first took comes out of the next one's time. And of any two milliseconds the program keeps a fifth, or
 * slices 6 us apart would evade that. Beyond the goal, or when more than
 * an eden's work is owed, memory counts for more, and these rules end. */
uint64_t gw_pacing_time_for_slice(const struct gw_heap *heap, uint64_t now, uint64_t limit);

bool gw_pacing_is_beyond_goal(const struct gw_heap *heap);

/* Memory is so far beyond the goal that the cycle has to be finished whatever the pause. */
bool gw_pacing_is_overdrawn(const struct gw_heap *heap);

/* Bytes of eden between two assists while a cycle is under way. */
size_t gw_pacing_slice_bytes(const struct gw_heap *heap);

/* As many as `bytes` would pass if they came through eden. */
uint64_t gw_pacing_slices_for(const struct gw_heap *heap, size_t bytes);

void gw_pacing_check(const struct gw_heap *heap);

#endif
