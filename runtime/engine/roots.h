/* All roots of a heap, from every root finder. */
#ifndef GW_ENGINE_ROOTS_H
#define GW_ENGINE_ROOTS_H

#include "heap/heap.h"
#include "roots/slot.h"

struct gw_entry;

/* Frames of the running stack from `entry` outwards, its shadow stack, other stacks, globals, handles, registered ranges, recorded static
 * objects. The visitor changes nothing, and reads a slot with gw_slot_word. */
void gw_visit_roots(struct gw_heap *heap, const struct gw_entry *entry, gw_slot_visitor *visit, void *context);

/* Those that go with the running stack: its frames, shadow stack, scopes' handles, and what the runtime holds for a while. */
void gw_visit_running_roots(struct gw_heap *heap, const struct gw_entry *entry, gw_slot_visitor *visit, void *context);

/* For minor collections, whose visitor lets no root refer to what is vacated: all roots but those of frames and stacks that have
 * waited since an earlier one and hold no reference into the nursery, and but handles and parts of variables with cards that
 * nobody has written to since. */
void gw_visit_young_roots(struct gw_heap *heap, const struct gw_entry *entry, gw_slot_visitor *visit, void *context);

/* Those among them that belong to the heap and not to its thread or the program: handles, but for those of scopes on stacks that wait,
 * registered ranges, arguments of the runtime. */
void gw_visit_own_roots(struct gw_heap *heap, gw_slot_visitor *visit, void *context);

/* The latter: what threads have handed to the runtime's functions in which they are, or rest. */
void gw_visit_arguments(struct gw_heap *heap, gw_slot_visitor *visit, void *context);

#endif
