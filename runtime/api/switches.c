/* From one stack to another, entered by doors of their own (doors.S); and which stacks that may be done with. */
#include "api/switches.h"

#include "base/report.h"
#include "heap/callbacks.h"

#include <greywave/greywave.h>

/* ---- Which stack, and whether it may be switched to ------------------------------------------------- */

/* Why a stack cannot be continued by gw_stack_switch, or by gw_stack_switch_by. */
static const char *objection(const struct gw_stack *stack, bool by_program)
{
    switch (stack->state) {
    case GW_STACK_NEW:
    case GW_STACK_WAITS: return by_program ? "is to be continued by gw_stack_switch" : NULL;
    case GW_STACK_ADDED: return by_program ? NULL : "is one of gw_stack_add, which gw_stack_switch_by enters";
    case GW_STACK_AWAY: return by_program ? NULL : "was left by gw_stack_switch_by, and is to be continued in that way";
    case GW_STACK_RUNS: return "runs already";
    case GW_STACK_DONE: return "has ended";
    case GW_STACK_FREE: break;
    }
    return "was freed, or its heap was destroyed";
}

static void refuse_foreign(const struct gw_stack *stack, const struct gw_heap *heap, const char *function)
{
    if (stack->state != GW_STACK_FREE && stack->of != &heap->stacks)
        gw_fatal("%s: the stack %p is of another heap than is attached here", function, (const void *)stack);
}

struct gw_stack *gw_known_stack(const struct gw_stack *stack, const struct gw_heap *heap, const char *function)
{
    gw_refuse_null(stack, function);
    refuse_foreign(stack, heap, function);
    if (stack->state == GW_STACK_FREE) gw_fatal("%s: the stack %p %s", function, (const void *)stack, objection(stack, false));
    return (struct gw_stack *)stack;
}

/* The same for this thread. */
static const char *objection_here(const struct gw_heap *heap, const struct gw_stack *stack, bool by_program)
{
    const char *wrong = objection(stack, by_program);
    bool begun = stack->state != GW_STACK_NEW && stack->state != GW_STACK_ADDED;
    bool here = stack->thread == heap->mutator->thread;
    if (stack->state == GW_STACK_RUNS && stack->unbound && !here)
        return "runs on another thread: hand a stack over when it has been left, from the one that goes on then";
    if (wrong || !begun || here || stack->unbound) return wrong;
    return "has begun on another thread, or on one that has ended, and gw_stack_unbind was not called for it; it goes on there or nowhere";
}

/* Fatal in words, unless the stack may be continued after all. */
static __attribute__((cold, noinline)) void look_closely(struct gw_heap *heap, struct gw_stack *to, bool by_program, const char *function,
                                                         const struct gw_entry *entry)
{
    if (heap->mutator->callback.what) gw_leave_callback(heap, function, entry);
    if (!gw_on_native_stack((uintptr_t)entry)) gw_check_other_stack(function, entry);
    gw_known_stack(to, heap, function);
    const char *wrong = objection_here(heap, to, by_program);
    if (wrong) gw_fatal("%s: the stack %p %s", function, (void *)to, wrong);
    if (!gw_on_native_stack((uintptr_t)entry)) gw_fatal("%s: called on a signal handler's stack", function);
}

GW_ALWAYS_INLINE bool may_switch(const struct gw_heap *heap, const struct gw_stack *to, const struct gw_entry *entry)
{
    return to && to->of == &heap->stacks && to->state <= GW_STACK_WAITS && (to->thread == heap->mutator->thread || to->unbound) &&
           !heap->mutator->callback.what && gw_on_native_stack((uintptr_t)entry);
}

/* ---- Switching ------------------------------------------------------------------------------------- */

static void leave(struct gw_thread_stacks *stacks, const struct gw_entry *entry, enum gw_stack_state state)
{
    stacks->running->entry = (struct gw_entry *)(uintptr_t)entry;
    stacks->running->state = state;
}

GW_ALWAYS_INLINE struct gw_continuation go_on(struct gw_heap *heap, struct gw_stack *to, const struct gw_entry *entry)
{
    struct gw_mutator *me = heap->mutator;
    leave(&me->stacks, entry, GW_STACK_WAITS);
    gw_stacks_change(&heap->stacks, &me->stacks, me->thread, to, true);
    return (struct gw_continuation){to->entry, me->depth};
}

struct gw_continuation gw_stack_switch_from(struct gw_stack *to, const struct gw_entry *entry)
{
    struct gw_heap *heap = gw_heap_inside("gw_stack_switch");
    const struct gw_thread_stacks *stacks = &heap->mutator->stacks;
    if (gw_unlikely(!may_switch(heap, to, entry))) look_closely(heap, to, false, "gw_stack_switch", entry);
    to->resumer = stacks->running;
    to->resumer_number = stacks->running->number;
    return go_on(heap, to, entry);
}

static struct gw_stack *resumer_of(const struct gw_stack *stack, const char *what)
{
    if (gw_unlikely(!gw_stack_has_resumer(stack)))
        gw_fatal("%s: nobody has switched to the stack %p, or who did was freed", what, (const void *)stack);
    return stack->resumer;
}

struct gw_continuation gw_stack_yield_from(const struct gw_entry *entry)
{
    struct gw_heap *heap = gw_heap_inside("gw_stack_yield");
    struct gw_stack *to = resumer_of(heap->mutator->stacks.running, "gw_stack_yield");
    if (gw_unlikely(!may_switch(heap, to, entry))) look_closely(heap, to, false, "gw_stack_yield", entry);
    return go_on(heap, to, entry);
}

struct gw_entry *gw_stack_ended(void)
{
    static const char what[] = "the end of a stack's function";
    struct gw_heap *heap = gw_heap_inside(what);
    struct gw_thread_stacks *stacks = &heap->mutator->stacks;
    struct gw_stack *ended = stacks->running, *to = resumer_of(ended, what);
    const char *wrong = objection_here(heap, to, false);
    if (wrong) gw_fatal("%s: its resumer %p %s", what, (void *)to, wrong);
    ended->state = GW_STACK_DONE;
    gw_stacks_change(&heap->stacks, stacks, heap->mutator->thread, to, true);
    gw_stacks_end(&heap->stacks, ended);
    return to->entry;
}

void gw_stack_has_left(void)
{
    struct gw_heap *heap GW_INSIDE = gw_current_thread.heap;
    (void)heap;
}

/* Who looks for a handler has come to the outermost frame: there is none. A thread that ends goes on to where the system began it. */
int gw_stack_personality(int version, int actions, uint64_t class, void *exception, void *context)
{
    enum { SEARCH = 1, CONTINUE = 8 };
    (void)version, (void)class, (void)exception, (void)context;
    if (actions & SEARCH) gw_fatal("an exception has left the function of a stack of gw_stack_new, which has no caller");
    return CONTINUE;
}

/* ---- Switching in the program's own way ------------------------------------------------------------- */

static unsigned leave_by_program(struct gw_heap *heap, struct gw_stack *to, const struct gw_entry *entry)
{
    struct gw_thread_stacks *stacks = &heap->mutator->stacks;
    look_closely(heap, to, true, "gw_stack_switch_by", entry);
    leave(stacks, entry, GW_STACK_AWAY);
    gw_stacks_change(&heap->stacks, stacks, heap->mutator->thread, to, false);
    return gw_world_step_out(heap);
}

/* A function of its own: the thread may be another one than the stack was left on, and compilers keep the address of a thread's variables
 * as long as they are in one function. */
static __attribute__((noinline)) void come_back(struct gw_heap *heap, const struct gw_stack *here, unsigned depth)
{
    if (gw_heap_here("gw_stack_switch_by") != heap || gw_current_thread.mutator->stacks.running != here)
        gw_fatal(
            "gw_stack_switch_by: the program has come back to the stack %p from another one without a word: each switch is made through "
            "gw_stack_switch_by, or announced by gw_stack_leave",
            (const void *)here);
    gw_world_step_in(heap, depth);
}

void *gw_stack_switch_by_from(struct gw_stack *to, void *(*function)(void *), void *argument, struct gw_entry *entry)
{
    struct gw_heap *heap GW_INSIDE = gw_heap_entered("gw_stack_switch_by", entry);
    const struct gw_stack *here = heap->mutator->stacks.running;
    unsigned depth = leave_by_program(heap, to, entry);
    void *result = function(argument);
    come_back(heap, here, depth);
    return result;
}

void gw_stack_leave(struct gw_stack *to)
{
    struct gw_heap *heap GW_INSIDE = gw_heap_inside("gw_stack_leave");
    struct gw_thread_stacks *stacks = &heap->mutator->stacks;
    struct gw_stack *here = stacks->running;
    gw_known_stack(to, heap, "gw_stack_leave");
    const char *wrong = objection_here(heap, to, true);
    if (wrong) gw_fatal("gw_stack_leave: the stack %p %s", (void *)to, wrong);
    if (!here->brought) gw_fatal("gw_stack_leave: the running stack is none of gw_stack_add");
    gw_stacks_change(&heap->stacks, stacks, heap->mutator->thread, to, false);
    gw_stacks_end(&heap->stacks, here);
}
