/* Doors that open onto another stack than the thread's own. */
#include "heap/entered.h"

#include "arch/calls.h"
#include "base/report.h"

void gw_refuse_other_stack(const char *what, uintptr_t sp)
{
    const struct gw_native_stack *stack = &gw_native_stack;
    gw_fatal(
        "%s on another stack (at %#lx) than the one that runs as far as is known (%#lx to %#lx): what is referred to from a stack that the "
        "program switched to without a word, such as a coroutine's or one of makecontext, is not found; make stacks with gw_stack_new, or "
        "switch to your own through gw_stack_switch_by",
        what, (unsigned long)sp, (unsigned long)stack->low, (unsigned long)(stack->low + stack->bytes));
}

void gw_check_other_stack(const char *what, const struct gw_entry *entry)
{
    struct gw_frame_search search = {0};
    gw_search_stack(&search, entry);
    if (!search.end || !gw_native_stack_starts_at(&gw_native_stack, search.end)) gw_refuse_other_stack(what, (uintptr_t)entry);
    gw_native_stack_extend((uintptr_t)entry);
}

static bool learn_stack_start(uintptr_t unused, const struct gw_entry *entry)
{
    (void)unused;
    struct gw_frame_search search = {0};
    gw_search_stack(&search, entry);
    return search.end && gw_native_stack_starts_at(&gw_native_stack, search.end);
}

void gw_learn_stack_start(void)
{
    gw_call_with_entry(learn_stack_start, 0);
}
