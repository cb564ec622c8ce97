/* Who uses memory that is about to go: the code, types and static objects of a module that was made at run time. */
#ifndef GW_VERIFY_USES_H
#define GW_VERIFY_USES_H

#include "heap/heap.h"
#include "roots/stack_walk.h"

/* The code that is looked for, and where to say who uses it. */
struct gw_code_of {
    gw_code_test *within;
    const void *of;
    char *text;
    size_t room;
};

/* Whether a stack of the heap has a frame of that code, or is to begin in it. Asks no frame maps. A stack that cannot be looked through to
 * its end counts as one with such a frame. `entry`: of the stack that runs; NULL: none does, the heap is attached nowhere. */
bool gw_stacks_have(const struct gw_code_of *code, const struct gw_heap *heap, const struct gw_entry *entry);

/* Answers what other threads have asked of this thread's heap. Collects nothing. */
void gw_answer_questions(struct gw_heap *heap, const struct gw_entry *entry);

/* What the entry stub of gw_module_in_use calls. */
bool gw_module_in_use_from(const struct gw_extent *extents, size_t count, const struct gw_entry *entry);

#endif
