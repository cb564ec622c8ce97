/* How a managed frame is left by a recipe that is known (frame_table.h). */
#ifndef GW_ROOTS_RECIPE_H
#define GW_ROOTS_RECIPE_H

#include "roots/frame_table.h"

/* The frame's CFA by its recipe, which is the caller's stack pointer; 0 when the recipe is not known. */
static inline uintptr_t gw_recipe_cfa(const struct gw_machine_frame *frame, const struct gw_recipe *recipe)
{
    uint32_t rule = atomic_load_explicit(&recipe->cfa, memory_order_acquire);
    if (__builtin_expect(rule >= GW_CFA_DISTANCE, 1)) return frame->sp + (uintptr_t)(rule - GW_CFA_DISTANCE) * 8;
    if (rule < GW_CFA_FROM_FRAME_POINTER) return 0;
    return *frame->home[GW_FRAME_POINTER] + (uintptr_t)(rule - GW_CFA_FROM_FRAME_POINTER) * 8;
}

/* The return address of the frame, whose CFA is known. */
static inline uintptr_t gw_recipe_return(const struct gw_recipe *recipe, uintptr_t cfa)
{
    return gw_code_address(*((const uintptr_t *)cfa - gw_return_words_below(recipe->saved)));
}

static inline void gw_leave_to(struct gw_machine_frame *frame, const struct gw_recipe *recipe, uintptr_t cfa)
{
#pragma GCC unroll 12 /* of all of them, on each machine */
    for (int r = 0; r < GW_SAVED_REGISTERS; r++)
        if (recipe->saved[r]) frame->home[r] = (uintptr_t *)cfa - recipe->saved[r];
    frame->pc = gw_recipe_return(recipe, cfa);
    frame->sp = cfa;
}

/* Leaves the frame by its recipe. False when the recipe is not known. */
static inline bool gw_replay(struct gw_machine_frame *frame, const struct gw_recipe *recipe)
{
    uintptr_t cfa = gw_recipe_cfa(frame, recipe);
    if (__builtin_expect(!cfa, 0)) return false;
    gw_leave_to(frame, recipe, cfa);
    return true;
}

#endif
