/* When the program waits for the collector. Each of these functions is one stop, however many collections it is made of. */
#ifndef GW_CONTROL_STOPS_H
#define GW_CONTROL_STOPS_H

#include "heap/heap.h"

struct gw_entry;

/* A minor collection. Starts a cycle when pacing says so; finishes one when the nursery could not be reopened whole, or memory is far
 * beyond the goal. False: another thread has had its way meanwhile, and there may be room. */
bool gw_collect_young(struct gw_heap *heap, const struct gw_entry *entry);

/* A minor collection, nothing else; and one that leaves nothing young. */
void gw_collect_minor(struct gw_heap *heap, const struct gw_entry *entry);
void gw_collect_promoting(struct gw_heap *heap, const struct gw_entry *entry);

/* Finishes the cycle under way, if any. */
void gw_finish_cycle(struct gw_heap *heap, const struct gw_entry *entry);

/* Finishes the cycle under way, if any, then runs a whole one: afterwards only what is reachable now is left. */
void gw_collect_full(struct gw_heap *heap, const struct gw_entry *entry);

/* Whether cycle after cycle has been run because the limit was near, and the last one left little room again. */
bool gw_collects_in_vain(const struct gw_heap *heap);

/* A slice of the cycle under way, as long as pacing says; the nursery is not collected. What there is no time for stays owed, or where
 * another thread has had its way meanwhile. */
void gw_assist(struct gw_heap *heap, const struct gw_entry *entry);

/* An object of `bytes` is about to be allocated in the old generation: starts a cycle, or assists one, as pacing says. */
void gw_assist_large(struct gw_heap *heap, const struct gw_entry *entry, size_t bytes);

/* Calls function(argument), code of the program's that must return and does not collect. */
void *gw_call_stopped(struct gw_heap *heap, void *(*function)(void *), void *argument, const struct gw_entry *entry);

/* Answers questions of other threads about this heap, and calls the stop handler if it was asked for; where nothing was it costs nothing.
 */
void gw_answer_others(struct gw_heap *heap, const struct gw_entry *entry);

/* The smallest piece of major work there is, starting a cycle when none is under way. For stress=step. */
void gw_collect_piece(struct gw_heap *heap, const struct gw_entry *entry);

/* A step of at most `budget_ns`, as the program asked for it. */
void gw_collect_by_hand(struct gw_heap *heap, const struct gw_entry *entry, uint64_t budget_ns, struct gw_step *result);

#endif
