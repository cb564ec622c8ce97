/* The stack walker: from the runtime's entry stub outwards, frame by frame, to the end of the stack, handing every
 * root slot of every managed frame to a visitor.
 *
 * Managed frames are left by recipes kept in the frame table; unwind information makes the recipes and crosses native frames.
 * Whatever is not understood ends in gw_fatal, never in a guess.
 */
#ifndef GW_ROOTS_STACK_WALK_H
#define GW_ROOTS_STACK_WALK_H

#include "arch/registers.h"
#include "roots/known_stack.h"
#include "roots/slot.h"
#include <stdbool.h>
#include <stdint.h>

typedef void gw_native_part(void *context, uintptr_t from, uintptr_t to);

struct gw_walk {
    gw_slot_visitor *visit; /* called once for each base root; derived pointers follow their base by themselves */
    void *context;
    bool verify;                 /* check every replayed recipe against unwind information */
    struct gw_survey *survey;    /* NULL, or leaves out what is known to hold nothing young, and learns what that is */
    gw_native_part *native_part; /* NULL, or told of each frame without maps that is crossed on the walk's own stack */
    void *native_context;
    uint64_t frames, roots; /* counted by the walk */
    uintptr_t end;          /* stack pointer of the outermost frame; 0: the walk did not go there */
};

/* `entry` is the stub frame of the call that led to this collection, on the current thread's stack. */
void gw_walk_stack(struct gw_walk *walk, const struct gw_entry *entry);

/* Looks for the frame that a call returns to at `pc` with the stack pointer at `sp`, or in code that is asked for, outwards from `entry`.
 * Maps are not asked, and a frame that cannot be left ends the search, not the process. */
typedef bool gw_code_test(const void *code, uintptr_t pc);

struct gw_frame_search {
    uintptr_t pc, sp;     /* 0: only the end is looked for */
    gw_code_test *within; /* NULL, or asked of each return address: with `code`, and in the middle of a walk */
    const void *code;
    bool found;
    uintptr_t met; /* the return address, where it was `within` */
    uintptr_t end; /* stack pointer of the outermost frame; 0: found before, or the search could not go on */
};
void gw_search_stack(struct gw_frame_search *search, const struct gw_entry *entry);

/* Calls `visit` for each call of the stack, from the innermost on, until it says false: with the address that the call returns to, and the
 * stack pointer then; the address stands in the word below. True: the stack's end was reached. The registry's read lock is held meanwhile.
 */
typedef bool gw_call_visitor(void *context, uintptr_t pc, uintptr_t sp);
bool gw_each_call(const struct gw_entry *entry, gw_call_visitor *visit, void *context);

/* For visitors that change nothing, of a stack that gw_walk_stack can walk: calls `visit_frame` for each frame with maps, from the
 * innermost on, with the address that its call returns to, and then `visit` for each of its roots. The registry's read lock is held
 * meanwhile. */
typedef void gw_frame_visitor(void *context, uintptr_t pc);
void gw_each_frame(const struct gw_entry *entry, gw_frame_visitor *visit_frame, gw_slot_visitor *visit, void *context);

#endif
