/* How much of eden is in use between two minor collections: for a pause, or for as little copying as pays. Arithmetic only.
 *
 * Under a pause target eden begins small and follows the highest cost of late. Without one, unless the program fixed it or steps by
 * hand, eden doubles when much of it is copied, in the hope that more will have died when it is full; when no less is copied then, it
 * goes back and waits. It may grow while a minor collection is expected to end within a frame.
 */
#ifndef GW_CONTROL_EDEN_SIZE_H
#define GW_CONTROL_EDEN_SIZE_H

#include "heap/heap.h"

/* A minor collection comes that is no step's: eden has been filled so far. Slices are counted by it, and a program that steps pays by
 * steps. */
void gw_eden_size_note_filled(struct gw_heap *heap);

/* A minor collection of `used` bytes of eden copied `copied` bytes and took `ns` of the processor: sizes eden for the next one. Where
 * pauses are asked for, what it took for recorded writes and for roots is not counted: the account has prices for these. */
void gw_eden_size_note_minor(struct gw_heap *heap, size_t used, size_t copied, uint64_t ns);

/* What a minor collection copied: bytes of eden, and in all, in `ns` without what it took for recorded writes and roots. The next guesses
 * follow. */
void gw_eden_size_note_copying(struct gw_heap *heap, size_t used, size_t of_eden, size_t copied, uint64_t ns);

/* Nanoseconds that a minor collection may be expected to take when `used` bytes of eden are: what is recorded now, a look at the roots,
 * all survivors of the last, and as large a share of eden as of late, at the highest cost of late. A guess for a step, where being wrong
 * either way costs the same; what holds a pause target is the account. */
uint64_t gw_eden_size_minor_ns(const struct gw_heap *heap, size_t used);

/* Whether a minor collection may be expected to copy next to nothing, although much was allocated since the last: it then costs less than
 * allocation around an object that would have to stay. */
bool gw_eden_size_minor_is_cheap(const struct gw_heap *heap);

/* A step by hand begins: returns how many bytes the program has allocated since the last one. */
uint64_t gw_eden_size_note_step(struct gw_heap *heap);

/* Whether it should run a minor collection because that may be expected to fit into the budget now, and neither into the next step's nor
 * into eden if the program allocates `turn` bytes until then. */
bool gw_eden_size_minor_is_due(const struct gw_heap *heap, uint64_t turn, uint64_t budget_ns);

/* Fatal when the size in use is none that eden can have. */
void gw_eden_size_check(const struct gw_heap *heap);

#endif
