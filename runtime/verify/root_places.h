/* The roots of engine/roots.h once more, for who looks in: kind by kind, each with the place where it lies. */
#ifndef GW_VERIFY_ROOT_PLACES_H
#define GW_VERIFY_ROOT_PLACES_H

#include "heap/heap.h"
#include "roots/slot.h"
#include <greywave/abi.h>

struct gw_entry;

/* Kinds before GW_ROOT_HANDLE have places. */
enum gw_root_kind {
    GW_ROOT_FRAME,         /* a frame of the running stack; at: the address that its call returns to */
    GW_ROOT_WAITING_FRAME, /* of a stack that waits; of one that has not begun: its argument, at: 0 */
    GW_ROOT_SHADOW,        /* the shadow stack of one stack */
    GW_ROOT_VARIABLE,      /* global or thread-local; at: the variable on this thread; accessor: the function that leads there, or 0 */
    GW_ROOT_STATIC,        /* a static object that was written to; at: the object */
    GW_ROOT_RANGE,         /* words registered by gw_add_roots and gw_add_roots_tracked; at: the first; words: how many */
    GW_ROOT_HANDLE,        /* from here on without places */
    GW_ROOT_SCOPED_HANDLE,
    GW_ROOT_PINNED,
    GW_ROOT_READY,   /* waits in a finalizer queue */
    GW_ROOT_RUNTIME, /* what a function of the runtime was given, and needs still */
    GW_ROOT_FROZEN,
    GW_ROOT_KINDS,
};

struct gw_root_place {
    enum gw_root_kind kind;
    uintptr_t at, accessor;
    uint64_t number; /* of a stack that waits; 0: of the running one */
    size_t words;
};

/* `place` is told of each place, also of those without roots, before `slot` is called for its roots. Neither changes anything, and a slot
 * is read with gw_slot_word. The registry's read lock is held in frames and variables. */
struct gw_root_visitor {
    void (*place)(void *context, const struct gw_root_place *place);
    gw_slot_visitor *slot;
    void *context;
};

/* All roots of one kind. `entry` NULL: the running stack is left out, frames, shadow stack and all; it must be one that can be walked. */
void gw_visit_root_places(struct gw_heap *heap, const struct gw_entry *entry, enum gw_root_kind kind,
                          const struct gw_root_visitor *visitor);

#endif
