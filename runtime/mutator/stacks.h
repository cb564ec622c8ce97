/* Stacks that the program runs on: the threads' own, those that the runtime made, and those that the program has brought.
 *
 * One of them runs on each thread; the others wait, each with what belongs to it (struct gw_stack_part) and where it was left. What is
 * known of a stack that waits stays true until it runs again. So a minor collection looks at the changed ones: those that have run since it
 * last looked, that refer to young objects, or with words that others may write to (roots/known_stack.h).
 *
 * A record's memory is kept and used again, oldest first, so that a stack that was freed is told from one that exists. */
#ifndef GW_MUTATOR_STACKS_H
#define GW_MUTATOR_STACKS_H

#include "mutator/handles.h"
#include "mutator/native_stack.h"
#include "mutator/sanitizers.h"
#include "mutator/stack_memory.h"

struct gw_entry;
struct gw_known_stack;
struct gw_stacks;

enum gw_stack_state {
    GW_STACK_NEW,   /* made, and has not begun */
    GW_STACK_WAITS, /* left by gw_stack_switch */
    GW_STACK_ADDED, /* brought, and has not been entered */
    GW_STACK_AWAY,  /* left by gw_stack_switch_by */
    GW_STACK_RUNS,
    GW_STACK_DONE,
    GW_STACK_FREE,
};

/* Words of the thread's record that belong to the stack on which it runs. */
struct gw_stack_part {
    void **shadow_top, **shadow_base, **shadow_limit;
    uint8_t *marks;
    uintptr_t marks_from;
    size_t marks_count;
};

/* What the C++ runtime keeps for a thread: exceptions that are being handled, and how many are on their way (Itanium C++ ABI, 2.2.2). */
struct gw_stack_exceptions {
    void *caught;
    unsigned on_their_way;
};

struct gw_stack {
    struct gw_stacks *of;     /* the heap's; NULL: freed, and that heap may be gone */
    struct gw_thread *thread; /* that it runs on, or ran on last; NULL: that has ended */
    enum gw_stack_state state;
    bool ran;               /* since a minor collection has looked at it */
    bool young;             /* it referred to young objects then */
    bool listed;            /* among the changed ones */
    bool brought;           /* its memory is the program's */
    bool unbound;           /* it goes on on any thread of the heap's */
    uint64_t number;        /* of all stacks since the process began; another one after each reuse of the record */
    struct gw_entry *entry; /* where it was left, or begins; while it waits */
    struct gw_stack_part part;
    struct gw_native_stack bounds;
    struct gw_stack_exceptions exceptions;
    struct gw_sanitized sanitized;
    struct gw_stack *resumer; /* has switched to this one last; it is there if its number is still: */
    uint64_t resumer_number;
    struct gw_stack *next_changed;
    struct gw_known_stack *known;
    struct gw_scoped_handles scoped;
    struct gw_stack *next, *previous; /* of all the heap's */
};

struct gw_stacks {
    struct gw_stack *changed;
    struct gw_stack *all;
    struct gw_stack *unmarked; /* this and those behind it are still to be marked by the cycle under way */
    struct gw_scope_slabs scopes;
    struct gw_stack_pool pool;
    struct gw_stack *found; /* by the last gw_stacks_find */
    size_t count;           /* of those that the runtime made and that have not ended */
    size_t goal;            /* that the count should not exceed before the next cycle's end */
};

/* What one thread has of them. */
struct gw_thread_stacks {
    struct gw_stack *running;
    struct gw_stack *own;                   /* ended while no thread is attached */
    struct gw_stack_exceptions *exceptions; /* NULL: neither a C++ runtime nor a sanitizer */
    struct gw_stack_exceptions no_exceptions;
    bool sanitized; /* sanitizers want to know which stack runs */
};

/* gw_thread_stacks_init: for no thread yet. False: no memory. */
void gw_stacks_init(struct gw_stacks *stacks);
bool gw_thread_stacks_init(struct gw_thread_stacks *of, struct gw_stacks *stacks);
/* On the stack `running`. */
void gw_stacks_destroy(struct gw_stacks *stacks, struct gw_stack *running);

/* The heap comes to this thread, and leaves it: then what runs is the thread's own stack, whatever ran. */
void gw_stacks_attach(struct gw_thread_stacks *of);
void gw_stacks_detach(struct gw_stacks *stacks, struct gw_thread_stacks *of);
/* The thread ends: what is bound to it goes on nowhere. And a thread that is not there any more, in a child of fork, whatever it ran on. */
void gw_stacks_thread_ends(struct gw_stacks *stacks, const struct gw_thread *thread);
void gw_stacks_thread_is_gone(struct gw_stacks *stacks, struct gw_thread_stacks *of, const struct gw_thread *thread);

/* A stack that begins at `base` (arch/stacks.h); NULL: no memory. It is listed as changed. */
struct gw_stack *gw_stacks_make(struct gw_stacks *stacks, size_t bytes, const char *base, uintptr_t function, uintptr_t argument);
struct gw_stack *gw_stacks_bring(struct gw_stacks *stacks, uintptr_t low, size_t bytes);
/* The stack that was left and holds the address; NULL: none does. */
const struct gw_stack *gw_stacks_find(struct gw_stacks *stacks, uintptr_t address);

/* Visits the handles of all scopes. */
void gw_scopes_visit(const struct gw_stacks *stacks, gw_field_visitor *visit, void *context);

/* One that does not run, freed on the stack `running`. True when memory of a stack is gone: addresses in it mean nothing. */
bool gw_stacks_free(struct gw_stacks *stacks, struct gw_stack *stack, struct gw_stack *running);
/* One that has ended, and which nobody will look at again; its memory may still be stood on. */
void gw_stacks_end(struct gw_stacks *stacks, struct gw_stack *stack);

/* A cycle has ended: what is left is taken for needed. */
void gw_stacks_set_goal(struct gw_stacks *stacks);

/* Takes it from the changed ones, which the caller goes through. */
void gw_stack_unlist(struct gw_stack *stack);

/* Fatal when records and lists contradict each other. */
void gw_stacks_check(const struct gw_stacks *stacks);
void gw_thread_stacks_check(const struct gw_thread_stacks *of);

GW_ALWAYS_INLINE void gw_stack_note_change(struct gw_stacks *stacks, struct gw_stack *stack)
{
    stack->ran = true;
    if (stack->listed) return;
    stack->listed = true;
    stack->next_changed = stacks->changed;
    stacks->changed = stack;
}

/* What belongs to the running stack goes to its record, and that of `to` to the thread. Where the stack pointer is, is the caller's matter:
 * the runtime itself is about to change it (`by_us`), or the program does. */
GW_ALWAYS_INLINE void gw_stacks_change(struct gw_stacks *stacks, struct gw_thread_stacks *of, struct gw_thread *thread, struct gw_stack *to,
                                       bool by_us)
{
    struct gw_stack *from = of->running;
    from->part = (struct gw_stack_part){thread->shadow_top, thread->shadow_base, thread->shadow_limit,
                                        thread->marks,      thread->marks_from,  thread->marks_count};
    from->bounds = gw_native_stack;
    thread->shadow_top = to->part.shadow_top;
    thread->shadow_base = to->part.shadow_base;
    thread->shadow_limit = to->part.shadow_limit;
    thread->marks = to->part.marks;
    thread->marks_from = to->part.marks_from;
    thread->marks_count = to->part.marks_count;
    gw_native_stack = to->bounds;
    if (of->exceptions) {
        from->exceptions = *of->exceptions;
        *of->exceptions = to->exceptions;
        if (gw_unlikely(of->sanitized) && by_us) gw_sanitizers_leave(from, to);
    }
    gw_stack_note_change(stacks, from);
    to->state = GW_STACK_RUNS;
    to->thread = thread;
    of->running = to;
}

/* Whether it has frames, and waits. */
GW_ALWAYS_INLINE bool gw_stack_was_left(const struct gw_stack *stack)
{
    return stack->state == GW_STACK_WAITS || stack->state == GW_STACK_AWAY;
}

/* Whether it holds references, and waits. */
GW_ALWAYS_INLINE bool gw_stack_waits(const struct gw_stack *stack)
{
    return gw_stack_was_left(stack) || stack->state == GW_STACK_NEW;
}

/* Whether the one that switched to `stack` last is still there. */
GW_ALWAYS_INLINE bool gw_stack_has_resumer(const struct gw_stack *stack)
{
    return stack->resumer && stack->resumer->number == stack->resumer_number;
}

#endif
