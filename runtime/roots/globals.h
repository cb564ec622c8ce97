/* Roots in the global and thread-local variables of every registered module. */
#ifndef GW_ROOTS_GLOBALS_H
#define GW_ROOTS_GLOBALS_H

#include "roots/root_index.h"
#include "roots/slot.h"
#include <greywave/greywave.h>

struct gw_registered;

/* Visits them all; thread-local ones are those of the calling thread. */
void gw_visit_globals(gw_slot_visitor *visit, void *context);

/* Where a visit in parts has come to. Modules may come and go in between: then it begins again, and at last goes through in one part. */
struct gw_globals_cursor {
    uint64_t generation; /* of the registry; 0: not begun */
    unsigned beginnings;
    const struct gw_registered *module;
    size_t record;  /* bytes of the module's records before the one at hand */
    uint32_t block; /* of it */
};

/* About `*words` words, which it counts down; true when none is left. */
bool gw_visit_some_globals(struct gw_globals_cursor *at, size_t *words, gw_slot_visitor *visit, void *context);

/* The same, variable by variable: `begin` is told where the record of each lies, and then its words are visited. */
typedef void gw_global_visitor(void *context, const struct gw_global_record *record);
void gw_visit_each_global(gw_global_visitor *begin, gw_slot_visitor *visit, void *context);

/* Words that a minor collection need not read again before somebody writes to them: no references, or references to old objects of
 * one heap. What young objects may lie in is part of the heap's range. */
struct gw_settled {
    uintptr_t heap, young;
    size_t heap_bytes, young_bytes;
};

/* For a minor collection, which moves what variables refer to: visits them all, but of those with cards only what was written since
 * it was settled. A variable may be shared by heaps, each of which leaves to the others what is not its own. */
void gw_visit_changed_globals(const struct gw_settled *settled, gw_slot_visitor *visit, void *context);

/* The words that gw_visit_changed_globals leaves out. */
void gw_visit_unchanged_globals(gw_slot_visitor *visit, void *context);

/* Puts the calling thread's thread-local variables, of all modules, into an index. False when native memory is out. */
bool gw_thread_locals_add_to(struct gw_root_index *index);

#endif
